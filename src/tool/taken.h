/*
 * What dspam_train has taught a user from his mailboxes already: the file USER.taken below Home.
 *
 * For each message a line "PLACE CONTENT", two check sums of 16 hexadecimal digits: of where it stood, so that it need
 * not be read again, and of its bytes, so that a copy elsewhere is known. A line is on the disk before its message is
 * learned: who is killed between the two has left one message out, and counted none twice. Beyond TAKEN_MAX lines the
 * older half is forgotten. The file is locked while it is open. For one thread.
 */
#ifndef DSPAM_TOOL_TAKEN_H
#define DSPAM_TOOL_TAKEN_H

#include <stdint.h>

#include "base/error.h"
#include "filter/home.h"

#define TAKEN_MAX 400000

struct taken;

/* Fails, as temporary, while another program has it open. `again`: forget what stands in it. */
bool taken_open(const struct home *home, const char *user, bool again, struct taken **taken, struct error *error);
/* Only look, without making or locking anything. */
bool taken_look(const struct home *home, const char *user, struct taken **taken, struct error *error);
/* NULL is allowed. */
void taken_close(struct taken *taken);

/* Whether a message of this place, or with this content, was last taught as such. Nothing is known of 0. */
bool taken_has(const struct taken *taken, uint64_t key, bool spam);
/* Whether one with this content was taught as whatever since the file was opened: which of its copies is right? */
bool taken_has_now(const struct taken *taken, uint64_t content);

/* Note a message in the file; then taken_keep when it was learned, or taken_take_back when it could not be. */
bool taken_note(struct taken *taken, uint64_t place, uint64_t content, bool spam, struct error *error);
void taken_keep(struct taken *taken);
bool taken_take_back(struct taken *taken, struct error *error);

/* The check sum of a message, whichever way its lines end. */
uint64_t taken_content(struct span message);

#endif
