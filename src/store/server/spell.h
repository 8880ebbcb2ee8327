/* Numbers and bytes as SQL spells them; some thousands a message, so not by printf. */
#ifndef DSPAM_STORE_SERVER_SPELL_H
#define DSPAM_STORE_SERVER_SPELL_H

#include "base/buffer.h"
#include "store/store.h"

enum spell_column { SPELL_TOKEN, SPELL_SPAM, SPELL_INNOCENT, SPELL_DAY, SPELL_WEIGHT, SPELL_GRADIENT };

void spell_unsigned(uint64_t number, struct buffer *out);
void spell_signed(int64_t number, struct buffer *out);

/* One column of a row: hits not above what a signed column of 32 bits holds. */
void spell_column(const struct store_row *row, enum spell_column column, bool is_unsigned, struct buffer *out);

/* Two digits a byte. */
void spell_hex(struct span bytes, struct buffer *out);

#endif
