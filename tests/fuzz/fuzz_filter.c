/*
 * Any message through the whole filter, with a store in memory: judged, learned, and learned again by the
 * signature that its marked form carries. Totals stay what the lessons make of them.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "filter/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const tokenizers[] = {"word", "chain", "sbph", "osb"};
static const char *const locations[] = {"message", "headers", "attachment"};

struct stage {
	struct config *config;
	struct settings *settings;
	struct filter *filter;
	struct arena *arena;
};

static void
set_up(struct stage *stage, size_t choice)
{
	struct buffer text = BUFFER_INIT(4096);
	struct error error;

	buffer_printf(&text,
		      "Home /nonexistent\nStorageDriver memory\nTokenizer %s\nPValue %s\nFeature noise\n"
		      "Feature whitelist\nAlgorithm graham burton robinson chi-square\nImprobabilityDrive on\n"
		      "Preference \"signatureLocation=%s\"\nPreference \"showFactors=on\"\n"
		      "Preference \"spamAction=tag\"\n",
		      tokenizers[choice % 4], choice % 3 == 0 ? "markov" : "bcr", locations[choice / 4 % 3]);
	if (!config_parse(buffer_span(&text), "fuzz", NULL, NULL, &stage->config, &error) ||
	    !settings_new(stage->config, &stage->settings, &error) ||
	    !filter_open(stage->settings, &stage->filter, &error))
		abort();
	stage->arena = arena_new((size_t)512 << 20);
	buffer_free(&text);
}

static void
tear_down(struct stage *stage)
{
	filter_close(stage->filter);
	settings_free(stage->settings);
	config_free(stage->config);
	arena_free(stage->arena);
}

static void
run(struct stage *stage, const struct request *request, struct span raw, struct judgement *judgement)
{
	struct error error;

	if (filter_judge(stage->filter, stage->arena, request, "alice", raw, judgement, &error) &&
	    filter_learn(stage->filter, judgement, &error))
		return;
	fprintf(stderr, "%s\n", error.text);
	abort();
}

static void
check_totals(struct stage *stage, int64_t learned)
{
	struct totals totals;
	store_uid uid;
	struct error error;

	if (!store_user(filter_store(stage->filter), SPAN("alice"), true, &uid, &error) ||
	    !store_read(filter_store(stage->filter), uid, &totals, NULL, 0, &error))
		abort();
	if (totals.spam_learned < 0 || totals.innocent_learned < 0 ||
	    totals.spam_learned + totals.innocent_learned != learned)
		abort();
}

static struct span
join(struct stage *stage, const struct judgement *judgement)
{
	size_t size = 0, used = 0;

	for (size_t i = 0; i < judgement->piece_count; i++)
		size += judgement->pieces[i].size;
	char *out = arena_text(stage->arena, size + 1);
	for (size_t i = 0; i < judgement->piece_count; used += judgement->pieces[i++].size)
		memcpy(out + used, judgement->pieces[i].data, judgement->pieces[i].size);
	return span_of(out, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stage stage;
	struct request inbound = {.classify = false};
	struct judgement first, second;

	set_up(&stage, size);
	run(&stage, &inbound, span_of((const char *)data, size), &first);
	check_totals(&stage, first.judged);
	if (first.judged) {
		struct request again = {
			.training_class = first.spam ? CLASS_INNOCENT : CLASS_SPAM,
			.source = SOURCE_ERROR,
		};
		run(&stage, &again, join(&stage, &first), &second);
		check_totals(&stage, 1);
		/* the signature in the header is always found; another may stand in the text of the message */
		if (second.training == TRAINING_NONE)
			abort();
		run(&stage, &(struct request){.classify = true}, join(&stage, &first), &second);
		check_totals(&stage, 1);
	}
	tear_down(&stage);
	return 0;
}
