/* Whether what was imported is in the store: all of it is read back. */
#ifndef DSPAM_MOVE_IMPORT_CHECK_H
#define DSPAM_MOVE_IMPORT_CHECK_H

#include "move/import.h"

/* An error says what is missing. Fills in what `result` says about the store. */
bool import_check(struct store *store, const struct person *person, struct import_result *result, struct error *error);

#endif
