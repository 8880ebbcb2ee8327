/*
 * The driver for database servers: PostgreSQL, MySQL and MariaDB, and what speaks their protocols.
 *
 * What the original left in a database is used as it is; what we need besides (dspam_generation) is made by
 * store_create, and done without until then: no rows are cached then.
 */
#ifndef DSPAM_STORE_SERVER_SERVER_H
#define DSPAM_STORE_SERVER_SERVER_H

#include "store/driver.h"
#include "store/outages.h"
#include "store/row_cache.h"
#include "store/server/engine.h"

enum server_mode { SERVER_READ, SERVER_WRITE };

enum { SERVER_HOSTS = 8, SERVER_TEXT_LIMIT = 1 << 28 };

/* A way to a server: the connection, and where it may lead. */
struct server_link {
	struct engine_connection *connection; /* NULL: none at the moment */
	struct engine_target targets[SERVER_HOSTS];
	size_t target_count, target; /* and the one in use, or to try first */
	int64_t looked;              /* when a server was looked for last; seconds */
	char *hosts[SERVER_HOSTS];   /* names to which they point */
	char *file;                  /* the content of engine->data_file, to which they may point */
};

/* What says which version the rows of a user are of. */
struct server_state {
	int64_t generation;
	struct totals totals;
};

enum { SERVER_NAMES = 1024 };

/* The number that a name had; it is only a guess, and asked about together with what is asked of that number. */
struct server_name {
	uint64_t hash;
	store_uid uid; /* 0: none */
};

struct server {
	struct store store;
	char warning[512]; /* to which store.warning may point */
	const struct engine *engine;
	struct dialect dialect;      /* the engine's, with the site's table of users */
	struct server_link links[2]; /* for reading, and for writing */
	struct server_link *by_mode[2];
	struct server_link *link; /* of the transaction */
	bool signatures_from_writer;
	struct row_cache *cache;        /* NULL: none, or a database without generations */
	struct row_cache *wanted_cache; /* what the caller gave */
	struct outages *outages;        /* the same */
	bool tokens_unsigned, has_generations, has_preferences, system_users;
	bool table_named;            /* *VirtualTable is set, so that there must be one */
	struct buffer text;          /* of the transaction, as far as it was not sent yet */
	struct buffer literal;       /* where values are spelt */
	enum engine_outcome outcome; /* of what was sent last */
	store_uid met;               /* about whom nothing was asked since server_meet; 0: nobody */
	struct server_state met_state;
	struct server_name names[SERVER_NAMES];
};

static inline struct server *
server_of(struct store *store)
{
	return (struct server *)store;
}

/* ---- open (server.c) ------------------------------------------------------- */

/* A driver is these, with its engine; all the rest of its calls are below. */
bool server_open(const struct engine *engine, const struct store_options *options, struct store **store,
		 struct error *error);
void server_close(struct store *store);
/* Make the tables that are not there (schema.c). */
bool server_create(const struct engine *engine, const struct store_options *options, store_made_callback *each,
		   void *context, struct error *error);

/* The calls of a driver that are the same for all engines. */
#define SERVER_CALLS                                                                                                   \
	.close = server_close, .user = server_user, .meet = server_meet, .user_name = server_user_name,                \
	.each_user = server_each_user, .read = server_read, .each_row = server_each_row, .learn = server_learn,        \
	.purge_rows = server_purge_rows, .purge_signatures = server_purge_signatures, .merge = server_merge,           \
	.optimize = server_optimize, .signature_get = server_signature_get,                                            \
	.signature_delete = server_signature_delete, .each_preference = server_each_preference,                        \
	.preference_set = server_preference_set, .import = server_import, .remove = server_remove,                     \
	.size = server_size, .each_signature = server_each_signature

/* Without configuration and connection; close it with server_close. */
struct server *server_new(const struct engine *engine);
/* Read the directives (target.c). */
bool server_configure(struct server *server, const struct store_options *options, struct error *error);

/* What the tables of this database look like (schema.c); called for each new connection. */
bool server_inspect(struct server *server, struct error *error);

/* ---- connections (link.c) ---------------------------------------------------- */

/*
 * Have a connection for this mode, and make it server->link; a broken one is made anew, and from a member of a cluster
 * we go back to one that is named earlier. Not inside of a transaction.
 */
bool server_connect(struct server *server, enum server_mode mode, struct error *error);
/* Only reach one of its servers. */
bool server_reach(struct server *server, struct server_link *link, struct error *error);
void server_disconnect(struct server_link *link, const struct engine *engine);
/* The same, and it is known from now on, to other connections, too, that this server does not do what it is for. */
void server_leave(struct server *server, struct server_link *link);

/* ---- transactions (session.c) ---------------------------------------------- */

/*
 * Do `work` in a transaction: again, from its beginning, when the database is in conflict with another one, or the
 * connection was lost before the end. What reads does so a few times; what writes as long as StoreTimeout, until it
 * comes through, or a server has taken over. `work` appends statements (below), may send them, and leaves the rest to
 * be sent with the end of the transaction, and what it returned to `each`.
 */
typedef bool server_work(struct server *server, void *context, struct error *error);
struct server_transaction {
	enum server_mode mode;
	server_work *work;
	engine_each *each; /* gets the rows of what is sent last; NULL: there are none */
	/*
	 * Whether it has been done, asked when the connection was lost while it was being committed, at the beginning
	 * of the next attempt's transaction: it has to lock what the change locks first of all, because who was at it
	 * may still be at it. NULL: that is an error.
	 */
	bool (*is_done)(struct server *server, void *context, bool *done, struct error *error);
	void *context;
};
bool server_transaction(struct server *server, const struct server_transaction *transaction, struct error *error);

/* An is_done for what is the same done twice as done once: it is simply done again. */
bool server_not_done(struct server *server, void *context, bool *done, struct error *error);

/* Send what stands in server->text now, inside of `work`. */
bool server_send(struct server *server, engine_each *each, void *context, uint64_t *affected, struct error *error);

/* One query that needs no transaction: `work` appends it. `each` may see rows of an attempt that failed. */
bool server_query(struct server *server, enum server_mode mode, server_work *work, engine_each *each, void *context,
		  struct error *error);
/*
 * For who found nothing: ask the server for writing, if there is one of its own, or a member of a cluster again, when
 * it has all that any other one has committed.
 */
bool server_query_again(struct server *server, server_work *work, engine_each *each, void *context,
			struct error *error);

/* ---- statements (literal.c): appended to server->text ------------------------ */

enum { SERVER_PARAMETERS = 9, SERVER_ROWS_AT_ONCE = 1024 };

/* A value: one of these. */
struct server_value {
	enum { VALUE_NUMBER, VALUE_UNSIGNED, VALUE_TEXT, VALUE_BYTES } type;
	int64_t number;
	struct span bytes;
};

static inline struct server_value
server_number(int64_t number)
{
	return (struct server_value){.type = VALUE_NUMBER, .number = number};
}

static inline struct server_value
server_text(struct span text)
{
	return (struct server_value){.type = VALUE_TEXT, .bytes = text};
}

static inline struct server_value
server_bytes(struct span bytes)
{
	return (struct server_value){.type = VALUE_BYTES, .bytes = bytes};
}

/* Whether statements name the columns of weights. */
void server_spell_weights(struct server *server, bool weights);

/* Inside of a transaction: send what there is, if with `size` bytes more it would be too much for one packet. */
bool server_make_room(struct server *server, size_t size, struct error *error);
void server_statement(struct server *server, enum statement statement, const struct server_value *values, size_t count);
/* The same of a statement with rows to insert, or with keys; for any number of rows, in several statements. */
bool server_insert(struct server *server, enum statement statement, store_uid uid, const struct store_row *rows,
		   size_t count, struct error *error);
void server_keys(struct server *server, enum statement statement, const struct server_value *values, size_t value_count,
		 const struct store_row *rows, size_t count);

/* Tokens in the order of this database: the first that there can be, the last, and one as a value. */
static inline int64_t
server_token_first(const struct server *server)
{
	return server->tokens_unsigned ? 0 : INT64_MIN;
}

static inline int64_t
server_token_last(const struct server *server)
{
	return server->tokens_unsigned ? -1 : INT64_MAX;
}

static inline struct server_value
server_token(const struct server *server, int64_t token)
{
	return (struct server_value){.type = server->tokens_unsigned ? VALUE_UNSIGNED : VALUE_NUMBER, .number = token};
}

/* Values of rows. */
int64_t server_integer(struct span value);
uint32_t server_hits(struct span value);
void server_row(const struct engine_row *row, struct store_row *result);
struct totals server_totals(const struct span *values);

/* ---- the calls of the contract ------------------------------------------------ */

bool server_user(struct store *store, struct span name, bool create, store_uid *uid, struct error *error);
bool server_meet(struct store *store, struct span name, store_uid *uid, store_preference_callback *each, void *context,
		 struct error *error);
bool server_each_user(struct store *store, store_user_callback *each, void *context, struct error *error);
bool server_user_name(struct store *store, store_uid uid, char name[static STORE_NAME_SIZE], struct error *error);

bool server_read(struct store *store, store_uid uid, struct totals *totals, struct store_row *rows, size_t count,
		 struct error *error);
bool server_each_row(struct store *store, store_uid uid, store_row_callback *each, void *context, struct error *error);

bool server_learn(struct store *store, const struct store_lesson *lesson, struct error *error);

bool server_purge_rows(struct store *store, store_uid uid, store_row_test *goes, const void *context,
		       struct store_walk *walk, struct error *error);
bool server_purge_signatures(struct store *store, store_uid uid, int32_t day, size_t *removed, struct error *error);
bool server_merge(struct store *store, const store_uid *from, size_t count, store_uid to, size_t *rows,
		  struct error *error);
bool server_optimize(struct store *store, struct error *error);

bool server_signature_get(struct store *store, store_uid uid, const char *id, struct arena *arena,
			  struct store_signature *signature, bool *found, struct error *error);
bool server_signature_delete(struct store *store, store_uid uid, const char *id, struct error *error);
bool server_each_preference(struct store *store, store_uid uid, store_preference_callback *each, void *context,
			    struct error *error);
bool server_preference_set(struct store *store, store_uid uid, const char *name, const char *value,
			   struct error *error);

bool server_import(struct store *store, const struct store_import *import, struct error *error);
bool server_remove(struct store *store, store_uid uid, enum store_removal what, struct error *error);
bool server_size(struct store *store, store_uid uid, struct store_size *size, struct error *error);
bool server_each_signature(struct store *store, store_uid uid, const char *after, store_signature_callback *each,
			   void *context, size_t *count, struct error *error);

/* ---- between the calls ----------------------------------------------------------- */

/* The number of a user of the system; 0: there is none of this name. */
bool server_account(struct span name, store_uid *uid, struct error *error);
/* A number that came from the database, if all of them can keep it. */
bool server_take_number(struct span name, int64_t number, store_uid *uid, struct error *error);

/* Append the questions for the state of a user, and take what is answered to the question of this number. */
void server_ask_state(struct server *server, store_uid uid, struct server_state *state);
bool server_see_state(const struct server *server, struct server_state *state, size_t result,
		      const struct span *values);

/* Preferences are kept until the connection is free again, and then told. */
void server_keep_preference(struct buffer *texts, const struct span *values);
void server_tell_preferences(const struct buffer *texts, store_preference_callback *each, void *context);

/* ---- inside of transactions ---------------------------------------------------- */

/* Append a signature, the first only where there is none of its id; or send it in place of lesson->replaces, which is
 * an error if that is not there any more. */
void server_add_signature(struct server *server, store_uid uid, const struct store_signature *signature);
void server_put_signature(struct server *server, store_uid uid, const struct store_signature *signature);
bool server_replace_signature(struct server *server, const struct store_lesson *lesson, struct error *error);

/* Read up to `limit` rows from token `first` on, in the order of the database. */
struct server_page {
	struct store_row *rows;
	size_t limit, count;
};
bool server_page_read(struct server *server, store_uid uid, int64_t first, struct server_page *page,
		      struct error *error);
/* Whether there may be more behind this page, and from which token on. */
bool server_page_next(const struct server *server, const struct server_page *page, int64_t *first);

/* Append: the user's generation goes up by one. Nothing where there are none. */
void server_advance(struct server *server, store_uid uid);
/* Append: from here on no lesson of the user is between its rows and its end, and the generation goes up by one. */
void server_lock_user(struct server *server, store_uid uid);
/* What the rows of a user are, as one number (rows.c). */
int64_t server_version(int64_t generation, const struct totals *totals);
void server_add_totals(struct server *server, store_uid uid, const struct totals *change);

#endif
