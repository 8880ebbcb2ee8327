#include "store/mysql/batch.h"

#include "store/server/spell.h"

void
mysql_rows(store_uid uid, const struct store_row *rows, size_t count, bool is_unsigned, bool weights,
	   struct buffer *out)
{
	buffer_append_string(out, "VALUES ");
	for (size_t i = 0; i < count; i++) {
		buffer_append_string(out, i > 0 ? ",(" : "(");
		spell_unsigned(uid, out);
		for (enum spell_column column = SPELL_TOKEN; column <= SPELL_DAY; column++) {
			buffer_append_string(out, column == SPELL_DAY ? ",FROM_DAYS(719528+" : ",");
			spell_column(&rows[i], column, is_unsigned, out);
		}
		buffer_append_byte(out, ')');
		for (enum spell_column column = SPELL_WEIGHT; weights && column <= SPELL_GRADIENT; column++) {
			buffer_append_byte(out, ',');
			spell_column(&rows[i], column, is_unsigned, out);
		}
		buffer_append_byte(out, ')');
	}
}

/*
 * A number below 2^63 has a sign, others have none, and in a list of both MariaDB finds nothing by the key: it reads
 * all rows of the user. With "|0" each of them is without.
 */
void
mysql_keys(const struct store_row *rows, size_t count, bool is_unsigned, struct buffer *out)
{
	for (size_t i = 0; i < count; i++) {
		buffer_append_string(out, i > 0 ? "," : "IN (");
		spell_column(&rows[i], SPELL_TOKEN, is_unsigned, out);
		if (is_unsigned && rows[i].token <= INT64_MAX)
			buffer_append_string(out, "|0");
	}
	buffer_append_byte(out, ')');
}
