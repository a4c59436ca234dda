/* Lasting: the database, its key, and who keeps sessions over a restart. */
#include <stdio.h>

#include "program/program.h"
#include "tracker/history_schema.h"

enum { HOUR_MS = 60 * 60 * 1000 };

static bool
load_seal(struct program *program)
{
	struct text path = { 0 };
	char why[PROGRAM_WHY_SIZE];

	if (program->settings.seal_key_file != NULL)
		text_add(&path, program->settings.seal_key_file);
	else
		text_addf(&path, "%s/seal.key", program->settings.data);
	program->seal = seal_load(text_get(&path), why, sizeof why);
	if (program->seal == NULL)
		fprintf(stderr, "sidetrack: SIDETRACK_SEAL_KEY_FILE %s\n", why);
	text_fini(&path);
	return program->seal != NULL;
}

/* Songs on the disk, and what users may have of them. */
static bool
start_tracks(struct program *program)
{
	const struct providers_settings *settings = &program->providers;
	const struct track_limits_options limits = { .streams = settings->user_streams,
		.downloads_per_day = settings->user_downloads_per_day };
	struct track_shared *tracks = &program->front.tracks;
	struct text folder = { 0 };
	char why[PROGRAM_WHY_SIZE];

	text_addf(&folder, "%s/tracks", program->settings.data);
	const struct track_cache_options cache = { .folder = text_get(&folder),
		.bytes_most = settings->cache_bytes,
		.age_most_ms = settings->cache_hours * HOUR_MS };
	tracks->cache = track_cache_start(&cache, why, sizeof why);
	if (tracks->cache != NULL) {
		tracks->slots = track_slots_new();
		tracks->limits = track_limits_new(&limits);
	} else {
		fprintf(stderr, "sidetrack: SIDETRACK_DATA %s\n", why);
	}
	text_fini(&folder);
	return tracks->cache != NULL;
}

/* The database, and the key of what is kept in it. */
bool
program_start_store(struct program *program)
{
	const struct store_migration_table migrations[] = {
		{ vault_store_migrations, vault_store_migration_count },
		{ user_items_migrations, user_items_migration_count },
		{ history_migrations, history_migration_count },
		{ user_playlists_migrations, user_playlists_migration_count },
	};
	char why[PROGRAM_WHY_SIZE];

	program->lock = data_lock_take(program->settings.data, why, sizeof why);
	if (program->lock == NULL) {
		fprintf(stderr, "sidetrack: SIDETRACK_DATA %s\n", why);
		return false;
	}
	program->store = store_start(
		program->settings.data, migrations, COUNT_OF(migrations), why, sizeof why);
	if (program->store == NULL) {
		fprintf(stderr, "sidetrack: SIDETRACK_DATA %s\n", why);
	} else if (!load_seal(program) || !start_tracks(program)) {
		store_stop(program->store);
		program->store = NULL;
	}
	return program->store != NULL;
}

static void
on_restored(void *arg)
{
	((struct program *)arg)->restored = true;
}

/* Before anybody is served, so that no report overtakes what it is about. */
void
program_start_keeper(struct program *program)
{
	program->vault = vault_store_new(program->control, program->store, program->seal);
	const struct keeper_options options = {
		.loop = program->control,
		.tracker = program->tracker,
		.now_playing = program->now_playing,
		.seal = program->seal,
		.vault = vault_store_keeper_vault(program->vault),
	};
	program->keeper = keeper_new(&options);
	vault_store_restore(program->vault, program->keeper, on_restored, program);
	while (!program->restored)
		loop_turn(program->control, PROGRAM_TURN_MS);
}

static void
on_playlists_loaded(void *arg)
{
	*(bool *)arg = true;
}

/* Before anybody is served, so that no list lacks what is kept of it. */
void
program_start_playlists(struct program *program)
{
	bool loaded = false;

	program->user_playlists = user_playlists_new(program->store);
	user_playlists_load(
		program->user_playlists, program->control, on_playlists_loaded, &loaded);
	while (!loaded)
		loop_turn(program->control, PROGRAM_TURN_MS);
}

void
program_start_holder(struct program *program)
{
	struct redis_url url;
	char why[PROGRAM_WHY_SIZE];

	if (!redis_url_parse(&url, program->sessions.redis_url, why, sizeof why))
		return; /* it was checked when it was read */
	const struct holder_options options = {
		.loop = program->control,
		.redis = &url,
		.seal = program->seal,
		.tracker = program->tracker,
		.now_playing = program->now_playing,
		.solo = program->sessions.solo,
	};
	program->holder = holder_start(&options);
}
