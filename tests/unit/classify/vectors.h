/* The recorded statistics of the original (tests/data/statistics), read for tests. */
#ifndef DSPAM_TESTS_CLASSIFY_VECTORS_H
#define DSPAM_TESTS_CLASSIFY_VECTORS_H

#include <jansson.h>

#include "classify/verdict.h"

/* A file of tests/data/statistics; fails the test when it cannot be read. To be given back with json_decref. */
json_t *vectors_load(const char *name);
/* The string `key` of an object. */
const char *vectors_string(const json_t *object, const char *key);

/* A token set that a test makes by hand, in its iteration order, with hits and frequencies. */
struct sheet {
	struct arena *arena;
	struct token_set set;
	struct hits *hits;
	struct evidence evidence;
};

void sheet_open(struct sheet *sheet, size_t capacity);
void sheet_close(struct sheet *sheet);
uint32_t sheet_add(struct sheet *sheet, const char *text, struct hits hits, uint32_t frequency);

#endif
