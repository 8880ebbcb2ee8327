#include "move/css.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum { HEADER = 80, RECORD = 24, HEADER_OF_32_BITS = 36, RECORD_OF_32_BITS = 16, PIECE = 65536 };

#define HITS_MASK 0x0FFFFFFFu
#define RANK_UNREACHABLE (UINT64_MAX >> 1)

struct css_record {
	struct store_row row;
	uint64_t rank; /* the driver finds the lowest of a token */
};

void
css_begin(struct css *css, uint64_t size, int32_t day)
{
	*css = (struct css){.size = size, .day = day};
}

void
css_free(struct css *css)
{
	free(css->found);
	*css = (struct css){0};
}

static uint64_t
number(const char *bytes)
{
	uint64_t raw;

	memcpy(&raw, bytes, sizeof raw);
	return le64toh(raw);
}

/* ---- pieces ----------------------------------------------------------------- */

/*
 * Why a file cannot be what we read, or NULL. Where longs have 4 bytes a record has 16: with one extent, which is the
 * rule, the size of the file tells.
 */
static const char *
foreign_machine(const struct css *css)
{
	uint64_t swapped = __builtin_bswap64(number(css->part));
	uint32_t narrow;

	memcpy(&narrow, css->part, sizeof narrow);
	uint64_t rest = css->size - (uint64_t)le32toh(narrow) * RECORD_OF_32_BITS;
	if (css->extent == 1 && rest >= HEADER_OF_32_BITS && rest <= HEADER_OF_32_BITS + 12)
		return "it is of a 32-bit machine";
	if (css->extent == 1 && swapped > 0 && swapped <= (css->size - HEADER) / RECORD)
		return "it is of a machine with the other order of bytes";
	return NULL;
}

static bool
refuse_header(const struct css *css, uint64_t left, struct error *error)
{
	const char *why = foreign_machine(css);

	if (why != NULL)
		return error_set(
			error, ERROR_DATA,
			"%s, and its form is not known here: run \"dspam_dump -d sqlite_drv USER\" of DSPAM there,"
			" and import what it says",
			why);
	return error_set(error, ERROR_DATA,
			 "extent %" PRIu64 " says that it has %" PRIu64 " records, but %" PRIu64
			 " bytes follow: the file is cut off or damaged, or no .css file of a 64-bit machine",
			 css->extent, css->records, left);
}

static bool
take_header(struct css *css, struct error *error)
{
	int64_t *totals[] = {&css->totals.spam_learned,       &css->totals.innocent_learned,
			     &css->totals.spam_misclassified, &css->totals.innocent_misclassified,
			     &css->totals.spam_corpusfed,     &css->totals.innocent_corpusfed,
			     &css->totals.spam_classified,    &css->totals.innocent_classified};
	uint64_t left = css->offset < css->size ? css->size - css->offset : 0;

	css->extent++;
	css->position = 0;
	css->records = number(css->part);
	if (css->records == 0 || css->records > left / RECORD)
		return refuse_header(css, left, error);
	for (size_t i = 0; css->extent == 1 && i < sizeof totals / sizeof totals[0]; i++) {
		uint64_t total = number(css->part + 8 + 8 * i);
		if (total > INT32_MAX)
			return error_set(error, ERROR_DATA,
					 "its counter number %zu is %" PRIu64 ", which cannot be: the file is damaged",
					 i + 1, total);
		*totals[i] = (int64_t)total;
	}
	return true;
}

/* How late a lookup would come to this record: extent after extent, from the token's own place on, around the end. */
static uint64_t
rank(const struct css *css, uint64_t token)
{
	uint64_t home = token % css->records;
	uint64_t distance = css->position >= home ? css->position - home : css->records - home + css->position;

	/* Its end is looked for from the header on: the last records are only found at their own place. */
	if (distance > 0 && css->position * RECORD + HEADER >= css->records * RECORD)
		return RANK_UNREACHABLE + css->extent;
	return css->extent << 40 | distance;
}

static void
take_record(struct css *css)
{
	uint64_t token = number(css->part);
	uint32_t innocent = (uint32_t)number(css->part + 8), spam = (uint32_t)number(css->part + 16);
	int32_t age = (int32_t)(innocent >> 28 | spam >> 28 << 4);

	if (token != 0) {
		if (css->count == css->capacity) {
			css->capacity = css->capacity == 0 ? 4096 : css->capacity * 2;
			css->found = reallocarray(css->found, css->capacity, sizeof *css->found);
			if (css->found == NULL)
				abort();
		}
		css->found[css->count++] = (struct css_record){.row = {.token = token,
								       .spam = spam & HITS_MASK,
								       .innocent = innocent & HITS_MASK,
								       .day = css->day - age},
							       .rank = rank(css, token)};
	}
	css->position++;
}

bool
css_push(struct css *css, struct span bytes, struct error *error)
{
	while (bytes.size > 0) {
		bool header = css->position == css->records;
		size_t wanted = (header ? HEADER : RECORD) - css->part_size;
		struct span piece = span_head(bytes, wanted);
		memcpy(css->part + css->part_size, piece.data, piece.size);
		css->part_size += piece.size;
		css->offset += piece.size;
		bytes = span_skip(bytes, piece.size);
		if (piece.size < wanted)
			return true;
		css->part_size = 0;
		if (!header)
			take_record(css);
		else if (!take_header(css, error))
			return false;
	}
	return true;
}

static int
compare_records(const void *a, const void *b)
{
	const struct css_record *left = a, *right = b;

	if (left->row.token != right->row.token)
		return left->row.token < right->row.token ? -1 : 1;
	return (left->rank > right->rank) - (left->rank < right->rank);
}

bool
css_end(struct css *css, struct person *person, struct error *error)
{
	bool done = css->extent > 0 && css->part_size == 0 && css->position == css->records;

	if (!done)
		error_set(error, ERROR_DATA, "it ends after %" PRIu64 " bytes, in the middle of a %s: it is cut off",
			  css->offset, css->extent == 0 || css->position == css->records ? "header" : "record");
	if (done && css->count > 0)
		qsort(css->found, css->count, sizeof *css->found, compare_records);
	for (size_t i = 0; done && i < css->count; i++)
		if (i == 0 || css->found[i].row.token != css->found[i - 1].row.token)
			person_add_row(person, &css->found[i].row);
	if (done)
		person->totals = css->totals;
	css_free(css);
	return done;
}

/* ---- files ------------------------------------------------------------------ */

static bool
failed(const char *path, struct error *error)
{
	return error_set(error, errno == EACCES ? ERROR_PERMISSION : ERROR_INPUT, "%s: %s", path, strerror(errno));
}

static int
open_regular(int directory, const char *path, struct stat *status)
{
	int file = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (file >= 0 && (fstat(file, status) != 0 || !S_ISREG(status->st_mode))) {
		close(file);
		errno = EINVAL;
		return -1;
	}
	return file;
}

static bool
push_file(struct css *css, int file, const char *path, struct error *error)
{
	char *piece = malloc(PIECE);
	ssize_t got = 1;
	bool done = true;

	if (piece == NULL)
		abort();
	while (done && got > 0) {
		got = read(file, piece, PIECE);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got < 0)
			done = failed(path, error);
		else
			done = css_push(css, span_of(piece, (size_t)got), error) || error_prefix(error, "%s", path);
	}
	free(piece);
	return done;
}

bool
css_read(const char *path, struct person *person, struct error *error)
{
	struct stat status;
	struct css css;
	int file = open_regular(AT_FDCWD, path, &status);

	if (file < 0)
		return failed(path, error);
	css_begin(&css, (uint64_t)status.st_size, (int32_t)(status.st_mtime / CLOCK_DAY));
	bool done = push_file(&css, file, path, error);
	close(file);
	if (!done) {
		css_free(&css);
		return false;
	}
	return css_end(&css, person, error) || error_prefix(error, "%s", path);
}
