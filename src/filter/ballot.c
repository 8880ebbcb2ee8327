#include "filter/ballot.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FORMAT = 1, HEAD = 8, VOTE_SIZE = 5, SMALLEST = 3, SEED = 0xBA1107 };

static const struct span magic = {"ballot", 6};

/* ---- the same mail ---------------------------------------------------------------- */

/* Identifiers are hashes already, but of the common ones the smallest would be in all mail: not when hashed anew. */
static uint64_t
rank_of(uint64_t id)
{
	uint64_t bytes = htole64(id);

	return XXH3_64bits_withSeed(&bytes, sizeof bytes, SEED);
}

static size_t
content_count(const struct feature_set *set)
{
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++)
		count += set->features[i].view == FEATURE_CONTENT;
	return count;
}

/* Keep the smallest, in their order. */
static void
keep_smallest(uint64_t smallest[static SMALLEST], uint64_t rank)
{
	for (size_t i = 0; i < SMALLEST; i++)
		if (rank < smallest[i]) {
			uint64_t larger = smallest[i];
			smallest[i] = rank;
			rank = larger;
		}
}

bool
ballot_id(const struct feature_set *set, char id[static BALLOT_ID_SIZE])
{
	uint64_t smallest[SMALLEST] = {UINT64_MAX, UINT64_MAX, UINT64_MAX};

	if (content_count(set) < BALLOT_CONTENT_MIN)
		return false;
	for (size_t i = 0; i < set->count; i++)
		if (set->features[i].view == FEATURE_CONTENT)
			keep_smallest(smallest, rank_of(set->features[i].id));
	snprintf(id, BALLOT_ID_SIZE, "ballot%016" PRIx64, rank_of(rank_of(smallest[0]) ^ smallest[1]) ^ smallest[2]);
	return true;
}

static int
compare_ids(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* The features of `set` that `copy` has as well. NULL: arena full. */
static struct feature_set *
common(struct arena *arena, const struct feature_set *set, const struct feature_set *copy)
{
	uint64_t *ids = arena_alloc(arena, (copy->count + 1) * sizeof *ids);
	struct feature_set *both = arena_calloc(arena, 1, sizeof *both);
	struct feature *features = arena_alloc(arena, (set->count + 1) * sizeof *features);

	if (ids == NULL || both == NULL || features == NULL)
		return NULL;
	for (size_t i = 0; i < copy->count; i++)
		ids[i] = copy->features[i].id;
	qsort(ids, copy->count, sizeof *ids, compare_ids);
	both->features = features;
	for (size_t i = 0; i < set->count; i++)
		if (bsearch(&set->features[i].id, ids, copy->count, sizeof *ids, compare_ids) != NULL)
			features[both->count++] = set->features[i];
	return both;
}

/* Half of each: a long mail that quotes it is another, and so is a short one that has but some words of it. */
static bool
is_same_mail(const struct feature_set *both, const struct feature_set *set, const struct feature_set *copy)
{
	size_t common = content_count(both);

	return common * 2 >= content_count(set) && common * 2 >= content_count(copy);
}

/* ---- votes ------------------------------------------------------------------------- */

/* Without the advice, which is not of the mail but about it. */
bool
ballot_new(struct arena *arena, const struct feature_set *set, struct ballot *ballot)
{
	struct feature_set *own = arena_calloc(arena, 1, sizeof *own);
	struct feature *features = arena_alloc(arena, (set->count + 1) * sizeof *features);

	if (own == NULL || features == NULL)
		return false;
	own->features = features;
	for (size_t i = 0; i < set->count; i++)
		if (set->features[i].view != FEATURE_ADVICE)
			features[own->count++] = set->features[i];
	*ballot = (struct ballot){.kept = {.set = own}};
	return true;
}

static struct vote *
vote_of(struct ballot *ballot, store_uid voter)
{
	for (size_t i = 0; i < ballot->vote_count; i++)
		if (ballot->votes[i].voter == voter)
			return &ballot->votes[i];
	return NULL;
}

static bool
put_vote(struct ballot *ballot, const struct vote *vote)
{
	struct vote *before = vote_of(ballot, vote->voter);

	if (before == NULL) {
		if (vote->class == CLASS_NONE || ballot->vote_count == BALLOT_VOTES_MAX)
			return false;
		ballot->votes[ballot->vote_count++] = *vote;
	} else if (vote->class == CLASS_NONE) {
		*before = ballot->votes[--ballot->vote_count];
	} else if (before->class == vote->class) {
		return false;
	} else {
		before->class = vote->class;
	}
	return true;
}

bool
ballot_cast(struct ballot *ballot, struct arena *arena, const struct feature_set *copy, const struct vote *vote,
	    bool *changed)
{
	const struct feature_set *both = common(arena, ballot->kept.set, copy);

	*changed = false;
	if (both == NULL)
		return false;
	if (vote->class != CLASS_NONE && !is_same_mail(both, ballot->kept.set, copy))
		return true;
	*changed = put_vote(ballot, vote);
	if (*changed && vote->class != CLASS_NONE && ballot->kept.lesson == CLASS_NONE)
		ballot->kept.set = both;
	return true;
}

enum training_class
ballot_result(const struct ballot *ballot, size_t quorum)
{
	size_t spam = 0, innocent = 0;

	for (size_t i = 0; i < ballot->vote_count; i++)
		*(ballot->votes[i].class == CLASS_SPAM ? &spam : &innocent) += 1;
	if (spam >= innocent + quorum)
		return CLASS_SPAM;
	return innocent >= spam + quorum ? CLASS_INNOCENT : CLASS_NONE;
}

/* ---- as a signature ---------------------------------------------------------------- */

bool
ballot_is(struct span data)
{
	return span_starts(data, magic);
}

bool
ballot_is_id(const char *id)
{
	return span_starts(span_from(id), magic);
}

struct span
ballot_encode(struct arena *arena, const struct ballot *ballot)
{
	struct span kept = kept_features_encode(arena, &ballot->kept);
	size_t size = HEAD + ballot->vote_count * VOTE_SIZE + kept.size;
	char *data = kept.data != NULL ? arena_text(arena, size) : NULL, *out = data;

	if (data == NULL)
		return (struct span){NULL, 0};
	memcpy(out, magic.data, magic.size);
	out += magic.size;
	*out++ = FORMAT;
	*out++ = (char)ballot->vote_count;
	for (size_t i = 0; i < ballot->vote_count; i++) {
		for (unsigned byte = 0; byte < 4; byte++)
			*out++ = (char)(ballot->votes[i].voter >> 8 * byte & 255);
		*out++ = (char)ballot->votes[i].class;
	}
	memcpy(out, kept.data, kept.size);
	return span_of(data, size);
}

static bool
read_vote(const unsigned char *bytes, struct ballot *ballot)
{
	struct vote vote = {.class = bytes[4]};

	for (unsigned byte = 0; byte < 4; byte++)
		vote.voter |= (store_uid)bytes[byte] << 8 * byte;
	if (vote.class != CLASS_SPAM && vote.class != CLASS_INNOCENT)
		return false;
	return put_vote(ballot, &vote);
}

bool
ballot_decode(struct arena *arena, struct span data, struct ballot *ballot, struct error *error)
{
	const unsigned char *bytes = (const unsigned char *)data.data;

	*ballot = (struct ballot){0};
	if (data.size < HEAD || bytes[6] != FORMAT || bytes[7] > BALLOT_VOTES_MAX ||
	    data.size - HEAD < (size_t)bytes[7] * VOTE_SIZE)
		return error_set(error, ERROR_DATA, "the ballot is damaged: no vote can be added to it");
	for (size_t i = 0; i < bytes[7]; i++)
		if (!read_vote(bytes + HEAD + i * VOTE_SIZE, ballot))
			return error_set(error, ERROR_DATA, "the ballot is damaged: a vote in it is none");
	struct span kept = span_skip(data, HEAD + (size_t)bytes[7] * VOTE_SIZE);
	if (!kept_features_are(kept))
		return error_set(error, ERROR_DATA, "the ballot is damaged: it names no features");
	return kept_features_decode(arena, kept, &ballot->kept, error);
}
