#include "store/sqlite/run.h"

#include <stdlib.h>

#include "base/varint.h"
#include "store/driver.h"
#include "store/sqlite/run_bytes.h"

void
run_free(struct run *run)
{
	free(run->data);
	free(run->marks);
	*run = (struct run){0};
}

struct run_entry
run_entry_of(const struct store_row *row)
{
	return (struct run_entry){
		.token = row->token,
		.spam = row->spam > INT32_MAX ? INT32_MAX : (int32_t)row->spam,
		.innocent = row->innocent > INT32_MAX ? INT32_MAX : (int32_t)row->innocent,
		.day = row->day,
		.weight = row->weight,
		.gradient = row->gradient,
	};
}

/* ---- writing ---------------------------------------------------------------------- */

static void
reserve(struct run *run, size_t size)
{
	if (size <= run->capacity)
		return;
	run->capacity = size + size / 2;
	run->data = realloc(run->data, run->capacity);
	if (run->data == NULL)
		abort();
}

static void
mark(struct run *run, uint64_t place, size_t offset)
{
	if (run->count / STRIDE >= run->mark_capacity) {
		run->mark_capacity = 64 + 2 * run->mark_capacity;
		run->marks = reallocarray(run->marks, run->mark_capacity, sizeof *run->marks);
		if (run->marks == NULL)
			abort();
	}
	run->marks[run->count / STRIDE] = (struct run_mark){place, offset};
}

void
run_begin(struct run *run, int32_t day)
{
	int32_t head = HEAD_WEIGHTED + (day >= 0 && day < HEAD_WEIGHTED ? day : 0);

	reserve(run, HEAD + SLACK);
	memcpy(run->data, &head, HEAD);
	run->size = HEAD;
	run->count = 0;
	run->last = 0;
}

static int32_t
head_of(const struct run *run)
{
	int32_t head;

	memcpy(&head, run->data, HEAD);
	return head;
}

int32_t
run_day(const struct run *run)
{
	int32_t head = head_of(run);

	return head >= HEAD_WEIGHTED ? head - HEAD_WEIGHTED : head;
}

static bool
is_weighted(const struct run *run, unsigned form)
{
	return form == WEIGHTED && head_of(run) >= HEAD_WEIGHTED;
}

static unsigned
short_form(const struct run *run, const struct run_entry *entry)
{
	int64_t before = (int64_t)run_day(run) - entry->day;
	unsigned form;

	if (entry->weight != 0 || entry->gradient != 0)
		return WEIGHTED;
	if (before < 0 || before > 1 || entry->spam < 0 || entry->spam > HITS_SHORT || entry->innocent < 0 ||
	    entry->innocent > HITS_SHORT)
		return ELSEWHERE;
	form = (unsigned)before << 4 | (unsigned)entry->spam << 2 | (unsigned)entry->innocent;
	return form == WEIGHTED ? ELSEWHERE : form;
}

/* What follows the step of a form that is not short. */
static unsigned char *
write_rest(const struct run *run, unsigned char *out, unsigned form, const struct run_entry *entry)
{
	if (form == ELSEWHERE) {
		const int32_t numbers[] = {entry->spam, entry->innocent, entry->day};
		memcpy(out, numbers, sizeof numbers);
		out += sizeof numbers;
	} else if (form == WEIGHTED) {
		out = varint_write(out, entry->spam);
		out = varint_write(out, entry->innocent);
		out = varint_write(out, (int64_t)entry->day - run_day(run));
		out = varint_write(out, entry->weight);
		out = varint_write(out, entry->gradient);
	}
	return out;
}

void
run_append(struct run *run, const struct run_entry *entry)
{
	uint64_t place = run_place(entry->token), step = place - run->last;
	unsigned bytes = step == 0 ? 1 : (unsigned)(71 - __builtin_clzll(step)) / 8;
	unsigned form = short_form(run, entry);

	if (run->count % STRIDE == 0)
		mark(run, run->last, run->size);
	reserve(run, run->size + ENTRY_MAX + SLACK);
	run->data[run->size++] = (unsigned char)((bytes - 1) << 5 | form);
	memcpy(run->data + run->size, &step, sizeof step);
	run->size = (size_t)(write_rest(run, run->data + run->size + bytes, form, entry) - run->data);
	run->last = place;
	run->count++;
}

/* ---- reading ------------------------------------------------------------------------- */

struct run_reader
run_read(const struct run *run)
{
	return (struct run_reader){.run = run, .offset = HEAD};
}

/* The numbers of a WEIGHTED entry, and where they end; NULL when that is not before `end`. */
static const unsigned char *
read_numbers(const unsigned char *data, const unsigned char *end, int64_t numbers[static NUMBERS])
{
	for (unsigned i = 0; i < NUMBERS; i++)
		if (!varint_read(&data, end, &numbers[i]))
			return NULL;
	return data;
}

bool
run_pass(const struct run *run, size_t *offset, uint64_t *place, const unsigned char **bytes)
{
	const unsigned char *data = run->data + *offset;
	unsigned width = (data[0] >> 5) + 1U, form = data[0] & 31;
	size_t length = 1 + width, room = run->size - *offset;
	uint64_t step;

	if (form == ELSEWHERE)
		length += 12;
	if (length > room)
		return false;
	if (is_weighted(run, form)) {
		int64_t numbers[NUMBERS];
		const unsigned char *end = read_numbers(data + length, data + room, numbers);
		if (end == NULL)
			return false;
		length = (size_t)(end - data);
	}
	memcpy(&step, data + 1, sizeof step);
	*place += step & UINT64_MAX >> (64 - 8 * width);
	*offset += length;
	*bytes = data;
	return true;
}

struct run_entry
run_decode(const struct run *run, uint64_t place, const unsigned char *bytes)
{
	unsigned form = bytes[0] & 31;
	const unsigned char *rest = bytes + 2 + (bytes[0] >> 5);
	struct run_entry entry = {.token = run_place(place)};

	if (form == ELSEWHERE) {
		int32_t numbers[3];
		memcpy(numbers, rest, sizeof numbers);
		entry.spam = numbers[0], entry.innocent = numbers[1], entry.day = numbers[2];
	} else if (is_weighted(run, form)) {
		int64_t numbers[NUMBERS] = {0};
		read_numbers(rest, run->data + run->size, numbers);
		entry.spam = store_narrow(numbers[0]);
		entry.innocent = store_narrow(numbers[1]);
		entry.day = store_narrow(store_gradient_add(run_day(run), numbers[2]));
		entry.weight = store_narrow(numbers[3]);
		entry.gradient = numbers[4];
	} else {
		entry.innocent = form & 3;
		entry.spam = form >> 2 & 3;
		entry.day = run_day(run) - (int32_t)(form >> 4);
	}
	return entry;
}

bool
run_next(struct run_reader *reader, struct run_entry *entry)
{
	const unsigned char *bytes;

	if (reader->index == reader->run->count || !run_pass(reader->run, &reader->offset, &reader->place, &bytes))
		return false;
	reader->index++;
	*entry = run_decode(reader->run, reader->place, bytes);
	return true;
}

bool
run_load(struct run *run, const void *data, size_t size)
{
	const unsigned char *bytes;
	uint64_t place = 0;

	run_free(run); /* the next one may be far smaller */
	if (size < HEAD || size > INT32_MAX)
		return false;
	reserve(run, size + SLACK);
	memcpy(run->data, data, size);
	memset(run->data + size, 0, SLACK);
	run->size = size;
	if (run_day(run) == INT32_MIN)
		return false;
	for (size_t offset = HEAD; offset < size; run->count++) {
		if (run->count % STRIDE == 0)
			mark(run, place, offset);
		if (!run_pass(run, &offset, &place, &bytes) || (run->count > 0 && place <= run->last))
			return false;
		run->last = place;
	}
	return true;
}

/* ---- adding up ------------------------------------------------------------------------- */

/* Both changes; the day of the later one stands. */
static struct run_entry
add(const struct run_entry *earlier, const struct run_entry *later)
{
	return (struct run_entry){
		.token = later->token,
		.spam = store_weight_add(earlier->spam, later->spam),
		.innocent = store_weight_add(earlier->innocent, later->innocent),
		.day = later->day,
		.weight = store_weight_add(earlier->weight, later->weight),
		.gradient = store_gradient_add(earlier->gradient, later->gradient),
	};
}

void
run_add(const struct run *earlier, const struct run *later, struct run *sum)
{
	struct run_reader a = run_read(earlier), b = run_read(later);
	struct run_entry from_a, from_b;
	bool more_a = run_next(&a, &from_a), more_b = run_next(&b, &from_b);

	run_begin(sum, later->count > 0 ? run_day(later) : earlier->count > 0 ? run_day(earlier) : 0);
	reserve(sum, HEAD + earlier->size + later->size + SLACK);
	while (more_a && more_b) {
		if (a.place < b.place) {
			run_append(sum, &from_a);
			more_a = run_next(&a, &from_a);
		} else if (b.place < a.place) {
			run_append(sum, &from_b);
			more_b = run_next(&b, &from_b);
		} else {
			struct run_entry both = add(&from_a, &from_b);
			run_append(sum, &both);
			more_a = run_next(&a, &from_a);
			more_b = run_next(&b, &from_b);
		}
	}
	for (; more_a; more_a = run_next(&a, &from_a))
		run_append(sum, &from_a);
	for (; more_b; more_b = run_next(&b, &from_b))
		run_append(sum, &from_b);
}

void
run_split(const struct run *run, unsigned parts, unsigned part, struct run *inside, struct run *outside)
{
	struct run_reader reader = run_read(run);
	struct run_entry entry;

	run_begin(inside, run->count > 0 ? run_day(run) : 0);
	run_begin(outside, run->count > 0 ? run_day(run) : 0);
	while (run_next(&reader, &entry))
		run_append((run_place(entry.token) >> 32) * parts >> 32 == part ? inside : outside, &entry);
}
