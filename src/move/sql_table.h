/* The tables of DSPAM, and what a row of one means for a person. */
#ifndef DSPAM_MOVE_SQL_TABLE_H
#define DSPAM_MOVE_SQL_TABLE_H

#include "move/people.h"

enum { SQL_COLUMNS = 9 }; /* of the longest */

struct sql_value {
	struct span text;
	bool null;
	bool today; /* date('now'), current_date */
};

struct sql_table {
	const char *name;
	const char *columns[SQL_COLUMNS]; /* in the order of the schemas; a dump without names of columns has them so */
	size_t added; /* of these, at the end: a dump without names of columns may be of a table without them */
	/* Add a row to people, its values in that order; what is wrong with it, or NULL. */
	const char *(*take)(struct people *people, const struct sql_value *values, int32_t today);
};

/* NULL: none of ours. */
const struct sql_table *sql_table_find(struct span name);
size_t sql_table_width(const struct sql_table *table);
/* Whether the number of a row's user, which is the first column of each table, is one that nobody can have here. */
bool sql_table_beyond(const struct sql_value *values);
/* The place of a column; -1: we do not know it. */
int sql_table_column(const struct sql_table *table, struct span name);

#endif
