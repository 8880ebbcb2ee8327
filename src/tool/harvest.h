/*
 * Mail that people have already, as something to learn from: which messages of which folders, what they are, and in
 * which order they are taught.
 *
 *	harvest_begin -> harvest_maildir, harvest_mbox, imap_harvest_list (any, each more than once) -> harvest_settle
 *
 * Of innocent mail only what was read is taken: unread mail says nothing of what its owner thinks of it. What is marked
 * as deleted is left out. Of the rest the newest of each kind are taken, newest first, both kinds mixed in proportion,
 * so that a folder of spam that is emptied each month does not come all at once.
 *
 * Owns its texts. For one thread.
 */
#ifndef DSPAM_TOOL_HARVEST_H
#define DSPAM_TOOL_HARVEST_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "tool/folder_role.h"

#define HARVEST_FOLDERS_MAX 10000
#define HARVEST_MESSAGES_MAX 5000000          /* that are looked at */
#define HARVEST_LIMIT 4000                    /* that are taken, unless the caller says another number */
#define HARVEST_MESSAGE_MAX ((size_t)1 << 20) /* bytes of a message that are looked at: its beginning */

enum harvest_source { HARVEST_MAILDIR, HARVEST_MBOX, HARVEST_IMAP };

struct harvest_folder {
	const char *name;  /* for people */
	const char *place; /* the directory or file; on a server its name there */
	enum harvest_source source;
	enum folder_role role;
	const char *why;
	uint32_t validity; /* UIDVALIDITY */
	/* What was found, and is left out because it is unread, deleted, too old, or more than was asked for. */
	size_t messages, unread, deleted, old, beyond;
	size_t known;                                 /* taught by an earlier call */
	size_t taken, taught, right, same, gone, bad; /* what became of it */
};

struct harvest_message {
	const char *path;      /* file in `place` of a Maildir; NULL elsewhere */
	uint64_t offset, size; /* in an mbox */
	uint64_t key;          /* of the place, the same in later calls; 0: it has none */
	int64_t date;          /* seconds since 1970 of its arrival */
	uint32_t folder;
	uint32_t number; /* in an mbox, from 1; UID */
};

struct harvest {
	struct arena *arena;
	struct folder_rules rules;
	int64_t since; /* what is older is left out */
	size_t limit;  /* how many are taken */
	size_t each;   /* of each kind */
	struct harvest_folder *folders;
	struct harvest_message *messages; /* once settled, in the order of teaching */
	size_t folder_count, count, capacity;
};

/* `limit`: how many are taken in all, half of them of each kind, one more of that which goes on newer if it is odd;
 * `days`: 0, or how old they may be. */
void harvest_begin(struct harvest *harvest, struct folder_rules rules, size_t limit, unsigned days);
void harvest_end(struct harvest *harvest);

/*
 * A tree of Maildirs: PATH with cur and new, folders as ".Junk.2024" (Maildir++) or as directories with cur and new
 * (LAYOUT=fs). Fails when there is none.
 */
bool harvest_maildir(struct harvest *harvest, const char *path, struct error *error);

/* An mbox file, of this role, or (`by_name`) of the one that its name has. */
bool harvest_mbox(struct harvest *harvest, const char *path, bool by_name, enum folder_role role, struct error *error);

/* Fails when a rule is about no folder. */
bool harvest_settle(struct harvest *harvest, struct error *error);

/* The bytes of a message of a file; `gone`: somebody has taken it away meanwhile, which is no error. */
bool harvest_read(const struct harvest *harvest, const struct harvest_message *message, struct buffer *bytes,
		  bool *gone, struct error *error);

/* For sources: a folder (NULL and an error: too many), a text (NULL likewise), a message. */
struct harvest_folder *harvest_folder_add(struct harvest *harvest, const struct harvest_folder *folder,
					  struct error *error);
const char *harvest_text(struct harvest *harvest, struct span text, struct error *error);
bool harvest_is_full(struct error *error); /* false, and fills `error` */
struct harvest_flags {
	bool unread, deleted;
};
bool harvest_add(struct harvest *harvest, const struct harvest_message *message, struct harvest_flags flags,
		 struct error *error);

/* A number that stands for a place. */
uint64_t harvest_key(const char *source, const char *const *words, size_t count);

#endif
