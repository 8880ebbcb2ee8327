#include "store/sqlite/pending.h"

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

/* The numbers of all runs of the user, ascending. */
static bool
load_numbers(struct connection *connection, store_uid uid, int64_t numbers[PENDING_RUNS], size_t *count,
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
			numbers[*count] = sqlite3_column_int64(statement, 0);
		++*count;
	}
	return !failed && (*count <= PENDING_RUNS || damaged(connection, uid, error));
}

bool
pending_load(struct connection *connection, store_uid uid, struct error *error)
{
	struct pending *pending = &connection->pending;
	int64_t numbers[PENDING_RUNS];
	size_t count;

	if (!load_numbers(connection, uid, numbers, &count, error))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct pending_run *run = &pending->runs[i];
		if (pending->uid == uid && i < pending->count && run->number == numbers[i])
			continue;
		run->number = numbers[i];
		pending->count = 0; /* nothing is known until all of it is */
		if (!load_run(connection, uid, run, error))
			return false;
	}
	pending->uid = uid;
	pending->count = count;
	return true;
}

static int64_t
last_number(const struct pending *pending)
{
	return pending->count == 0 ? 0 : pending->runs[pending->count - 1].number;
}

uint32_t
pending_generation(const struct pending *pending)
{
	return (uint32_t)(last_number(pending) >> 32);
}

void
pending_apply(const struct pending *pending, struct store_row *rows, size_t count)
{
	for (size_t i = 0; i < pending->count; i++)
		run_apply(&pending->runs[i].run, rows, count);
}

/* ---- adding up ------------------------------------------------------------------- */

/* The sum of all runs and of `lesson`. The first run, the long one, comes in last, so that it is copied once. */
static void
sum_up(const struct pending *pending, const struct run *lesson, struct run *total)
{
	static const struct run none;
	struct run sum = {0}, spare = {0};

	for (size_t i = 1; i <= pending->count; i++) {
		struct run longer = spare;
		run_add(&sum, i < pending->count ? &pending->runs[i].run : lesson, &longer);
		spare = sum;
		sum = longer;
	}
	run_add(pending->count == 0 ? &none : &pending->runs[0].run, pending->count == 0 ? lesson : &sum, total);
	run_free(&sum);
	run_free(&spare);
}

/* ---- writing --------------------------------------------------------------------- */

static bool
insert(struct connection *connection, store_uid uid, int64_t number, const struct run *run, struct error *error)
{
	sqlite3_stmt *statement = connection_statement(connection, STATEMENT_PENDING_ADD, error);
	const void *data = run->count == 0 ? "" : (const void *)run->entries;

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	sqlite3_bind_int64(statement, 2, number);
	if (sqlite3_bind_blob64(statement, 3, data, run->count * sizeof *run->entries, SQLITE_STATIC) != SQLITE_OK)
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

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, uid);
	for (size_t i = 0; i < run->count; i += ROWS_AT_ONCE) {
		size_t rest = run->count - i;
		connection->batch =
			(struct batch){.entries = run->entries + i, .count = rest < ROWS_AT_ONCE ? rest : ROWS_AT_ONCE};
		if (!connection_run(connection, statement, error))
			return false;
	}
	return true;
}

/* The sum of all: into the table if it has more than `maximum` tokens, else back as one run. */
static bool
settle(struct connection *connection, store_uid uid, const struct run *lesson, size_t maximum, struct error *error)
{
	int64_t number = last_number(&connection->pending);
	struct run total = {0};
	bool done = true;

	sum_up(&connection->pending, lesson, &total);
	if (total.count > maximum) {
		uint32_t generation = pending_generation(&connection->pending);
		done = write_table(connection, uid, &total, error);
		if (done)
			cache_advance(&connection->cache, uid, generation, generation + 1, &total);
		/* An empty run stands for the new generation. */
		total.count = 0;
		number = ((number >> 32) + 1) * (INT64_C(1) << 32);
	} else {
		number++;
	}
	done = done && replace(connection, uid, number, &total, error);
	run_free(&total);
	return done;
}

bool
pending_add(struct connection *connection, store_uid uid, const struct run *lesson, struct error *error)
{
	int64_t numbers[PENDING_RUNS];
	size_t count;

	if (!load_numbers(connection, uid, numbers, &count, error))
		return false;
	if (count < PENDING_RUNS)
		return insert(connection, uid, count == 0 ? 1 : numbers[count - 1] + 1, lesson, error);
	return pending_load(connection, uid, error) && settle(connection, uid, lesson, PENDING_ENTRIES, error);
}

bool
pending_settle(struct connection *connection, store_uid uid, struct error *error)
{
	static const struct run none;
	const struct pending *pending = &connection->pending;

	if (!pending_load(connection, uid, error))
		return false;
	if (pending->count == 0 || (pending->count == 1 && pending->runs[0].run.count == 0))
		return true;
	return settle(connection, uid, &none, 0, error);
}
