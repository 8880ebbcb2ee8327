/*
 * What came out of a replay: the figures of all contenders, and their print as text, as JSON and as a page.
 *
 * Made once from what was said; owns its array, borrows the contenders. For one thread.
 */
#ifndef DSPAM_TOOL_EVALUATION_H
#define DSPAM_TOOL_EVALUATION_H

#include "tool/bootstrap.h"
#include "tool/calibration.h"
#include "tool/contender.h"
#include "tool/learning_curve.h"
#include "tool/replay.h"

struct outcome {
	const struct contender *contender;
	char text[CONTENDER_TEXT_SIZE]; /* its settings in short */
	struct figures figures;
	struct bootstrap bootstrap;
	struct calibration calibration;
	double judge_ms, learn_ms, per_second; /* NAN without messages */
};

struct evaluation {
	struct outcome *outcomes;
	size_t count;
	const struct replay *replay;
	const struct feedback *feedback;
	uint64_t seed;      /* of the bootstrap, too */
	const char *index;  /* the mail */
	char **command;     /* as it was called, up to NULL */
	int64_t when;       /* seconds since 1970 */
	const char *driver; /* of the throw-away stores */
};

/* Compute outcomes[]; all else is set. */
void evaluation_make(struct evaluation *evaluation);
void evaluation_free(struct evaluation *evaluation);

/* The lines of one contender; with `details` learning curve, intervals and calibration, too. */
void evaluation_print_one(const struct evaluation *evaluation, bool details, FILE *out);
/* A row for each of several, and how far each is from the first. */
void evaluation_print_all(const struct evaluation *evaluation, FILE *out);
/* One: an object; several: an object with the array "runs" of them. */
void evaluation_print_json(const struct evaluation *evaluation, FILE *out);
/* A page that needs nothing else. */
void evaluation_print_html(const struct evaluation *evaluation, FILE *out);

/* "fraction: ...", the order and the seed, in words; for text and page. */
#define EVALUATION_TERMS_SIZE 300
void evaluation_terms(const struct evaluation *evaluation, char text[EVALUATION_TERMS_SIZE]);

#endif
