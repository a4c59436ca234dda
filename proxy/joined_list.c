#include "proxy/joined_list.h"

void
joined_list_reply(struct intercept *intercept, const struct local_answer *local,
	const struct joined_externals *externals)
{
	struct exchange *exchange = intercept_exchange(intercept);
	struct intercept_page page = intercept_page(exchange);
	struct item_context context = intercept_item_context(intercept);
	int64_t locals = local != NULL ? (int64_t)local->slices.count : 0;
	int64_t total = locals + (int64_t)externals->count, end = total;
	struct text body;

	if (page.limit >= 0 && page.start + page.limit < total)
		end = page.start + page.limit;
	text_init(&body);
	intercept_open_list(&body, intercept);
	for (int64_t place = page.start; place < end; place++) {
		if (place > page.start)
			text_add_char(&body, ',');
		if (place < locals)
			text_add_slice(&body, local->slices.items[place]);
		else
			intercept_add_json(&body, intercept,
				externals->item_new(externals->arg,
					(size_t)(place - locals), &context));
	}
	intercept_close_list(&body, intercept, total, page.start);
	intercept_reply_text(intercept, 200, NULL, body.data, body.size);
	text_fini(&body);
}
