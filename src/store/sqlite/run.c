#include "store/sqlite/run.h"

#include <stdlib.h>

#include "store/driver.h"

/*
 * The first byte of an entry: the upper three bits are the bytes of the step, less one; the lower five say what
 * changed: bits 0-1 innocent hits, 2-3 spam hits, 4 that the day is the one before the base. ELSEWHERE: these follow
 * the step, as three numbers of 4 bytes. WEIGHTED: hits, days from the base on, weight and gradient follow it as
 * numbers of 7 bits a byte, the last without its eighth, signs in bit 0. Everything else is in the byte order of the
 * machine.
 */
enum {
	HEAD = 4,
	STRIDE = 16,
	NUMBER_MAX = 10, /* bytes */
	ENTRY_MAX = 1 + 8 + 5 * NUMBER_MAX,
	SLACK = 8,
	ELSEWHERE = 31,
	WEIGHTED = 30,
	HITS_SHORT = 3,
	PIECE = 4096,
	HEAD_WEIGHTED = 1 << 30 /* in the head, beside the day: WEIGHTED means that, and not hits as in older runs */
};

struct run_mark {
	uint64_t place; /* of the entry before, 0 for the first */
	size_t offset;
};

/* Signed order as unsigned numbers. */
static uint64_t
place_of(uint64_t token)
{
	return token ^ UINT64_C(1) << 63;
}

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

static int32_t
base_day(const struct run *run)
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
	int64_t before = (int64_t)base_day(run) - entry->day;
	unsigned form;

	if (entry->weight != 0 || entry->gradient != 0)
		return WEIGHTED;
	if (before < 0 || before > 1 || entry->spam < 0 || entry->spam > HITS_SHORT || entry->innocent < 0 ||
	    entry->innocent > HITS_SHORT)
		return ELSEWHERE;
	form = (unsigned)before << 4 | (unsigned)entry->spam << 2 | (unsigned)entry->innocent;
	return form == WEIGHTED ? ELSEWHERE : form;
}

static unsigned char *
write_number(unsigned char *out, int64_t number)
{
	uint64_t rest = (uint64_t)number << 1 ^ (uint64_t)(number >> 63);

	for (; rest > 127; rest >>= 7)
		*out++ = (unsigned char)(rest | 128);
	*out++ = (unsigned char)rest;
	return out;
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
		out = write_number(out, entry->spam);
		out = write_number(out, entry->innocent);
		out = write_number(out, (int64_t)entry->day - base_day(run));
		out = write_number(out, entry->weight);
		out = write_number(out, entry->gradient);
	}
	return out;
}

void
run_append(struct run *run, const struct run_entry *entry)
{
	uint64_t place = place_of(entry->token), step = place - run->last;
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

/* The bytes of `count` numbers; 0 when they do not end before `size`. */
static size_t
numbers_length(const unsigned char *data, size_t size, unsigned count)
{
	size_t length = 0;

	while (count > 0 && length < size && length < (size_t)5 * NUMBER_MAX)
		count -= data[length++] < 128;
	return count == 0 ? length : 0;
}

static int64_t
read_number(const unsigned char **data)
{
	uint64_t number = 0;

	for (unsigned shift = 0;; shift += 7) {
		unsigned char byte = *(*data)++;
		if (shift < 64)
			number |= (uint64_t)(byte & 127) << shift;
		if (byte < 128)
			return (int64_t)(number >> 1 ^ (~(number & 1) + 1));
	}
}

/* Go to the next entry: its place, and its bytes. False when it does not end within the run. */
static bool
pass(const struct run *run, size_t *offset, uint64_t *place, const unsigned char **bytes)
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
		size_t more = numbers_length(data + length, room - length, 5);
		if (more == 0)
			return false;
		length += more;
	}
	memcpy(&step, data + 1, sizeof step);
	*place += step & UINT64_MAX >> (64 - 8 * width);
	*offset += length;
	*bytes = data;
	return true;
}

static int32_t
narrow(int64_t number)
{
	return number < INT32_MIN ? INT32_MIN : number > INT32_MAX ? INT32_MAX : (int32_t)number;
}

static struct run_entry
decode(const struct run *run, uint64_t place, const unsigned char *bytes)
{
	unsigned form = bytes[0] & 31;
	const unsigned char *rest = bytes + 2 + (bytes[0] >> 5);
	struct run_entry entry = {.token = place_of(place)};

	if (form == ELSEWHERE) {
		int32_t numbers[3];
		memcpy(numbers, rest, sizeof numbers);
		entry.spam = numbers[0], entry.innocent = numbers[1], entry.day = numbers[2];
	} else if (is_weighted(run, form)) {
		entry.spam = narrow(read_number(&rest));
		entry.innocent = narrow(read_number(&rest));
		entry.day = narrow(store_gradient_add(base_day(run), read_number(&rest)));
		entry.weight = narrow(read_number(&rest));
		entry.gradient = read_number(&rest);
	} else {
		entry.innocent = form & 3;
		entry.spam = form >> 2 & 3;
		entry.day = base_day(run) - (int32_t)(form >> 4);
	}
	return entry;
}

bool
run_next(struct run_reader *reader, struct run_entry *entry)
{
	const unsigned char *bytes;

	if (reader->index == reader->run->count || !pass(reader->run, &reader->offset, &reader->place, &bytes))
		return false;
	reader->index++;
	*entry = decode(reader->run, reader->place, bytes);
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
	if (base_day(run) == INT32_MIN)
		return false;
	for (size_t offset = HEAD; offset < size; run->count++) {
		if (run->count % STRIDE == 0)
			mark(run, place, offset);
		if (!pass(run, &offset, &place, &bytes) || (run->count > 0 && place <= run->last))
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

	run_begin(sum, later->count > 0 ? base_day(later) : earlier->count > 0 ? base_day(earlier) : 0);
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

	run_begin(inside, run->count > 0 ? base_day(run) : 0);
	run_begin(outside, run->count > 0 ? base_day(run) : 0);
	while (run_next(&reader, &entry))
		run_append((place_of(entry.token) >> 32) * parts >> 32 == part ? inside : outside, &entry);
}

/* ---- looking up -------------------------------------------------------------------------- */

/* The last block from `start` on that begins after a token before `place`: in steps that double, then by halves. */
static size_t
seek(const struct run *run, size_t start, uint64_t place)
{
	size_t blocks = (run->count + STRIDE - 1) / STRIDE;
	size_t step = 1, low = start, high = start + 1;

	while (high < blocks && run->marks[high].place < place) {
		low = high;
		high += step;
		step *= 2;
	}
	if (high > blocks)
		high = blocks;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (run->marks[middle].place < place)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void
apply(const struct run_entry *entry, struct store_row *row)
{
	row->spam = store_hits_add(row->spam, entry->spam);
	row->innocent = store_hits_add(row->innocent, entry->innocent);
	row->day = entry->day;
	row->weight = store_weight_add(row->weight, entry->weight);
	row->gradient = store_gradient_add(row->gradient, entry->gradient);
}

void
run_apply(const struct run *run, struct store_row *rows, size_t count)
{
	struct run_reader reader = run_read(run);
	struct run_entry entry;
	size_t block = 0;
	bool leaps = run->count > STRIDE * count; /* else most blocks would be read in any case */
	bool more = run_next(&reader, &entry);

	for (size_t i = 0; i < count && more; i++) {
		uint64_t place = place_of(rows[i].token);
		if (leaps && reader.place < place)
			block = seek(run, block, place);
		if (block > (reader.index - 1) / STRIDE) {
			reader = (struct run_reader){run, run->marks[block].offset, block * STRIDE,
						     run->marks[block].place};
			more = run_next(&reader, &entry);
		}
		while (more && reader.place < place)
			more = run_next(&reader, &entry);
		if (more && reader.place == place)
			apply(&entry, &rows[i]);
	}
}

/* A part of a source in memory, as a run without marks: the head, then bytes whose first one is that of an entry. */
struct window {
	const struct run_source *source;
	struct run run;
	size_t offset;  /* in run, of the next entry */
	size_t fetched; /* bytes of the source */
	unsigned char bytes[HEAD + PIECE + SLACK];
};

static bool
window_open(struct window *window, const struct run_source *source)
{
	window->source = source;
	window->run = (struct run){.data = window->bytes, .size = HEAD};
	window->offset = window->fetched = HEAD;
	return source->size >= HEAD && source->size <= INT32_MAX &&
	       source->read(source->context, window->bytes, HEAD, 0) && base_day(&window->run) != INT32_MIN;
}

/* Let the whole next entry be in memory, if there is one. */
static bool
window_fill(struct window *window)
{
	size_t kept = window->run.size - window->offset, more = window->source->size - window->fetched;

	if (kept >= ENTRY_MAX || more == 0)
		return true;
	if (more > PIECE - kept)
		more = PIECE - kept;
	memmove(window->bytes + HEAD, window->bytes + window->offset, kept);
	if (!window->source->read(window->source->context, window->bytes + HEAD + kept, more, window->fetched))
		return false;
	window->offset = HEAD;
	window->run.size = HEAD + kept + more;
	window->fetched += more;
	return true;
}

bool
run_apply_source(const struct run_source *source, struct store_row *rows, size_t count)
{
	struct window window;
	const unsigned char *bytes;
	uint64_t place = 0;
	size_t row = 0;

	if (!window_open(&window, source))
		return false;
	for (bool first = true;; first = false) {
		uint64_t last = place;
		if (!window_fill(&window))
			return false;
		if (window.offset == window.run.size)
			return true;
		if (!pass(&window.run, &window.offset, &place, &bytes) || (!first && place <= last))
			return false;
		while (row < count && place_of(rows[row].token) < place)
			row++;
		if (row < count && place_of(rows[row].token) == place) {
			struct run_entry entry = decode(&window.run, place, bytes);
			apply(&entry, &rows[row]);
		}
	}
}
