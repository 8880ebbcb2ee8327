#include "tool/row_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"

void
row_text(char text[ROW_TEXT_SIZE], const struct store_row *row, double value)
{
	snprintf(text, ROW_TEXT_SIZE, "%-20" PRIu64 " S: %05" PRIu32 "  I: %05" PRIu32 "  P: %0.4f", row->token,
		 row->spam, row->innocent, value);
}

void
row_text_dated(char text[ROW_TEXT_SIZE], const struct store_row *row, double value)
{
	time_t start = (time_t)row->day * CLOCK_DAY;
	struct tm date;
	char day[64] = "unknown";

	row_text(text, row, value);
	if (gmtime_r(&start, &date) != NULL)
		strftime(day, sizeof day, "%a %b %e %H:%M:%S %Y", &date);
	size_t used = strlen(text);
	used += (size_t)snprintf(text + used, ROW_TEXT_SIZE - used, " LH: %s", day);
	if (store_row_has_weights(row))
		snprintf(text + used, ROW_TEXT_SIZE - used, " W: %" PRId32 " G: %" PRId64, row->weight, row->gradient);
}

void
row_json_weights(struct json *json, const struct store_row *row)
{
	if (!store_row_has_weights(row))
		return;
	json_put_integer(json, "weight", row->weight);
	json_put_integer(json, "gradient", row->gradient);
}

void
row_text_insert(char text[ROW_INSERT_SIZE], const struct store_row *row)
{
	snprintf(text, ROW_INSERT_SIZE,
		 "insert into dspam_token_data(token, spam_hits, innocent_hits, last_hit) values('%" PRIu64
		 "', %" PRIu32 ", %" PRIu32 ", date('now'))",
		 row->token, row->spam, row->innocent);
}

void
row_text_insert_totals(char text[ROW_INSERT_SIZE], const struct totals *totals)
{
	snprintf(text, ROW_INSERT_SIZE,
		 "insert into dspam_stats (dspam_stat_id, spam_learned, innocent_learned, spam_misclassified, "
		 "innocent_misclassified, spam_corpusfed, innocent_corpusfed, spam_classified, innocent_classified) "
		 "values (0, %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64
		 ", %" PRId64 ")",
		 totals->spam_learned, totals->innocent_learned, totals->spam_misclassified,
		 totals->innocent_misclassified, totals->spam_corpusfed, totals->innocent_corpusfed,
		 totals->spam_classified, totals->innocent_classified);
}
