#include "classify/noise.h"

#include <math.h>

#include "base/crc64.h"

#define WRITTEN_ABOVE 500
#define KEPT_ABOVE 1000
#define APPLIED_ABOVE 2500

#define SPAN_OF_PATTERN 3
#define INTERESTING 0.25
#define CONTRADICTING 0.33

/* Rounded values are multiples of 0.05 from 0 to 1. */
#define STEPS 21
#define KINDS (STEPS * STEPS * STEPS)

static int64_t
innocent_seen(const struct totals *totals)
{
	return totals->innocent_learned + totals->innocent_classified;
}

bool
noise_is_written(const struct totals *totals)
{
	return innocent_seen(totals) > WRITTEN_ABOVE;
}

bool
noise_is_kept(const struct totals *totals)
{
	return innocent_seen(totals) > KEPT_ABOVE;
}

bool
noise_is_applied(const struct totals *totals)
{
	return innocent_seen(totals) > APPLIED_ABOVE;
}

/* Up to the next multiple of 0.05, counted in steps of it. */
static unsigned
step_of(double value)
{
	unsigned percent = (unsigned)(value * 100);
	return (percent + 4) / 5;
}

static bool
add_pattern(struct noise *noise, const char *text)
{
	if (!text)
		return false;
	noise->patterns[noise->count++] = (struct noise_pattern){crc64(0, span_from(text)), text};
	return true;
}

static const char *
pattern_text(struct arena *arena, char stream, unsigned kind)
{
	unsigned first = kind / (STEPS * STEPS), second = kind / STEPS % STEPS, third = kind % STEPS;
	return arena_printf(arena, "bnr.%c|%.2f_%.2f_%.2f_", stream, first / 20.0, second / 20.0, third / 20.0);
}

/* A text in tokens, and which pattern ends at each. */
struct stream {
	char letter;
	const uint32_t *tokens;
	size_t count;
	uint32_t *patterns;
};

static bool
list_stream(struct noise *noise, const struct stream *stream, const double *values)
{
	struct arena *arena = noise->set->arena;
	uint32_t *known = arena_calloc(arena, KINDS, sizeof(*known)); /* pattern of a kind; 0: none yet */
	unsigned kind = 0;
	if (!known)
		return false;
	for (size_t i = 0; i < stream->count; i++) {
		kind = (kind * STEPS + step_of(values[stream->tokens[i]])) % KINDS;
		if (known[kind] == 0) {
			known[kind] = (uint32_t)noise->count;
			if (!add_pattern(noise, pattern_text(arena, stream->letter, kind)))
				return false;
		}
		stream->patterns[i] = known[kind];
	}
	return true;
}

static struct stream
words_of(const struct noise *noise)
{
	return (struct stream){'s', noise->set->words, noise->set->word_count, noise->word_patterns};
}

static struct stream
pairs_of(const struct noise *noise)
{
	return (struct stream){'c', noise->set->pairs, noise->set->pair_count, noise->pair_patterns};
}

bool
noise_list(struct noise *noise, const struct token_set *set, const double *values)
{
	size_t elements = set->word_count + set->pair_count;
	size_t most = elements < 2 * KINDS ? elements : 2 * KINDS;
	*noise = (struct noise){
		.set = set,
		.patterns = arena_alloc(set->arena, (most + 1) * sizeof(*noise->patterns)),
		.word_patterns = arena_alloc(set->arena, (elements + 1) * sizeof(*noise->word_patterns)),
	};
	if (!noise->patterns || !noise->word_patterns)
		return false;
	noise->pair_patterns = noise->word_patterns + set->word_count;
	struct stream words = words_of(noise), pairs = pairs_of(noise);
	return add_pattern(noise, "bnr.t|") && list_stream(noise, &words, values) && list_stream(noise, &pairs, values);
}

/* What applying looks at and what it changes. */
struct reduction {
	const struct hits *hits;
	const double *values;
	const struct value_rule *rule;
	uint32_t *frequency;
};

static void
reduce_stream(const struct reduction *reduction, const struct stream *stream)
{
	for (size_t i = 0; i < stream->count; i++) {
		double value = value_of_pattern(reduction->rule, reduction->hits[stream->patterns[i]],
						reduction->hits[NOISE_TOTAL]);
		if (fabs(0.5 - value) <= INTERESTING)
			continue;
		size_t start = i + 1 < SPAN_OF_PATTERN ? 0 : i + 1 - SPAN_OF_PATTERN;
		for (size_t j = start; j <= i; j++) {
			uint32_t token = stream->tokens[j];
			if (fabs(reduction->values[token] - value) > CONTRADICTING && reduction->frequency[token] > 0)
				reduction->frequency[token]--;
		}
	}
}

uint32_t *
noise_apply(const struct noise *noise, const struct hits *hits, const double *values, const struct value_rule *rule)
{
	const struct token_set *set = noise->set;
	uint32_t *frequency = arena_alloc(set->arena, (set->count + 1) * sizeof(*frequency));
	if (!frequency)
		return NULL;
	for (size_t i = 0; i < set->count; i++)
		frequency[i] = set->tokens[i].frequency;
	struct reduction reduction = {hits, values, rule, frequency};
	struct stream words = words_of(noise), pairs = pairs_of(noise);
	reduce_stream(&reduction, &words);
	reduce_stream(&reduction, &pairs);
	return frequency;
}
