/*
 * Rows of the store as statements that a database of dspam takes (dspam_2sql). Pure, but for writing.
 *
 * Values stand in single quotes, numbers too, which every database reads as what the column is.
 */
#ifndef DSPAM_TOOL_SQL_TEXT_H
#define DSPAM_TOOL_SQL_TEXT_H

#include <stdio.h>

#include "store/store.h"

enum sql_dialect {
	SQL_MYSQL,      /* tokens without sign; a backslash in text is doubled */
	SQL_POSTGRESQL, /* tokens as signed numbers of the same bits */
	SQL_SQLITE,     /* our own SQLite store: signed, and days as numbers */
};

/* "mysql", "pgsql", "sqlite". */
bool sql_dialect_named(const char *name, enum sql_dialect *dialect);

void sql_user(FILE *out, enum sql_dialect dialect, store_uid uid, const char *name);
void sql_totals(FILE *out, store_uid uid, const struct totals *totals);
/* The columns of weights are named only where a row has any: others fit tables that have none. */
void sql_row(FILE *out, enum sql_dialect dialect, store_uid uid, const struct store_row *row);
void sql_preference(FILE *out, enum sql_dialect dialect, store_uid uid, const char *name, const char *value);

#endif
