/*
 * What the mail of a folder says of itself: spam, innocent, or nothing that can be told.
 *
 * What the caller said of the folder or of one above it counts first (the nearest), then the special use that the
 * server knows of (RFC 6154), then the names, the one that is highest in the tree. A folder of mail that its owner
 * wrote or threw away tells nothing; all that is neither this nor spam is mail that its owner kept. Pure.
 */
#ifndef DSPAM_TOOL_FOLDER_ROLE_H
#define DSPAM_TOOL_FOLDER_ROLE_H

#include "base/arena.h"

enum folder_role { FOLDER_INNOCENT, FOLDER_SPAM, FOLDER_LEFT_OUT };

/* "innocent", "spam", "left out" */
const char *folder_role_name(enum folder_role role);

/* --spam, --innocent, --skip FOLDER */
struct folder_rule {
	const char *folder; /* without case (ASCII) */
	enum folder_role role;
	bool used; /* there is such a folder */
};

struct folder_rules {
	struct folder_rule *items;
	size_t count;
};

struct folder_view {
	const char *name; /* in UTF-8, levels with "/": "INBOX", "Junk/2024" */
	const char *raw;  /* as the server or the directory calls it, which a rule may say as well */
	struct span use;  /* special use of it or of one above it, "\Junk"; empty: none */
};

struct folder_opinion {
	enum folder_role role;
	const char *why; /* constant text */
};

/* Marks the rule that it goes by as used, and those that it is nearer than. */
struct folder_opinion folder_judge(const struct folder_view *folder, struct folder_rules *rules);

/* Whether this attribute of a folder is a special use that counts. */
bool folder_is_use(struct span attribute);

/* A name in modified UTF-7 (RFC 3501 5.1.3) as UTF-8; what is none, or would spoil a terminal, is made harmless. */
const char *folder_name_decode(struct arena *arena, struct span name);

#endif
