/* The effective configuration, as a dspam.conf that loads again and means the same. */
#ifndef DSPAM_CONFIG_PRINT_H
#define DSPAM_CONFIG_PRINT_H

#include "base/buffer.h"
#include "config/config.h"

/*
 * Append to `text` all directives in force, with one line of documentation each, in the order of
 * the table; defaults of the table are written out. Without `secrets` passwords are asterisks.
 * False when the buffer's limit is reached.
 */
bool config_print(const struct config *config, bool secrets, struct buffer *text);

#endif
