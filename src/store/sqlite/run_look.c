/* Holding runs against rows. */
#include "store/driver.h"
#include "store/sqlite/run_bytes.h"

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
		uint64_t place = run_place(rows[i].token);
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
	       source->read(source->context, window->bytes, HEAD, 0) && run_day(&window->run) != INT32_MIN;
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
		if (!run_pass(&window.run, &window.offset, &place, &bytes) || (!first && place <= last))
			return false;
		while (row < count && run_place(rows[row].token) < place)
			row++;
		if (row < count && run_place(rows[row].token) == place) {
			struct run_entry entry = run_decode(&window.run, place, bytes);
			apply(&entry, &rows[row]);
		}
	}
}
