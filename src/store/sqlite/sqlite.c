/* The SQLite driver: users, tokens and lessons. Signatures and preferences: notes.c; purge.c, merge.c. */
#include <stdio.h>
#include <stdlib.h>

#include "store/sqlite/read.h"
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

/* Of another file no row is known. */
static bool
sqlite_is_current(struct store *store)
{
	struct connection *connection = connection_of(store);
	int moved = 0;

	sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	if (moved)
		row_cache_forget(connection->cache);
	return !moved;
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

	if (!connection_transaction(connection, CONNECTION_ALONE, find_user, &work, error))
		return false;
	if (work.uid == 0 && create && !connection_transaction(connection, CONNECTION_WRITE, make_user, &work, error))
		return false;
	*uid = work.uid;
	return true;
}

struct name_work {
	store_uid uid;
	char *name;
};

static bool
find_name(struct connection *connection, void *context, struct error *error)
{
	const struct name_work *work = context;
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_USER_NAME, error);
	bool failed = true;

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, work->uid);
	while (connection_step(connection, statement, &failed, error)) {
		const unsigned char *name = sqlite3_column_text(statement, 0);
		snprintf(work->name, STORE_NAME_SIZE, "%s", name != NULL ? (const char *)name : "");
	}
	return !failed;
}

static bool
sqlite_user_name(struct store *store, store_uid uid, char name[static STORE_NAME_SIZE], struct error *error)
{
	struct name_work work = {uid, name};

	return connection_transaction(connection_of(store), CONNECTION_ALONE, find_name, &work, error);
}

static bool
sqlite_each_user(struct store *store, store_user_callback *each, void *context, struct error *error)
{
	struct connection *connection = connection_of(store);
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_USERS, error);
	bool failed = false, more = true;

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, 0);
	sqlite3_bind_int64(statement, 2, -1); /* no limit */
	while (more && connection_step(connection, statement, &failed, error))
		more = each(context, (store_uid)sqlite3_column_int64(statement, 0),
			    (const char *)sqlite3_column_text(statement, 1));
	sqlite3_reset(statement);
	return !failed;
}

/* ---- tokens and totals --------------------------------------------------------- */

/* How often a read begins anew because somebody learned meanwhile; then the file has the last word. */
enum { ATTEMPTS = 4 };

struct read_work {
	store_uid uid;
	struct totals *totals;
	struct store_row *rows;
	size_t count;
	unsigned attempts; /* that are left after this one */
	bool stale;
};

bool
sqlite_totals_read(struct connection *connection, store_uid uid, struct totals *totals, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_TOTALS, error);
	bool failed = true;

	if (statement == NULL)
		return false;
	*totals = (struct totals){0};
	sqlite3_bind_int64(statement, 1, uid);
	while (connection_step(connection, statement, &failed, error))
		*totals = (struct totals){
			sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
			sqlite3_column_int64(statement, 2), sqlite3_column_int64(statement, 3),
			sqlite3_column_int64(statement, 4), sqlite3_column_int64(statement, 5),
			sqlite3_column_int64(statement, 6), sqlite3_column_int64(statement, 7),
		};
	return !failed;
}

static bool
read_all(struct connection *connection, void *context, struct error *error)
{
	struct read_work *work = context;

	if (work->count > 0 &&
	    !read_rows(connection, work->uid, work->rows, work->count, work->attempts > 0 ? &work->stale : NULL, error))
		return false;
	return work->totals == NULL || sqlite_totals_read(connection, work->uid, work->totals, error);
}

static bool
sqlite_read(struct store *store, store_uid uid, struct totals *totals, struct store_row *rows, size_t count,
	    struct error *error)
{
	struct read_work work = {.uid = uid, .totals = totals, .rows = rows, .count = count, .attempts = ATTEMPTS};

	do {
		work.attempts--;
		work.stale = false;
		if (!connection_transaction(connection_of(store), CONNECTION_READ, read_all, &work, error))
			return false;
	} while (work.stale);
	return true;
}

static bool
settle(struct connection *connection, void *context, struct error *error)
{
	return pending_settle(connection, *(const store_uid *)context, error);
}

static bool
sqlite_settle(struct store *store, store_uid uid, struct error *error)
{
	return connection_transaction(connection_of(store), CONNECTION_WRITE, settle, &uid, error);
}

static bool
sqlite_each_row(struct store *store, store_uid uid, store_row_callback *each, void *context, struct error *error)
{
	struct connection *connection = connection_of(store);
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_ALL_ROWS, error);
	bool failed = false, more = true;

	if (statement == NULL || !sqlite_settle(store, uid, error))
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	while (more && connection_step(connection, statement, &failed, error)) {
		struct store_row row = read_row(statement, (uint64_t)sqlite3_column_int64(statement, 0));
		more = each(context, &row);
	}
	sqlite3_reset(statement);
	return !failed;
}

/* ---- lessons -------------------------------------------------------------------- */

struct learn_work {
	const struct store_lesson *lesson;
	struct store_change *changes; /* the lesson's, cut to what there is to take away */
	struct pending_step step;
};

static bool
has_negative(const struct store_lesson *lesson)
{
	for (size_t i = 0; i < lesson->count; i++)
		if (lesson->changes[i].spam < 0 || lesson->changes[i].innocent < 0)
			return true;
	return false;
}

/* A change that does not take hits below 0. */
static int32_t
cut(int32_t change, uint32_t hits)
{
	return change < 0 && (uint32_t) - (int64_t)change > hits ? -(int32_t)hits : change;
}

static bool
cut_changes(struct connection *connection, store_uid uid, struct store_change *changes, size_t count,
	    struct error *error)
{
	struct store_row *rows = calloc(count, sizeof *rows);
	bool done;

	if (rows == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		rows[i].token = changes[i].token;
	done = read_rows(connection, uid, rows, count, NULL, error);
	for (size_t i = 0; done && i < count; i++) {
		changes[i].spam = cut(changes[i].spam, rows[i].spam);
		changes[i].innocent = cut(changes[i].innocent, rows[i].innocent);
	}
	free(rows);
	return done;
}

static bool
add_changes(struct connection *connection, struct learn_work *work, struct error *error)
{
	const struct store_lesson *lesson = work->lesson;
	struct run run = {0};
	bool done;

	run_begin(&run, lesson->day);
	for (size_t i = 0; i < lesson->count; i++)
		run_append(&run, &(struct run_entry){.token = work->changes[i].token,
						     .spam = work->changes[i].spam,
						     .innocent = work->changes[i].innocent,
						     .day = lesson->day,
						     .weight = work->changes[i].weight,
						     .gradient = work->changes[i].gradient});
	done = pending_add(connection, lesson->uid, &run, &work->step, error);
	run_free(&run);
	return done;
}

static bool
learn_rows(struct connection *connection, struct learn_work *work, struct error *error)
{
	const struct store_lesson *lesson = work->lesson;

	if (lesson->count == 0)
		return true;
	memcpy(work->changes, lesson->changes, lesson->count * sizeof *work->changes);
	return (!has_negative(lesson) || cut_changes(connection, lesson->uid, work->changes, lesson->count, error)) &&
	       add_changes(connection, work, error);
}

bool
sqlite_totals_add(struct connection *connection, store_uid uid, const struct totals *totals, struct error *error)
{
	sqlite3_stmt *make = connection_statement(connection, STATEMENT_TOTALS_MAKE, error);
	sqlite3_stmt *add = connection_statement(connection, STATEMENT_TOTALS_ADD, error);
	const int64_t changes[] = {
		totals->spam_learned,           totals->innocent_learned,    totals->spam_misclassified,
		totals->innocent_misclassified, totals->spam_corpusfed,      totals->innocent_corpusfed,
		totals->spam_classified,        totals->innocent_classified,
	};
	enum { COUNT = sizeof changes / sizeof changes[0] };

	if (make == NULL || add == NULL)
		return false;
	sqlite3_bind_int64(make, 1, uid);
	for (int i = 0; i < COUNT; i++)
		sqlite3_bind_int64(add, i + 1, changes[i]);
	sqlite3_bind_int64(add, COUNT + 1, uid);
	return connection_run(connection, make, error) && connection_run(connection, add, error);
}

static bool
learn(struct connection *connection, void *context, struct error *error)
{
	struct learn_work *work = context;
	const struct store_lesson *lesson = work->lesson;

	return (lesson->replaces.data == NULL || sqlite_signature_is(connection, lesson, error)) &&
	       learn_rows(connection, work, error) &&
	       (lesson->signature == NULL || sqlite_signature_put(connection, lesson->uid, lesson->signature, error)) &&
	       sqlite_totals_add(connection, lesson->uid, &lesson->totals, error);
}

static bool
sqlite_learn(struct store *store, const struct store_lesson *lesson, struct error *error)
{
	struct connection *connection = connection_of(store);
	struct learn_work work = {.lesson = lesson,
				  .changes = reallocarray(NULL, lesson->count + 1, sizeof *work.changes)};
	bool done;

	if (work.changes == NULL)
		abort();
	done = connection_transaction(connection, CONNECTION_WRITE, learn, &work, error);
	if (done && lesson->count > 0 && connection->cache != NULL)
		row_cache_advance(connection->cache, lesson->uid, work.step.from, work.step.to, work.changes,
				  lesson->count, lesson->day);
	free(work.changes);
	return done;
}

const struct store_driver store_driver_sqlite = {
	.name = "sqlite",
	.one_writer = true,
	.numbers = "SQLiteUIDInSignature",
	.open = sqlite_open,
	.close = sqlite_close,
	.is_current = sqlite_is_current,
	.user = sqlite_user,
	.meet = sqlite_meet,
	.user_name = sqlite_user_name,
	.each_user = sqlite_each_user,
	.read = sqlite_read,
	.each_row = sqlite_each_row,
	.learn = sqlite_learn,
	.purge_rows = sqlite_purge_rows,
	.purge_signatures = sqlite_purge_signatures,
	.merge = sqlite_merge,
	.import = sqlite_import,
	.remove = sqlite_remove,
	.size = sqlite_size,
	.settle = sqlite_settle,
	.optimize = sqlite_optimize,
	.signature_get = sqlite_signature_get,
	.signature_delete = sqlite_signature_delete,
	.each_signature = sqlite_each_signature,
	.each_preference = sqlite_each_preference,
	.preference_set = sqlite_preference_set,
};
