#include "filter/lesson.h"

#define TOE_MATURE 100     /* messages of each kind, above which TOE learns errors only */
#define TUM_MATURE 50      /* hits of a token, from which TUM leaves it alone */
#define TUM_CONFIDENT 0.70 /* below it TUM learns all tokens */
#define INOCULATION_STRONG 5
#define INOCULATION_WEAK 2
#define INOCULATION_KNOWN 2 /* hits of the other kind from which a token is known */
#define CONDITIONAL_PASSES 5
#define CONDITIONAL_INNOCENT 1000 /* innocent mail below which a missed spam is trained once */

enum training_mode
lesson_mode(enum training_mode mode, const struct totals *totals, enum pvalue pvalue)
{
	bool young = totals->spam_learned <= TOE_MATURE || totals->innocent_learned <= TOE_MATURE;

	return mode == TRAINING_TOE && young && pvalue != PVALUE_MARKOV ? TRAINING_TEFT : mode;
}

/* One pass of a lesson in the making. */
struct pass {
	const struct lesson_rule *rule;
	const struct analysis *analysis;
	bool spam;       /* the class that is learned */
	bool inbound;    /* no class was given */
	bool repeated;   /* a further pass of test conditional training */
	bool overruling; /* what a classification group said; nobody has reported an error */
	struct totals totals;
};

/* ---- totals ----------------------------------------------------------------- */

static void
add_learned(struct totals *totals, bool spam, int64_t difference)
{
	*(spam ? &totals->spam_learned : &totals->innocent_learned) += difference;
}

static void
add_corpusfed(struct totals *totals, bool spam)
{
	*(spam ? &totals->spam_corpusfed : &totals->innocent_corpusfed) += 1;
}

static bool
takes_other_back(const struct pass *pass)
{
	return pass->rule->source == SOURCE_ERROR && !pass->repeated && !pass->rule->unlearned &&
	       pass->rule->mode != TRAINING_TOE && pass->rule->mode != TRAINING_NOTRAIN &&
	       pass->rule->mode != TRAINING_UNLEARN;
}

static struct totals
inbound_totals(const struct pass *pass)
{
	struct totals totals = {0};

	if (pass->rule->mode == TRAINING_TOE)
		*(pass->spam ? &totals.spam_classified : &totals.innocent_classified) += 1;
	else if (pass->rule->mode != TRAINING_NOTRAIN)
		add_learned(&totals, pass->spam, 1);
	return totals;
}

static struct totals
unlearned_totals(const struct pass *pass)
{
	struct totals totals = {0};

	if (pass->rule->original && !pass->rule->by_signature && !pass->spam)
		totals.innocent_corpusfed = 1;
	else
		add_learned(&totals, pass->spam, -1);
	return totals;
}

static struct totals
pass_totals(const struct pass *pass)
{
	struct totals totals = {0};

	if (pass->inbound)
		return inbound_totals(pass);
	if (pass->rule->mode == TRAINING_UNLEARN)
		return unlearned_totals(pass);
	add_learned(&totals, pass->spam, 1);
	if (pass->rule->source == SOURCE_ERROR && !pass->repeated)
		*(pass->spam ? &totals.spam_misclassified : &totals.innocent_misclassified) += !pass->overruling;
	else
		add_corpusfed(&totals, pass->spam);
	if (takes_other_back(pass))
		add_learned(&totals, !pass->spam, -1);
	return totals;
}

struct totals
lesson_totals(const struct lesson_rule *rule, bool spam)
{
	struct pass pass = {.rule = rule, .inbound = rule->training_class == CLASS_NONE, .spam = spam};

	return pass_totals(&pass);
}

static int64_t
at_least_zero(int64_t value)
{
	return value > 0 ? value : 0;
}

static struct totals
totals_after(const struct totals *before, const struct totals *change)
{
	return (struct totals){
		.spam_learned = at_least_zero(before->spam_learned + change->spam_learned),
		.innocent_learned = at_least_zero(before->innocent_learned + change->innocent_learned),
		.spam_misclassified = at_least_zero(before->spam_misclassified + change->spam_misclassified),
		.innocent_misclassified =
			at_least_zero(before->innocent_misclassified + change->innocent_misclassified),
		.spam_corpusfed = at_least_zero(before->spam_corpusfed + change->spam_corpusfed),
		.innocent_corpusfed = at_least_zero(before->innocent_corpusfed + change->innocent_corpusfed),
		.spam_classified = at_least_zero(before->spam_classified + change->spam_classified),
		.innocent_classified = at_least_zero(before->innocent_classified + change->innocent_classified),
	};
}

/* ---- tokens ----------------------------------------------------------------- */

/* Which tokens a pass learns at all. */
static bool
learns_token(const struct pass *pass, uint64_t token, struct hits hits, bool is_pattern)
{
	bool special = is_pattern || token == pass->analysis->set->whitelist;

	switch (pass->rule->mode) {
	case TRAINING_NOTRAIN:
		return false;
	case TRAINING_TOE:
		return !pass->inbound || special;
	case TRAINING_TUM:
		if (!pass->inbound && pass->rule->source != SOURCE_CORPUS)
			return true;
		return special || (uint64_t)hits.spam + hits.innocent < TUM_MATURE ||
		       (pass->inbound && pass->analysis->verdict.confidence < TUM_CONFIDENT);
	default:
		return true;
	}
}

/*
 * A report of somebody else weighs more while the token is unknown, but no token is in more
 * messages than were learned.
 */
static int32_t
inoculation_weight(const struct pass *pass, struct hits hits)
{
	uint32_t own = pass->spam ? hits.spam : hits.innocent;
	uint32_t other = pass->spam ? hits.innocent : hits.spam;
	const struct totals after = totals_after(&pass->analysis->totals, &pass->totals);
	int64_t learned = pass->spam ? after.spam_learned : after.innocent_learned;
	int64_t room = at_least_zero(learned - (int64_t)own);

	if (!pass->rule->by_signature && !pass->spam)
		return 1;
	int32_t weight = other < INOCULATION_KNOWN && own < INOCULATION_STRONG ? INOCULATION_STRONG : INOCULATION_WEAK;
	return room < weight ? (int32_t)room : weight;
}

static int32_t
occurrences(const struct pass *pass, uint32_t frequency)
{
	return pass->rule->count_occurrences && frequency > 0 ? (int32_t)frequency : 1;
}

static int32_t
token_weight(const struct pass *pass, struct hits hits, uint32_t frequency)
{
	bool inoculated = pass->rule->source == SOURCE_INOCULATION && !pass->repeated;

	if (pass->rule->mode == TRAINING_UNLEARN && !pass->inbound) {
		if (pass->rule->original && inoculated && !pass->rule->by_signature && pass->spam)
			return inoculation_weight(pass, hits);
		return pass->rule->original ? -1 : -occurrences(pass, frequency);
	}
	if (inoculated)
		return inoculation_weight(pass, hits);
	return occurrences(pass, frequency);
}

/* A correction takes back what was learned wrongly; the original took back one hit, however many there were. */
static int32_t
weight_taken_back(const struct pass *pass, uint32_t frequency)
{
	if (!takes_other_back(pass))
		return 0;
	return pass->rule->original ? -1 : -occurrences(pass, frequency);
}

static void
change_token(const struct pass *pass, struct hits hits, uint32_t frequency, struct store_change *change)
{
	int32_t weight = token_weight(pass, hits, frequency);
	int32_t back = weight_taken_back(pass, frequency);

	change->spam += pass->spam ? weight : back;
	change->innocent += pass->spam ? back : weight;
}

/* ---- the whole --------------------------------------------------------------- */

static bool
is_pattern_row(const struct analysis *analysis, size_t row)
{
	return analysis->row_token[row] >= analysis->set->count;
}

static uint32_t
row_frequency(const struct analysis *analysis, size_t row)
{
	return is_pattern_row(analysis, row) ? 1 : analysis->set->tokens[analysis->row_token[row]].frequency;
}

static struct hits *
row_hits(const struct analysis *analysis, size_t row)
{
	uint32_t index = analysis->row_token[row];

	return is_pattern_row(analysis, row) ? &analysis->noise_hits[index - analysis->set->count]
					     : &analysis->hits[index];
}

/* Add the changes of one pass; `changes` is parallel to the rows. */
static void
run_pass(struct pass *pass, struct store_change *changes)
{
	const struct analysis *analysis = pass->analysis;

	pass->totals = pass_totals(pass);
	for (size_t i = 0; i < analysis->row_count; i++) {
		bool pattern = is_pattern_row(analysis, i);
		struct hits hits = *row_hits(analysis, i);
		if ((pattern && !analysis->patterns_kept) || !learns_token(pass, changes[i].token, hits, pattern))
			continue;
		change_token(pass, hits, row_frequency(analysis, i), &changes[i]);
	}
}

static uint32_t
hits_after(uint32_t hits, int32_t difference)
{
	return (uint32_t)at_least_zero((int64_t)hits + difference);
}

/* Let the analysis see what the last pass taught. */
static void
apply_pass(struct analysis *analysis, const struct pass *pass, const struct store_change *before,
	   const struct store_change *after)
{
	for (size_t i = 0; i < analysis->row_count; i++) {
		struct hits *hits = row_hits(analysis, i);
		hits->spam = hits_after(hits->spam, after[i].spam - before[i].spam);
		hits->innocent = hits_after(hits->innocent, after[i].innocent - before[i].innocent);
	}
	analysis->totals = totals_after(&analysis->totals, &pass->totals);
}

static bool
is_learned_by_now(struct analysis *analysis, bool spam)
{
	struct error ignored;

	return !analysis_judge(analysis, &ignored) || analysis->verdict.spam == spam;
}

static bool
wants_more_passes(const struct pass *pass)
{
	const struct totals *totals = &pass->analysis->totals;

	return pass->rule->test_conditional && !pass->inbound && pass->rule->by_signature &&
	       pass->rule->source != SOURCE_CORPUS && pass->rule->mode != TRAINING_UNLEARN &&
	       pass->rule->mode != TRAINING_NOTRAIN &&
	       !(pass->spam && totals->innocent_learned + totals->innocent_classified < CONDITIONAL_INNOCENT);
}

/* The verdict is learned, and then corrected to what the classification group said. */
static void
run_overruling(const struct pass *inbound, struct store_change *changes, struct totals *totals)
{
	struct lesson_rule rule = *inbound->rule;
	struct pass pass = *inbound;

	rule.source = SOURCE_ERROR;
	pass.rule = &rule;
	pass.inbound = false;
	pass.overruling = true;
	pass.spam = rule.overruled == CLASS_SPAM;
	run_pass(&pass, changes);
	totals_add(totals, &pass.totals);
}

/* Only the rows that change are told to the store. */
static size_t
drop_unchanged(struct store_change *changes, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (changes[i].spam != 0 || changes[i].innocent != 0)
			changes[kept++] = changes[i];
	return kept;
}

bool
lesson_make(struct analysis *analysis, const struct lesson_rule *rule, struct store_lesson *lesson, struct error *error)
{
	size_t count = analysis->row_count;
	struct store_change *changes = arena_calloc(analysis->arena, count + 1, sizeof *changes);
	struct store_change *before = arena_calloc(analysis->arena, count + 1, sizeof *before);
	struct pass pass = {
		.rule = rule,
		.analysis = analysis,
		.inbound = rule->training_class == CLASS_NONE,
		.spam = rule->training_class == CLASS_NONE ? analysis->verdict.spam && !analysis->verdict.whitelisted
							   : rule->training_class == CLASS_SPAM,
	};

	if (changes == NULL || before == NULL)
		return error_set(error, ERROR_DATA, "the message has too many tokens to be learned");
	for (size_t i = 0; i < count; i++)
		changes[i].token = analysis->rows[i].token;
	for (int round = 0; round < CONDITIONAL_PASSES; round++) {
		memcpy(before, changes, count * sizeof *changes);
		pass.repeated = round > 0;
		run_pass(&pass, changes);
		totals_add(&lesson->totals, &pass.totals);
		if (!wants_more_passes(&pass))
			break;
		apply_pass(analysis, &pass, before, changes);
		if (is_learned_by_now(analysis, pass.spam))
			break;
	}
	if (rule->overruled != CLASS_NONE && rule->mode != TRAINING_NOTRAIN)
		run_overruling(&pass, changes, &lesson->totals);
	lesson->changes = changes;
	lesson->count = drop_unchanged(changes, count);
	return true;
}
