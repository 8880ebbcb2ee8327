/*
 * Which rows, signatures and copies of messages of a user are forgotten (dspam-behaviour: cli 5, storage 7). Pure.
 *
 * An age of N days means: not hit for more than N days; 0 means whatever its age. Features of the adaptive classifier
 * go only when hardly any lesson had them (hapax, once); the row that counts its lessons never goes.
 */
#ifndef DSPAM_TOOL_PURGE_RULE_H
#define DSPAM_TOOL_PURGE_RULE_H

#include "classify/value.h"
#include "config/config.h"
#include "filter/training.h"
#include "store/store.h"

#define PURGE_OFF (-1) /* in place of an age: this rule does nothing */

struct purge_ages {
	int32_t signatures;
	int32_t neutral;       /* tokens whose value lies in 0.35 to 0.65 */
	int32_t any;           /* tokens; none of users in TOE and NOTRAIN, mature ones of those in TUM stay */
	int32_t hapax;         /* tokens with 2 * innocent + spam < 5 */
	int32_t spam_once;     /* tokens with a single spam hit and nothing else */
	int32_t innocent_once; /* the same with an innocent hit */
	int32_t fragments;     /* files of storeFragments */
	int32_t corpus;        /* files of makeCorpus */
};

extern const struct purge_ages purge_ages_off;

/* What the Purge* directives say; where `defaults` is given it holds for those that dspam.conf does not name. */
struct purge_ages purge_ages_of(const struct config *config, const struct purge_ages *defaults);

/* Whether any rule does anything: to tokens, to what the store has (tokens and signatures), to files. */
bool purge_ages_any_token(const struct purge_ages *ages);
bool purge_ages_any_stored(const struct purge_ages *ages);
bool purge_ages_any_copy(const struct purge_ages *ages);

/* "15", "off" or, giving `otherwise`, "". */
bool purge_age_read(struct span text, int32_t otherwise, int32_t *age);

struct purge_rule {
	struct purge_ages ages;
	int32_t today;
	enum training_mode mode;
	struct value_rule values; /* without bias */
};

/* A store_row_test; the context is a struct purge_rule. */
bool purge_rule_takes(const void *rule, const struct store_row *row);

#endif
