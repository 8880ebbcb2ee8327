/*
 * The display counters of a user and the text of dspam_stats (dspam-behaviour: statistics 1, cli 4).
 * Pure, but for writing.
 */
#ifndef DSPAM_TOOL_TALLY_H
#define DSPAM_TOOL_TALLY_H

#include <stdbool.h>
#include <stdio.h>

#include "base/totals.h"
#include "tool/json.h"

struct tally {
	int64_t true_positives, true_negatives, false_positives, false_negatives;
	int64_t spam_corpusfed, innocent_corpusfed;
	int64_t innocent_seen; /* learned or classified; "training left" counts down from it */
};

enum tally_form {
	TALLY_SHORT,      /* two lines: name, counters */
	TALLY_WITH_RATES, /* a third one with rates (-S) */
	TALLY_LONG,       /* one counter a line, in words (-H) */
};

struct tally tally_of(const struct totals *totals);

/* What was counted since `before`; innocent_seen stays that of `now`. */
struct tally tally_since(const struct tally *now, const struct tally *before);

void tally_add(struct tally *sum, const struct tally *tally);

/* The same for programs, as an object: `key` as in json.h, `name` as its member "user" unless NULL; no rate of nothing.
 */
void tally_json(struct json *json, const char *key, const char *name, const struct tally *tally);

void tally_print(FILE *out, const char *name, const struct tally *tally, enum tally_form form);

#endif
