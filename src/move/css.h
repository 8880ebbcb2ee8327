/*
 * Files of the original's hash driver (dspam-behaviour: storage 5): USER.css, and USER.sig/ID.sig.
 *
 * A .css file is a row of extents: a header of 80 bytes, which says how many records of 24 bytes follow. The parser
 * takes it in pieces, and gives rows when all is there. Written on a machine with 64 bits and little-endian order, as
 * all are that still run it. Of two records of a token it takes the one that the driver itself would have found.
 */
#ifndef DSPAM_MOVE_CSS_H
#define DSPAM_MOVE_CSS_H

#include "move/person.h"

struct css_record;

struct css {
	uint64_t size;            /* of the file: no extent may say more */
	int32_t day;              /* when the file was last written to; the age of records is counted from there */
	uint64_t offset;          /* bytes taken so far */
	uint64_t extent, records; /* number of the extent, from 1; what its header says */
	uint64_t position;        /* of the next record in it */
	struct totals totals;
	char part[80]; /* of a header or record that is not all there yet */
	size_t part_size;
	struct css_record *found;
	size_t count, capacity;
};

/* `css` is ended by css_end or css_free. */
void css_begin(struct css *css, uint64_t size, int32_t day);
bool css_push(struct css *css, struct span bytes, struct error *error);
/* Hand rows and totals to `person`. */
bool css_end(struct css *css, struct person *person, struct error *error);
void css_free(struct css *css);

/* Read the file; errors name it. */
bool css_read(const char *path, struct person *person, struct error *error);

/* A person_walk of the directory that stands beside the .css file whose path `path` is. */
bool css_each_signature(void *path, store_signature_callback *each, void *context, struct error *error);

#endif
