#include "session/shared_scripts.h"

#include "session/lease.h"

/* In milliseconds, as Redis wants them. */
#define LEASE_TTL  "5000"
#define DEVICE_TTL "18000000" /* 5 h: longer than anything lasts unheard of */
#define MAIL_TTL   "300000"
#define KEY_TTL    "60000"

_Static_assert(LEASE_MS == 5000, "LEASE_TTL");

/* Device, letter, most letters, what when there is no holder */
const struct redis_script shared_script_send = {
	"local device, lease = ARGV[3], ARGV[2] .. 'lease:' .. ARGV[3] "
	"local holder = redis.call('GET', lease) "
	"if not holder and ARGV[6] == 'drop' then return 0 end "
	"if not holder and ARGV[6] == 'hold' then "
	"  redis.call('SET', lease, ARGV[1], 'PX', " LEASE_TTL ") holder = ARGV[1] end "
	"if holder == ARGV[1] then return 1 end "
	"local mail = ARGV[2] .. 'mail:' .. device "
	"local given = 0 "
	"if redis.call('RPUSH', mail, ARGV[4]) > tonumber(ARGV[5]) then "
	"  redis.call('LPOP', mail) given = -1 end "
	"redis.call('PEXPIRE', mail, " MAIL_TTL ") "
	"if holder then redis.call('PUBLISH', ARGV[2] .. 'to:' .. holder, device) "
	"else redis.call('SADD', ARGV[2] .. 'live', device) end "
	"return given"
};

/* Most devices */
const struct redis_script shared_script_claim = {
	"local taken = {} "
	"for _, device in ipairs(redis.call('SMEMBERS', ARGV[2] .. 'live')) do "
	"  if #taken >= tonumber(ARGV[3]) then break end "
	"  if redis.call('SET', ARGV[2] .. 'lease:' .. device, ARGV[1], "
	"      'NX', 'PX', " LEASE_TTL ") then taken[#taken + 1] = device end "
	"end return taken"
};

/* Devices. A lease that is not there was ours a moment ago: Redis has restarted empty. Had
 * it expired, we would have let go before. */
const struct redis_script shared_script_renew = {
	"local answers = {} "
	"for i = 3, #ARGV do "
	"  local lease = ARGV[2] .. 'lease:' .. ARGV[i] "
	"  local holder = redis.call('GET', lease) "
	"  local answer = 0 "
	"  if not holder or holder == ARGV[1] then "
	"    redis.call('SET', lease, ARGV[1], 'PX', " LEASE_TTL ") "
	"    answer = 1 + redis.call('EXISTS', ARGV[2] .. 'mail:' .. ARGV[i]) end "
	"  answers[#answers + 1] = answer "
	"end return answers"
};

/* Device */
const struct redis_script shared_script_read = {
	"if redis.call('GET', ARGV[2] .. 'lease:' .. ARGV[3]) ~= ARGV[1] then return 0 end "
	"return {redis.call('HGETALL', ARGV[2] .. 'records:' .. ARGV[3]), "
	"  redis.call('LRANGE', ARGV[2] .. 'mail:' .. ARGV[3], 0, -1)}"
};

/* Device, count */
const struct redis_script shared_script_forget_mail = {
	"if redis.call('GET', ARGV[2] .. 'lease:' .. ARGV[3]) ~= ARGV[1] then return 0 end "
	"redis.call('LTRIM', ARGV[2] .. 'mail:' .. ARGV[3], ARGV[4], -1) return 1"
};

/* Device */
const struct redis_script shared_script_forget_device = {
	"if redis.call('GET', ARGV[2] .. 'lease:' .. ARGV[3]) ~= ARGV[1] then return 0 end "
	"redis.call('SREM', ARGV[2] .. 'live', ARGV[3]) return 1"
};

/* Device, the instance that gets it */
const struct redis_script shared_script_pass = {
	"local lease = ARGV[2] .. 'lease:' .. ARGV[3] "
	"if redis.call('GET', lease) ~= ARGV[1] then return 0 end "
	"redis.call('SET', lease, ARGV[4], 'PX', " LEASE_TTL ") "
	"redis.call('PUBLISH', ARGV[2] .. 'to:' .. ARGV[4], ARGV[3]) return 1"
};

/* Device. We listen ourselves, so one that hears it is nobody. */
const struct redis_script shared_script_release = {
	"local lease = ARGV[2] .. 'lease:' .. ARGV[3] "
	"if redis.call('GET', lease) ~= ARGV[1] then return 0 end "
	"redis.call('DEL', lease) "
	"return redis.call('PUBLISH', ARGV[2] .. 'released', ARGV[3])"
};

/* Device, session, record */
const struct redis_script shared_script_save = {
	"if redis.call('GET', ARGV[2] .. 'lease:' .. ARGV[3]) ~= ARGV[1] then return 0 end "
	"local records = ARGV[2] .. 'records:' .. ARGV[3] "
	"redis.call('HSET', records, ARGV[4], ARGV[5]) "
	"redis.call('PEXPIRE', records, " DEVICE_TTL ") "
	"redis.call('SADD', ARGV[2] .. 'live', ARGV[3]) return 1"
};

/* Device, session */
const struct redis_script shared_script_forget = {
	"if redis.call('GET', ARGV[2] .. 'lease:' .. ARGV[3]) ~= ARGV[1] then return 0 end "
	"local records = ARGV[2] .. 'records:' .. ARGV[3] "
	"redis.call('HDEL', records, ARGV[4]) "
	"if redis.call('EXISTS', records) == 0 then "
	"  redis.call('SREM', ARGV[2] .. 'live', ARGV[3]) end return 1"
};

/* The key's sign */
const struct redis_script shared_script_key = {
	"local key = ARGV[2] .. 'key' "
	"local sign = redis.call('GET', key) "
	"if sign and sign ~= ARGV[3] then return 0 end "
	"redis.call('SET', key, ARGV[3], 'PX', " KEY_TTL ") return 1"
};
