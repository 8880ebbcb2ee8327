/* Signatures, preferences, and whose they are: rows found by a name. */
#include "store/sqlite/sqlite.h"

static void
bind_text(sqlite3_stmt *statement, int parameter, const char *text)
{
	sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC);
}

/* ---- signatures ------------------------------------------------------------- */

bool
sqlite_signature_write(struct connection *connection, sqlite3_stmt *statement, store_uid uid,
		       const struct store_signature *signature, struct error *error)
{
	struct span data = signature->data;

	sqlite3_bind_int64(statement, 1, uid);
	bind_text(statement, 2, signature->id);
	/* An empty blob needs a pointer, else it would be NULL. */
	if (sqlite3_bind_blob64(statement, 3, data.size == 0 ? "" : data.data, data.size, SQLITE_STATIC) != SQLITE_OK)
		return connection_error(connection, error);
	sqlite3_bind_int64(statement, 4, (sqlite3_int64)data.size);
	sqlite3_bind_int(statement, 5, signature->day);
	return connection_run(connection, statement, error);
}

bool
sqlite_signature_put(struct connection *connection, store_uid uid, const struct store_signature *signature,
		     struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_SIGNATURE_PUT, error);

	return statement != NULL && sqlite_signature_write(connection, statement, uid, signature, error);
}

bool
sqlite_signature_is(struct connection *connection, const struct store_lesson *lesson, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_SIGNATURE, error);
	bool failed, same = false;

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, lesson->uid);
	bind_text(statement, 2, lesson->signature->id);
	if (connection_step(connection, statement, &failed, error))
		same = span_equal(lesson->replaces, span_of(sqlite3_column_blob(statement, 0),
							    (size_t)sqlite3_column_bytes(statement, 0)));
	sqlite3_reset(statement);
	return same || (!failed && store_signature_changed(lesson, error));
}

struct signature_work {
	store_uid uid;
	const char *id;
	struct arena *arena;
	struct store_signature *signature;
	bool found;
};

static bool
copy_signature(sqlite3_stmt *statement, struct signature_work *work, struct error *error)
{
	size_t size = (size_t)sqlite3_column_bytes(statement, 0);
	const char *id = arena_copy(work->arena, span_from(work->id));
	char *data = arena_text(work->arena, size + 1);

	if (id == NULL || data == NULL)
		return error_set(error, ERROR_DATA, "signature %s: %zu bytes are more than the limit of one message",
				 work->id, size);
	if (size > 0)
		memcpy(data, sqlite3_column_blob(statement, 0), size);
	*work->signature = (struct store_signature){id, {data, size}, sqlite3_column_int(statement, 1)};
	work->found = true;
	return true;
}

static bool
get_signature(struct connection *connection, void *context, struct error *error)
{
	struct signature_work *work = context;
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_SIGNATURE, error);
	bool failed = true, fits = true;

	if (statement == NULL)
		return false;
	work->found = false;
	sqlite3_bind_int64(statement, 1, work->uid);
	bind_text(statement, 2, work->id);
	while (fits && connection_step(connection, statement, &failed, error))
		fits = copy_signature(statement, work, error);
	sqlite3_reset(statement);
	return !failed && fits;
}

bool
sqlite_signature_get(struct store *store, store_uid uid, const char *id, struct arena *arena,
		     struct store_signature *signature, bool *found, struct error *error)
{
	struct signature_work work = {uid, id, arena, signature, false};

	if (!connection_transaction(connection_of(store), CONNECTION_ALONE, get_signature, &work, error))
		return false;
	*found = work.found;
	return true;
}

static bool
delete_signature(struct connection *connection, void *context, struct error *error)
{
	struct signature_work *work = context;
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_SIGNATURE_DELETE, error);

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, work->uid);
	bind_text(statement, 2, work->id);
	return connection_run(connection, statement, error);
}

bool
sqlite_signature_delete(struct store *store, store_uid uid, const char *id, struct error *error)
{
	struct signature_work work = {.uid = uid, .id = id};

	return connection_transaction(connection_of(store), CONNECTION_WRITE, delete_signature, &work, error);
}

/* ---- preferences ------------------------------------------------------------ */

bool
sqlite_each_preference(struct store *store, store_uid uid, store_preference_callback *each, void *context,
		       struct error *error)
{
	struct connection *connection = connection_of(store);
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_PREFERENCES, error);
	bool failed = false, more = true;

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	while (more && connection_step(connection, statement, &failed, error))
		more = each(context, (const char *)sqlite3_column_text(statement, 0),
			    (const char *)sqlite3_column_text(statement, 1));
	sqlite3_reset(statement);
	return !failed;
}

struct meet_work {
	struct span name;
	store_uid uid;
	store_preference_callback *each;
	void *context;
};

/* It may be busy before its first row only, so that no preference is told twice. */
static bool
meet(struct connection *connection, void *context, struct error *error)
{
	struct meet_work *work = context;
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_USER_MEET, error);
	bool failed = false, more = true;

	if (statement == NULL)
		return false;
	work->uid = 0;
	sqlite3_bind_text(statement, 1, work->name.data, (int)work->name.size, SQLITE_STATIC);
	while (more && connection_step(connection, statement, &failed, error)) {
		const char *preference = (const char *)sqlite3_column_text(statement, 1);
		work->uid = (store_uid)sqlite3_column_int64(statement, 0);
		more = preference == NULL ||
		       work->each(work->context, preference, (const char *)sqlite3_column_text(statement, 2));
	}
	sqlite3_reset(statement);
	return !failed;
}

bool
sqlite_meet(struct store *store, struct span name, store_uid *uid, store_preference_callback *each, void *context,
	    struct error *error)
{
	struct meet_work work = {.name = name, .each = each, .context = context};
	bool met = connection_transaction(connection_of(store), CONNECTION_ALONE, meet, &work, error);

	*uid = work.uid;
	return met;
}

struct preference_work {
	store_uid uid;
	const char *name;
	const char *value;
};

static bool
set_preference(struct connection *connection, void *context, struct error *error)
{
	struct preference_work *work = context;
	sqlite3_stmt *remove = connection_statement(connection, STATEMENT_PREFERENCE_DELETE, error);
	sqlite3_stmt *add = connection_statement(connection, STATEMENT_PREFERENCE_ADD, error);

	if (remove == NULL || add == NULL)
		return false;
	sqlite3_bind_int64(remove, 1, work->uid);
	bind_text(remove, 2, work->name);
	sqlite3_bind_int64(add, 1, work->uid);
	bind_text(add, 2, work->name);
	if (work->value != NULL)
		bind_text(add, 3, work->value);
	return connection_run(connection, remove, error) &&
	       (work->value == NULL || connection_run(connection, add, error));
}

bool
sqlite_preference_set(struct store *store, store_uid uid, const char *name, const char *value, struct error *error)
{
	struct preference_work work = {uid, name, value};

	return connection_transaction(connection_of(store), CONNECTION_WRITE, set_preference, &work, error);
}
