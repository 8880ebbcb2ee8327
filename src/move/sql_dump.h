/*
 * SQL dumps of a database of dspam: what dspam_2sql (the original's and ours), dspam_dump -d sqlite_drv, mysqldump and
 * pg_dump write. Statements about other tables are passed over.
 */
#ifndef DSPAM_MOVE_SQL_DUMP_H
#define DSPAM_MOVE_SQL_DUMP_H

#include <stdio.h>

#include "move/people.h"

struct sql_dump_options {
	bool pgsql;    /* a backslash in a string is one (--dialect=pgsql); a dump of pg_dump says so itself */
	int32_t today; /* for last_hit date('now') */
};

/* Add what the stream holds to `people`. Rows without a uid belong to PEOPLE_UNNUMBERED. Errors name `path` and the
 * line. */
bool sql_dump_read(FILE *in, const char *path, const struct sql_dump_options *options, struct people *people,
		   struct error *error);

#endif
