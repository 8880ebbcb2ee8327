/* One message on its way through the filter; for the inside of filter. */
#ifndef DSPAM_FILTER_CASE_H
#define DSPAM_FILTER_CASE_H

#include "filter/adaptive_lesson.h"
#include "filter/analysis.h"
#include "filter/filter.h"
#include "filter/groups.h"
#include "filter/signature_state.h"
#include "mail/message.h"

struct filter {
	const struct settings *settings;
	struct store *store;
	struct preference_defaults *defaults;
	store_uid *group_uids; /* of the groups of the settings, as far as they were needed; 0: not yet */
	store_uid site_uid;    /* that of the site's model, likewise */
};

/* What a message, or a kept signature, gives to judge it by: tokens or, with Algorithm adaptive, features. */
struct material {
	struct token_set *tokens;           /* beside features: for an advice */
	const struct feature_set *features; /* NULL: tokens alone */
	uint64_t sender;                    /* appraisal.h */
};

struct filter_case {
	struct filter *filter;
	struct arena *arena;
	const struct request *request;
	const char *user;
	struct span raw;
	struct judgement *judgement; /* the result */
	struct span *whole;          /* the message as one piece, should it go on as it came */

	store_uid uid; /* whose memory is used: the user's, or that of his shared group */
	struct membership groups;
	store_uid merged; /* whose memory is added to it, a merged group's or the site's; 0: nobody's */
	struct method method;
	enum training_mode mode;
	enum training_mode mode_of_mail; /* also when the message is only classified */
	bool pristine;
	struct message *message;
	struct flat flat;
	struct material material;
	struct analysis analysis;           /* of tokens */
	struct appraisal appraisal;         /* of features */
	struct kept_features kept_features; /* of the signature, with features; after a lesson what is kept now */
	bool by_signature;
	bool listed;                   /* a virus, or a sender who is listed: judged by that alone, and not learned */
	bool inoculate;                /* RBLInoculate: learned as spam, as if somebody had reported it */
	bool dummy;                    /* nothing was learned from that message when it came */
	bool other_kind;               /* its signature is of another kind than what is learned now */
	enum training_class overruled; /* what a classification group said instead of the verdict */
	const char *of_another;        /* a signature of somebody whom the caller may not teach; NULL: none */
	const char *signature;         /* the one that was found for training, */
	struct store_signature kept;   /* as it was read, */
	enum signature_state state;    /* and what was learned from it last */
	bool known;                    /* the very lesson that is asked for */
};

/* Who it is, what he prefers, and whose memory is used; sets uid, user and groups. */
bool case_find_owner(struct filter_case *fc, struct error *error);

/*
 * Whose message it is that comes back: with *UIDInSignature whoever teaches by a signature that names another user
 * does so for him, if he may. Then the owner is found anew.
 */
bool case_follow_signature(struct filter_case *fc, struct error *error);

/* Whether the lesson is learned from what a signature keeps. */
bool case_wants_signature(const struct filter_case *fc);

/* Whether the memory that is used is the site's own (SiteModel): it judges alone, and only old mail teaches it. */
bool case_is_site(const struct filter_case *fc);

/* The part of it that groups decide: who is new is made known if `create`. */
bool case_join_groups(struct filter_case *fc, bool create, struct error *error);

/* Let the others of a classification group have their say; changes judgement and overruled. */
bool case_consult(struct filter_case *fc, struct error *error);

/*
 * Judge by the material of another case: without the advice that its user had, and with tokens, which know their arena,
 * in that of this one. `borrowed` is its place, which must stay.
 */
struct borrowed {
	struct token_set tokens;
	struct feature_set features;
};
void case_borrow(struct filter_case *fc, const struct material *material, struct borrowed *borrowed);

/* What the tokens or features say themselves, also when a class was given. */
bool case_thinks_spam(struct filter_case *fc, bool *spam, struct error *error);

/* Hold fc->material against the user's memory; a class that was given is the result. */
bool case_weigh(struct filter_case *fc, struct error *error);

/* The user's totals before the message, once it has been weighed. */
const struct totals *case_totals(const struct filter_case *fc);

/* A class that was given is the result. */
void case_force_result(struct filter_case *fc);

/* The same with Algorithm adaptive; the next two are false when memory is short. */
bool case_is_adaptive(const struct filter_case *fc);
bool case_adaptive_material(struct filter_case *fc, struct error *error);
bool case_adaptive_weigh(struct filter_case *fc, struct error *error);
/* Let the original's algorithms advise, as AdaptiveAdvisor says, where the user has taught them; changes appraisal. */
bool case_advise(struct filter_case *fc, struct error *error);
/* Make changes and totals of the lesson, and what its signature keeps. */
bool case_adaptive_lesson(struct filter_case *fc, const struct lesson_rule *rule, struct store_lesson *lesson,
			  struct span *kept, struct error *error);

/* Settle method and mode from request, preferences and configuration. */
void case_settle(struct filter_case *fc);

/*
 * Before the message is taken apart: hold what scanners and lists say, and the user's own block list, against his
 * preferences. Sets the judgement when that decides (fc->listed), and fc->inoculate.
 */
bool case_look(struct filter_case *fc, struct error *error);

/* Find the tokens, in the message or in a kept signature, and judge them. ERROR_DATA: nothing to judge by. */
bool case_examine(struct filter_case *fc, struct error *error);

/*
 * Note whom a report of spam teaches besides its user. They are taught when his own lesson is in the store, by
 * case_teach_others, whose failures are logged: the message must not come again because of them.
 */
bool case_inoculate(struct filter_case *fc, struct error *error);
void case_teach_others(struct filter *filter, const struct judgement *judgement);

/* Note what a report says for the site's model, and count it there when it is learned; likewise. */
bool case_note_vote(struct filter_case *fc, struct error *error);
void case_cast_vote(struct filter *filter, const struct judgement *judgement);

/* Make the message that is handed on. */
bool case_mark(struct filter_case *fc, struct error *error);

/* Make the lesson. */
bool case_teach(struct filter_case *fc, struct error *error);

#endif
