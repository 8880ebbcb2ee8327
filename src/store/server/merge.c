/* Adding users up, in one transaction, a page at a time. */
#include <stdlib.h>

#include "store/server/server.h"

enum { ROWS_AT_ONCE = 1024 };

struct merge {
	const store_uid *from;
	size_t count;
	store_uid to;
	size_t *rows; /* that came from each */
	struct store_row found[ROWS_AT_ONCE];
	struct totals totals;
};

static bool
add_rows(struct server *server, struct merge *merge, size_t index, struct error *error)
{
	struct server_page page = {.rows = merge->found, .limit = ROWS_AT_ONCE};
	int64_t first = server_token_first(server);

	merge->rows[index] = 0;
	do {
		if (!server_page_read(server, merge->from[index], first, &page, error) ||
		    !server_insert(server, STATEMENT_ROWS_MERGE, merge->to, page.rows, page.count, error))
			return false;
		merge->rows[index] += page.count;
	} while (server_page_next(server, &page, &first));
	return true;
}

static void
see_totals(void *context, const struct engine_row *row)
{
	struct merge *merge = context;

	merge->totals = server_totals(row->values);
}

static bool
add_totals(struct server *server, struct merge *merge, size_t index, struct error *error)
{
	const struct server_value from = server_number(merge->from[index]);

	merge->totals = (struct totals){0};
	server_statement(server, STATEMENT_TOTALS, &from, 1);
	if (!server_send(server, see_totals, merge, NULL, error))
		return false;
	server_add_totals(server, merge->to, &merge->totals);
	return true;
}

static bool
add_users(struct server *server, void *context, struct error *error)
{
	struct merge *merge = context;

	for (size_t i = 0; i < merge->count; i++)
		if (!add_rows(server, merge, i, error))
			return false;
	server_advance(server, merge->to);
	for (size_t i = 0; i < merge->count; i++)
		if (!add_totals(server, merge, i, error))
			return false;
	return true;
}

bool
server_merge(struct store *store, const store_uid *from, size_t count, store_uid to, size_t *rows, struct error *error)
{
	struct merge *merge = calloc(1, sizeof *merge);

	if (merge == NULL)
		abort();
	merge->from = from;
	merge->count = count;
	merge->to = to;
	merge->rows = rows;
	bool done = server_transaction(server_of(store),
				       &(struct server_transaction){SERVER_WRITE, add_users, NULL, NULL, merge}, error);
	free(merge);
	return done;
}
