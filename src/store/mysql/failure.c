#include "store/mysql/failure.h"

#include <errmsg.h>
#include <mysqld_error.h>

/* https://mariadb.com/kb/en/mariadb-error-codes/ ; 8002 and 9007 are TiDB's. */
static const struct failure {
	unsigned code;
	enum engine_outcome outcome;
	enum error_code error;
	bool temporary;
	const char *advice;
} failures[] = {
	{1213, ENGINE_CONFLICT, ERROR_TEMPORARY, true, "too many programs changed the same rows; try again"},
	{1205, ENGINE_CONFLICT, ERROR_TEMPORARY, true, "another program holds a lock; try again"},
	{1020, ENGINE_CONFLICT, ERROR_TEMPORARY, true, "another program changed the same row; try again"},
	{1317, ENGINE_CONFLICT, ERROR_TEMPORARY, true, "somebody ended the query"},
	{1412, ENGINE_CONFLICT, ERROR_TEMPORARY, true, "somebody changed the table meanwhile; try again"},
	{1969, ENGINE_CONFLICT, ERROR_TEMPORARY, true, "look at its load, or raise max_statement_time"},
	{3024, ENGINE_CONFLICT, ERROR_TEMPORARY, true, "look at its load, or raise max_execution_time"},
	{1062, ENGINE_CONFLICT, ERROR_TEMPORARY, true, "another program wrote the same row; try again"},
	{8002, ENGINE_CONFLICT, ERROR_TEMPORARY, true, "too many programs changed the same rows; try again"},
	{9007, ENGINE_CONFLICT, ERROR_TEMPORARY, true, "too many programs changed the same rows; try again"},
	{1047, ENGINE_REFUSED, ERROR_UNAVAILABLE, true, "this node is not part of its cluster at the moment"},
	{1053, ENGINE_LOST, ERROR_TEMPORARY, true, "the server is being stopped"},
	/* What a node of a cluster says that lost the others while it was committing. */
	{1180, ENGINE_LOST, ERROR_TEMPORARY, true, "the end of the transaction is not known"},
	{1290, ENGINE_REFUSED, ERROR_UNAVAILABLE, true, "this server only reads; name the one that writes"},
	{1792, ENGINE_REFUSED, ERROR_UNAVAILABLE, true, "this server only reads; name the one that writes"},
	{1836, ENGINE_REFUSED, ERROR_UNAVAILABLE, true, "this server only reads; name the one that writes"},
	{1927, ENGINE_LOST, ERROR_TEMPORARY, true, "somebody ended the connection"},
	{2002, ENGINE_LOST, ERROR_TEMPORARY, true, "is the server running?"},
	{2003, ENGINE_LOST, ERROR_TEMPORARY, true, "is the server running?"},
	{2006, ENGINE_LOST, ERROR_TEMPORARY, true, "is the server running?"},
	{2013, ENGINE_LOST, ERROR_TEMPORARY, true, "no answer in time, or the server was stopped; see StoreTimeout"},
	{2026, ENGINE_LOST, ERROR_UNAVAILABLE, true,
	 "see MySQLTLS, and the files of MySQLTLSCA, MySQLTLSCertificate and MySQLTLSKey"},
	{1021, ENGINE_FAILED, ERROR_IO, true, "its disk is full; free space"},
	{1114, ENGINE_FAILED, ERROR_IO, true, "its disk or table space is full"},
	{1028, ENGINE_FAILED, ERROR_IO, true, "its disk may be full"},
	{1026, ENGINE_FAILED, ERROR_IO, true, "its disk may be full"},
	{3, ENGINE_FAILED, ERROR_IO, true, "its disk may be full"},
	{1030, ENGINE_FAILED, ERROR_IO, true, "its disk may be full, or its tables damaged; look into its log"},
	{1040, ENGINE_FAILED, ERROR_TEMPORARY, true, "it has no connection left; raise max_connections"},
	{1041, ENGINE_FAILED, ERROR_TEMPORARY, true, "the server is out of memory"},
	{1044, ENGINE_FAILED, ERROR_PERMISSION, true, "grant the user this database"},
	{1045, ENGINE_FAILED, ERROR_PERMISSION, true, "user or password are wrong: see MySQLUser and MySQLPass"},
	{1142, ENGINE_FAILED, ERROR_PERMISSION, true, "grant the user SELECT, INSERT, UPDATE and DELETE on the tables"},
	{1143, ENGINE_FAILED, ERROR_PERMISSION, true, "grant the user SELECT, INSERT, UPDATE and DELETE on the tables"},
	{1049, ENGINE_FAILED, ERROR_FILE, true, "make the database, or name another one with MySQLDb"},
	{1146, ENGINE_FAILED, ERROR_FILE, true, "a table is missing; make it with \"dspam_admin create-store\""},
	{1054, ENGINE_FAILED, ERROR_FILE, true, "a column is missing; is this a database of dspam?"},
	{1153, ENGINE_FAILED, ERROR_DATA, false, "raise max_allowed_packet of the server"},
	{1665, ENGINE_FAILED, ERROR_CONFIG, true, "set binlog_format = MIXED or ROW on the server"},
	{1364, ENGINE_UNFILLED, ERROR_FILE, true, "a column of the table must have a value, or a default"},
	{1423, ENGINE_UNFILLED, ERROR_FILE, true, "a column of the table must have a value, or a default"},
	{1471, ENGINE_UNFILLED, ERROR_FILE, true, "nothing can be inserted into what is no table"},
	{1406, ENGINE_FAILED, ERROR_DATA, false, "the column is too narrow for it; ALTER TABLE widens it"},
	{1264, ENGINE_FAILED, ERROR_DATA, false, "the column is too narrow for it; ALTER TABLE widens it"},
};

static const struct failure *
find(unsigned code)
{
	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
		if (failures[i].code == code)
			return &failures[i];
	return NULL;
}

enum engine_outcome
mysql_failure(const char *place, MYSQL *client, struct error *error)
{
	const struct failure *failure = find(mysql_errno(client));

	if (failure == NULL) {
		error_set(error, ERROR_SOFTWARE, "%s: %s (error %u)", place, mysql_error(client), mysql_errno(client));
		return ENGINE_FAILED;
	}
	(failure->temporary ? error_later : error_set)(error, failure->error, "%s: %s (error %u); %s", place,
						       mysql_error(client), failure->code, failure->advice);
	return failure->outcome;
}

/* With TLS 1.3 a server that does not believe our certificate only hangs up. */
static const char *
further_reason(unsigned code, const struct engine_target *target)
{
	if (code == CR_SERVER_LOST && target->tls_certificate != NULL)
		return "; perhaps it does not accept the certificate of MySQLTLSCertificate";
	return code != ER_ACCESS_DENIED_ERROR ? ""
	       : target->tls == ENGINE_TLS_OFF
		       ? "; perhaps the account wants TLS (MySQLTLS)"
		       : "; perhaps the account wants TLS (MySQLTLS), or a certificate of ours (MySQLTLSCertificate)";
}

void
mysql_connect_failure(const char *place, MYSQL *client, const struct engine_target *target, struct error *error)
{
	struct error reason;

	mysql_failure(place, client, &reason);
	error_later(error, reason.code, "cannot connect: %s%s", reason.text,
		    further_reason(mysql_errno(client), target));
}
