/*
 * Everything of one user, on its way from one store to another.
 *
 * Rows are held, 32 bytes each; signatures are held, or stay where they are until they are asked for (`walk`), since
 * they are a hundred times as long. It owns what it holds, and grows with what it is given; running out of memory
 * aborts. For one thread.
 */
#ifndef DSPAM_MOVE_PERSON_H
#define DSPAM_MOVE_PERSON_H

#include "store/store.h"

/* Give `each` all signatures, in the same order whenever it is asked; stops early when `each` returns false. */
typedef bool person_walk(void *source, store_signature_callback *each, void *context, struct error *error);

struct person_preference {
	char *name, *value;
};

struct person {
	char *name;    /* NULL: none is known */
	store_uid uid; /* where he comes from; 0: no number is known */
	bool site;     /* nobody, but the defaults of the site: preferences only */
	struct totals totals;
	struct store_row *rows;
	size_t count, capacity;
	struct person_preference *preferences;
	size_t preference_count;
	struct store_signature *signatures; /* that are held */
	size_t signature_count, signature_capacity;
	person_walk *walk; /* the others; NULL: there are none */
	void *source;      /* its first argument, somebody else's */
};

void person_init(struct person *person);
void person_free(struct person *person);
void person_name(struct person *person, struct span name);

void person_add_row(struct person *person, const struct store_row *row);
void person_add_preference(struct person *person, struct span name, struct span value);
void person_add_signature(struct person *person, const struct store_signature *signature);

/* When all is there: rows in the order of the store, those of one token added up; preferences by name. */
void person_finish(struct person *person);

/* Of a finished one: of totals and rows, the same whatever way they came. */
uint64_t person_checksum(const struct person *person);

/* Whether any row has weights (store.h). */
bool person_has_weights(const struct person *person);

/* The row of a token; NULL: there is none. */
const struct store_row *person_row(const struct person *person, uint64_t token);

/*
 * All that can move: not ballots (filter/ballot.h), which name users by numbers of the store that they come from.
 * *ballots: how many those are.
 */
bool person_each_signature(const struct person *person, store_signature_callback *each, void *context, size_t *ballots,
			   struct error *error);

/* A check sum of signatures, added up in any order, from 0 on. */
uint64_t person_signature_checksum(uint64_t sum, const struct store_signature *signature);

#endif
