#include "move/foreign.h"

#include <limits.h>

#include "base/clock.h"

#define DAYS_MAX 100000 /* numbers up to this are days, larger ones seconds */

bool
foreign_token(struct span text, uint64_t *token)
{
	bool negative = text.size > 0 && text.data[0] == '-';
	unsigned long long number;

	if (!span_to_number(span_skip(text, negative), negative ? (unsigned long long)INT64_MAX + 1 : ULLONG_MAX,
			    &number))
		return false;
	*token = negative ? 0 - (uint64_t)number : number;
	return true;
}

/* Days from 1970-01-01 of a date of the Gregorian calendar: years begin in March, so that leap days are their last. */
static int32_t
days_of(int year, int month, int day)
{
	int from_march = (month + 9) % 12;
	int years = month <= 2 ? year - 1 : year;

	return years * 365 + years / 4 - years / 100 + years / 400 + (from_march * 306 + 5) / 10 + day - 1 - 719468;
}

static bool
read_date(struct span text, int32_t *day)
{
	unsigned long long year, month, date;

	if (text.size < 10 || text.data[4] != '-' || text.data[7] != '-' ||
	    (text.size > 10 && text.data[10] != ' ' && text.data[10] != 'T'))
		return false;
	if (!span_to_number(span_head(text, 4), 9999, &year) ||
	    !span_to_number(span_head(span_skip(text, 5), 2), 12, &month) ||
	    !span_to_number(span_head(span_skip(text, 8), 2), 31, &date))
		return false;
	/* MySQL writes 0000-00-00 for what is no date. */
	*day = year == 0 || month == 0 || date == 0 ? 0 : days_of((int)year, (int)month, (int)date);
	return true;
}

bool
foreign_day(struct span text, int32_t *day)
{
	unsigned long long number;

	if (read_date(text, day))
		return true;
	if (!span_to_number(text, (unsigned long long)INT32_MAX * CLOCK_DAY, &number))
		return false;
	*day = (int32_t)(number <= DAYS_MAX ? number : number / CLOCK_DAY);
	return true;
}

bool
foreign_weight(struct span text, int64_t *weight)
{
	unsigned long long number;
	bool minus = text.size > 0 && text.data[0] == '-';

	if (!span_to_number(minus ? span_skip(text, 1) : text, (unsigned long long)INT64_MAX + minus, &number))
		return false;
	*weight = minus ? (int64_t)(~(uint64_t)number + 1) : (int64_t)number;
	return true;
}
