#include "tool/taken.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/ascii.h"
#include "base/file.h"
#include "base/locked_file.h"
#include "tool/file.h"

enum { LINE_SIZE = 34 };

/* Open addressing, 0 is free; at most half full. The last bit of a key, its class, does not tell it from others: the
 * class that came last stands. */
struct keys {
	uint64_t *keys;
	size_t capacity, count;
};

struct taken {
	int file;      /* -1: only looked at */
	bool replaced; /* the file has become shorter */
	char path[PATH_MAX];
	struct keys all, now; /* of the file, with their class; contents since it was opened, without */
	uint64_t noted[2];    /* place and content of the last note, with their class, while they are not in them */
};

/* ---- the set of keys ------------------------------------------------------------------------- */

static uint64_t *
place_of(uint64_t *keys, size_t capacity, uint64_t key)
{
	size_t i = ((key | 1) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (capacity - 1);

	while (keys[i] != 0 && (keys[i] | 1) != (key | 1))
		i = (i + 1) & (capacity - 1);
	return &keys[i];
}

static void
grow(struct keys *set)
{
	size_t capacity = set->capacity == 0 ? 4096 : 2 * set->capacity;
	uint64_t *keys = calloc(capacity, sizeof *keys);

	if (keys == NULL)
		abort();
	for (size_t i = 0; i < set->capacity; i++)
		if (set->keys[i] != 0)
			*place_of(keys, capacity, set->keys[i]) = set->keys[i];
	free(set->keys);
	set->keys = keys;
	set->capacity = capacity;
}

static void
add(struct keys *set, uint64_t key)
{
	if (key == 0)
		return;
	if (2 * (set->count + 1) > set->capacity)
		grow(set);
	uint64_t *place = place_of(set->keys, set->capacity, key);
	set->count += *place == 0;
	*place = key;
}

static bool
has(const struct keys *set, uint64_t key)
{
	return key != 0 && set->capacity > 0 && *place_of(set->keys, set->capacity, key) == key;
}

/* The last bit tells the class; 0 stays 0. */
static uint64_t
with_class(uint64_t key, bool spam)
{
	return key > 1 ? (key & ~UINT64_C(1)) | spam : 0;
}

bool
taken_has(const struct taken *taken, uint64_t key, bool spam)
{
	return has(&taken->all, with_class(key, spam));
}

bool
taken_has_now(const struct taken *taken, uint64_t content)
{
	return has(&taken->now, with_class(content, false));
}

/* ---- the file ----------------------------------------------------------------------------------- */

static bool
read_key(struct span text, uint64_t *key)
{
	*key = 0;
	for (size_t i = 0; i < 16; i++) {
		if (ascii_hex(text.data[i]) < 0)
			return false;
		*key = *key << 4 | (uint64_t)ascii_hex(text.data[i]);
	}
	return true;
}

/* A line that is none was cut off by a full disk, and says nothing. */
static void
take_line(struct taken *taken, struct span line)
{
	uint64_t place, content;

	line = span_trim(line);
	if (line.size != LINE_SIZE - 1 || line.data[16] != ' ' || !read_key(line, &place) ||
	    !read_key(span_skip(line, 17), &content))
		return;
	add(&taken->all, place);
	add(&taken->all, content);
}

/* Of too many lines the younger half, put in place of the file. */
static bool
shorten(struct taken *taken, struct buffer *text, struct error *error)
{
	struct span kept = span_skip(buffer_span(text), text->size / 2), line;

	span_next_line(&kept, &line); /* the rest of one */
	if (taken->file >= 0 && !file_replace(taken->path, kept, error))
		return false;
	taken->replaced = true;
	buffer_consume(text, text->size - kept.size);
	return true;
}

static bool
read_lines(struct taken *taken, struct error *error)
{
	struct buffer text = BUFFER_INIT((size_t)4 * TAKEN_MAX * LINE_SIZE);
	bool good = access(taken->path, F_OK) != 0 || file_read_whole(taken->path, &text, error);

	while (good && text.size > (size_t)TAKEN_MAX * LINE_SIZE)
		good = shorten(taken, &text, error);
	struct span rest = buffer_span(&text), line;
	while (good && span_next_line(&rest, &line))
		take_line(taken, line);
	buffer_free(&text);
	return good;
}

static struct taken *
taken_new(const struct home *home, const char *user, struct error *error)
{
	struct taken *taken = calloc(1, sizeof *taken);
	struct arena *arena = arena_new((size_t)256 * 1024);

	if (taken == NULL)
		abort();
	taken->file = -1;
	const char *path = home_file(home, arena, user, "taken");
	if (path == NULL || (size_t)snprintf(taken->path, sizeof taken->path, "%s", path) >= sizeof taken->path) {
		error_set(error, ERROR_CONFIG, "the path of the files of %s below %s cannot be made", user, home->path);
		free(taken);
		taken = NULL;
	}
	arena_free(arena);
	return taken;
}

static bool
finish(struct taken *taken, bool good, struct taken **out)
{
	if (good)
		*out = taken;
	else
		taken_close(taken);
	return good;
}

bool
taken_look(const struct home *home, const char *user, struct taken **out, struct error *error)
{
	struct taken *taken = taken_new(home, user, error);

	return taken != NULL && finish(taken, read_lines(taken, error), out);
}

static bool
lock(struct taken *taken, const char *user, struct error *error)
{
	taken->file = locked_file_open(taken->path, true, 0);
	if (taken->file >= 0)
		return true;
	if (errno == ETIMEDOUT)
		return error_later(error, ERROR_TEMPORARY, "%s is locked: another dspam_train is teaching %s",
				   taken->path, user);
	return error_set(error, ERROR_CREATE, "%s: %s", taken->path, strerror(errno));
}

/* What a full disk, or the end of the machine's power, has left of a line. */
static bool
cut_torn_line(struct taken *taken, bool again, struct error *error)
{
	off_t size = again ? 0 : lseek(taken->file, 0, SEEK_END);

	return (size >= 0 && ftruncate(taken->file, size - size % LINE_SIZE) == 0) ||
	       error_set(error, ERROR_IO, "%s: %s", taken->path, strerror(errno));
}

static bool
open_lines(struct taken *taken, const char *user, bool again, struct error *error)
{
	for (;;) {
		taken->replaced = false;
		if (!lock(taken, user, error) || !cut_torn_line(taken, again, error) || !read_lines(taken, error))
			return false;
		if (!taken->replaced)
			return true;
		close(taken->file); /* the shorter file is another one, and has to be locked itself */
		taken->file = -1;
	}
}

bool
taken_open(const struct home *home, const char *user, bool again, struct taken **out, struct error *error)
{
	struct taken *taken = taken_new(home, user, error);

	if (taken == NULL)
		return false;
	if (!home_make_directories(home, taken->path)) {
		error_set(error, ERROR_CREATE, "cannot make the directory of %s: %s", taken->path, strerror(errno));
		return finish(taken, false, out);
	}
	return finish(taken, open_lines(taken, user, again, error), out);
}

void
taken_close(struct taken *taken)
{
	if (taken == NULL)
		return;
	if (taken->file >= 0)
		close(taken->file);
	free(taken->all.keys);
	free(taken->now.keys);
	free(taken);
}

/* ---- notes ------------------------------------------------------------------------------------- */

bool
taken_note(struct taken *taken, uint64_t place, uint64_t content, bool spam, struct error *error)
{
	char line[LINE_SIZE + 1];

	snprintf(line, sizeof line, "%016" PRIx64 " %016" PRIx64 "\n", with_class(place, spam),
		 with_class(content, spam));
	if (!locked_file_append(taken->file, span_of(line, LINE_SIZE)) || fdatasync(taken->file) != 0)
		return error_set(error, ERROR_IO, "%s: %s", taken->path, strerror(errno));
	taken->noted[0] = with_class(place, spam);
	taken->noted[1] = with_class(content, spam);
	return true;
}

void
taken_keep(struct taken *taken)
{
	add(&taken->all, taken->noted[0]);
	add(&taken->all, taken->noted[1]);
	add(&taken->now, with_class(taken->noted[1], false));
}

bool
taken_take_back(struct taken *taken, struct error *error)
{
	off_t size = lseek(taken->file, 0, SEEK_END);

	return (size >= LINE_SIZE && ftruncate(taken->file, size - LINE_SIZE) == 0) ||
	       error_set(error, ERROR_IO, "%s: %s", taken->path, strerror(errno));
}

/* ---- content --------------------------------------------------------------------------------------- */

uint64_t
taken_content(struct span message)
{
	XXH3_state_t *state = XXH3_createState();
	struct span line;

	if (state == NULL)
		abort();
	XXH3_64bits_reset(state);
	while (span_next_line(&message, &line)) {
		size_t size = line.size;
		bool ended = line.data[size - 1] == '\n';
		size -= ended;
		if (ended && size > 0 && line.data[size - 1] == '\r')
			size--;
		XXH3_64bits_update(state, line.data, size);
		if (ended)
			XXH3_64bits_update(state, "\n", 1);
	}
	uint64_t content = XXH3_64bits_digest(state);
	XXH3_freeState(state);
	return content > 1 ? content : 2;
}
