#include "tool/snapshot.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"

/* ---- text ------------------------------------------------------------------- */

void
snapshot_text(char text[SNAPSHOT_TEXT_SIZE], const struct tally *t)
{
	snprintf(text, SNAPSHOT_TEXT_SIZE, "%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 "\n",
		 t->true_positives, t->true_negatives, t->false_negatives, t->false_positives, t->spam_corpusfed,
		 t->innocent_corpusfed);
}

bool
snapshot_parse(const char *text, struct tally *tally)
{
	struct tally t = {0};
	int64_t *const numbers[] = {&t.true_positives,  &t.true_negatives, &t.false_negatives,
				    &t.false_positives, &t.spam_corpusfed, &t.innocent_corpusfed};
	struct span rest = span_trim(span_from(text)), word;
	size_t count = 0;

	while (span_next_word(&rest, ",", &word)) {
		unsigned long long number;
		if (count == 6 || !span_to_number(span_trim(word), INT64_MAX, &number))
			return false;
		*numbers[count++] = (int64_t)number;
	}
	*tally = t;
	return count == 4 || count == 6;
}

/* ---- file ------------------------------------------------------------------- */

/* The path of a file of the user, in `path`. */
static bool
make_path(char path[PATH_MAX], const struct home *home, const char *user, const char *extension, struct error *error)
{
	struct arena *arena = arena_new((size_t)256 * 1024);
	const char *text = home_file(home, arena, user, extension);
	bool fits = text != NULL && strlen(text) < PATH_MAX;

	if (fits)
		memcpy(path, text, strlen(text) + 1);
	arena_free(arena);
	return fits ||
	       error_set(error, ERROR_CONFIG, "the path of the files of %s below %s cannot be made", user, home->path);
}

static bool
make_directories(const struct home *home, const char *path, struct error *error)
{
	return home_make_directories(home, path) ||
	       error_set(error, ERROR_CREATE, "cannot make the directory of %s: %s", path, strerror(errno));
}

bool
snapshot_write(const struct home *home, const char *user, const struct tally *tally, struct error *error)
{
	char path[PATH_MAX], text[SNAPSHOT_TEXT_SIZE];

	snapshot_text(text, tally);
	return make_path(path, home, user, "rstats", error) && make_directories(home, path, error) &&
	       file_replace(path, span_from(text), error);
}

bool
snapshot_read(const struct home *home, const char *user, struct tally *tally, struct error *error)
{
	char path[PATH_MAX], text[SNAPSHOT_TEXT_SIZE];

	memset(tally, 0, sizeof *tally);
	if (!make_path(path, home, user, "rstats", error))
		return false;
	FILE *file = fopen(path, "re");
	if (file == NULL && errno == ENOENT)
		return true;
	if (file == NULL)
		return error_set(error, ERROR_INPUT, "cannot read %s: %s", path, strerror(errno));
	size_t size = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[size] = '\0';
	return snapshot_parse(text, tally) || error_set(error, ERROR_DATA,
							"%s is no snapshot: it should hold six numbers with commas "
							"between; dspam_stats -r %s writes it anew",
							path, user);
}
