/*
 * The preferences in force for one user, in the types that the filter works with.
 *
 * They come in three steps, as they always did (dspam-behaviour: config 5):
 *   1. the defaults of the site: those of the store if it has any, else those of
 *      HOME/default.prefs, else the Preference lines of dspam.conf. They are not merged.
 *   2. the user's own: from the store if it has any, else from his file if it exists, even
 *      empty; else, with FallbackDomains, those of @domain, found in the same way.
 *   3. what AllowOverride names replaces or extends the defaults; the rest is ignored.
 *
 * Of two entries with one name the first counts. Names compare without case, values exactly,
 * but for those that config/preference.h says.
 */
#ifndef DSPAM_FILTER_PREFERENCES_H
#define DSPAM_FILTER_PREFERENCES_H

#include "config/config.h"
#include "filter/home.h"
#include "filter/training.h"
#include "store/store.h"

enum tristate { TRISTATE_UNSET, TRISTATE_OFF, TRISTATE_ON };

/* What holds when dspam.conf says `otherwise` and the preference perhaps nothing. */
static inline bool
tristate_or(enum tristate state, bool otherwise)
{
	return state == TRISTATE_UNSET ? otherwise : state == TRISTATE_ON;
}

enum spam_action { SPAM_QUARANTINE, SPAM_TAG, SPAM_DELIVER };
enum signature_location { SIGNATURE_IN_MESSAGE, SIGNATURE_IN_HEADERS, SIGNATURE_IN_ATTACHMENT };

#define SPAM_SUBJECT_SIZE 15    /* bytes of the subject prefix that are used */
#define SEDATION_UNSET (-1)     /* dspam.conf says how much */
#define PREFERENCES_MAXIMUM 128 /* entries of one user */

struct preference_pair {
	struct span name;
	struct span value;
};

struct preferences {
	enum training_mode training_mode; /* TRAINING_MODE_UNSET: not given, or no mode */
	enum spam_action spam_action;
	char spam_subject[SPAM_SUBJECT_SIZE + 1]; /* never empty: [SPAM] */
	int sedation;                             /* 0 to 10, or SEDATION_UNSET */
	enum tristate noise;                      /* enableBNR */
	enum tristate whitelist;
	enum tristate bias;
	unsigned whitelist_threshold;
	double quarantine_threshold, tag_threshold, unsure_threshold; /* probabilities */
	enum signature_location signature_location;
	bool tag_spam, tag_nonspam;
	bool show_factors;
	bool opt_in, opt_out;
	bool make_corpus, store_fragments;
	const char *local_store; /* name of a directory; NULL: that of the user */
	bool fallback_domain;    /* act as user @domain: only for one without preferences of his own */
	enum tristate train_pristine;
	bool no_virus_scan; /* optOutClamAV */
	bool ignore_rbl;
	enum tristate rbl_inoculate;
	enum tristate notifications;
	bool ignore_groups;
	bool daily_summary;

	/* All effective entries, unknown names too, for "aggregate preference" */
	const struct preference_pair *pairs;
	size_t count;
};

/*
 * Step 1, and what AllowOverride and FallbackDomains say: made once for each load of the configuration, then
 * only read, by all threads. A change of the stored defaults holds from the next load on. Copies what
 * it needs. `store` may be NULL: files only.
 */
struct preference_defaults;
bool preference_defaults_new(const struct config *config, struct store *store, struct preference_defaults **defaults,
			     struct error *error);
/*
 * What hides the Preference lines of dspam.conf: "the store", "HOME/default.prefs", or NULL when they are
 * in force or there are none. --check-config says it.
 */
const char *preference_defaults_hider(const struct preference_defaults *defaults);
void preference_defaults_free(struct preference_defaults *defaults);

/* Whose preferences. */
struct preference_owner {
	struct span name;        /* perhaps with @domain, for FallbackDomains */
	store_uid uid;           /* 0: the store does not know him */
	const char *file;        /* his user.prefs; NULL: none */
	const char *domain_file; /* that of user @domain; NULL: none */
};

/* For a user of this name and number; the domain begins with the first @. The paths live in `arena`. */
struct preference_owner preference_owner_of(const struct home *home, struct arena *arena, const char *user,
					    store_uid uid);

/*
 * Steps 2 and 3. What `preferences` points to lives in `arena`, or as long as `defaults`. Fails when the store
 * or a file that exists cannot be read, and when the arena is full.
 */
bool preferences_of(const struct preference_defaults *defaults, struct store *store,
		    const struct preference_owner *owner, struct arena *arena, struct preferences *preferences,
		    struct error *error);

/* The typed values of some entries. Text of `pairs` is used where it stands; `arena` takes local_store. */
bool preferences_from(const struct preference_pair *pairs, size_t count, struct arena *arena,
		      struct preferences *preferences, struct error *error);

#endif
