#include "store/sqlite/run.h"

#include <stdlib.h>

void
run_free(struct run *run)
{
	free(run->entries);
	*run = (struct run){0};
}

void
run_resize(struct run *run, size_t count)
{
	if (count > run->capacity) {
		free(run->entries);
		run->entries = calloc(count, sizeof *run->entries);
		run->capacity = count;
		if (run->entries == NULL)
			abort();
	}
	run->count = count;
}

bool
run_load(struct run *run, const void *data, size_t size)
{
	if (size % sizeof *run->entries != 0)
		return false;
	run_free(run); /* the next one may be far smaller */
	run_resize(run, size / sizeof *run->entries);
	if (size > 0)
		memcpy(run->entries, data, size);
	for (size_t i = 1; i < run->count; i++)
		if (!store_token_before(run->entries[i - 1].token, run->entries[i].token))
			return false;
	return true;
}

/* Far from the ends of 32 bits in practice; must not wrap at them. */
static int32_t
add(int32_t a, int32_t b)
{
	int64_t sum = (int64_t)a + b;

	return sum > INT32_MAX ? INT32_MAX : sum < INT32_MIN ? INT32_MIN : (int32_t)sum;
}

void
run_add(const struct run *earlier, const struct run *later, struct run *sum)
{
	const struct run_entry *a = earlier->entries, *a_end = a + earlier->count;
	const struct run_entry *b = later->entries, *b_end = b + later->count;
	struct run_entry *out;

	run_resize(sum, earlier->count + later->count);
	out = sum->entries;
	while (a < a_end && b < b_end) {
		if (store_token_before(a->token, b->token)) {
			*out++ = *a++;
		} else if (store_token_before(b->token, a->token)) {
			*out++ = *b++;
		} else {
			*out++ = (struct run_entry){a->token, add(a->spam, b->spam), add(a->innocent, b->innocent),
						    b->day, 0};
			a++, b++;
		}
	}
	while (a < a_end)
		*out++ = *a++;
	while (b < b_end)
		*out++ = *b++;
	sum->count = (size_t)(out - sum->entries);
}

/*
 * The first place from `start` on whose token is not before `token`: in steps that double,
 * then by halves, so that a long run costs little more than a short one.
 */
static size_t
seek(const struct run *run, size_t start, uint64_t token)
{
	size_t step = 1, low = start, high = start;

	while (high < run->count && store_token_before(run->entries[high].token, token)) {
		low = high + 1;
		high += step;
		step *= 2;
	}
	if (high > run->count)
		high = run->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (store_token_before(run->entries[middle].token, token))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint32_t
add_hits(uint32_t hits, int32_t change)
{
	int64_t sum = (int64_t)hits + change;

	return sum < 0 ? 0 : sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}

void
run_apply(const struct run *run, struct store_row *rows, size_t count)
{
	size_t place = 0;

	for (size_t i = 0; i < count; i++) {
		place = seek(run, place, rows[i].token);
		if (place == run->count)
			return;
		const struct run_entry *entry = &run->entries[place];
		if (entry->token != rows[i].token)
			continue;
		rows[i].spam = add_hits(rows[i].spam, entry->spam);
		rows[i].innocent = add_hits(rows[i].innocent, entry->innocent);
		rows[i].day = entry->day;
	}
}
