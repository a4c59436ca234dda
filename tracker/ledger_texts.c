#include "tracker/ledger_texts.h"

#include <string.h>

#include "core/text.h"

enum { SLOTS_FIRST = 256 };

void
ledger_texts_fini(struct ledger_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		xfree(texts->texts[i]);
	xfree(texts->texts);
	xfree(texts->slots);
	*texts = (struct ledger_texts){ 0 };
}

/* Where it is, or would be. */
static uint32_t *
find_slot(const struct ledger_texts *texts, const char *text)
{
	size_t slot = text_hash(0, text) & (texts->slot_count - 1);

	while (texts->slots[slot] != 0 &&
		strcmp(texts->texts[texts->slots[slot] - 1], text) != 0)
		slot = (slot + 1) & (texts->slot_count - 1);
	return &texts->slots[slot];
}

static void
grow_slots(struct ledger_texts *texts)
{
	texts->slot_count = texts->slot_count == 0 ? SLOTS_FIRST : texts->slot_count * 2;
	xfree(texts->slots);
	texts->slots = xcalloc(texts->slot_count, sizeof *texts->slots);
	for (size_t i = 0; i < texts->count; i++)
		*find_slot(texts, texts->texts[i]) = (uint32_t)i + 1;
}

uint32_t
ledger_texts_code(struct ledger_texts *texts, const char *text)
{
	if (texts->slot_count < 2 * (texts->count + 1))
		grow_slots(texts);
	uint32_t *slot = find_slot(texts, text);
	if (*slot != 0)
		return *slot - 1;
	if (texts->count == texts->capacity) {
		texts->capacity = texts->capacity == 0 ? SLOTS_FIRST : texts->capacity * 2;
		texts->texts =
			xrealloc(texts->texts, texts->capacity * sizeof *texts->texts);
	}
	texts->texts[texts->count++] = xstrdup(text);
	*slot = (uint32_t)texts->count;
	return *slot - 1;
}
