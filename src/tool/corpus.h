/*
 * Labelled mail: where each message stands, whether it is spam, and its bytes.
 *
 * A corpus is listed first, from an index, directories, Maildirs or mbox files, and read message by
 * message afterwards, so that it may be much larger than memory. It owns its paths. For one thread.
 */
#ifndef DSPAM_TOOL_CORPUS_H
#define DSPAM_TOOL_CORPUS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

#define CORPUS_MESSAGES_MAX 10000000
#define CORPUS_MESSAGE_SIZE_MAX ((size_t)128 * 1024 * 1024)

struct settings;

struct corpus_message {
	const char *path;
	bool spam;
	uint32_t number;       /* in an mbox, from 1; 0: the file is one message */
	uint64_t offset, size; /* of its bytes in an mbox, without the "From " line */
};

struct corpus {
	struct arena *arena; /* of the paths */
	struct corpus_message *messages;
	size_t count, capacity;
};

void corpus_init(struct corpus *corpus);
void corpus_free(struct corpus *corpus);

/*
 * Add the messages of an index in its order: lines "spam PATH", "ham PATH" or "nonspam PATH", with paths
 * relative to the directory of the index, or, when nothing is there, to the current one. Fails at a
 * line that is none of these; whether the files can be read is seen when they are.
 */
bool corpus_add_index(struct corpus *corpus, const char *path, struct error *error);

/*
 * Add a directory (all its files), a Maildir (those of cur and new), or an mbox file. Files come in the
 * order of their names, byte by byte; hidden ones and what is no file are passed over.
 */
bool corpus_add(struct corpus *corpus, const char *path, bool spam, struct error *error);

/* Read a message into `bytes`, which is emptied first and whose limit is set; ">From " of an mbox is undone. */
bool corpus_read(const struct corpus_message *message, struct buffer *bytes, struct error *error);

/*
 * A warning for the end, if so many messages of one class in a row, of so many that were taught in all, teach badly:
 * what Algorithm adaptive learns first of all is what the classes have in common, and only the other class corrects
 * that.
 */
void corpus_warn_of_row(const struct settings *settings, size_t longest, size_t all);

/* Add one message; its path lives in corpus->arena. */
bool corpus_append(struct corpus *corpus, const struct corpus_message *message, struct error *error);

#endif
