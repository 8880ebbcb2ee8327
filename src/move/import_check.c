#include "move/import_check.h"

#include "move/foreign.h"

enum { ARENA_CEILING = 64 << 20 };

struct check {
	const struct person *person;
	size_t found, less, same, all; /* rows */
};

/* Hits are cut where databases end. */
static bool
check_row(void *context, const struct store_row *row)
{
	struct check *check = context;
	const struct store_row *expected = person_row(check->person, row->token);

	check->all++;
	if (expected == NULL)
		return true;
	uint32_t spam = foreign_hits(expected->spam), innocent = foreign_hits(expected->innocent);
	check->found++;
	check->less += row->spam < spam || row->innocent < innocent;
	check->same += row->spam == spam && row->innocent == innocent && row->day == expected->day &&
		       row->weight == expected->weight && row->gradient == expected->gradient;
	return true;
}

static bool
check_totals(const struct totals *stored, const struct totals *expected)
{
	return stored->spam_learned >= expected->spam_learned &&
	       stored->innocent_learned >= expected->innocent_learned &&
	       stored->spam_misclassified >= expected->spam_misclassified &&
	       stored->innocent_misclassified >= expected->innocent_misclassified &&
	       stored->spam_corpusfed >= expected->spam_corpusfed &&
	       stored->innocent_corpusfed >= expected->innocent_corpusfed &&
	       stored->spam_classified >= expected->spam_classified &&
	       stored->innocent_classified >= expected->innocent_classified;
}

struct signature_check {
	struct store *store;
	store_uid uid;
	struct arena *arena;
	size_t missing;
	struct error *error;
	bool failed;
};

static bool
check_signature(void *context, const struct store_signature *signature)
{
	struct signature_check *check = context;
	struct store_signature stored;
	bool found = false;

	arena_reset(check->arena);
	check->failed = !store_signature_get(check->store, check->uid, signature->id, check->arena, &stored, &found,
					     check->error);
	check->missing += !found;
	return !check->failed;
}

static bool
check_signatures(struct store *store, const struct person *person, store_uid uid, size_t *missing, struct error *error)
{
	struct signature_check check = {.store = store, .uid = uid, .arena = arena_new(ARENA_CEILING), .error = error};
	size_t ballots;
	bool done = person_each_signature(person, check_signature, &check, &ballots, error) && !check.failed;

	*missing = check.missing;
	arena_free(check.arena);
	return done;
}

bool
import_check(struct store *store, const struct person *person, struct import_result *result, struct error *error)
{
	struct check check = {.person = person};
	struct totals totals;
	size_t signatures;

	if (!store_each_row(store, result->uid, check_row, &check, error) ||
	    !store_read(store, result->uid, &totals, NULL, 0, error) ||
	    !check_signatures(store, person, result->uid, &signatures, error))
		return false;
	bool totals_there = check_totals(&totals, &person->totals);
	result->rows_after = check.all;
	result->same = check.same == person->count && check.all == person->count &&
		       memcmp(&totals, &person->totals, sizeof totals) == 0;
	/* Who was imported before has perhaps learned, corrected and forgotten since. */
	if (result->was_there || (check.found == person->count && check.less == 0 && totals_there && signatures == 0))
		return true;
	return error_set(
		error, ERROR_SOFTWARE,
		"is not there as it should be: %zu of %zu rows are missing, %zu have fewer hits, %zu signatures"
		" are missing%s; was mail learned or purged meanwhile?",
		person->count - check.found, person->count, check.less, signatures,
		totals_there ? "" : ", totals are lower");
}
