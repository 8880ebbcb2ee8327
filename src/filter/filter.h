/*
 * The filter: judge a message for its user, mark it, and learn.
 *
 * Judging and learning are two steps, because a message is learned only after it was
 * handed on: what is deferred and comes again has not been counted yet.
 *
 *	filter_judge -> hand the pieces on -> filter_learn
 *
 * A struct filter is one connection to the store, for one thread at a time. What judging
 * yields lives in the arena that is given to it, and may be handed to another thread
 * together with that arena.
 */
#ifndef DSPAM_FILTER_FILTER_H
#define DSPAM_FILTER_FILTER_H

#include "classify/verdict.h"
#include "filter/preferences.h"
#include "filter/request.h"
#include "filter/settings.h"

/* What a message may be; spam and all below it are spam. */
enum result_class {
	RESULT_INNOCENT,
	RESULT_UNSURE, /* Algorithm adaptive: delivered, and marked as such */
	RESULT_WHITELISTED,
	RESULT_SPAM,
	RESULT_VIRUS,
	RESULT_BLOCKLISTED,
	RESULT_BLACKLISTED,
};

/* "Innocent", "Whitelisted", "Spam", ... */
const char *result_class_name(enum result_class result_class);

/* What became of a training request. */
enum training_outcome {
	TRAINING_NONE,    /* none was asked for */
	TRAINING_DONE,    /* there is a lesson */
	TRAINING_MISSING, /* no signature, or one that is not in the store: nothing to learn */
	TRAINING_REFUSED, /* nothing to learn for another reason, see judgement.note */
};

/* A token and its value; or a feature, its share of the score, and the lessons that had it. */
struct factor {
	const char *text; /* NULL: a feature */
	double value;
	const struct feature *feature;         /* feature/feature.h; and in how many lessons it was, of the user */
	uint32_t spam, innocent;               /* himself, */
	uint32_t common_spam, common_innocent; /* and of the site's model or the merged group */
};

struct inoculation;
struct site_vote;

struct judgement {
	/*
	 * False: the message was not looked at (opted out, too large, no tokens) and goes on as it came;
	 * `note` says why. Nothing else but preferences and pieces is meaningful then.
	 */
	bool judged;
	enum result_class result_class;
	bool spam;
	bool suspect; /* unsure, and rather spam: its subject is tagged where that of spam is */
	double probability, confidence;
	double score;                 /* verdict.h */
	const struct factor *factors; /* of the algorithm that decided, most significant first; of features only if they
					 are wanted */
	size_t factor_count;
	bool has_common;       /* what decided is the user's and a common model's */
	const char *signature; /* NULL: none was made or used */
	const char *kept_for; /* X-DSPAM-User: whose spam it is, when it lies among that of others; NULL: it does not */
	enum training_outcome training;
	const char *note; /* one line for the administrator, or NULL */
	/* Why scanners or lists made it what it is, in the words of the logs; NULL: they did not. */
	const char *status;
	bool unscanned; /* viruses should have been sought in it, and could not be; also set when it is not judged */
	struct preferences preferences;
	struct debug debug; /* tells what becomes of it */

	const char *user;   /* whom it is for */
	const char *owner;  /* whose totals and tokens were used: the user, "@domain" or a shared group */
	const char *merged; /* the merged group whose totals and tokens were added; NULL: none */

	/* The message to hand on: with our marks, or as it came. */
	struct span *pieces;
	size_t piece_count;

	struct totals totals; /* of the user, before the lesson */

	/* For filter_learn. */
	struct store_lesson lesson;
	bool has_lesson;
	const struct inoculation *inoculation; /* NULL: nobody else is taught */
	const struct site_vote *vote;          /* NULL: nothing is said for the model of the site */
};

/* Whether filter_learn has anything to do. */
static inline bool
judgement_teaches(const struct judgement *judgement)
{
	return judgement->has_lesson || judgement->vote != NULL;
}

struct filter;

/*
 * Whether the store, if it can be asked now, is one that the configuration can work with: whether a database has room
 * for what Algorithm adaptive learns.
 */
bool filter_check_store(const struct settings *settings, struct error *error);

/* Open a connection to the store. `settings` must outlive the filter. */
bool filter_open(const struct settings *settings, struct filter **filter, struct error *error);
void filter_close(struct filter *filter);

/* The connection, for tools. */
struct store *filter_store(struct filter *filter);

/* Memory that judging a message may take, besides the message itself: the ceiling of its arena. */
size_t filter_arena_ceiling(size_t message_size);

/*
 * Judge `raw` for `user`. The message and the arena must live until the judgement is done with. An
 * empty message is right for a request that names a signature. Fails when the store cannot be
 * asked (temporary) or the user name cannot be one (ERROR_USER).
 */
bool filter_judge(struct filter *filter, struct arena *arena, const struct request *request, const char *user,
		  struct span raw, struct judgement *judgement, struct error *error);

/*
 * Learn what the judgement holds, and keep its signature: one transaction. Does nothing without a lesson. Then the
 * others of an inoculation group are taught, and a report counts for the model of the site (SiteModelQuorum); what goes
 * wrong with that is logged.
 */
bool filter_learn(struct filter *filter, const struct judgement *judgement, struct error *error);

#endif
