/* Removing rows and signatures, a few at a time, and adding users up. */
#include <stdlib.h>

#include "store/server/server.h"

enum {
	ROWS_AT_ONCE = 1024,
	SIGNATURES_AT_ONCE = 100,
	DAY_MAX = 2000000 /* the year 7445: later ones are not dates for every database */
};

/* ---- rows ------------------------------------------------------------------- */

struct purge {
	store_uid uid;
	store_row_test *goes;
	const void *context;
	int64_t first;
	struct server_page page;
	struct store_row *picked; /* of the page */
	size_t picked_count;
};

static bool
pick(struct server *server, struct purge *purge, struct error *error)
{
	if (!server_page_read(server, purge->uid, purge->first, &purge->page, error))
		return false;
	purge->picked_count = 0;
	for (size_t i = 0; i < purge->page.count; i++)
		if (purge->goes(purge->context, &purge->page.rows[i]))
			purge->picked[purge->picked_count++] = purge->page.rows[i];
	return true;
}

static bool
only_pick(struct server *server, void *context, struct error *error)
{
	return pick(server, context, error);
}

/*
 * Somebody may have learned since they were picked. The user is locked first, here, so that no lesson is between its
 * rows and its end; then they are picked anew.
 */
static bool
pick_and_delete(struct server *server, void *context, struct error *error)
{
	struct purge *purge = context;
	const struct server_value uid = server_number(purge->uid);

	server_lock_user(server, purge->uid);
	if (!pick(server, purge, error))
		return false;
	server_keys(server, STATEMENT_ROWS_DELETE, &uid, 1, purge->picked, purge->picked_count);
	return true;
}

static bool
purge_page(struct server *server, struct purge *purge, struct error *error)
{
	const struct server_transaction look = {SERVER_READ, only_pick, NULL, NULL, purge};
	const struct server_transaction remove = {SERVER_WRITE, pick_and_delete, NULL, NULL, purge};

	return server_transaction(server, &look, error) &&
	       (purge->picked_count == 0 || server_transaction(server, &remove, error));
}

bool
server_purge_rows(struct store *store, store_uid uid, store_row_test *goes, const void *context,
		  struct store_walk *walk, struct error *error)
{
	struct server *server = server_of(store);
	struct purge purge = {
		.uid = uid,
		.goes = goes,
		.context = context,
		.page = {.rows = calloc(ROWS_AT_ONCE, sizeof *purge.page.rows), .limit = ROWS_AT_ONCE},
		.picked = calloc(ROWS_AT_ONCE, sizeof *purge.picked),
	};

	if (purge.page.rows == NULL || purge.picked == NULL)
		abort();
	bool done = server_connect(server, SERVER_READ, error);
	purge.first = walk->begun ? walk->next : server_token_first(server);
	done = done && purge_page(server, &purge, error);
	if (done) {
		walk->begun = true;
		walk->seen += purge.page.count;
		walk->removed += purge.picked_count;
		walk->done = !server_page_next(server, &purge.page, &walk->next);
	}
	free(purge.page.rows);
	free(purge.picked);
	return done;
}

/* ---- signatures ------------------------------------------------------------- */

struct signature_purge {
	store_uid uid;
	int32_t day;
	uint64_t removed;
};

static bool
delete_signatures(struct server *server, void *context, struct error *error)
{
	struct signature_purge *purge = context;
	const struct server_value values[] = {server_number(purge->uid), server_number(purge->uid),
					      server_number(purge->day), server_number(SIGNATURES_AT_ONCE)};

	purge->removed = 0;
	server_statement(server, STATEMENT_SIGNATURES_PURGE, values, 4);
	return server_send(server, NULL, NULL, &purge->removed, error);
}

bool
server_purge_signatures(struct store *store, store_uid uid, int32_t day, size_t *removed, struct error *error)
{
	struct signature_purge purge = {uid, day < DAY_MAX ? day : DAY_MAX, 0};

	if (!server_transaction(server_of(store),
				&(struct server_transaction){SERVER_WRITE, delete_signatures, NULL, NULL, &purge},
				error))
		return false;
	*removed = (size_t)purge.removed;
	return true;
}

/* ---- space ------------------------------------------------------------------ */

static bool
ask_optimize(struct server *server, void *context, struct error *error)
{
	(void)context;
	(void)error;
	buffer_append_string(&server->text, server->engine->optimize);
	return true;
}

bool
server_optimize(struct store *store, struct error *error)
{
	return server_query(server_of(store), SERVER_WRITE, ask_optimize, NULL, NULL, error);
}
