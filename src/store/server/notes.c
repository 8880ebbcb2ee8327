/* Signatures and preferences: rows found by a name. */
#include <stdlib.h>

#include "store/server/server.h"

/* ---- signatures ------------------------------------------------------------- */

struct signature_work {
	store_uid uid;
	struct span id;
	struct buffer data;
	int32_t day;
	bool found;
	void (*bytes)(struct span value, struct buffer *out);
};

static bool
ask_signature(struct server *server, void *context, struct error *error)
{
	struct signature_work *work = context;
	const struct server_value values[] = {server_number(work->uid), server_text(work->id)};

	(void)error;
	work->found = false;
	buffer_clear(&work->data);
	server_statement(server, STATEMENT_SIGNATURE, values, 2);
	return true;
}

static void
see_signature(void *context, const struct engine_row *row)
{
	struct signature_work *work = context;

	work->found = true;
	work->bytes(row->values[0], &work->data);
	work->day = (int32_t)server_integer(row->values[1]);
}

static bool
copy_signature(const struct signature_work *work, struct arena *arena, struct store_signature *signature,
	       struct error *error)
{
	const char *id = arena_copy(arena, work->id);
	char *data = arena_text(arena, work->data.size + 1);

	if (id == NULL || data == NULL)
		return error_set(error, ERROR_DATA, "signature %.*s: %zu bytes are more than the limit of one message",
				 (int)work->id.size, work->id.data, work->data.size);
	if (work->data.size > 0)
		memcpy(data, work->data.data, work->data.size);
	*signature = (struct store_signature){id, {data, work->data.size}, work->day};
	return true;
}

bool
server_signature_get(struct store *store, store_uid uid, const char *id, struct arena *arena,
		     struct store_signature *signature, bool *found, struct error *error)
{
	struct server *server = server_of(store);
	struct signature_work work = {
		.uid = uid,
		.id = span_from(id),
		.data = BUFFER_INIT(SERVER_TEXT_LIMIT),
		.bytes = server->engine->bytes,
	};
	enum server_mode mode = server->signatures_from_writer ? SERVER_WRITE : SERVER_READ;
	bool done = server_query(server, mode, ask_signature, see_signature, &work, error);

	/* It may have been written at another server a moment ago. */
	if (done && !work.found)
		done = server_query_again(server, ask_signature, see_signature, &work, error);
	done = done && (!work.found || copy_signature(&work, arena, signature, error));
	*found = done && work.found;
	buffer_free(&work.data);
	return done;
}

static bool
delete_signature(struct server *server, void *context, struct error *error)
{
	struct signature_work *work = context;
	const struct server_value values[] = {server_number(work->uid), server_text(work->id)};

	(void)error;
	server_statement(server, STATEMENT_SIGNATURE_DELETE, values, 2);
	return true;
}

bool
server_signature_delete(struct store *store, store_uid uid, const char *id, struct error *error)
{
	struct signature_work work = {.uid = uid, .id = span_from(id)};

	return server_transaction(
		server_of(store),
		&(struct server_transaction){SERVER_WRITE, delete_signature, NULL, server_not_done, &work}, error);
}

/* ---- preferences ------------------------------------------------------------ */

struct preferences_work {
	store_uid uid;
	struct buffer texts; /* names and values, each with its NUL */
};

static bool
ask_preferences(struct server *server, void *context, struct error *error)
{
	struct preferences_work *work = context;
	const struct server_value uid = server_number(work->uid);

	(void)error;
	buffer_clear(&work->texts);
	if (server->has_preferences) /* else the original kept them in files, and there are none here */
		server_statement(server, STATEMENT_PREFERENCES, &uid, 1);
	return true;
}

void
server_keep_preference(struct buffer *texts, const struct span *values)
{
	for (size_t i = 0; i < 2; i++) {
		buffer_append_span(texts, values[i]);
		buffer_append_byte(texts, '\0');
	}
}

void
server_tell_preferences(const struct buffer *texts, store_preference_callback *each, void *context)
{
	bool more = true;

	for (size_t at = 0; more && at < texts->size;) {
		const char *name = texts->data + at, *value = name + strlen(name) + 1;
		at += strlen(name) + strlen(value) + 2;
		more = each(context, name, value);
	}
}

static void
see_preference(void *context, const struct engine_row *row)
{
	struct preferences_work *work = context;

	server_keep_preference(&work->texts, row->values);
}

bool
server_each_preference(struct store *store, store_uid uid, store_preference_callback *each, void *context,
		       struct error *error)
{
	struct preferences_work work = {uid, BUFFER_INIT(SERVER_TEXT_LIMIT)};
	bool done = server_query(server_of(store), SERVER_READ, ask_preferences, see_preference, &work, error);

	if (done)
		server_tell_preferences(&work.texts, each, context);
	buffer_free(&work.texts);
	return done;
}

struct preference_work {
	store_uid uid;
	const char *name;
	const char *value;
};

/* The old value stays until the new one is there: in tables of the original a half of this could be all. */
static bool
set_preference(struct server *server, void *context, struct error *error)
{
	const struct preference_work *work = context;
	const struct server_value values[] = {
		server_number(work->uid),
		server_text(span_from(work->name)),
		server_text(span_from(work->value != NULL ? work->value : "")),
	};

	if (!server->has_preferences)
		return error_set(error, ERROR_FILE,
				 "%s: there is no table of preferences; make it with \"dspam_admin migrate\"",
				 server->engine->name);
	if (work->value == NULL) {
		server_statement(server, STATEMENT_PREFERENCE_DELETE, values, 2);
	} else {
		server_statement(server, STATEMENT_PREFERENCE_PUT, values, 3);
		server_statement(server, STATEMENT_PREFERENCE_ALONE, values, 2);
	}
	return true;
}

bool
server_preference_set(struct store *store, store_uid uid, const char *name, const char *value, struct error *error)
{
	struct preference_work work = {uid, name, value};

	return server_transaction(
		server_of(store),
		&(struct server_transaction){SERVER_WRITE, set_preference, NULL, server_not_done, &work}, error);
}
