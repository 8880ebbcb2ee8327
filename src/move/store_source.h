/* A person out of a store of ours. */
#ifndef DSPAM_MOVE_STORE_SOURCE_H
#define DSPAM_MOVE_STORE_SOURCE_H

#include "move/person.h"

/* Marks of imports (import.h) are not of the person: they stay. */
struct store_source {
	struct store *store;
	store_uid uid;
};

/* Fill `person`, who is empty, with all of user `name`; his signatures stay in `source` until they are asked for. */
bool store_source_read(struct store_source *source, const char *name, struct person *person, struct error *error);

#endif
