/*
 * Bring a person into a store, so that nothing is counted twice, whatever happens in the middle.
 *
 * Rows go in batches. In the same transaction as each a mark is written that says how far it came: a signature of
 * the user named "import" and the check sum of what is imported. A second import of the same content finds it, and goes
 * on where the first one ended, or has nothing to do. Each run puts a number of its own into the mark and changes it
 * only from what it left there itself, so that of two runs at once the first one stops. Totals come last, with the mark
 * that all is there. Signatures and preferences that the user has already stay as they are. Marks go with old
 * signatures, after two weeks (dspam_clean); who has learned anything is then refused without `add`.
 */
#ifndef DSPAM_MOVE_IMPORT_H
#define DSPAM_MOVE_IMPORT_H

#include "move/person.h"

struct import_options {
	bool add; /* also to a user who has learned something else already */
	int32_t today;
	void (*step)(void *context, size_t done); /* rows so far */
	void *context;
};

struct import_result {
	store_uid uid;
	bool went_on, was_there;               /* an import that was interrupted; that was finished before */
	bool added;                            /* to what the user had */
	size_t signatures;                     /* of the source; marks not counted, */
	size_t ballots;                        /* nor these, which stay there */
	uint64_t checksum, signature_checksum; /* of the source */
	/* What the store says at the end. */
	size_t rows_after;
	bool same; /* exactly what the source has: rows and totals */
};

/* `person` is finished and has a name, or is the site. At the end all of it was read back and compared. */
bool import_person(struct store *store, const struct person *person, const struct import_options *options,
		   struct import_result *result, struct error *error);

/* Whether this is the id of a mark. */
bool import_is_mark(const char *id);

#endif
