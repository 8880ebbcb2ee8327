/* One message on its way through the filter; for the inside of filter. */
#ifndef DSPAM_FILTER_CASE_H
#define DSPAM_FILTER_CASE_H

#include "filter/analysis.h"
#include "filter/filter.h"
#include "filter/signature_state.h"
#include "mail/message.h"

struct filter {
	const struct settings *settings;
	struct store *store;
	struct preference_defaults *defaults;
};

struct filter_case {
	struct filter *filter;
	struct arena *arena;
	const struct request *request;
	const char *user;
	struct span raw;
	struct judgement *judgement; /* the result */
	struct span *whole;          /* the message as one piece, should it go on as it came */

	store_uid uid;
	struct method method;
	enum training_mode mode;
	bool pristine;
	struct message *message;
	struct flat flat;
	struct analysis analysis;
	bool by_signature;
	const char *signature;       /* the one that was found for training, */
	struct store_signature kept; /* as it was read, */
	enum signature_state state;  /* and what was learned from it last */
	bool known;                  /* the very lesson that is asked for */
};

/* Settle method and mode from request, preferences and configuration. */
void case_settle(struct filter_case *fc);

/* Find the tokens, in the message or in a kept signature, and judge them. ERROR_DATA: nothing to judge by. */
bool case_examine(struct filter_case *fc, struct error *error);

/* Make the message that is handed on. */
bool case_mark(struct filter_case *fc, struct error *error);

/* Make the lesson. */
bool case_teach(struct filter_case *fc, struct error *error);

#endif
