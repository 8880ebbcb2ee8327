/* Inside of struct groups. Private to filter/groups*. */
#ifndef DSPAM_FILTER_GROUPS_TABLE_H
#define DSPAM_FILTER_GROUPS_TABLE_H

#include <stdint.h>

#include "base/arena.h"
#include "filter/groups.h"

#define GROUPS_NONE UINT32_MAX

/* A member of a line. Entries stand in the order of the file, so that an index is also a place. */
struct group_entry {
	struct span text; /* without the - of an exclusion: a user, "*@domain" or "*" */
	uint32_t group;
	uint32_t next; /* the next entry of the same text, or GROUPS_NONE */
	bool excluded;
};

/* All entries of one text. */
struct group_chain {
	uint32_t first, last; /* GROUPS_NONE: a free place */
};

struct groups {
	struct arena *arena;
	struct group *items;
	size_t count;
	struct group_entry *entries;
	size_t entry_count, entry_capacity;
	struct group_chain *chains; /* an open hash table, once all entries are there */
	size_t chain_capacity;      /* a power of two */
	size_t wrong;
};

/* Make the table of chains. */
void groups_index(struct groups *groups);

#endif
