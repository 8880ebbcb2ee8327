#include "move/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "move/import_check.h"

#define MARK "import"

enum {
	ROWS_AT_ONCE = 4096,
	SIGNATURES_AT_ONCE = 32,
	MARK_ID_SIZE = 32,
	MARK_SIZE = 64,
	ARENA_CEILING = 64 << 20,
};

struct importer {
	struct store *store;
	const struct person *person;
	const struct import_options *options;
	struct import_result *result;
	uint64_t number;       /* of this run */
	char id[MARK_ID_SIZE]; /* of the mark */
	char mark[MARK_SIZE];  /* what it says in the store; empty: there is none */
	size_t next;           /* row */
	bool done;
	struct error *error;
	/* Signatures that wait to be written. */
	struct store_signature waiting[SIGNATURES_AT_ONCE];
	size_t waiting_count;
	struct arena *arena;  /* of them */
	struct arena *lookup; /* of what the store has */
	bool failed;
};

bool
import_is_mark(const char *id)
{
	return span_starts(span_from(id), SPAN(MARK));
}

/* ---- the mark --------------------------------------------------------------- */

/* Write the next batch, with what the mark says after it. */
static bool
advance(struct importer *importer, const char *position, size_t count, const struct totals *totals)
{
	char mark[MARK_SIZE];
	int size = snprintf(mark, sizeof mark, "%s %016" PRIx64, position, importer->number);
	const struct store_signature signature = {importer->id, span_of(mark, (size_t)size), importer->options->today};
	const struct store_import batch = {
		.uid = importer->result->uid,
		.rows = importer->person->rows == NULL ? NULL : importer->person->rows + importer->next,
		.count = count,
		.signatures = &signature,
		.signature_count = 1,
		.totals = totals != NULL ? *totals : (struct totals){0},
		.replaces = *importer->mark != '\0' ? span_from(importer->mark) : (struct span){0},
		.fresh = *importer->mark == '\0',
	};

	if (!store_import(importer->store, &batch, importer->error))
		return false;
	memcpy(importer->mark, mark, sizeof mark);
	importer->next += count;
	return true;
}

static bool
advance_to(struct importer *importer, size_t next)
{
	char position[32];

	snprintf(position, sizeof position, "row %zu", next);
	return advance(importer, position, next - importer->next, NULL);
}

static bool
damaged(const struct importer *importer)
{
	return error_set(importer->error, ERROR_DATA,
			 "the signature %s in the store, which says how far an import came, is damaged; take back what "
			 "was imported with dspam_admin reset-user, and import again",
			 importer->id);
}

/* "row 4096 0123456789abcdef" or "done 0123456789abcdef" */
static bool
take_mark(struct importer *importer, struct span text)
{
	unsigned long long next;
	struct span word;

	if (text.size >= sizeof importer->mark)
		return damaged(importer);
	memcpy(importer->mark, text.data, text.size);
	importer->mark[text.size] = '\0';
	importer->done = span_starts(text, SPAN("done "));
	if (importer->done)
		return true;
	if (!span_next_word(&text, " ", &word) || !span_equal(word, SPAN("row")) ||
	    !span_next_word(&text, " ", &word) || !span_to_number(word, importer->person->count, &next))
		return damaged(importer);
	importer->next = (size_t)next;
	importer->result->went_on = true;
	return true;
}

static bool
find_mark(struct importer *importer)
{
	struct store_signature mark;
	bool found;

	return store_signature_get(importer->store, importer->result->uid, importer->id, importer->lookup, &mark,
				   &found, importer->error) &&
	       (!found || take_mark(importer, mark.data));
}

static bool
has_learned(const struct totals *totals, const struct store_size *size)
{
	return size->rows > 0 || totals->spam_learned > 0 || totals->innocent_learned > 0 ||
	       totals->spam_classified > 0 || totals->innocent_classified > 0;
}

/* Nobody's lessons are added to by mistake, be it the second time. */
static bool
check_user(struct importer *importer)
{
	struct import_result *result = importer->result;
	struct totals totals;
	struct store_size size;

	if (*importer->mark != '\0')
		return true;
	if (!store_read(importer->store, result->uid, &totals, NULL, 0, importer->error) ||
	    !store_size(importer->store, result->uid, &size, importer->error))
		return false;
	result->added = has_learned(&totals, &size);
	if (!result->added || importer->options->add)
		return true;
	return error_set(importer->error, ERROR_DATA,
			 "has learned from %lld messages here already (%llu tokens): --add adds to that, dspam_admin"
			 " reset-user removes it first",
			 (long long)(totals.spam_learned + totals.innocent_learned), (unsigned long long)size.rows);
}

/* ---- rows, preferences ------------------------------------------------------ */

/* To begin, or to take over what another run left, which from then on cannot go on. */
static bool
import_rows(struct importer *importer)
{
	const struct person *person = importer->person;
	const struct import_options *options = importer->options;

	if (!advance_to(importer, importer->next))
		return false;
	while (importer->next < person->count) {
		size_t left = person->count - importer->next;
		if (!advance_to(importer, importer->next + (left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE)))
			return false;
		if (options->step != NULL)
			options->step(options->context, importer->next);
	}
	return true;
}

struct search {
	const char *name;
	bool found;
};

static bool
look_for(void *context, const char *name, const char *value)
{
	struct search *search = context;

	(void)value;
	search->found = search->found || span_equal_nocase(span_from(name), span_from(search->name));
	return true;
}

static bool
import_preferences(struct importer *importer)
{
	for (size_t i = 0; i < importer->person->preference_count; i++) {
		const struct person_preference *preference = &importer->person->preferences[i];
		struct search search = {preference->name, false};
		if (!store_each_preference(importer->store, importer->result->uid, look_for, &search, importer->error))
			return false;
		if (!search.found && !store_preference_set(importer->store, importer->result->uid, preference->name,
							   preference->value, importer->error))
			return false;
	}
	return true;
}

/* ---- signatures ------------------------------------------------------------- */

static bool
write_waiting(struct importer *importer)
{
	const struct store_import batch = {.uid = importer->result->uid,
					   .signatures = importer->waiting,
					   .signature_count = importer->waiting_count};

	if (importer->waiting_count > 0 && !store_import(importer->store, &batch, importer->error))
		return false;
	importer->waiting_count = 0;
	arena_reset(importer->arena);
	return true;
}

/* Keep a copy; false: the arena is full. */
static bool
wait_for_others(struct importer *importer, const struct store_signature *signature)
{
	struct store_signature *copy = &importer->waiting[importer->waiting_count];

	copy->id = arena_copy(importer->arena, span_from(signature->id));
	copy->data = span_of(arena_copy(importer->arena, signature->data), signature->data.size);
	copy->day = signature->day;
	importer->waiting_count += copy->id != NULL && copy->data.data != NULL;
	return copy->id != NULL && copy->data.data != NULL;
}

static bool
import_signature(struct importer *importer, const struct store_signature *signature)
{
	struct store_signature known;
	bool found;

	importer->result->signatures++;
	importer->result->signature_checksum =
		person_signature_checksum(importer->result->signature_checksum, signature);
	arena_reset(importer->lookup);
	if (!store_signature_get(importer->store, importer->result->uid, signature->id, importer->lookup, &known,
				 &found, importer->error))
		return false;
	if (found)
		return true;
	if (wait_for_others(importer, signature))
		return importer->waiting_count < SIGNATURES_AT_ONCE || write_waiting(importer);
	return write_waiting(importer) &&
	       (wait_for_others(importer, signature) ||
		error_set(importer->error, ERROR_DATA, "signature %s: %zu bytes are too many", signature->id,
			  signature->data.size));
}

static bool
give_signature(void *context, const struct store_signature *signature)
{
	struct importer *importer = context;

	importer->failed = !import_signature(importer, signature);
	return !importer->failed;
}

static bool
import_signatures(struct importer *importer)
{
	return person_each_signature(importer->person, give_signature, importer, &importer->result->ballots,
				     importer->error) &&
	       !importer->failed && write_waiting(importer);
}

/* ---- all of it -------------------------------------------------------------- */

static bool
begin(struct importer *importer)
{
	const struct person *person = importer->person;
	struct import_result *result = importer->result;

	result->checksum = person_checksum(person);
	snprintf(importer->id, sizeof importer->id, MARK "%016" PRIx64, result->checksum);
	if (getrandom(&importer->number, sizeof importer->number, 0) != sizeof importer->number)
		return error_set(importer->error, ERROR_OS, "the system gives no random bytes");
	return store_user(importer->store, span_from(person->name), true, &result->uid, importer->error) &&
	       find_mark(importer) && check_user(importer);
}

static bool
import_user(struct importer *importer)
{
	struct import_result *result = importer->result;

	if (person_has_weights(importer->person) && !store_has_weights(importer->store))
		return error_set(
			importer->error, ERROR_CONFIG,
			"has been learned with Algorithm adaptive, and the database has no room for its weights; "
			"run dspam_admin migrate");
	if (!begin(importer))
		return false;
	result->was_there = importer->done;
	if (!importer->done && !import_rows(importer))
		return false;
	/* Again also where all is there: what the source has more of by now is no reason to refuse it. */
	if (!import_preferences(importer) || !import_signatures(importer))
		return false;
	if (!importer->done && !advance(importer, "done", 0, &importer->person->totals))
		return false;
	return import_check(importer->store, importer->person, result, importer->error);
}

bool
import_person(struct store *store, const struct person *person, const struct import_options *options,
	      struct import_result *result, struct error *error)
{
	struct importer importer = {.store = store,
				    .person = person,
				    .options = options,
				    .result = result,
				    .arena = arena_new(ARENA_CEILING),
				    .lookup = arena_new(ARENA_CEILING),
				    .error = error};

	*result = (struct import_result){0};
	bool done = person->site ? import_preferences(&importer) : import_user(&importer);
	arena_free(importer.arena);
	arena_free(importer.lookup);
	return done;
}
