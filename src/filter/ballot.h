/*
 * A ballot: what users have said of one mail that several of them got, as a signature of the site's model.
 *
 * With SiteModelQuorum reports teach the site as well, but what one user says teaches it nothing: only when so many
 * more have called a mail spam than innocent (or the reverse) is it learned, once; and when that is no longer so,
 * because somebody takes his report back, the lesson is taken back, to the last bit. What is learned is what all their
 * copies have in common, so that names and words that are one person's never get there.
 *
 * Copies are the same mail when the smallest identifiers of their content agree, which are the ballot's name (a
 * MinHash, Broder 1997), and half of each one's content does.
 *
 * Content: "ballot", then bytes: format (1), number of votes; for each vote the number of the user (4, little-endian)
 * and what he says (enum training_class); then kept_features (kept_features.h) with the lesson that stands.
 */
#ifndef DSPAM_FILTER_BALLOT_H
#define DSPAM_FILTER_BALLOT_H

#include "filter/kept_features.h"
#include "store/store.h"

enum {
	BALLOT_VOTES_MAX = 64,   /* further users are not counted */
	BALLOT_CONTENT_MIN = 12, /* a mail with fewer features of its content could be any */
	BALLOT_ID_SIZE = 6 + 16 + 1
};

struct vote {
	store_uid voter;
	enum training_class class; /* CLASS_SPAM or CLASS_INNOCENT */
};

struct ballot {
	struct vote votes[BALLOT_VOTES_MAX];
	size_t vote_count;
	struct kept_features kept; /* what the copies have in common, and the lesson that stands */
};

/* The name of the ballot about a mail with these features. False: its content is too little to tell it from others. */
bool ballot_id(const struct feature_set *set, char id[static BALLOT_ID_SIZE]);

/* One without votes about a mail with these features. False: arena full. */
bool ballot_new(struct arena *arena, const struct feature_set *set, struct ballot *ballot);

/*
 * What `voter` says of his copy; CLASS_NONE: he takes back what he said. *changed: whether that is something new. Until
 * a lesson stands, the ballot's features become those that this copy has as well. Says nothing when the copy is another
 * mail or the ballot is full. False: arena full.
 */
bool ballot_cast(struct ballot *ballot, struct arena *arena, const struct feature_set *copy, const struct vote *vote,
		 bool *changed);

/* What at least `quorum` more say than the reverse; CLASS_NONE: neither. */
enum training_class ballot_result(const struct ballot *ballot, size_t quorum);

/* Whether the data of a signature is of this kind, */
bool ballot_is(struct span data);
/* and whether its id is: other signatures begin with digits of 16. */
bool ballot_is_id(const char *id);

/* data NULL: arena full. */
struct span ballot_encode(struct arena *arena, const struct ballot *ballot);
/* In `arena`; ERROR_DATA when the data is damaged. */
bool ballot_decode(struct arena *arena, struct span data, struct ballot *ballot, struct error *error);

#endif
