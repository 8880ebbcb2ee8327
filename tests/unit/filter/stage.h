/* A filter with a store in memory, for tests: configured from text, used by one user at a time. */
#ifndef DSPAM_TESTS_FILTER_STAGE_H
#define DSPAM_TESTS_FILTER_STAGE_H

#include "filter/filter.h"

struct stage {
	struct config *config;
	struct settings *settings;
	struct filter *filter;
	struct arena *arena;
	char home[64]; /* an empty directory */
	struct judgement judgement;
	struct error error;
};

/* The lines of `more`, in which %s is Home; and Home, StorageDriver memory, chain, graham burton, bcr, teft. */
void stage_open(struct stage *stage, const char *more);
/* The same with a file of groups. */
void stage_open_groups(struct stage *stage, const char *groups, const char *more);
void stage_close(struct stage *stage);

/* Judge and learn; fails the test when either fails. */
void stage_run(struct stage *stage, const struct request *request, const char *user, struct span message);
/* Mail that comes in. */
void stage_receive(struct stage *stage, const char *user, const char *message);
/* An error reported by the signature `id`. */
void stage_retrain(struct stage *stage, const char *user, enum training_class training_class, const char *id);
/* The message that was handed on, with a NUL behind it. */
struct span stage_output(struct stage *stage);

store_uid stage_uid(struct stage *stage, const char *user);
struct totals stage_totals(struct stage *stage, const char *user);
/* The hits of the token with that text. */
struct store_row stage_row(struct stage *stage, const char *user, const char *token);
/* Add to the totals, as if much had been learned. */
void stage_add(struct stage *stage, const char *user, struct totals totals);
/* Write a file below Home. */
void stage_write(struct stage *stage, const char *name, const char *text);

#endif
