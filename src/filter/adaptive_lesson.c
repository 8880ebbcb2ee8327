#include "filter/adaptive_lesson.h"

/* Of the raw logistic of the score, 0.2 to 0.8: beyond that a message's own verdict teaches nothing new. */
#define UNSURE 1.3862943611198906 /* ln 4 */

static bool
is_unsure(const struct adaptive_score *score)
{
	return score->learning > -UNSURE && score->learning < UNSURE;
}

/* A lesson in the making: differences for each feature, the lessons and the sender. */
struct making {
	struct appraisal *appraisal;
	const struct adaptive_occasion *occasion;
	struct adaptive_change *changes; /* of the new lesson, if there is one */
	struct adaptive_change *back;    /* what is taken back; NULL: nothing */
	struct adaptive_lessons_change lessons;
	struct adaptive_change sender;
	struct totals totals; /* what the user's gain */
	bool learned;         /* there is a new lesson, */
	bool surprises;       /* and surprises */
};

static bool
is_inbound(const struct adaptive_occasion *occasion)
{
	return occasion->rule->training_class == CLASS_NONE && occasion->rule->mode != TRAINING_UNLEARN;
}

/* Mail with notrain leaves nothing; a report is believed in every mode. */
static bool
leaves_all(const struct adaptive_occasion *occasion)
{
	return is_inbound(occasion) && occasion->rule->mode == TRAINING_NOTRAIN;
}

/*
 * A row that has vanished since (dspam_clean) took its share of the lesson with it; where there is another by now, it
 * shows when it has too few hits.
 */
static bool
is_gone(const struct adaptive_row *row, const struct adaptive_change *share)
{
	if (row->spam < (uint32_t)share->spam || row->innocent < (uint32_t)share->innocent)
		return true;
	return row->spam == 0 && row->innocent == 0 && row->weight == 0 && row->gradient == 0;
}

/* Add to what the lessons will gain, and take that away with `sign` -1. */
static void
count_lesson(struct making *making, const struct adaptive_lessons_change *change, int sign)
{
	making->lessons.spam += sign * change->spam;
	making->lessons.innocent += sign * change->innocent;
	making->lessons.spam_surprises += sign * change->spam_surprises;
	making->lessons.innocent_surprises += sign * change->innocent_surprises;
}

/* As a lesson among lessons; nothing where they are fewer than it. */
static void
take_back_lesson(struct making *making, const struct kept_features *kept)
{
	struct adaptive_lessons *lessons = &making->appraisal->lessons;
	bool spam = kept->lesson == CLASS_SPAM;
	struct adaptive_lessons_change counted = {
		.spam = kept->counted && spam,
		.innocent = kept->counted && !spam,
		.spam_surprises = kept->surprises && spam,
		.innocent_surprises = kept->surprises && !spam,
	};

	if (lessons->spam < (uint32_t)counted.spam || lessons->innocent < (uint32_t)counted.innocent ||
	    lessons->spam_surprises < (uint32_t)counted.spam_surprises ||
	    lessons->innocent_surprises < (uint32_t)counted.innocent_surprises)
		return;
	count_lesson(making, &counted, -1);
	adaptive_lessons_take(lessons, &counted);
}

/* Take back the lesson that stands from this message; false: there is no memory. */
static bool
take_back(struct making *making)
{
	const struct kept_features *kept = making->occasion->kept;
	struct appraisal *appraisal = making->appraisal;

	if (kept == NULL || kept->lesson == CLASS_NONE)
		return true;
	making->back = arena_calloc(appraisal->arena, appraisal->set->count + 1, sizeof *making->back);
	if (making->back == NULL)
		return false;
	for (size_t i = 0; i < appraisal->set->count; i++) {
		if (is_gone(&appraisal->rows[i], &kept->changes[i]))
			continue;
		making->back[i] = kept->changes[i];
		adaptive_row_take(&appraisal->rows[i], &kept->changes[i]);
	}
	take_back_lesson(making, kept);
	appraisal_judge(appraisal);
	return true;
}

/*
 * Whether mail that arrives teaches by its verdict. Not where thresholds of the user's own call it something that its
 * score does not: they say what is to be done with mail, and each lesson would move the next ones the same way.
 */
static bool
teaches_itself(const struct making *making)
{
	const struct adaptive_occasion *occasion = making->occasion;
	bool thinks_spam = making->appraisal->score.shown > 0;

	if (occasion->whitelisted || (occasion->rule->overruled == CLASS_NONE && occasion->spam != thinks_spam))
		return false;
	switch (occasion->rule->mode) {
	case TRAINING_TEFT:
		return true;
	case TRAINING_TUM:
		return is_unsure(&making->appraisal->score);
	default:
		return false;
	}
}

static bool
teach(struct making *making, struct error *error)
{
	const struct adaptive_occasion *occasion = making->occasion;
	struct appraisal *appraisal = making->appraisal;
	size_t count = appraisal->set->count;
	struct adaptive_lessons_change counted = {0};

	if (occasion->rule->mode == TRAINING_UNLEARN || (is_inbound(occasion) && !teaches_itself(making)))
		return true;
	if (occasion->rule->source == SOURCE_ERROR) {
		struct adaptive_row *scratch = arena_alloc(appraisal->arena, (count + 1) * sizeof *scratch);
		if (scratch == NULL)
			return error_set(error, ERROR_DATA, "the message has too many features to be learned");
		making->learned = adaptive_correct(appraisal->rows, count, &appraisal->lessons,
						   appraisal->site_rows != NULL ? &appraisal->site_score : NULL,
						   occasion->spam, scratch, making->changes, &counted);
	} else if (is_inbound(occasion) && occasion->rule->overruled == CLASS_NONE) {
		making->learned = adaptive_learn_verdict(appraisal->rows, count, &appraisal->lessons, &appraisal->score,
							 occasion->spam, making->changes, &counted);
	} else {
		making->learned = adaptive_learn(appraisal->rows, count, &appraisal->lessons, &appraisal->score,
						 occasion->spam, making->changes, &counted);
	}
	count_lesson(making, &counted, 1);
	making->surprises = counted.spam_surprises != 0 || counted.innocent_surprises != 0;
	return true;
}

/* Whether the sender has a hit by the message, or gets one: a signature whose message gave none names no sender. */
static bool
counts_sender(const struct adaptive_occasion *occasion)
{
	return (occasion->whitelist || occasion->kept != NULL) && !leaves_all(occasion);
}

/* Senders are counted in every message, as the original's whitelist does; a correction moves the hit. */
static void
count_sender(struct making *making)
{
	const struct adaptive_occasion *occasion = making->occasion;
	const struct kept_features *kept = occasion->kept;

	if (making->appraisal->sender == 0 || !counts_sender(occasion))
		return;
	if (kept != NULL && kept->verdict != CLASS_NONE)
		*(kept->verdict == CLASS_SPAM ? &making->sender.spam : &making->sender.innocent) -= 1;
	if (occasion->rule->mode != TRAINING_UNLEARN)
		*(occasion->spam ? &making->sender.spam : &making->sender.innocent) += 1;
}

/* The totals are those of a message that is learned as a whole, so that statistics mean what they did; nothing counts
 * twice. */
static struct totals
totals_of(const struct adaptive_occasion *occasion)
{
	const struct kept_features *kept = occasion->kept;
	enum training_class now = occasion->spam ? CLASS_SPAM : CLASS_INNOCENT;
	const struct lesson_rule *rule = occasion->rule;

	if (kept != NULL && kept->verdict == now && rule->source == SOURCE_ERROR && rule->mode != TRAINING_UNLEARN)
		return (struct totals){0};
	return lesson_totals(rule, occasion->spam);
}

/* What a damaged signature says must not wrap. */
static int32_t
less(int32_t a, int32_t b)
{
	int64_t difference = (int64_t)a - b;

	return difference < INT32_MIN ? INT32_MIN : difference > INT32_MAX ? INT32_MAX : (int32_t)difference;
}

static void
change_feature(const struct making *making, size_t feature, struct store_change *change)
{
	static const struct adaptive_change none;
	const struct adaptive_change *add = making->learned ? &making->changes[feature] : &none;
	const struct adaptive_change *take = making->back != NULL ? &making->back[feature] : &none;

	change->spam = add->spam - take->spam;
	change->innocent = add->innocent - take->innocent;
	change->weight = less(add->weight, take->weight);
	change->gradient = less(add->gradient, take->gradient);
}

static struct store_change
change_of(const struct making *making, size_t entry)
{
	const struct appraisal *appraisal = making->appraisal;
	size_t place = appraisal->place[entry], features = appraisal->feature_count;
	struct store_change change = {.token = appraisal->stored[entry].token};

	if (place < features) {
		change_feature(making, place, &change);
	} else if (place == features + APPRAISAL_AT_LESSONS) {
		change.spam = making->lessons.spam;
		change.innocent = making->lessons.innocent;
		change.weight = making->lessons.spam_surprises;
		change.gradient = making->lessons.innocent_surprises;
	} else if (place == features + APPRAISAL_AT_SENDER) {
		change.spam = making->sender.spam;
		change.innocent = making->sender.innocent;
	} else if (place == features + APPRAISAL_AT_SINCE) {
		change.spam = (int32_t)making->totals.spam_learned;
		change.innocent = (int32_t)making->totals.innocent_learned;
	} else if (appraisal->set->count > features &&
		   place == features + APPRAISAL_AT_ADVICE + appraisal->advice_kind) {
		change_feature(making, features, &change); /* which the advice is since then */
	}
	return change;
}

static bool
is_nothing(const struct store_change *change)
{
	return change->spam == 0 && change->innocent == 0 && change->weight == 0 && change->gradient == 0;
}

static void
list_changes(const struct making *making, struct store_change *changes, struct store_lesson *lesson)
{
	const struct appraisal *appraisal = making->appraisal;
	bool features = making->learned || making->back != NULL; /* change; most mail changes the sender alone */

	for (size_t i = 0; i < appraisal->stored_count; i++) {
		if (!features && appraisal->place[i] < appraisal->feature_count)
			continue;
		struct store_change change = change_of(making, i);
		if (!is_nothing(&change))
			changes[lesson->count++] = change;
	}
	lesson->changes = changes;
}

bool
adaptive_lesson_make(struct appraisal *appraisal, const struct adaptive_occasion *occasion, struct store_lesson *lesson,
		     struct kept_features *now, struct error *error)
{
	size_t count = appraisal->set->count;
	enum training_class class = occasion->spam ? CLASS_SPAM : CLASS_INNOCENT;
	struct store_change *changes = arena_alloc(appraisal->arena, (appraisal->stored_count + 1) * sizeof *changes);
	struct making making = {
		.appraisal = appraisal,
		.occasion = occasion,
		.changes = arena_alloc(appraisal->arena, (count + 1) * sizeof *making.changes),
	};

	if (changes == NULL || making.changes == NULL || !take_back(&making))
		return error_set(error, ERROR_DATA, "the message has too many features to be learned");
	if (!teach(&making, error))
		return false;
	count_sender(&making);
	making.totals = totals_of(occasion);
	list_changes(&making, changes, lesson);
	lesson->totals = making.totals;
	*now = (struct kept_features){
		.set = appraisal->set,
		.sender = counts_sender(occasion) ? appraisal->sender : 0,
		.verdict = occasion->rule->mode == TRAINING_UNLEARN || leaves_all(occasion) ? CLASS_NONE : class,
		.lesson = making.learned ? class : CLASS_NONE,
		.counted =
			making.learned && count > 0 && (making.changes[0].spam != 0 || making.changes[0].innocent != 0),
		.surprises = making.surprises,
		.said = making.learned && !is_inbound(occasion),
		.changes = making.learned ? making.changes : NULL,
	};
	return true;
}
