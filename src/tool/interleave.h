/*
 * Two rows of messages merged in proportion, so that both come to their end together and a filter sees
 * them mixed like a day's mail. Each keeps its own order. Pure.
 */
#ifndef DSPAM_TOOL_INTERLEAVE_H
#define DSPAM_TOOL_INTERLEAVE_H

#include <stdbool.h>
#include <stddef.h>

struct interleave {
	size_t first_count, second_count; /* how many there are */
	size_t first_done, second_done;   /* how many were taken */
};

/* Whether the next one comes from the first row, whose turn it also is in a tie; counts it as taken. */
static inline bool
interleave_takes_first(struct interleave *rows)
{
	/* compares first_done / first_count with second_done / second_count */
	bool first = rows->first_done < rows->first_count &&
		     (rows->second_done >= rows->second_count ||
		      (unsigned __int128)rows->first_done * rows->second_count <=
			      (unsigned __int128)rows->second_done * rows->first_count);

	if (first)
		rows->first_done++;
	else
		rows->second_done++;
	return first;
}

static inline bool
interleave_has_more(const struct interleave *rows)
{
	return rows->first_done < rows->first_count || rows->second_done < rows->second_count;
}

#endif
