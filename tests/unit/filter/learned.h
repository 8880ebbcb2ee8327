/* What a user of Algorithm adaptive has learned, for tests: as the store has it, and as his signatures say. */
#ifndef DSPAM_TESTS_FILTER_LEARNED_H
#define DSPAM_TESTS_FILTER_LEARNED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../store/fixture.h"
#include "stage.h"

/* A stage with Algorithm adaptive, unless its lines name another, and whitelist, on a store of its own; `driver`
 * "memory", or of fixture.h. */
struct learned_place {
	struct stage stage;
	struct fixture fixture; /* unless it is memory */
	bool on_disk;
};

void learned_open(struct learned_place *place, const char *driver, const char *groups, const char *lines);
void learned_close(struct learned_place *place);
/* Go on with the same store and other lines. */
void learned_reopen(struct learned_place *place, const char *lines);

/* Rows in the order of the store; none of them is all zeros. Free with learned_free. */
struct learned {
	struct store_row *rows;
	size_t count, capacity;
};

void learned_free(struct learned *learned);
void learned_add(struct learned *learned, uint64_t token, int64_t spam, int64_t innocent, int64_t weight,
		 int64_t gradient);
/* All changes of a lesson; for those that leave no signature. */
void learned_add_lesson(struct learned *learned, const struct store_lesson *lesson);
/* What the signatures of the user say that stands. */
void learned_add_signatures(struct learned *learned, struct stage *stage, const char *user);
/* Sort and add up. */
void learned_finish(struct learned *learned);

/* What the store has. */
struct learned learned_of(struct stage *stage, const char *user);
/* NULL, or where they differ first. */
const char *learned_difference(const struct learned *a, const struct learned *b);
/* Fail unless the rows of the user are what his signatures say and, added to that, `more` (or NULL). */
void learned_check(struct stage *stage, const char *user, const struct learned *more);
/* The row that counts the lessons. */
struct store_row learned_lessons(struct stage *stage, const char *user);

#endif
