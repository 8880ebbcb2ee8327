/*
 * Lessons that are not in dspam_token_data yet.
 *
 * Tokens are check sums: the 700 of one message lie on almost as many pages of the table, and
 * writing a page (to the log, then to the file) costs more than all else: 10 ms a message with
 * 1 million rows. So a lesson is first kept whole, as one sorted run in one row of
 * dspam_token_pending; readers add the runs of the user to what the table says. When there are
 * 17 they become one; when that one has more than 32,768 tokens the next seventh of them, by their order, goes
 * to the table, where by then many lessons share each page: 1 ms a message, and never more than
 * some 10 ms at once. All of
 * it happens within the transactions of lessons, so that at every moment table and runs together
 * are exact.
 *
 * Numbers of runs only grow and none is used twice: a run that was read once need not be read
 * again, and the last one is the version of the user's rows (row_cache.h).
 */
#ifndef DSPAM_STORE_SQLITE_PENDING_H
#define DSPAM_STORE_SQLITE_PENDING_H

#include "store/row_cache.h"
#include "store/sqlite/run.h"

struct connection;

enum {
	PENDING_RUNS = 17,           /* the summed one and 16 single lessons */
	PENDING_ENTRIES = 32768,     /* of the summed one; beyond that, a part of it goes to the table */
	PENDING_PARTS = 7,           /* no divisor of the numbers that sums get, so that each has its turn */
	PENDING_ENTRIES_MAX = 131072 /* beyond that, all of it */
};

/* What a connection holds of the user it served last. */
struct pending {
	store_uid uid;
	size_t count;
	struct pending_run {
		int64_t number; /* 0: none */
		struct run run;
	} runs[PENDING_RUNS];
};

void pending_free(struct pending *pending);

/* The functions below are called inside a transaction. */

/* The version of the user's rows; 0: nothing was ever learned. */
bool pending_version(struct connection *connection, store_uid uid, int64_t *version, struct error *error);

/* Bring connection->pending to what is in the file for `uid`. */
bool pending_load(struct connection *connection, store_uid uid, struct error *error);

/* Add what is pending to rows that were read from the table. */
void pending_apply(const struct pending *pending, struct store_row *rows, size_t count);

/* pending_load and pending_apply for one look: nothing is kept. */
bool pending_look(struct connection *connection, store_uid uid, struct store_row *rows, size_t count,
		  struct error *error);

/* Tell the cache of the lessons that led from what it knows to what was loaded, unless they are not all there any more.
 */
void pending_catch_up(const struct pending *pending, struct row_cache *cache);

/* Keep one more lesson: in a transaction that writes. The version that it found, and the one that it made. */
struct pending_step {
	int64_t from, to;
};
bool pending_add(struct connection *connection, store_uid uid, const struct run *lesson, struct pending_step *step,
		 struct error *error);

/* Bring the table up to date: in a transaction that writes. */
bool pending_settle(struct connection *connection, store_uid uid, struct error *error);

/*
 * After pending_settle and a change of the table that is no lesson, in the same transaction: a new version, so
 * that no cache takes an old row for true.
 */
bool pending_touch(struct connection *connection, store_uid uid, struct error *error);

#endif
