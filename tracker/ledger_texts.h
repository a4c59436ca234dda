/* Ledger texts: texts that repeat, as small numbers. For tracker/ledger; no lock of its
 * own.
 */
#ifndef TRACKER_LEDGER_TEXTS_H
#define TRACKER_LEDGER_TEXTS_H

#include <stddef.h>
#include <stdint.h>

struct ledger_texts {
	char **texts; /* by code */
	size_t count, capacity;
	uint32_t *slots;   /* of a hash table: code + 1; 0: free */
	size_t slot_count; /* a power of 2, at least twice `count` */
};

/* Zeroed is empty. */
void ledger_texts_fini(struct ledger_texts *texts);
/* The same code for the same text. */
uint32_t ledger_texts_code(struct ledger_texts *texts, const char *text);

#endif
