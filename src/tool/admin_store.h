/* Those commands of dspam_admin that make the tables of a database server. */
#ifndef DSPAM_TOOL_ADMIN_STORE_H
#define DSPAM_TOOL_ADMIN_STORE_H

#include "tool/program.h"

/* clang-format off */
#define ADMIN_STORE_HELP \
	"  create-store                       make the tables that are not there, in a new database\n" \
	"  migrate                            the same in a database of the original, which still works with it\n"
/* clang-format on */

/* Whether `word` is one of them; *done is the answer then, with its error. */
bool admin_store(struct program *program, const char *word, int count, bool *done, struct error *error);

#endif
