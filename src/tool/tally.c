#include "tool/tally.h"

#include <inttypes.h>
#include <math.h>

/* Innocent messages after which the statistics count as mature. */
#define TRAINING_MESSAGES 2500

static int64_t
at_least_zero(int64_t number)
{
	return number > 0 ? number : 0;
}

struct tally
tally_of(const struct totals *t)
{
	int64_t spam = t->spam_learned + t->spam_classified;
	int64_t innocent = t->innocent_learned + t->innocent_classified;

	return (struct tally){
		.true_positives = at_least_zero(spam - t->spam_misclassified - t->spam_corpusfed),
		.true_negatives = at_least_zero(innocent - t->innocent_misclassified - t->innocent_corpusfed),
		.false_positives = t->innocent_misclassified,
		.false_negatives = t->spam_misclassified,
		.spam_corpusfed = t->spam_corpusfed,
		.innocent_corpusfed = t->innocent_corpusfed,
		.innocent_seen = innocent,
	};
}

struct tally
tally_since(const struct tally *now, const struct tally *before)
{
	return (struct tally){
		.true_positives = now->true_positives - before->true_positives,
		.true_negatives = now->true_negatives - before->true_negatives,
		.false_positives = now->false_positives - before->false_positives,
		.false_negatives = now->false_negatives - before->false_negatives,
		.spam_corpusfed = now->spam_corpusfed - before->spam_corpusfed,
		.innocent_corpusfed = now->innocent_corpusfed - before->innocent_corpusfed,
		.innocent_seen = now->innocent_seen,
	};
}

void
tally_add(struct tally *sum, const struct tally *tally)
{
	sum->true_positives += tally->true_positives;
	sum->true_negatives += tally->true_negatives;
	sum->false_positives += tally->false_positives;
	sum->false_negatives += tally->false_negatives;
	sum->spam_corpusfed += tally->spam_corpusfed;
	sum->innocent_corpusfed += tally->innocent_corpusfed;
	sum->innocent_seen += tally->innocent_seen;
}

/* ---- text ------------------------------------------------------------------- */

static double
percent(int64_t part, int64_t whole, double otherwise)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : otherwise;
}

/* Of all spam, how much was caught; of all ham, how much was not; what was right of all. */
struct rates {
	double spam_hits, ham_strikes, predictive, accuracy;
};

/* Where there is no ham yet the short form says 0 and the long one 100, as they always did. */
static struct rates
rates_of(const struct tally *t, double without_ham)
{
	int64_t errors = t->false_negatives + t->false_positives;
	int64_t all = t->true_positives + t->true_negatives + errors;

	return (struct rates){
		.spam_hits = 100.0 - percent(t->false_negatives, t->true_positives + t->false_negatives, 0.0),
		.ham_strikes = percent(t->false_positives, t->true_negatives + t->false_positives, without_ham),
		.predictive = percent(t->true_positives, t->true_positives + t->false_positives, 100.0),
		.accuracy = 100.0 - percent(errors, all, 0.0),
	};
}

static void
print_short(FILE *out, const struct tally *t)
{
	fprintf(out,
		"    TP:%6" PRId64 " TN:%6" PRId64 " FP:%6" PRId64 " FN:%6" PRId64 " SC:%6" PRId64 " NC:%6" PRId64 "\n",
		t->true_positives, t->true_negatives, t->false_positives, t->false_negatives, t->spam_corpusfed,
		t->innocent_corpusfed);
}

static void
print_rates(FILE *out, const struct tally *tally)
{
	struct rates rates = rates_of(tally, 0.0);

	fprintf(out, "    SHR: % 7.2f%%       HSR: % 7.2f%%       OCA: % 7.2f%%\n", rates.spam_hits, rates.ham_strikes,
		rates.accuracy);
}

static void
print_long(FILE *out, const struct tally *t)
{
	const struct rates rates = rates_of(t, 100.0);
	const struct {
		const char *label;
		int64_t count;
	} counts[] = {
		{"TP True Positives:", t->true_positives},
		{"TN True Negatives:", t->true_negatives},
		{"FP False Positives:", t->false_positives},
		{"FN False Negatives:", t->false_negatives},
		{"SC Spam Corpusfed:", t->spam_corpusfed},
		{"NC Nonspam Corpusfed:", t->innocent_corpusfed},
		{"TL Training Left:", at_least_zero(TRAINING_MESSAGES - t->innocent_seen)},
	};
	const struct {
		const char *label;
		double percent;
	} shares[] = {
		{"SHR Spam Hit Rate", rates.spam_hits},
		{"HSR Ham Strike Rate:", rates.ham_strikes},
		{"PPV Positive predictive value:", rates.predictive},
		{"OCA Overall Accuracy:", rates.accuracy},
	};

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		fprintf(out, "        \t%-34s%6" PRId64 "\n", counts[i].label, counts[i].count);
	for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
		fprintf(out, "        \t%-32s% 7.2f%%\n", shares[i].label, shares[i].percent);
	fputs("        \n", out);
}

void
tally_print(FILE *out, const char *name, const struct tally *tally, enum tally_form form)
{
	fprintf(out, "%s%s\n", name, form == TALLY_LONG ? ":" : "");
	if (form == TALLY_LONG) {
		print_long(out, tally);
		return;
	}
	print_short(out, tally);
	if (form == TALLY_WITH_RATES)
		print_rates(out, tally);
}

void
tally_json(struct json *json, const char *key, const char *name, const struct tally *t)
{
	int64_t spam = t->true_positives + t->false_negatives, ham = t->true_negatives + t->false_positives;
	int64_t called_spam = t->true_positives + t->false_positives;

	json_put_object(json, key);
	if (name != NULL)
		json_put_text(json, "user", span_from(name));
	json_put_integer(json, "true_positives", t->true_positives);
	json_put_integer(json, "true_negatives", t->true_negatives);
	json_put_integer(json, "false_positives", t->false_positives);
	json_put_integer(json, "false_negatives", t->false_negatives);
	json_put_integer(json, "spam_corpusfed", t->spam_corpusfed);
	json_put_integer(json, "nonspam_corpusfed", t->innocent_corpusfed);
	json_put_integer(json, "training_left", at_least_zero(TRAINING_MESSAGES - t->innocent_seen));
	json_put_real(json, "spam_hit_rate", percent(t->true_positives, spam, NAN), 2);
	json_put_real(json, "ham_strike_rate", percent(t->false_positives, ham, NAN), 2);
	json_put_real(json, "predictive_value", percent(t->true_positives, called_spam, NAN), 2);
	json_put_real(json, "accuracy", percent(t->true_positives + t->true_negatives, spam + ham, NAN), 2);
	json_put_object_end(json);
}
