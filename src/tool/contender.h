/*
 * One of the settings that dspam_eval compares: a configuration with a store that is thrown away, and what the filter
 * said with it. Each has its own of everything, so that they cannot help each other.
 *
 * Owns all that it has opened; name, path and changes are the caller's. For one thread.
 */
#ifndef DSPAM_TOOL_CONTENDER_H
#define DSPAM_TOOL_CONTENDER_H

#include <stdio.h>

#include "tool/corpus.h"
#include "tool/feedback.h"
#include "tool/figures.h"
#include "tool/program.h"
#include "tool/scratch_store.h"
#include "tool/teacher.h"

#define CONTENDER_NAME_SIZE 64
#define CONTENDERS_MAX 32

struct contender {
	char name[CONTENDER_NAME_SIZE]; /* letters, digits and "._-", for files */
	const char *path;               /* its dspam.conf; NULL: the usual one */
	char *changes;                  /* lines that replace its directives, or NULL */

	struct config *config;
	struct settings *settings;
	struct scratch_store scratch;
	struct filter *filter;
	struct teacher teacher;
	const struct feedback *feedback;
	struct report_queue queue;
	FILE *scores, *trace;
	char *scores_path, *trace_path;

	struct figures_list said;
	size_t not_judged;
	size_t reports, not_taught; /* what its user said, and of that what found nothing to learn from */
};

/*
 * From the text of --setting, "NAME=Directive value; Directive value", where "NAME=" may be missing; or from the path
 * of a dspam.conf. NULL, or what is wrong with it.
 */
const char *contender_set(struct contender *contender, const char *text);
const char *contender_set_path(struct contender *contender, const char *path);

/* "graham burton, osb, markov": what of its configuration makes the difference; for people. */
#define CONTENDER_TEXT_SIZE 200
void contender_text(const struct contender *contender, char text[CONTENDER_TEXT_SIZE]);

bool contender_load(struct contender *contender, const struct program *program, struct error *error);
/* Begin with an empty store ("memory" or "sqlite"); `scores` and `trace` are paths or NULL. */
bool contender_open(struct contender *contender, const char *driver, const struct feedback *feedback,
		    const char *scores, const char *trace, struct error *error);
/* Write what is left of its files; false, with the error, when they are not whole. Frees all but what was said. */
bool contender_close(struct contender *contender, struct error *error);
void contender_free(struct contender *contender);

/* The message `number` of the corpus, the `now`th to come, is judged, and what its user will say of it is noted. */
bool contender_meet(struct contender *contender, size_t number, size_t now, const struct corpus_message *message,
		    struct span bytes, struct error *error);

/* A report whose time has come; `bytes` may be empty where a signature stands in it. */
bool contender_hear(struct contender *contender, const struct report *report, struct span bytes, struct error *error);

#endif
