/* Many rows or tokens in one statement: lists. */
#ifndef DSPAM_STORE_MYSQL_BATCH_H
#define DSPAM_STORE_MYSQL_BATCH_H

#include "base/buffer.h"
#include "store/store.h"

/* struct engine's members of these names. */
void mysql_rows(store_uid uid, const struct store_row *rows, size_t count, bool is_unsigned, bool weights,
		struct buffer *out);
void mysql_keys(const struct store_row *rows, size_t count, bool is_unsigned, struct buffer *out);

#endif
