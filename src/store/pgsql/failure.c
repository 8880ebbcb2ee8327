#include "store/pgsql/failure.h"

#include <stdio.h>

/* By SQLSTATE, or its first two letters, which are its class.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html */
static const struct failure {
	const char *state;
	enum engine_outcome outcome;
	enum error_code error;
	bool temporary;
	const char *advice;
} failures[] = {
	{"40001", ENGINE_CONFLICT, ERROR_TEMPORARY, true, "too many programs changed the same rows; try again"},
	{"40003", ENGINE_LOST, ERROR_TEMPORARY, true, "the cluster does not know whether it was done"},
	{"40P01", ENGINE_CONFLICT, ERROR_TEMPORARY, true, "too many programs changed the same rows; try again"},
	{"23505", ENGINE_CONFLICT, ERROR_TEMPORARY, true, "another program wrote the same row; try again"},
	{"55P03", ENGINE_CONFLICT, ERROR_TEMPORARY, true, "another program holds a lock; try again"},
	{"22021", ENGINE_FAILED, ERROR_DATA, false, "the database's encoding cannot hold this text"},
	{"22P05", ENGINE_FAILED, ERROR_DATA, false, "the database's encoding cannot hold this text"},
	{"25006", ENGINE_REFUSED, ERROR_UNAVAILABLE, true, "this server only reads; name the one that writes"},
	{"42501", ENGINE_FAILED, ERROR_PERMISSION, true,
	 "grant the user SELECT, INSERT, UPDATE and DELETE on the tables"},
	{"42P07", ENGINE_CONFLICT, ERROR_TEMPORARY, true, "another program made the same table; try again"},
	{"42710", ENGINE_CONFLICT, ERROR_TEMPORARY, true, "another program made the same table; try again"},
	{"42P01", ENGINE_FAILED, ERROR_FILE, true, "a table is missing; make it with \"dspam_admin create-store\""},
	{"42703", ENGINE_FAILED, ERROR_FILE, true, "a column is missing; is this a database of dspam?"},
	{"23502", ENGINE_UNFILLED, ERROR_FILE, true, "a column of the table must have a value, or a default"},
	{"428C9", ENGINE_UNFILLED, ERROR_FILE, true, "nothing can be inserted into what is no table"},
	{"55000", ENGINE_UNFILLED, ERROR_FILE, true, "nothing can be inserted into what is no table"},
	{"22001", ENGINE_FAILED, ERROR_DATA, false, "the column is too narrow for it; ALTER TABLE widens it"},
	{"22003", ENGINE_FAILED, ERROR_DATA, false, "the column is too narrow for it; ALTER TABLE widens it"},
	{"42P10", ENGINE_FAILED, ERROR_FILE, true,
	 "the table has no unique index on the columns of its key; CREATE UNIQUE INDEX makes it"},
	{"53100", ENGINE_FAILED, ERROR_IO, true, "its disk is full; free space"},
	{"57014", ENGINE_CONFLICT, ERROR_TEMPORARY, true, "the server ended the query; look at statement_timeout"},
	{"08", ENGINE_LOST, ERROR_TEMPORARY, true, "the connection was lost"},
	{"57", ENGINE_LOST, ERROR_TEMPORARY, true, "the server is being stopped or started"},
	{"53", ENGINE_FAILED, ERROR_TEMPORARY, true, "the server has too little memory, disk or connections"},
	{"58", ENGINE_FAILED, ERROR_IO, true, "the server's system failed; look into its log"},
	{"XX", ENGINE_FAILED, ERROR_IO, true, "the server failed; look into its log"},
};

const char *
pgsql_line(const char *message)
{
	static _Thread_local char line[300];
	size_t size = 0;

	for (const char *c = message; *c != '\0' && size + 1 < sizeof line; c++)
		line[size++] = *c == '\n' || *c == '\t' ? ' ' : *c;
	while (size > 0 && line[size - 1] == ' ')
		size--;
	line[size] = '\0';
	return line;
}

/* libpq says no SQLSTATE where no connection was made: the first of these words that its message has. */
static const struct {
	const char *words, *advice;
} ways_out[] = {
	{"does not support SSL", "; switch TLS on there (ssl = on), or write \"PgSQLTLS opportunistic\""},
	{"does not match host name", "; PgSQLTLS verify wants the name of PgSQLServer in the certificate"},
	{"certificate verify failed", "; it must be in date, and come from an authority in PgSQLTLSCA"},
	{"root certificate file", "; PgSQLTLSCA names the authorities that PgSQLTLS verify needs"},
	{"valid client certificate", "; PgSQLTLSCertificate and PgSQLTLSKey name the one that we show"},
	{"certificate required", "; PgSQLTLSCertificate and PgSQLTLSKey name the one that we show"},
	{"private key file", "; see PgSQLTLSKey"},
	{"certificate", "; see PgSQLTLSCertificate"},
	{"alert unknown ca", "; the server does not know the authority of our PgSQLTLSCertificate"},
	{"no encryption", "; the server's pg_hba.conf lets this user in with TLS only, if at all: see PgSQLTLS"},
	{"SSL error", "; see PgSQLTLS"},
	{"password authentication failed", "; see PgSQLUser and PgSQLPass"},
	{"no password supplied", "; see PgSQLPass"},
};

static const char *
way_out(const char *message)
{
	for (size_t i = 0; i < sizeof ways_out / sizeof ways_out[0]; i++)
		if (strstr(message, ways_out[i].words) != NULL)
			return ways_out[i].advice;
	return "";
}

enum engine_outcome
pgsql_connect_failure(const char *place, PGconn *client, struct error *error)
{
	const char *message = client != NULL ? pgsql_line(PQerrorMessage(client)) : "no memory";

	/* A wrong password, too, may be right at the next server, and tomorrow. */
	error_later(error, ERROR_UNAVAILABLE, "%s: cannot connect: %s%s", place, message, way_out(message));
	return ENGINE_LOST;
}

static const struct failure *
find(const char *state)
{
	for (size_t i = 0; state != NULL && i < sizeof failures / sizeof failures[0]; i++)
		if (strncmp(state, failures[i].state, strlen(failures[i].state)) == 0)
			return &failures[i];
	return NULL;
}

enum engine_outcome
pgsql_failure(const char *place, PGconn *client, const PGresult *result, struct error *error)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const struct failure *failure = find(state);
	const char *message = pgsql_line(primary != NULL ? primary : PQresultErrorMessage(result));

	if (PQstatus(client) != CONNECTION_OK) {
		error_later(error, ERROR_TEMPORARY, "%s: the connection was lost: %s", place, message);
		return ENGINE_LOST;
	}
	if (failure == NULL) {
		error_set(error, ERROR_SOFTWARE, "%s: %s (SQLSTATE %s)", place, message,
			  state != NULL ? state : "none");
		return ENGINE_FAILED;
	}
	(failure->temporary ? error_later : error_set)(error, failure->error, "%s: %s (SQLSTATE %s); %s", place,
						       message, state, failure->advice);
	return failure->outcome;
}
