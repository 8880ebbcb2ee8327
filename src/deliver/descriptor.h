/* Handing a message on by writing it to a file descriptor, as --stdout does. */
#ifndef DSPAM_DELIVER_DESCRIPTOR_H
#define DSPAM_DELIVER_DESCRIPTOR_H

#include "deliver/message.h"

/*
 * Write all of the message, unchanged. `name` stands for the descriptor in the text. Any
 * failure, also a full disk or a reader that has gone, is temporary; then part of the
 * message may have been written.
 */
bool deliver_descriptor(int fd, const char *name, const struct deliver_message *message, struct deliver_result *result);

/* Write all of `text`, waiting when the descriptor is non-blocking; false with errno. SIGPIPE is held back. */
bool deliver_write(int fd, struct span text);

#endif
