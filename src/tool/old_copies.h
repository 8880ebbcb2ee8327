/*
 * Old copies of messages in the files of users: fragments (USER.frag/ID.frag, storeFragments) and corpora
 * (USER.corpus/spam|nonspam/ID.msg, makeCorpus), and how they go (dspam-behaviour: messages 9).
 *
 * A copy is as old as its last change; a correction moves it and does not make it younger. No symbolic link is
 * followed, and no other file removed. The working directory changes meanwhile: not while other threads work with
 * paths.
 */
#ifndef DSPAM_TOOL_OLD_COPIES_H
#define DSPAM_TOOL_OLD_COPIES_H

#include "base/error.h"
#include "tool/purge_rule.h"

struct old_copies {
	size_t fragments; /* that were removed */
	size_t messages;
};

/*
 * Remove what is older than `ages` allow at `now`, below `directory`, which may be missing, and add to `gone`. What
 * cannot be removed keeps nothing else from it: false then, and the error names the first.
 */
bool old_copies_remove(const char *directory, const struct purge_ages *ages, int64_t now, struct old_copies *gone,
		       struct error *error);

#endif
