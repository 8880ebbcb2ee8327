#include "move/person.h"

#include <stdlib.h>

#include "base/crc64.h"
#include "filter/ballot.h"
#include "move/foreign.h"

static void *
need(void *pointer)
{
	if (pointer == NULL)
		abort();
	return pointer;
}

static char *
copy(struct span text)
{
	char *copied = need(malloc(text.size + 1));

	if (text.size > 0)
		memcpy(copied, text.data, text.size);
	copied[text.size] = '\0';
	return copied;
}

/* Strings of a struct store_signature are const for those who look at them; these are ours. */
static void
free_const(const char *text)
{
	free((void *)(uintptr_t)text);
}

void
person_init(struct person *person)
{
	*person = (struct person){0};
}

void
person_free(struct person *person)
{
	for (size_t i = 0; i < person->preference_count; i++) {
		free(person->preferences[i].name);
		free(person->preferences[i].value);
	}
	for (size_t i = 0; i < person->signature_count; i++) {
		free_const(person->signatures[i].id);
		free_const(person->signatures[i].data.data);
	}
	free(person->preferences);
	free(person->signatures);
	free(person->rows);
	free(person->name);
	*person = (struct person){0};
}

void
person_name(struct person *person, struct span name)
{
	char *copied = copy(name);

	free(person->name);
	person->name = copied;
}

/* ---- adding ----------------------------------------------------------------- */

void
person_add_row(struct person *person, const struct store_row *row)
{
	if (person->count == person->capacity) {
		person->capacity = person->capacity == 0 ? 1024 : person->capacity * 2;
		person->rows = need(reallocarray(person->rows, person->capacity, sizeof *row));
	}
	person->rows[person->count++] = *row;
}

void
person_add_preference(struct person *person, struct span name, struct span value)
{
	person->preferences =
		need(reallocarray(person->preferences, person->preference_count + 1, sizeof *person->preferences));
	person->preferences[person->preference_count++] = (struct person_preference){copy(name), copy(value)};
}

void
person_add_signature(struct person *person, const struct store_signature *signature)
{
	if (person->signature_count == person->signature_capacity) {
		person->signature_capacity = person->signature_capacity == 0 ? 64 : person->signature_capacity * 2;
		person->signatures =
			need(reallocarray(person->signatures, person->signature_capacity, sizeof *signature));
	}
	person->signatures[person->signature_count++] = (struct store_signature){
		copy(span_from(signature->id)), {copy(signature->data), signature->data.size}, signature->day};
}

/* ---- finishing -------------------------------------------------------------- */

static int
compare_rows(const void *a, const void *b)
{
	uint64_t left = ((const struct store_row *)a)->token, right = ((const struct store_row *)b)->token;

	return store_token_before(left, right) ? -1 : left != right;
}

static int
compare_preferences(const void *a, const void *b)
{
	return strcmp(((const struct person_preference *)a)->name, ((const struct person_preference *)b)->name);
}

static void
add_up(struct store_row *sum, const struct store_row *row)
{
	int64_t weight = (int64_t)sum->weight + row->weight;

	sum->weight = (int32_t)(weight < INT32_MIN ? INT32_MIN : weight > INT32_MAX ? INT32_MAX : weight);
	if (__builtin_add_overflow(sum->gradient, row->gradient, &sum->gradient))
		sum->gradient = row->gradient < 0 ? INT64_MIN : INT64_MAX;
	sum->spam = foreign_hits((long long)sum->spam + row->spam);
	sum->innocent = foreign_hits((long long)sum->innocent + row->innocent);
	sum->day = sum->day > row->day ? sum->day : row->day;
}

void
person_finish(struct person *person)
{
	size_t used = 0;

	if (person->count > 0)
		qsort(person->rows, person->count, sizeof *person->rows, compare_rows);
	for (size_t i = 0; i < person->count; i++) {
		if (used > 0 && person->rows[used - 1].token == person->rows[i].token)
			add_up(&person->rows[used - 1], &person->rows[i]);
		else
			person->rows[used++] = person->rows[i];
	}
	person->count = used;
	if (person->preference_count > 0)
		qsort(person->preferences, person->preference_count, sizeof *person->preferences, compare_preferences);
}

const struct store_row *
person_row(const struct person *person, uint64_t token)
{
	return person->count == 0 ? NULL
				  : bsearch(&(struct store_row){.token = token}, person->rows, person->count,
					    sizeof *person->rows, compare_rows);
}

bool
person_has_weights(const struct person *person)
{
	for (size_t i = 0; i < person->count; i++)
		if (store_row_has_weights(&person->rows[i]))
			return true;
	return false;
}

struct passing {
	store_signature_callback *each;
	void *context;
	size_t ballots;
};

static bool
pass_on(void *context, const struct store_signature *signature)
{
	struct passing *passing = context;

	if (!ballot_is_id(signature->id))
		return passing->each(passing->context, signature);
	passing->ballots++;
	return true;
}

bool
person_each_signature(const struct person *person, store_signature_callback *each, void *context, size_t *ballots,
		      struct error *error)
{
	struct passing passing = {each, context, 0};
	bool done = true, more = true;

	for (size_t i = 0; more && i < person->signature_count; i++)
		more = pass_on(&passing, &person->signatures[i]);
	if (more && person->walk != NULL)
		done = person->walk(person->source, pass_on, &passing, error);
	*ballots = passing.ballots;
	return done;
}

/* ---- check sums --------------------------------------------------------------- */

static uint64_t
sum_number(uint64_t crc, uint64_t number)
{
	char bytes[8];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(number >> 8 * i & 0xFF);
	return crc64(crc, span_of(bytes, sizeof bytes));
}

static uint64_t
sum_row(uint64_t crc, const struct store_row *row)
{
	crc = sum_number(crc, row->token);
	crc = sum_number(crc, (uint64_t)row->spam << 32 | row->innocent);
	crc = sum_number(crc, (uint32_t)row->day);
	/* only where there are any, so that the sums of what has none stay what they were */
	return store_row_has_weights(row) ? sum_number(sum_number(crc, (uint32_t)row->weight), (uint64_t)row->gradient)
					  : crc;
}

uint64_t
person_checksum(const struct person *person)
{
	const struct totals *totals = &person->totals;
	const int64_t numbers[] = {totals->spam_learned,       totals->innocent_learned,
				   totals->spam_misclassified, totals->innocent_misclassified,
				   totals->spam_corpusfed,     totals->innocent_corpusfed,
				   totals->spam_classified,    totals->innocent_classified};
	uint64_t crc = ~UINT64_C(0);

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		crc = sum_number(crc, (uint64_t)numbers[i]);
	for (size_t i = 0; i < person->count; i++)
		crc = sum_row(crc, &person->rows[i]);
	return crc;
}

uint64_t
person_signature_checksum(uint64_t sum, const struct store_signature *signature)
{
	uint64_t crc = crc64(~UINT64_C(0), span_from(signature->id));

	return sum + sum_number(crc64(crc, signature->data), (uint32_t)signature->day);
}
