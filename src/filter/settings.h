/*
 * What dspam.conf says about filtering, in the types that the filter works with.
 *
 * Made once when the configuration is read and then only read, by all threads. Owns its
 * memory; borrows the configuration, which must outlive it.
 */
#ifndef DSPAM_FILTER_SETTINGS_H
#define DSPAM_FILTER_SETTINGS_H

#include "classify/method.h"
#include "config/config.h"
#include "filter/debug.h"
#include "filter/groups.h"
#include "filter/home.h"
#include "filter/training.h"
#include "store/store.h"
#include "token/tokenize.h"

struct settings {
	const struct config *config;
	const char *home;
	struct home files;          /* where those of users are */
	const char *text_directory; /* msgtag.spam, msgtag.nonspam */

	enum tokenizer tokenizer;
	bool url_context;
	struct header_set *ignored;

	enum pvalue pvalue;
	unsigned algorithms;
	unsigned advisors; /* AdaptiveAdvisor: algorithms that advise the adaptive one; 0: none */
	bool bias, noise, whitelist;
	unsigned sedation;
	bool count_occurrences; /* ProcessorWordFrequency occurrence */

	enum training_mode training_mode;
	bool test_conditional;
	bool original_training; /* Compat trainingBugs */
	bool double_training;   /* Compat doubleTraining */
	bool train_pristine;
	bool number_signatures; /* the store's *UIDInSignature: signatures name their user */
	bool improbability;
	bool inoculate;                 /* RBLInoculate */
	bool keep_headers;              /* KeepDSPAMHeaders */
	bool opt_in;                    /* Opt in: only who asked for it is filtered */
	unsigned long long message_max; /* MaxMessageSize in bytes; 0: none */

	struct debug_rules debug;
	struct groups *groups;  /* GroupConfig; NULL: none */
	bool classify_alone;    /* Compat classifyAlone: --classify knows no groups */
	const char *site_model; /* SiteModel: the user whose rows judge with everybody's; NULL: none */
	size_t site_quorum;     /* SiteModelQuorum: so many reports of one mail teach it; 0: none do */

	struct store_options store;
};

bool settings_new(const struct config *config, struct settings **settings, struct error *error);
void settings_free(struct settings *settings);

/*
 * For a program that serves many messages: let all connections to the store share a cache of rows (StoreCache), and
 * what they know of servers that do not answer.
 */
void settings_share_store(struct settings *settings);

#endif
