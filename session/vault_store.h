/* Vault store: the records of session/keeper as rows of the database, for a program that
 * shares its sessions with nobody.
 *
 * What is found at start: a record that does not open with our key, or that a newer program
 * has written, is left alone (five hours on it is dropped like any other, since no pause
 * lasts that long); a broken one is deleted. One line in the log says so for each. Control
 * thread; reading, opening and parsing happen on the store's own threads.
 */
#ifndef SESSION_VAULT_STORE_H
#define SESSION_VAULT_STORE_H

#include "core/store.h"
#include "session/keeper.h"

struct vault_store;

/* `seal` outlives the store. */
struct vault_store *vault_store_new(
	struct loop *loop, struct store *store, const struct seal *seal);
/* What is queued in the store is written all the same. Accepts NULL. */
void vault_store_free(struct vault_store *vault);
struct keeper_vault vault_store_keeper_vault(struct vault_store *vault);

/* Gives every record there is to keeper_restore, then says `done`, also when the database
 * could not be read. Once, before anything is saved. */
void vault_store_restore(struct vault_store *vault, struct keeper *keeper,
	void (*done)(void *arg), void *arg);

extern const struct store_migration vault_store_migrations[];
extern const size_t vault_store_migration_count;

#endif
