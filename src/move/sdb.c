#include "move/sdb.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "filter/signature.h"
#include "move/foreign.h"

/* ---- the file --------------------------------------------------------------- */

struct reader {
	const char *path;
	sqlite3 *db;
	sqlite3_stmt *statement;
};

static bool
failed(const struct reader *reader, struct error *error)
{
	int code = reader->db != NULL ? sqlite3_errcode(reader->db) : SQLITE_NOMEM;

	if (code == SQLITE_NOTADB)
		return error_set(error, ERROR_DATA,
				 "%s: is no SQLite 3 file; one of SQLite 2 is converted with sqlite .dump | sqlite3",
				 reader->path);
	return (code == SQLITE_BUSY ? error_later : error_set)(
		error, code == SQLITE_CORRUPT ? ERROR_DATA : ERROR_INPUT, "%s: %s", reader->path,
		reader->db != NULL ? sqlite3_errmsg(reader->db) : "no memory");
}

static bool
reader_open(struct reader *reader, const char *path, struct error *error)
{
	*reader = (struct reader){.path = path};
	if (access(path, R_OK) != 0)
		return error_set(error, errno == EACCES ? ERROR_PERMISSION : ERROR_INPUT, "%s: %s", path,
				 strerror(errno));
	if (sqlite3_open_v2(path, &reader->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return failed(reader, error);
	sqlite3_busy_timeout(reader->db, 10000);
	/* What is in the file must not run: views and triggers can hide behind the names of tables. */
	sqlite3_db_config(reader->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(reader->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return true;
}

static void
reader_close(struct reader *reader)
{
	sqlite3_finalize(reader->statement);
	sqlite3_close(reader->db);
}

static bool
reader_ask(struct reader *reader, const char *sql, struct error *error)
{
	sqlite3_finalize(reader->statement);
	return sqlite3_prepare_v2(reader->db, sql, -1, &reader->statement, NULL) == SQLITE_OK || failed(reader, error);
}

/* One row more? *good is false on failure. */
static bool
reader_next(struct reader *reader, bool *good, struct error *error)
{
	int code = sqlite3_step(reader->statement);

	*good = code == SQLITE_ROW || code == SQLITE_DONE || failed(reader, error);
	return code == SQLITE_ROW;
}

static struct span
reader_text(const struct reader *reader, int column)
{
	const char *text = (const char *)sqlite3_column_text(reader->statement, column);

	return text == NULL ? SPAN("") : span_of(text, (size_t)sqlite3_column_bytes(reader->statement, column));
}

/* Whether the file is what it should be: a table of tokens without a column for users. */
static bool
check_kind(struct reader *reader, struct error *error)
{
	bool good, ours = false, tokens = false;

	if (!reader_ask(reader, "SELECT name FROM sqlite_master WHERE type = 'table'", error))
		return false;
	while (reader_next(reader, &good, error)) {
		ours = ours || span_equal(reader_text(reader, 0), SPAN("dspam_schema"));
		tokens = tokens || span_equal_nocase(reader_text(reader, 0), SPAN("dspam_token_data"));
	}
	if (!good)
		return false;
	if (ours)
		return error_set(error, ERROR_DATA,
				 "%s: is a store of this dspam, with all users in one file; name its dspam.conf with"
				 " --from-config",
				 reader->path);
	return tokens ||
	       error_set(error, ERROR_DATA,
			 "%s: holds no table dspam_token_data: it is no file of DSPAM's SQLite driver", reader->path);
}

/* ---- totals, rows, signatures ----------------------------------------------- */

static bool
read_totals(struct reader *reader, struct person *person, struct error *error)
{
	struct totals *totals = &person->totals;
	int64_t *counters[] = {&totals->spam_learned,       &totals->innocent_learned,
			       &totals->spam_misclassified, &totals->innocent_misclassified,
			       &totals->spam_corpusfed,     &totals->innocent_corpusfed,
			       &totals->spam_classified,    &totals->innocent_classified};
	bool good;

	if (!reader_ask(reader,
			"SELECT spam_learned, innocent_learned, spam_misclassified, innocent_misclassified,"
			" spam_corpusfed, innocent_corpusfed, spam_classified, innocent_classified FROM dspam_stats"
			" WHERE dspam_stat_id = 0",
			error))
		return false;
	while (reader_next(reader, &good, error))
		for (int i = 0; i < 8; i++)
			*counters[i] = foreign_hits(sqlite3_column_int64(reader->statement, i));
	return good;
}

static bool
take_row(const struct reader *reader, struct person *person, struct error *error)
{
	struct store_row row = {.spam = foreign_hits(sqlite3_column_int64(reader->statement, 1)),
				.innocent = foreign_hits(sqlite3_column_int64(reader->statement, 2))};
	struct span token = reader_text(reader, 0), day = reader_text(reader, 3);

	if (!foreign_token(token, &row.token))
		return error_set(error, ERROR_DATA, "%s: \"%.*s\" is no token: the file is damaged", reader->path,
				 (int)span_head(token, 40).size, token.data);
	if (!foreign_day(day, &row.day))
		row.day = 0;
	person_add_row(person, &row);
	return true;
}

static bool
read_rows(struct reader *reader, struct person *person, struct error *error)
{
	bool good = true;

	if (!reader_ask(reader, "SELECT token, spam_hits, innocent_hits, last_hit FROM dspam_token_data", error))
		return false;
	while (reader_next(reader, &good, error))
		if (!take_row(reader, person, error))
			return false;
	return good;
}

bool
sdb_read(const char *path, struct person *person, struct error *error)
{
	struct reader reader;
	bool done = reader_open(&reader, path, error) && check_kind(&reader, error) &&
		    read_totals(&reader, person, error) && read_rows(&reader, person, error);

	reader_close(&reader);
	return done;
}

static bool
give_signatures(struct reader *reader, store_signature_callback *each, void *context, struct error *error)
{
	bool good = true, more = true;

	if (!reader_ask(reader, "SELECT signature, data, created_on FROM dspam_signature_data ORDER BY signature",
			error))
		return false;
	while (more && reader_next(reader, &good, error)) {
		struct span id = reader_text(reader, 0);
		struct store_signature signature = {.id = id.data};
		if (!signature_id_valid(id) || !foreign_day(reader_text(reader, 2), &signature.day))
			continue;
		const char *data = sqlite3_column_blob(reader->statement, 1);
		signature.data = span_of(data != NULL ? data : "", (size_t)sqlite3_column_bytes(reader->statement, 1));
		more = each(context, &signature);
	}
	return good;
}

bool
sdb_each_signature(void *path, store_signature_callback *each, void *context, struct error *error)
{
	struct reader reader;
	bool done = reader_open(&reader, path, error) && give_signatures(&reader, each, context, error);

	reader_close(&reader);
	return done;
}
