#include "store/sqlite/pending.h"

#include <stdlib.h>

#include "store/sqlite/connection.h"

/* Rows a statement, so that what SQLite keeps to take one statement back stays small. */
enum { ROWS_AT_ONCE = 256 };

void
pending_free(struct pending *pending)
{
	for (size_t i = 0; i < PENDING_RUNS; i++)
		run_free(&pending->runs[i].run);
	*pending = (struct pending){0};
}

/* ---- reading --------------------------------------------------------------------- */

static bool
damaged(struct connection *connection, store_uid uid, struct error *error)
{
	return error_set(error, ERROR_FILE,
			 "store %s: the pending lessons of user %u are damaged; restore a copy of the file",
			 connection->path, (unsigned)uid);
}

static bool
load_run(struct connection *connection, store_uid uid, struct pending_run *run, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_PENDING_RUN, error);
	bool failed = true, good = false;

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	sqlite3_bind_int64(statement, 2, run->number);
	while (connection_step(connection, statement, &failed, error))
		good = run_load(&run->run, sqlite3_column_blob(statement, 0),
				(size_t)sqlite3_column_bytes(statement, 0));
	return !failed && (good || damaged(connection, uid, error));
}

/* A run in the file. */
struct place {
	int64_t number, row;
};

/* Where all runs of the user are, by their numbers. */
static bool
load_places(struct connection *connection, store_uid uid, struct place places[PENDING_RUNS], size_t *count,
	    struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_PENDING_NUMBERS, error);
	bool failed = true;

	*count = 0;
	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	while (connection_step(connection, statement, &failed, error)) {
		if (*count < PENDING_RUNS)
			places[*count] =
				(struct place){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1)};
		++*count;
	}
	return !failed && (*count <= PENDING_RUNS || damaged(connection, uid, error));
}

bool
pending_load(struct connection *connection, store_uid uid, struct error *error)
{
	struct pending *pending = &connection->pending;
	struct place places[PENDING_RUNS];
	size_t count;

	if (!load_places(connection, uid, places, &count, error))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct pending_run *run = &pending->runs[i];
		if (pending->uid == uid && i < pending->count && run->number == places[i].number)
			continue;
		run->number = places[i].number;
		pending->count = 0; /* nothing is known until all of it is */
		if (!load_run(connection, uid, run, error))
			return false;
	}
	pending->uid = uid;
	pending->count = count;
	return true;
}

bool
pending_version(struct connection *connection, store_uid uid, int64_t *version, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_PENDING_LAST, error);
	bool failed = true;

	*version = 0;
	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	while (connection_step(connection, statement, &failed, error))
		*version = sqlite3_column_int64(statement, 0);
	return !failed;
}

void
pending_apply(const struct pending *pending, struct store_row *rows, size_t count)
{
	for (size_t i = 0; i < pending->count; i++)
		run_apply(&pending->runs[i].run, rows, count);
}

static bool
read_blob(void *context, void *data, size_t size, size_t offset)
{
	return sqlite3_blob_read(context, data, (int)size, (int)offset) == SQLITE_OK;
}

bool
pending_look(struct connection *connection, store_uid uid, struct store_row *rows, size_t count, struct error *error)
{
	struct place places[PENDING_RUNS];
	sqlite3_blob *blob = NULL;
	size_t runs;
	int code = SQLITE_OK;
	bool good = true;

	if (!load_places(connection, uid, places, &runs, error))
		return false;
	for (size_t i = 0; i < runs && good && code == SQLITE_OK; i++) {
		code = blob == NULL ? sqlite3_blob_open(connection->db, "main", "dspam_token_pending", "changes",
							places[i].row, 0, &blob)
				    : sqlite3_blob_reopen(blob, places[i].row);
		if (code == SQLITE_OK)
			good = run_apply_source(&(struct run_source){(size_t)sqlite3_blob_bytes(blob), read_blob, blob},
						rows, count);
	}
	if (code != SQLITE_OK)
		connection_error(connection, error);
	sqlite3_blob_close(blob);
	return code == SQLITE_OK && (good || damaged(connection, uid, error));
}

/* One lesson, as the cache wants it. */
static void
tell(const struct pending *pending, size_t i, struct row_cache *cache)
{
	const struct run *run = &pending->runs[i].run;
	struct store_change *changes = reallocarray(NULL, run->count + 1, sizeof *changes);
	struct run_reader reader = run_read(run);
	struct run_entry entry = {0};
	size_t count = 0;

	if (changes == NULL)
		abort();
	while (run_next(&reader, &entry))
		changes[count++] = (struct store_change){.token = entry.token,
							 .spam = entry.spam,
							 .innocent = entry.innocent,
							 .weight = entry.weight,
							 .gradient = store_narrow(entry.gradient)};
	row_cache_advance(cache, pending->uid, pending->runs[i - 1].number, pending->runs[i].number, changes, count,
			  entry.day);
	free(changes);
}

void
pending_catch_up(const struct pending *pending, struct row_cache *cache)
{
	int64_t known;
	size_t i = 0;

	if (!row_cache_version(cache, pending->uid, &known))
		return;
	while (i < pending->count && pending->runs[i].number != known)
		i++;
	while (++i < pending->count)
		tell(pending, i, cache);
}

/* ---- adding up ------------------------------------------------------------------- */

/*
 * The sum of all runs and of `lesson`: neighbours in pairs, and these in pairs again, so that each entry is copied
 * as seldom as can be. The first run, the long one, comes in last.
 */
static void
sum_up(const struct pending *pending, const struct run *lesson, struct run *total)
{
	struct run sums[2][PENDING_RUNS + 1] = {0};
	const struct run *parts[PENDING_RUNS + 1], none = {0};
	size_t count = 0, turn = 0;

	for (size_t i = 1; i < pending->count; i++)
		parts[count++] = &pending->runs[i].run;
	parts[count++] = lesson;
	for (; count > 1; count = (count + 1) / 2, turn ^= 1) {
		for (size_t i = 0; i < count; i += 2) {
			run_add(parts[i], i + 1 < count ? parts[i + 1] : &none, &sums[turn][i / 2]);
			parts[i / 2] = &sums[turn][i / 2];
		}
	}
	run_add(pending->count == 0 ? &none : &pending->runs[0].run, parts[0], total);
	for (size_t i = 0; i < PENDING_RUNS; i++) {
		run_free(&sums[0][i]);
		run_free(&sums[1][i]);
	}
}

/* ---- writing --------------------------------------------------------------------- */

static bool
insert(struct connection *connection, store_uid uid, int64_t number, const struct run *run, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_PENDING_ADD, error);
	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	sqlite3_bind_int64(statement, 2, number);
	if (sqlite3_bind_blob64(statement, 3, run->data, run->size, SQLITE_STATIC) != SQLITE_OK)
		return connection_error(connection, error);
	return connection_run(connection, statement, error);
}

/* Replace all runs of the user by one. */
static bool
replace(struct connection *connection, store_uid uid, int64_t number, const struct run *run, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_PENDING_DELETE, error);

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	return connection_run(connection, statement, error) && insert(connection, uid, number, run, error);
}

static bool
write_table(struct connection *connection, store_uid uid, const struct run *run, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_ROWS_ADD, error);
	struct run_reader reader = run_read(run);
	struct run_entry entries[ROWS_AT_ONCE];
	size_t count;

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	do {
		for (count = 0; count < ROWS_AT_ONCE && run_next(&reader, &entries[count]); count++)
			continue;
		connection->batch = (struct batch){.entries = entries, .count = count};
		if (count > 0 && !connection_run(connection, statement, error))
			return false;
	} while (count == ROWS_AT_ONCE);
	return true;
}

/* How much of the sum goes to the table, so that it stays short and no lesson has much of it to write. */
static unsigned
parts_of(const struct run *sum)
{
	return sum->count > PENDING_ENTRIES_MAX ? 1 : sum->count > PENDING_ENTRIES ? PENDING_PARTS : 0;
}

/* The sum of all, one of `parts` parts of which goes to the table, and the rest back as one run of this number. */
static bool
settle(struct connection *connection, store_uid uid, const struct run *sum, int64_t number, unsigned parts,
       struct error *error)
{
	struct run part = {0}, rest = {0};
	bool done;

	if (parts == 0)
		return replace(connection, uid, number, sum, error);
	run_split(sum, parts, (unsigned)(number % parts), &part, &rest);
	done = write_table(connection, uid, &part, error) && replace(connection, uid, number, &rest, error);
	run_free(&part);
	run_free(&rest);
	return done;
}

bool
pending_add(struct connection *connection, store_uid uid, const struct run *lesson, struct pending_step *step,
	    struct error *error)
{
	struct place places[PENDING_RUNS];
	size_t count;

	if (!load_places(connection, uid, places, &count, error))
		return false;
	step->from = count == 0 ? 0 : places[count - 1].number;
	step->to = step->from + 1;
	if (count < PENDING_RUNS)
		return insert(connection, uid, step->to, lesson, error);
	if (!pending_load(connection, uid, error))
		return false;
	struct run sum = {0};
	sum_up(&connection->pending, lesson, &sum);
	bool done = settle(connection, uid, &sum, step->to, parts_of(&sum), error);
	run_free(&sum);
	return done;
}

bool
pending_settle(struct connection *connection, store_uid uid, struct error *error)
{
	const struct pending *pending = &connection->pending;
	struct run none = {0}, sum = {0};

	if (!pending_load(connection, uid, error))
		return false;
	if (pending->count == 0 || (pending->count == 1 && pending->runs[0].run.count == 0))
		return true;
	sum_up(pending, &none, &sum);
	bool done = settle(connection, uid, &sum, pending->runs[pending->count - 1].number + 1, 1, error);
	run_free(&sum);
	return done;
}

bool
pending_touch(struct connection *connection, store_uid uid, struct error *error)
{
	struct run none = {0};
	int64_t version;
	bool done;

	if (!pending_version(connection, uid, &version, error))
		return false;
	run_begin(&none, 0);
	done = replace(connection, uid, version + 1, &none, error);
	run_free(&none);
	return done;
}
