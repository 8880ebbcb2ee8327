#include "tool/corpus.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "filter/settings.h"
#include "mail/from_line.h"
#include "tool/file.h"
#include "tool/mbox.h"

#define PATHS_CEILING ((size_t)1 << 31)
#define INDEX_SIZE_MAX ((size_t)1 << 30)
#define ROW_HARMLESS 50   /* messages, */
#define ROW_SHARE_LARGE 5 /* or less than one in so many of all */

void
corpus_init(struct corpus *corpus)
{
	*corpus = (struct corpus){.arena = arena_new(PATHS_CEILING)};
}

void
corpus_free(struct corpus *corpus)
{
	arena_free(corpus->arena);
	free(corpus->messages);
}

static bool
too_many(struct error *error)
{
	return error_set(error, ERROR_DATA, "more than %d messages; give fewer at once", CORPUS_MESSAGES_MAX);
}

static void
grow(struct corpus *corpus)
{
	corpus->capacity = corpus->capacity == 0 ? 1024 : corpus->capacity * 2;
	corpus->messages = reallocarray(corpus->messages, corpus->capacity, sizeof *corpus->messages);
	if (corpus->messages == NULL)
		abort();
}

bool
corpus_append(struct corpus *corpus, const struct corpus_message *message, struct error *error)
{
	if (corpus->count == CORPUS_MESSAGES_MAX)
		return too_many(error);
	if (corpus->count == corpus->capacity)
		grow(corpus);
	corpus->messages[corpus->count++] = *message;
	return true;
}

bool
corpus_read(const struct corpus_message *message, struct buffer *bytes, struct error *error)
{
	bytes->limit = CORPUS_MESSAGE_SIZE_MAX;
	buffer_clear(bytes);
	if (message->number == 0)
		return file_read_whole(message->path, bytes, error);
	int file = file_open(message->path, error);
	if (file < 0)
		return false;
	bool done = file_read_at(file, message->path, message->offset, message->size, bytes, error);
	close(file);
	if (done)
		bytes->size = from_line_unquote(buffer_span(bytes), bytes->data);
	return done;
}

/* ---- index ------------------------------------------------------------------ */

static bool
label_of(struct span word, bool *spam)
{
	*spam = span_equal_nocase(word, SPAN("spam"));
	return *spam || span_equal_nocase(word, SPAN("ham")) || span_equal_nocase(word, SPAN("nonspam"));
}

/* `name` beside the index, or as it is when only that exists; NULL when there is no room. */
static const char *
resolve(struct corpus *corpus, const char *index, struct span name)
{
	const char *slash = strrchr(index, '/');
	const char *plain = arena_copy(corpus->arena, name);

	if (plain == NULL || slash == NULL || name.data[0] == '/')
		return plain;
	const char *beside = arena_printf(corpus->arena, "%.*s/%s", (int)(slash - index), index, plain);
	if (beside == NULL)
		return NULL;
	return access(beside, F_OK) != 0 && access(plain, F_OK) == 0 ? plain : beside;
}

static bool
add_line(struct corpus *corpus, const char *index, struct span line, struct error *error)
{
	struct corpus_message message = {.path = NULL};
	struct span rest = line, word = {NULL, 0};

	span_next_word(&rest, " \t", &word);
	struct span name = span_trim(rest);
	if (!label_of(word, &message.spam) || name.size == 0 || memchr(name.data, '\0', name.size) != NULL)
		return error_set(error, ERROR_DATA, "should be \"spam PATH\", \"ham PATH\" or \"nonspam PATH\"");
	message.path = resolve(corpus, index, name);
	return message.path != NULL ? corpus_append(corpus, &message, error) : too_many(error);
}

bool
corpus_add_index(struct corpus *corpus, const char *path, struct error *error)
{
	struct buffer text = BUFFER_INIT(INDEX_SIZE_MAX);
	struct span rest, line;
	unsigned number = 0;
	bool good = file_read_whole(path, &text, error);

	rest = buffer_span(&text);
	while (good && span_next_line(&rest, &line)) {
		number++;
		line = span_trim(line);
		if (line.size > 0 && !add_line(corpus, path, line, error))
			good = error_prefix(error, "%s:%u", path, number);
	}
	buffer_free(&text);
	return good;
}

void
corpus_warn_of_row(const struct settings *settings, size_t longest, size_t all)
{
	if ((settings->algorithms & ALGORITHM_ADAPTIVE) == 0 || longest < ROW_HARMLESS ||
	    longest < all / ROW_SHARE_LARGE)
		return;
	log_warning(
		"%zu messages of one kind were taught in a row: Algorithm adaptive judges badly after that. Give spam "
		"and innocent mail to one call of dspam_train, which mixes directories and mailboxes, or mix the lines "
		"of the index; dspam_admin reset-user begins anew",
		longest);
}
