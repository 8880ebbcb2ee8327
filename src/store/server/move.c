/* Users who come, users who go, and how large they are. */
#include <stdlib.h>

#include "store/server/server.h"

enum {
	ROW_BYTES = 40, /* of a row in the table, about */
	SIGNATURES_AT_ONCE = 32
};

/* ---- coming ----------------------------------------------------------------- */

static bool
import_all(struct server *server, void *context, struct error *error)
{
	const struct store_import *import = context;
	struct store_lesson first = {.uid = import->uid, .signature = import->signatures, .replaces = import->replaces};

	/*
	 * What is there afterwards is what was given, or another's: that is how it is known who came first. Sent alone,
	 * because what it says about rows that it affected means something else on each server.
	 */
	if (import->fresh) {
		server_add_signature(server, import->uid, import->signatures);
		if (!server_send(server, NULL, NULL, NULL, error))
			return false;
		first.replaces = import->signatures[0].data;
	}
	size_t replaced = first.replaces.data != NULL ? 1 : 0;
	if ((replaced == 1 && !server_replace_signature(server, &first, error)) ||
	    !server_insert(server, STATEMENT_ROWS_MERGE, import->uid, import->rows, import->count, error))
		return false;
	for (size_t i = replaced; i < import->signature_count; i++) {
		const struct store_signature *signature = &import->signatures[i];
		if (!server_make_room(server, 2 * signature->data.size, error)) /* in hexadecimal */
			return false;
		server_put_signature(server, import->uid, signature);
	}
	server_advance(server, import->uid);
	server_add_totals(server, import->uid, &import->totals);
	return true;
}

bool
server_import(struct store *store, const struct store_import *import, struct error *error)
{
	struct store_import copy = *import;

	return server_transaction(server_of(store),
				  &(struct server_transaction){SERVER_WRITE, import_all, NULL, NULL, &copy}, error);
}

/* ---- going ------------------------------------------------------------------ */

struct removal {
	store_uid uid;
	enum store_removal what;
};

/*
 * A lesson that is between its rows and its end is waited for, and goes, too; one that comes meanwhile waits for us,
 * and stays. Generations go on, whoever goes: his number may be somebody's again, or still his, as of an account of the
 * system, and no cache is to take what it knows for what comes.
 */
static bool
remove_user(struct server *server, void *context, struct error *error)
{
	const struct removal *removal = context;
	static const enum statement learned[] = {STATEMENT_ROWS_REMOVE, STATEMENT_SIGNATURES_REMOVE,
						 STATEMENT_TOTALS_REMOVE};
	static const enum statement own[] = {STATEMENT_PREFERENCES_REMOVE, STATEMENT_USER_REMOVE};
	const struct server_value uid = server_number(removal->uid);

	(void)error;
	server_lock_user(server, removal->uid);
	for (size_t i = 0; i < sizeof learned / sizeof learned[0]; i++)
		server_statement(server, learned[i], &uid, 1);
	if (removal->what == STORE_REMOVE_LEARNED)
		return true;
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (own[i] == STATEMENT_USER_REMOVE ? server->store.users_elsewhere == NULL : server->has_preferences)
			server_statement(server, own[i], &uid, 1);
	return true;
}

bool
server_remove(struct store *store, store_uid uid, enum store_removal what, struct error *error)
{
	struct removal removal = {uid, what};

	return server_transaction(
		server_of(store),
		&(struct server_transaction){SERVER_WRITE, remove_user, NULL, server_not_done, &removal}, error);
}

/* ---- size ------------------------------------------------------------------- */

struct size_work {
	store_uid uid;
	struct store_size *size;
};

static bool
ask_size(struct server *server, void *context, struct error *error)
{
	const struct size_work *work = context;
	const struct server_value uid = server_number(work->uid);

	(void)error;
	server_statement(server, STATEMENT_ROWS_COUNT, &uid, 1);
	server_statement(server, STATEMENT_SIGNATURES_SIZE, &uid, 1);
	return true;
}

static void
see_size(void *context, const struct engine_row *row)
{
	struct size_work *work = context;
	uint64_t count = (uint64_t)server_integer(row->values[0]);

	if (row->result == 0) {
		work->size->rows = count;
		work->size->bytes = count * ROW_BYTES;
	} else {
		work->size->signatures = count;
		work->size->bytes += (uint64_t)server_integer(row->values[1]);
	}
}

bool
server_size(struct store *store, store_uid uid, struct store_size *size, struct error *error)
{
	struct size_work work = {uid, size};

	return server_query(server_of(store), SERVER_READ, ask_size, see_size, &work, error);
}

/* ---- signatures ------------------------------------------------------------- */

struct signatures_work {
	store_uid uid;
	struct span after;
	size_t count;
	struct buffer texts; /* ids, each with its NUL, and contents */
	struct {
		size_t id, data, size;
		int32_t day;
	} found[SIGNATURES_AT_ONCE];
	void (*bytes)(struct span value, struct buffer *out);
};

static bool
ask_signatures(struct server *server, void *context, struct error *error)
{
	struct signatures_work *work = context;
	const struct server_value values[] = {server_number(work->uid), server_text(work->after),
					      server_number(SIGNATURES_AT_ONCE)};

	(void)error;
	work->count = 0;
	buffer_clear(&work->texts);
	server_statement(server, STATEMENT_SIGNATURES_FROM, values, 3);
	return true;
}

static void
see_signature(void *context, const struct engine_row *row)
{
	struct signatures_work *work = context;

	if (work->count == SIGNATURES_AT_ONCE)
		return;
	work->found[work->count].id = work->texts.size;
	buffer_append_span(&work->texts, row->values[0]);
	buffer_append_byte(&work->texts, '\0');
	work->found[work->count].data = work->texts.size;
	work->bytes(row->values[1], &work->texts);
	work->found[work->count].size = work->texts.size - work->found[work->count].data;
	work->found[work->count++].day = (int32_t)server_integer(row->values[2]);
}

bool
server_each_signature(struct store *store, store_uid uid, const char *after, store_signature_callback *each,
		      void *context, size_t *count, struct error *error)
{
	struct server *server = server_of(store);
	struct signatures_work work = {
		.uid = uid,
		.after = span_from(after),
		.texts = BUFFER_INIT(SERVER_TEXT_LIMIT),
		.bytes = server->engine->bytes,
	};
	bool done = server_query(server, SERVER_READ, ask_signatures, see_signature, &work, error);
	bool more = done;

	for (*count = 0; more && *count < work.count; ++*count) {
		const char *texts = work.texts.data;
		const struct store_signature signature = {
			texts + work.found[*count].id,
			span_of(texts + work.found[*count].data, work.found[*count].size), work.found[*count].day};
		more = each(context, &signature);
	}
	buffer_free(&work.texts);
	return done;
}
