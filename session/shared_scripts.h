/* Shared scripts: what session/shared asks of Redis, in Lua; nobody else includes this.
 *
 * ARGV[1] is the instance that asks, ARGV[2] the prefix of all keys; what follows stands
 * beside each. There are no KEYS: names of keys are made here.
 */
#ifndef SESSION_SHARED_SCRIPTS_H
#define SESSION_SHARED_SCRIPTS_H

#include "core/redis.h"

extern const struct redis_script shared_script_send;
extern const struct redis_script shared_script_claim;
extern const struct redis_script shared_script_renew;
extern const struct redis_script shared_script_read;
extern const struct redis_script shared_script_forget_mail;
extern const struct redis_script shared_script_forget_device;
extern const struct redis_script shared_script_pass;
extern const struct redis_script shared_script_release;
extern const struct redis_script shared_script_save;
extern const struct redis_script shared_script_forget;
extern const struct redis_script shared_script_key;

#endif
