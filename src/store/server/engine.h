/*
 * A database server, as the driver for all of them sees it (server.h): the client's library behind a few calls.
 *
 * A transaction is sent as one text of several statements, as a whole or in a few pieces: one way to the server and
 * back for each piece, whatever its size. All values stand in the text, so that nothing depends on statements that a
 * session has prepared, and poolers and proxies between us and the server may do as they like.
 */
#ifndef DSPAM_STORE_SERVER_ENGINE_H
#define DSPAM_STORE_SERVER_ENGINE_H

#include "store/statement.h"
#include "store/store.h"

/* Whether the connection is encrypted: ON and VERIFY insist. A connection by a socket of this machine needs nothing. */
enum engine_tls {
	ENGINE_TLS_OFF,
	ENGINE_TLS_OPPORTUNISTIC,
	ENGINE_TLS_ON,
	ENGINE_TLS_VERIFY, /* the server's certificate, and the name in it */
};

/*
 * Behind a statement that may go to the server by itself, where the whole text may not go at once. It stands in no
 * literal: engines that look for it spell a line feed otherwise.
 */
#define ENGINE_END ";\n"

/* One server, as dspam.conf names it. Members that are NULL or 0 are left to the library. */
struct engine_target {
	const char *host; /* name, address, or path of a socket (MySQL) or of its directory (PostgreSQL) */
	unsigned port;
	const char *user, *password, *database;
	enum engine_tls tls;
	const char *tls_ca, *tls_certificate, *tls_key;
	bool compress;
	bool writable;    /* a server that only reads will not do */
	unsigned timeout; /* seconds for each answer */
	unsigned connect_timeout;
};

enum engine_outcome {
	ENGINE_DONE,
	ENGINE_CONFLICT, /* with another transaction; nothing was changed: the same again may succeed at once */
	ENGINE_REFUSED,  /* this server will not do it, and has not; another one may */
	ENGINE_LOST,     /* the connection is gone; whether the last piece was done is not known */
	ENGINE_UNFILLED, /* a row without a value that its table wants, or into what is no table: see server_user */
	ENGINE_FAILED    /* for good, or until somebody does something about it */
};

/*
 * A row of a result. `result` counts the statements of the text that have rows to give, from 0. Values are NULL, or as
 * the server writes them, with a NUL behind them; they are the callee's until it returns.
 */
struct engine_row {
	size_t result;
	size_t count;
	const struct span *values;
};
typedef void engine_each(void *context, const struct engine_row *row);

struct engine_connection;

struct engine {
	const char *name;      /* for people: PostgreSQL */
	const char *directive; /* what its directives begin with: PgSQL */
	const char *data_file; /* in Home, in place of them: pgsql.data */
	const struct dialect *dialect;
	const char *begin_read;  /* statements that begin a transaction with one snapshot for all it reads */
	const char *begin_write; /* and one that sees what others have committed meanwhile */
	/* Statements around a query that has to see what was committed at any member of a cluster; NULL: no clusters.
	 */
	const char *begin_certain, *end_certain;
	const char *schema; /* statements that make what is not there */
	const char *optimize;

	/* NULL: could not, and *outcome is ENGINE_LOST if another server may be tried. */
	struct engine_connection *(*connect)(const struct engine_target *target, enum engine_outcome *outcome,
					     struct error *error);
	void (*close)(struct engine_connection *connection);
	/* Send the text and give every row to `each`, which may be NULL. *affected: rows that were changed, in sum. */
	enum engine_outcome (*run)(struct engine_connection *connection, struct span text, engine_each *each,
				   void *context, uint64_t *affected, struct error *error);
	/* The descriptor of its socket: when there is something to read between two texts, it is broken. */
	int (*descriptor)(const struct engine_connection *connection);
	/* Whether this server is one of a cluster, of which each may be written to and has what the others have. */
	bool (*is_member)(const struct engine_connection *connection);
	/*
	 * Append statements behind begin_write: who has to wait for a lock of somebody else's, for about half of the
	 * target's timeout, is in conflict with him. Otherwise he would wait for an answer until the server seems lost.
	 */
	void (*limit_waiting)(const struct engine_connection *connection, struct buffer *out);
	/*
	 * Append a query of what there is: rows of a word and NULL or another word. "tokens": dspam_token_data, whose
	 * tokens are signed numbers (NULL), "unsigned" ones, or "text"; "generations", or "closed", if we may not use
	 * them; "schema"; "users": the table of that name; and by name "plain": what has no transactions; "broken":
	 * an index that was not made to its end; and "table": all of ours, indexes, too.
	 */
	void (*ask_tables)(struct engine_connection *connection, const char *users, struct buffer *out);
	/* Append the text as a literal. */
	void (*quote)(struct engine_connection *connection, struct span text, struct buffer *out);
	/* The same of bytes. */
	void (*quote_bytes)(struct span bytes, struct buffer *out);
	/* Append what a value of bytes says. */
	void (*bytes)(struct span value, struct buffer *out);
	/* What is to be inserted into dspam_token_data (dialect.rows), and a condition to be one of the tokens. */
	void (*rows)(store_uid uid, const struct store_row *rows, size_t count, bool is_unsigned, bool weights,
		     struct buffer *out);
	void (*keys)(const struct store_row *rows, size_t count, bool is_unsigned, struct buffer *out);
};

#endif
