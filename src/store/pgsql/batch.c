#include "store/pgsql/batch.h"

#include "store/server/spell.h"

/* '{1,2,3}'::type[] */
static void
write_array(const struct store_row *rows, size_t count, enum spell_column column, bool is_unsigned, struct buffer *out)
{
	buffer_append_string(out, "'{");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buffer_append_byte(out, ',');
		spell_column(&rows[i], column, is_unsigned, out);
	}
	buffer_append_string(out, column == SPELL_TOKEN && is_unsigned                ? "}'::numeric[]"
				  : column == SPELL_TOKEN || column == SPELL_GRADIENT ? "}'::bigint[]"
										      : "}'::integer[]");
}

void
pgsql_rows(store_uid uid, const struct store_row *rows, size_t count, bool is_unsigned, bool weights,
	   struct buffer *out)
{
	buffer_printf(out, "SELECT %u, b.token, b.spam, b.innocent, DATE '1970-01-01' + b.day%s FROM unnest(", uid,
		      weights ? ", b.weight, b.gradient" : "");
	for (enum spell_column column = SPELL_TOKEN; column <= (weights ? SPELL_GRADIENT : SPELL_DAY); column++) {
		if (column != SPELL_TOKEN)
			buffer_append_byte(out, ',');
		write_array(rows, count, column, is_unsigned, out);
	}
	buffer_append_string(out, weights ? ") AS b (token, spam, innocent, day, weight, gradient)"
					  : ") AS b (token, spam, innocent, day)");
}

/*
 * From a subquery, because of an array that stands in the condition itself the planner holds every element against its
 * statistics of the column, which takes longer than to find the rows.
 */
void
pgsql_keys(const struct store_row *rows, size_t count, bool is_unsigned, struct buffer *out)
{
	buffer_append_string(out, "= ANY ((SELECT ");
	write_array(rows, count, SPELL_TOKEN, is_unsigned, out);
	buffer_append_string(out, is_unsigned ? ")::numeric[])" : ")::bigint[])");
}
