/*
 * What is remembered: users, tokens, totals, signatures, preferences.
 *
 * This is the contract that every storage driver fulfils; nothing in it is
 * special to one database. A struct store is one connection: one thread uses
 * it at a time, and each worker opens its own. Many connections, also of other
 * processes and machines, work on the same data at once.
 *
 * Every call is a transaction of its own: whole or not at all. A driver retries
 * conflicts (busy, deadlock, serialization failure) by itself, a bounded number
 * of times; what still fails is reported with error.temporary set.
 */
#ifndef DSPAM_STORE_STORE_H
#define DSPAM_STORE_STORE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/totals.h"

/* Whose data: 0 stands for the site (default preferences), every user has a number above. */
typedef uint32_t store_uid;

enum { STORE_NAME_SIZE = 129 /* the name of a user, with its NUL */ };

struct row_cache;

/* What a driver is told: the storage directives of dspam.conf, and Home. */
struct store_option {
	const char *name; /* compared without case */
	const char *value;
};

struct store_options {
	const char *driver; /* "sqlite", "memory", or the original's library name or path */
	const struct store_option *options;
	size_t count;
	/* Shared by all connections with these options; NULL: none. */
	struct row_cache *cache; /* row_cache.h */
	struct outages *outages; /* outages.h */
};

/* The first value of option `name`, or NULL. */
const char *store_option(const struct store_options *options, const char *name);

struct store;

/* Open a connection; creates an embedded store (file, tables) that does not exist yet. */
bool store_open(const struct store_options *options, struct store **store, struct error *error);
void store_close(struct store *store);

/*
 * Whether the connection still leads to where a new one would: an embedded store's file may have been replaced by a
 * copy, and what is learned into the old one would be lost. To be asked between two calls; when it does not, close it.
 */
bool store_is_current(struct store *store);

/* What a driver has to say about a database that it works with, but not as well as it could; NULL: nothing. */
const char *store_warning(const struct store *store);

/*
 * Make the tables of a database server that are not there, and leave those that are as they are: for a new database,
 * and for one of the original, which goes on working with it. May be repeated. `each` (or NULL) is told what was made.
 */
typedef void store_made_callback(void *context, const char *table);
bool store_create(const struct store_options *options, store_made_callback *each, void *context, struct error *error);

/* Whether a program gains nothing by learning on more than one connection at once. */
bool store_has_one_writer(const struct store_options *options);

/* How many connections the options want a daemon to keep; 0: as many as it likes. */
size_t store_connections(const struct store_options *options);

/* Whether the options want the number of its user in front of each signature (*UIDInSignature). */
bool store_numbers_signatures(const struct store_options *options);

/*
 * The callbacks below run inside the read: they must not use the same struct store,
 * and what they are given is theirs only until they return.
 */

/* ---- users ---------------------------------------------------------------- */

/* Whether `name` can be a user: 1 to 128 bytes, no control bytes, no '/', not "." or "..". */
bool store_name_valid(struct span name);

/*
 * The number of user `name` (1 to 128 bytes). Unknown: made when `create`, else *uid = 0.
 * Two connections that create one name at once get the same number.
 */
bool store_user(struct store *store, struct span name, bool create, store_uid *uid, struct error *error);

/*
 * Whom a message is for: the number of user `name` (0: not known; nobody is made) and, to `each`, his preferences. A
 * database server is asked for all of it at once, and for what says whether rows that are known already (row_cache.h)
 * are those of now: a store_read of him that follows, with nothing else between them, may rely on that.
 */
typedef bool store_preference_callback(void *context, const char *name, const char *value);
bool store_meet(struct store *store, struct span name, store_uid *uid, store_preference_callback *each, void *context,
		struct error *error);

/*
 * Call `each` for all users in order of their numbers; stops early, without error, when it returns false. Whose name
 * cannot be a user's, as may stand in a table that is not ours, is nobody.
 */
typedef bool store_user_callback(void *context, store_uid uid, const char *name);
bool store_each_user(struct store *store, store_user_callback *each, void *context, struct error *error);

/* Who has this number: his name in `name`, or "" if that is nobody. Of several names of one number it is one. */
bool store_user_name(struct store *store, store_uid uid, char name[static STORE_NAME_SIZE], struct error *error);

/*
 * Where names of users stand if that is not ours to remove them from: the name of a table of the site's own, or the
 * accounts of the system. NULL: with the rest, or nothing was asked of this store yet.
 */
const char *store_users_elsewhere(const struct store *store);

/* ---- tokens and totals ---------------------------------------------------- */

/*
 * A token of a user. `day` is the day of the last hit, counted from 1970-01-01. Features of the adaptive classifier
 * (classify/adaptive.h) are tokens that have weights, too, in whole numbers, so that changes add up in any order
 * and can be taken back exactly.
 */
struct store_row {
	uint64_t token;
	uint32_t spam;
	uint32_t innocent;
	int32_t day;
	int32_t weight;
	int64_t gradient;
};

static inline bool
store_row_has_weights(const struct store_row *row)
{
	return row->weight != 0 || row->gradient != 0;
}

/* Whether the store can keep weights; a database of the original can when it has been migrated. */
bool store_has_weights(const struct store *store);

/*
 * Read the totals of `uid` (all 0 if there are none) and, in one batch, the rows
 * of `count` tokens. The caller fills in `token`, ascending as *signed* numbers
 * (the order of the key) and without repetition; the driver fills the rest,
 * zeros where there is no row. `totals` may be NULL; `count` may be 0.
 */
bool store_read(struct store *store, store_uid uid, struct totals *totals, struct store_row *rows, size_t count,
		struct error *error);

/* Order of store_row.token and store_change.token, for sorting. */
static inline bool
store_token_before(uint64_t a, uint64_t b)
{
	return (int64_t)a < (int64_t)b;
}

typedef bool store_row_callback(void *context, const struct store_row *row);
bool store_each_row(struct store *store, store_uid uid, store_row_callback *each, void *context, struct error *error);

/* ---- lessons -------------------------------------------------------------- */

/* By how much a token changes. Its hits never go below 0; its weights are sums, and stay within 32 and 64 bits. */
struct store_change {
	uint64_t token;
	int32_t spam;
	int32_t innocent;
	int32_t weight, gradient; /* 0 unless store_has_weights */
};

struct store_signature {
	const char *id;   /* 1 to 128 letters, digits and commas */
	struct span data; /* opaque here: filter/signature.h */
	int32_t day;      /* made on, counted from 1970-01-01 */
};

/*
 * All that one message or correction changes, applied at once: token hits,
 * totals, a new signature, which replaces one of the same id. `changes` are sorted
 * like rows. A changed token gets `day` as its last hit; a token without row gets
 * one, also with zeros.
 */
struct store_lesson {
	store_uid uid;
	int32_t day;
	const struct store_change *changes;
	size_t count;
	struct totals totals;                    /* differences; results never go below 0 */
	const struct store_signature *signature; /* to keep; NULL: none */
	/*
	 * The content that the signature must have until now; data NULL: any, or none. When it has another, somebody
	 * else has just learned from it: then nothing is changed, and the call fails temporarily.
	 */
	struct span replaces;
};

bool store_learn(struct store *store, const struct store_lesson *lesson, struct error *error);

/* ---- purging and merging -------------------------------------------------- */

/* Whether a row is to go. It may be asked twice about one row, inside of the call, and must not use the store. */
typedef bool store_row_test(const void *context, const struct store_row *row);

/* How far a purge of one user has come; all zero at its beginning. */
struct store_walk {
	bool begun, done;
	int64_t next;         /* the driver's: where to go on */
	size_t seen, removed; /* rows so far */
};

/*
 * Remove the rows of `uid` that `goes` says, in the order of their tokens: one call looks at some thousands, so that
 * no other writer waits long; call it until walk->done. Rows that come while it is done may be left out. Totals stay.
 */
bool store_purge_rows(struct store *store, store_uid uid, store_row_test *goes, const void *context,
		      struct store_walk *walk, struct error *error);

/* Remove up to a hundred signatures of `uid` made before `day`, and say how many; call it until that is 0. */
bool store_purge_signatures(struct store *store, store_uid uid, int32_t day, size_t *removed, struct error *error);

/*
 * Add all rows and totals of `count` users to those of `to`, who is none of them: hits and totals are added up, of two
 * days the later one stands; who is added keeps what he has. rows[i] says how many came from from[i]. One transaction:
 * other writers wait for its end.
 */
bool store_merge(struct store *store, const store_uid *from, size_t count, store_uid to, size_t *rows,
		 struct error *error);

/*
 * What comes from another store, to be added up with what is there as store_merge does: hits and totals are added, of
 * two days the later one stands. A signature replaces one of its id. Rows are sorted as ever; a few thousand of
 * them, and some megabytes of signatures, are a call, so that no other writer waits long.
 */
struct store_import {
	store_uid uid;
	const struct store_row *rows;
	size_t count;
	const struct store_signature *signatures;
	size_t signature_count;
	struct totals totals;
	struct span replaces; /* as in struct store_lesson, of the first of the signatures */
	bool fresh;           /* or there must be none of that id until now; its content is like no other's */
};

bool store_import(struct store *store, const struct store_import *import, struct error *error);

/* What is to go: all that was learned, or the user himself, with his name and preferences. */
enum store_removal { STORE_REMOVE_LEARNED, STORE_REMOVE_USER };

/* How far the removal of one user has come; all zero at its beginning. */
struct store_remove_walk {
	struct store_walk rows;
	size_t signatures; /* removed so far */
	bool signatures_done, done;
};

/*
 * Remove what one call can without keeping other writers from their work for long; call it until walk->done. What is
 * learned for him meanwhile goes as well, or stays, whole. Once STORE_REMOVE_USER is done his number
 * is nobody's and never used again; who kept it (a message on its way) writes what nobody will read. But with
 * store_users_elsewhere his name and number stay.
 */
bool store_remove(struct store *store, store_uid uid, enum store_removal what, struct store_remove_walk *walk,
		  struct error *error);

/* How much the store keeps for a user. */
struct store_size {
	uint64_t rows, signatures;
	uint64_t bytes; /* of both, about; without what the database adds for its own use */
};

/* Reads only. */
bool store_size(struct store *store, store_uid uid, struct store_size *size, struct error *error);

/* Put what `uid` has learned where it is read fastest: for a tool that has taught him much, when it ends. */
bool store_settle(struct store *store, store_uid uid, struct error *error);

/* Give unused space back to the system and refresh what the database knows about its data; others may have to wait. */
bool store_optimize(struct store *store, struct error *error);

/* ---- signatures ----------------------------------------------------------- */

/* Read a signature into `arena`. *found says whether there is one. */
bool store_signature_get(struct store *store, store_uid uid, const char *id, struct arena *arena,
			 struct store_signature *signature, bool *found, struct error *error);
bool store_signature_delete(struct store *store, store_uid uid, const char *id, struct error *error);

/*
 * Call `each` for the next signatures of `uid` behind the one of this id ("": from the first on), in the
 * order of the database, at most some dozens of them; *count says how many there were, 0 at the end. To see all, call
 * it again with the last id. Stops early, without error, when `each` returns false.
 */
typedef bool store_signature_callback(void *context, const struct store_signature *signature);
bool store_each_signature(struct store *store, store_uid uid, const char *after, store_signature_callback *each,
			  void *context, size_t *count, struct error *error);

/* ---- preferences ---------------------------------------------------------- */

/*
 * uid 0: the defaults of the site. Names (1 to 128 bytes, no control bytes) compare
 * without case; values are any text of at most 4,096 bytes.
 */
bool store_each_preference(struct store *store, store_uid uid, store_preference_callback *each, void *context,
			   struct error *error);
/* A NULL value deletes it. */
bool store_preference_set(struct store *store, store_uid uid, const char *name, const char *value, struct error *error);

#endif
