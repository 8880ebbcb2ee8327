/*
 * Files of the original's SQLite driver, one a user (dspam-behaviour: storage 3): USER.sdb. They are only read.
 */
#ifndef DSPAM_MOVE_SDB_H
#define DSPAM_MOVE_SDB_H

#include "move/person.h"

/* Totals and rows; errors name the file. */
bool sdb_read(const char *path, struct person *person, struct error *error);

/* A person_walk of the file whose path `path` is. */
bool sdb_each_signature(void *path, store_signature_callback *each, void *context, struct error *error);

#endif
