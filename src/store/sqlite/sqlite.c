/* The SQLite driver: users, tokens and lessons. Signatures and preferences: notes.c. */
#include "store/sqlite/sqlite.h"

static bool
sqlite_open(const struct store_options *options, struct store **store, struct error *error)
{
	struct connection *connection;

	if (!connection_open(options, &connection, error))
		return false;
	*store = &connection->store;
	return true;
}

static void
sqlite_close(struct store *store)
{
	connection_close(connection_of(store));
}

/* ---- users ------------------------------------------------------------------ */

struct user_work {
	struct span name;
	store_uid uid;
};

static bool
find_user(struct connection *connection, void *context, struct error *error)
{
	struct user_work *work = context;
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_USER_FIND, error);
	bool failed = true;

	if (statement == NULL)
		return false;
	work->uid = 0;
	sqlite3_bind_text(statement, 1, work->name.data, (int)work->name.size, SQLITE_STATIC);
	while (connection_step(connection, statement, &failed, error))
		work->uid = (store_uid)sqlite3_column_int64(statement, 0);
	return !failed;
}

static bool
make_user(struct connection *connection, void *context, struct error *error)
{
	struct user_work *work = context;
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_USER_ADD, error);

	if (statement == NULL)
		return false;
	sqlite3_bind_text(statement, 1, work->name.data, (int)work->name.size, SQLITE_STATIC);
	return connection_run(connection, statement, error) && find_user(connection, work, error);
}

static bool
sqlite_user(struct store *store, struct span name, bool create, store_uid *uid, struct error *error)
{
	struct user_work work = {name, 0};
	struct connection *connection = connection_of(store);

	if (!connection_transaction(connection, CONNECTION_READ, find_user, &work, error))
		return false;
	if (work.uid == 0 && create && !connection_transaction(connection, CONNECTION_WRITE, make_user, &work, error))
		return false;
	*uid = work.uid;
	return true;
}

static bool
sqlite_each_user(struct store *store, store_user_callback *each, void *context, struct error *error)
{
	struct connection *connection = connection_of(store);
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_USERS, error);
	bool failed = false, more = true;

	if (statement == NULL)
		return false;
	while (more && connection_step(connection, statement, &failed, error))
		more = each(context, (store_uid)sqlite3_column_int64(statement, 0),
			    (const char *)sqlite3_column_text(statement, 1));
	sqlite3_reset(statement);
	return !failed;
}

/* ---- tokens and totals --------------------------------------------------------- */

struct read_work {
	store_uid uid;
	struct totals *totals;
	struct store_row *rows;
	size_t count;
};

static bool
read_totals(struct connection *connection, struct read_work *work, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_TOTALS, error);
	bool failed = true;

	if (statement == NULL)
		return false;
	*work->totals = (struct totals){0};
	sqlite3_bind_int64(statement, 1, work->uid);
	while (connection_step(connection, statement, &failed, error))
		*work->totals = (struct totals){
			sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
			sqlite3_column_int64(statement, 2), sqlite3_column_int64(statement, 3),
			sqlite3_column_int64(statement, 4), sqlite3_column_int64(statement, 5),
			sqlite3_column_int64(statement, 6), sqlite3_column_int64(statement, 7),
		};
	return !failed;
}

/* The hits of a column, also if somebody else wrote what we would not. */
static uint32_t
column_hits(sqlite3_stmt *statement, int column)
{
	sqlite3_int64 hits = sqlite3_column_int64(statement, column);

	return hits < 0 ? 0 : hits > UINT32_MAX ? UINT32_MAX : (uint32_t)hits;
}

static bool
read_rows(struct connection *connection, struct read_work *work, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_ROWS, error);
	bool failed = true;

	if (statement == NULL)
		return false;
	for (size_t i = 0; i < work->count; i++)
		work->rows[i] = (struct store_row){.token = work->rows[i].token};
	connection->batch = (struct batch){.rows = work->rows, .count = work->count};
	sqlite3_bind_int64(statement, 1, work->uid);
	while (connection_step(connection, statement, &failed, error)) {
		struct store_row *row = &work->rows[sqlite3_column_int64(statement, 0)];
		row->spam = column_hits(statement, 1);
		row->innocent = column_hits(statement, 2);
		row->day = sqlite3_column_int(statement, 3);
	}
	return !failed;
}

static bool
read_all(struct connection *connection, void *context, struct error *error)
{
	struct read_work *work = context;

	return (work->totals == NULL || read_totals(connection, work, error)) &&
	       (work->count == 0 || read_rows(connection, work, error));
}

static bool
sqlite_read(struct store *store, store_uid uid, struct totals *totals, struct store_row *rows, size_t count,
	    struct error *error)
{
	struct read_work work = {uid, totals, rows, count};

	return connection_transaction(connection_of(store), CONNECTION_READ, read_all, &work, error);
}

static bool
sqlite_each_row(struct store *store, store_uid uid, store_row_callback *each, void *context, struct error *error)
{
	struct connection *connection = connection_of(store);
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_ALL_ROWS, error);
	bool failed = false, more = true;

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	while (more && connection_step(connection, statement, &failed, error)) {
		struct store_row row = {(uint64_t)sqlite3_column_int64(statement, 0), column_hits(statement, 1),
					column_hits(statement, 2), sqlite3_column_int(statement, 3)};
		more = each(context, &row);
	}
	sqlite3_reset(statement);
	return !failed;
}

/* ---- lessons -------------------------------------------------------------------- */

static bool
has_negative(const struct store_lesson *lesson)
{
	for (size_t i = 0; i < lesson->count; i++)
		if (lesson->changes[i].spam < 0 || lesson->changes[i].innocent < 0)
			return true;
	return false;
}

static bool
learn_rows(struct connection *connection, const struct store_lesson *lesson, struct error *error)
{
	sqlite3_stmt *add = connection_statement(connection, STATEMENT_ROWS_ADD, error);
	sqlite3_stmt *clamp = connection_statement(connection, STATEMENT_ROWS_CLAMP, error);

	if (add == NULL || clamp == NULL)
		return false;
	connection->batch = (struct batch){.changes = lesson->changes, .count = lesson->count};
	sqlite3_bind_int64(add, 1, lesson->uid);
	sqlite3_bind_int(add, 2, lesson->day);
	sqlite3_bind_int64(clamp, 1, lesson->uid);
	return connection_run(connection, add, error) &&
	       (!has_negative(lesson) || connection_run(connection, clamp, error));
}

static bool
learn_totals(struct connection *connection, const struct store_lesson *lesson, struct error *error)
{
	sqlite3_stmt *make = connection_statement(connection, STATEMENT_TOTALS_MAKE, error);
	sqlite3_stmt *add = connection_statement(connection, STATEMENT_TOTALS_ADD, error);
	const struct totals *totals = &lesson->totals;
	const int64_t changes[] = {
		totals->spam_learned,           totals->innocent_learned,    totals->spam_misclassified,
		totals->innocent_misclassified, totals->spam_corpusfed,      totals->innocent_corpusfed,
		totals->spam_classified,        totals->innocent_classified,
	};
	enum { COUNT = sizeof changes / sizeof changes[0] };

	if (make == NULL || add == NULL)
		return false;
	sqlite3_bind_int64(make, 1, lesson->uid);
	for (int i = 0; i < COUNT; i++)
		sqlite3_bind_int64(add, i + 1, changes[i]);
	sqlite3_bind_int64(add, COUNT + 1, lesson->uid);
	return connection_run(connection, make, error) && connection_run(connection, add, error);
}

static bool
learn(struct connection *connection, void *context, struct error *error)
{
	const struct store_lesson *lesson = *(const struct store_lesson *const *)context;

	return (lesson->count == 0 || learn_rows(connection, lesson, error)) &&
	       (lesson->signature == NULL || sqlite_signature_put(connection, lesson->uid, lesson->signature, error)) &&
	       learn_totals(connection, lesson, error);
}

static bool
sqlite_learn(struct store *store, const struct store_lesson *lesson, struct error *error)
{
	return connection_transaction(connection_of(store), CONNECTION_WRITE, learn, &lesson, error);
}

const struct store_driver store_driver_sqlite = {
	.name = "sqlite",
	.open = sqlite_open,
	.close = sqlite_close,
	.user = sqlite_user,
	.each_user = sqlite_each_user,
	.read = sqlite_read,
	.each_row = sqlite_each_row,
	.learn = sqlite_learn,
	.signature_get = sqlite_signature_get,
	.signature_delete = sqlite_signature_delete,
	.each_preference = sqlite_each_preference,
	.preference_set = sqlite_preference_set,
};
