/* Many rows or tokens in one statement: arrays, of which the server makes a table. */
#ifndef DSPAM_STORE_PGSQL_BATCH_H
#define DSPAM_STORE_PGSQL_BATCH_H

#include "base/buffer.h"
#include "store/store.h"

/* struct engine's members of these names. */
void pgsql_rows(store_uid uid, const struct store_row *rows, size_t count, bool is_unsigned, bool weights,
		struct buffer *out);
void pgsql_keys(const struct store_row *rows, size_t count, bool is_unsigned, struct buffer *out);

#endif
