/*
 * Reading tokens and totals.
 *
 * What the user's rows are is said by a version: the generation, which each of our lessons makes greater by one in its
 * own transaction, and a check sum of the totals, in case an original DSPAM learns in the same database. It is read in
 * one transaction with what the cache does not hold; so what the cache does hold is known to be true, too.
 */
#include <stdlib.h>

#include "base/crc64.h"
#include "store/server/server.h"

enum { ROWS_AT_ONCE = 4096 };

int64_t
server_version(int64_t generation, const struct totals *totals)
{
	uint64_t sum = crc64(0, span_of((const char *)totals, sizeof *totals));

	return (int64_t)((uint64_t)generation << 16 | (sum & 0xFFFF));
}

struct read_work {
	const struct server *server;
	store_uid uid;
	const struct store_row *wanted; /* ascending */
	size_t wanted_count;
	struct store_row *rows; /* the same, to be filled in */
	struct server_state state;
};

/* ---- asking --------------------------------------------------------------------- */

void
server_ask_state(struct server *server, store_uid uid, struct server_state *state)
{
	const struct server_value value = server_number(uid);

	*state = (struct server_state){0};
	if (server->has_generations)
		server_statement(server, STATEMENT_GENERATION, &value, 1);
	server_statement(server, STATEMENT_TOTALS, &value, 1);
}

bool
server_see_state(const struct server *server, struct server_state *state, size_t result, const struct span *values)
{
	size_t totals = server->has_generations ? 1 : 0;

	if (result < totals)
		state->generation = server_integer(values[0]);
	else if (result == totals)
		state->totals = server_totals(values);
	return result <= totals;
}

static bool
ask_state_alone(struct server *server, void *context, struct error *error)
{
	struct read_work *work = context;

	(void)error;
	server_ask_state(server, work->uid, &work->state);
	return true;
}

static bool
ask_all(struct server *server, void *context, struct error *error)
{
	struct read_work *work = context;
	const struct server_value uid = server_number(work->uid);

	(void)error;
	server_ask_state(server, work->uid, &work->state);
	for (size_t i = 0; i < work->wanted_count; i++)
		work->rows[i] = (struct store_row){.token = work->wanted[i].token};
	server_keys(server, STATEMENT_ROWS_KEYS, &uid, 1, work->rows, work->wanted_count);
	return true;
}

/* ---- answers -------------------------------------------------------------------- */

static int
compare_tokens(const void *a, const void *b)
{
	const struct store_row *left = a, *right = b;

	return store_token_before(right->token, left->token) - store_token_before(left->token, right->token);
}

static void
see_answer(void *context, const struct engine_row *row)
{
	struct read_work *work = context;
	struct store_row found, *place;

	if (server_see_state(work->server, &work->state, row->result, row->values))
		return;
	server_row(row, &found);
	place = bsearch(&found, work->rows, work->wanted_count, sizeof found, compare_tokens);
	if (place != NULL)
		*place = found;
}

static int64_t
version_of(const struct server_state *state)
{
	return server_version(state->generation, &state->totals);
}

/* ---- reading ---------------------------------------------------------------------- */

static bool
read_from_database(struct server *server, struct read_work *work, struct error *error)
{
	return server_transaction(server, &(struct server_transaction){SERVER_READ, ask_all, see_answer, NULL, work},
				  error);
}

static bool
read_whole(struct server *server, struct read_work *work, struct store_row *rows, size_t count, struct error *error)
{
	work->wanted = work->rows = rows;
	work->wanted_count = count;
	if (!read_from_database(server, work, error))
		return false;
	if (server->cache != NULL && count > 0)
		row_cache_put(server->cache, work->uid, version_of(&work->state), true, rows, count);
	return true;
}

/* Read the version, and in the same transaction what the cache does not know; it may have nothing to ask. */
static bool
read_missing(struct server *server, struct read_work *work, struct store_row *missing, size_t count,
	     struct error *error)
{
	work->wanted = work->rows = missing;
	work->wanted_count = count;
	if (count == 0)
		return server_query(server, SERVER_READ, ask_state_alone, see_answer, work, error);
	return read_from_database(server, work, error);
}

/* False in *whole: what the cache held was of another version, and its rows are not those of now. */
static bool
read_cached(struct server *server, struct read_work *work, int64_t known, struct store_row *rows, size_t count,
	    bool *whole, struct error *error)
{
	uint32_t *positions = reallocarray(NULL, count, sizeof *positions);
	struct store_row *missing = reallocarray(NULL, count, sizeof *missing);

	if (positions == NULL || missing == NULL)
		abort();
	size_t rest = row_cache_get(server->cache, work->uid, known, rows, count, positions);
	for (size_t i = 0; i < rest; i++)
		missing[i] = rows[positions[i]];
	bool done = read_missing(server, work, missing, rest, error);
	if (done) {
		int64_t now = version_of(&work->state);
		*whole = now == known;
		row_cache_put(server->cache, work->uid, now, true, missing, rest);
		for (size_t i = 0; i < rest; i++)
			rows[positions[i]] = missing[i];
	}
	free(positions);
	free(missing);
	return done;
}

/*
 * Whether all of it is known already: the state of who was met a moment ago, and of that version all rows. Only once,
 * because a moment is over with it.
 */
static bool
read_met(struct server *server, struct read_work *work, struct store_row *rows, size_t count)
{
	bool met = server->met == work->uid && work->uid != 0;

	server->met = 0;
	if (!met || (count > 0 && server->cache == NULL))
		return false;
	work->state = server->met_state;
	if (count == 0)
		return true;
	uint32_t *positions = reallocarray(NULL, count, sizeof *positions);
	if (positions == NULL)
		abort();
	size_t missing = row_cache_get(server->cache, work->uid, version_of(&work->state), rows, count, positions);
	free(positions);
	return missing == 0;
}

/* From what the cache holds, and from the database as much as is needed besides. */
static bool
read_rows(struct server *server, struct read_work *work, struct store_row *rows, size_t count, struct error *error)
{
	bool whole = false;
	int64_t known;

	if (count == 0)
		return read_missing(server, work, NULL, 0, error);
	if (server->cache != NULL && row_cache_version(server->cache, work->uid, &known) &&
	    !read_cached(server, work, known, rows, count, &whole, error))
		return false;
	return whole || read_whole(server, work, rows, count, error);
}

bool
server_read(struct store *store, store_uid uid, struct totals *totals, struct store_row *rows, size_t count,
	    struct error *error)
{
	struct server *server = server_of(store);
	struct read_work work = {.server = server, .uid = uid};

	/* Before there was a connection we do not know whether there can be a cache. */
	if (!read_met(server, &work, rows, count) &&
	    (!server_connect(server, SERVER_READ, error) || !read_rows(server, &work, rows, count, error)))
		return false;
	if (totals != NULL)
		*totals = work.state.totals;
	return true;
}

/* ---- all rows, a page at a time -------------------------------------------------- */

struct page_work {
	store_uid uid;
	int64_t first;
	struct server_page *page;
};

static bool
ask_page(struct server *server, void *context, struct error *error)
{
	struct page_work *work = context;
	const struct server_value values[] = {server_number(work->uid), server_token(server, work->first),
					      server_number((int64_t)work->page->limit)};

	(void)error;
	work->page->count = 0;
	server_statement(server, STATEMENT_ROWS_FROM, values, 3);
	return true;
}

static void
see_page(void *context, const struct engine_row *row)
{
	struct page_work *work = context;

	if (work->page->count < work->page->limit)
		server_row(row, &work->page->rows[work->page->count++]);
}

bool
server_page_read(struct server *server, store_uid uid, int64_t first, struct server_page *page, struct error *error)
{
	struct page_work work = {uid, first, page};

	return ask_page(server, &work, error) && server_send(server, see_page, &work, NULL, error);
}

bool
server_page_next(const struct server *server, const struct server_page *page, int64_t *first)
{
	if (page->count < page->limit || (int64_t)page->rows[page->count - 1].token == server_token_last(server))
		return false;
	*first = (int64_t)(page->rows[page->count - 1].token + 1);
	return true;
}

bool
server_each_row(struct store *store, store_uid uid, store_row_callback *each, void *context, struct error *error)
{
	struct server *server = server_of(store);
	struct server_page page = {.rows = calloc(ROWS_AT_ONCE, sizeof *page.rows), .limit = ROWS_AT_ONCE};
	struct page_work work = {.uid = uid, .page = &page};
	bool done, more = true;

	if (page.rows == NULL)
		abort();
	done = server_connect(server, SERVER_READ, error);
	work.first = server_token_first(server);
	while (done && more) {
		done = server_query(server, SERVER_READ, ask_page, see_page, &work, error);
		for (size_t i = 0; done && more && i < page.count; i++)
			more = each(context, &page.rows[i]);
		more = more && server_page_next(server, &page, &work.first);
	}
	free(page.rows);
	return done;
}
