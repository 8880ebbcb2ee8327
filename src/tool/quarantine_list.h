/*
 * What is new in a quarantine (deliver/mbox.h): a few lines about each message, without its text.
 */
#ifndef DSPAM_TOOL_QUARANTINE_LIST_H
#define DSPAM_TOOL_QUARANTINE_LIST_H

#include <time.h>

#include "base/arena.h"
#include "base/error.h"

struct quarantine_item {
	time_t time;                /* when it was put there */
	const char *from, *subject; /* as a person reads them, UTF-8; empty: none */
	const char *signature;      /* empty: none that can be */
	const char *user;           /* X-DSPAM-User; NULL: none */
};

struct quarantine_list {
	struct quarantine_item *items; /* the newest ones, oldest first */
	size_t count;
	size_t found; /* also those that are not in the list */
};

struct quarantine_query {
	time_t since;
	const char *user; /* only messages whose X-DSPAM-User it is; NULL: all */
	size_t most;      /* items in the list */
};

/*
 * List what the mbox at `path` holds; nothing when there is none. Memory is that of the list, however large
 * the mbox. Lists live in `arena`. False when it cannot be read, or the arena is full.
 */
bool quarantine_list_read(const char *path, const struct quarantine_query *query, struct arena *arena,
			  struct quarantine_list *list, struct error *error);

/*
 * One item from the beginning of a message in the mbox: its "From " line, and its headers or the first of them.
 * False when the line is not one of ours, or the arena is full.
 */
bool quarantine_item_parse(struct span text, struct arena *arena, struct quarantine_item *item);

#endif
