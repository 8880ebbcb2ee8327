/*
 * The recorded procedure of combinations.json from end to end: learn four messages four times in a table
 * made here, compare the table with trained-store.json, judge three messages in all combinations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "token/tokenize.h"
#include "vectors.h"

#define SLOTS 8192
#define TOKENIZERS 4

struct slot {
	uint64_t id;
	struct hits hits;
	bool used;
};

/* What a user of one tokenizer has learned. */
struct table {
	enum tokenizer tokenizer;
	struct totals totals;
	struct slot slots[SLOTS];
	size_t count;
};

static struct slot *
find(struct table *table, uint64_t id)
{
	size_t at = id % SLOTS;
	while (table->slots[at].used && table->slots[at].id != id)
		at = (at + 1) % SLOTS;
	return &table->slots[at];
}

static struct token_set *
read_message(struct arena *arena, enum tokenizer tokenizer, const char *name)
{
	char path[1024];
	static char content[65536];
	snprintf(path, sizeof(path), "%s/%s", STATISTICS, name);
	FILE *file = fopen(path, "rb");
	if (!file)
		fail_msg("cannot open %s", path);
	size_t size = fread(content, 1, sizeof(content), file);
	fclose(file);
	struct message *message = message_parse(arena, span_of(content, size));
	struct flat flat;
	assert_non_null(message);
	assert_true(flatten(message, &(struct flatten_options){.decoded_in_place = false}, &flat));
	struct token_set *set =
		tokenize(arena, &flat, &(struct tokenize_options){.tokenizer = tokenizer, .url_context = true});
	assert_non_null(set);
	return set;
}

static void
learn(struct table *table, const char *name, bool spam)
{
	struct arena *arena = arena_new(64u << 20);
	const struct token_set *set = read_message(arena, table->tokenizer, name);
	for (size_t i = 0; i < set->count; i++) {
		struct slot *slot = find(table, set->tokens[i].id);
		table->count += slot->used ? 0 : 1;
		slot->used = true;
		slot->id = set->tokens[i].id;
		slot->hits.spam += spam ? 1 : 0;
		slot->hits.innocent += spam ? 0 : 1;
	}
	*(spam ? &table->totals.spam_learned : &table->totals.innocent_learned) += 1;
	*(spam ? &table->totals.spam_corpusfed : &table->totals.innocent_corpusfed) += 1;
	arena_free(arena);
}

static struct table *
train(const char *tokenizer)
{
	struct table *table = calloc(1, sizeof(*table));
	assert_non_null(table);
	assert_true(tokenizer_named(span_from(tokenizer), &table->tokenizer));
	for (int round = 0; round < 4; round++) {
		learn(table, "ham1.eml", false);
		learn(table, "spam1.eml", true);
		learn(table, "ham2.eml", false);
		learn(table, "spam2.eml", true);
	}
	return table;
}

static const char *const tokenizers[TOKENIZERS] = {"word", "chain", "sbph", "osb"};

static void
test_trained_store(void **state)
{
	(void)state;
	json_t *root = vectors_load("trained-store.json");
	for (int i = 0; i < TOKENIZERS; i++) {
		struct table *table = train(tokenizers[i]);
		json_t *tokens = json_object_get(json_object_get(root, tokenizers[i]), "tokens");
		assert_int_equal(json_object_size(tokens), table->count);
		const char *id;
		json_t *hits;
		json_object_foreach(tokens, id, hits)
		{
			const struct slot *slot = find(table, strtoull(id, NULL, 10));
			assert_true(slot->used);
			assert_int_equal(slot->hits.spam, json_integer_value(json_array_get(hits, 0)));
			assert_int_equal(slot->hits.innocent, json_integer_value(json_array_get(hits, 1)));
		}
		free(table);
	}
	json_decref(root);
}

static unsigned
algorithms_of(const char *names)
{
	struct span rest = span_from(names), word;
	unsigned algorithms = 0;
	while (span_next_word(&rest, " ", &word)) {
		enum algorithm_bit bit;
		assert_true(algorithm_named(word, &bit));
		algorithms |= (unsigned)bit;
	}
	return algorithms;
}

static struct verdict
judge(struct table *table, struct arena *arena, const json_t *row)
{
	struct token_set *set = read_message(arena, table->tokenizer, vectors_string(row, "message"));
	struct hits *hits = arena_calloc(arena, set->count, sizeof(*hits));
	for (size_t i = 0; i < set->count; i++)
		hits[i] = find(table, set->tokens[i].id)->hits;
	struct method method = {
		.algorithms = algorithms_of(vectors_string(row, "algorithm")),
		.bias = strcmp(vectors_string(row, "processorBias"), "on") == 0,
	};
	assert_true(pvalue_named(span_from(vectors_string(row, "pvalue")), &method.pvalue));
	struct verdict verdict;
	struct error error;
	assert_true(
		verdict_reach(&(struct evidence){.set = set, .hits = hits}, &table->totals, &method, &verdict, &error));
	return verdict;
}

static bool
matches(const struct verdict *verdict, const json_t *row)
{
	char probability[20], confidence[20];
	snprintf(probability, sizeof(probability), "%01.4f", verdict->probability);
	snprintf(confidence, sizeof(confidence), "%01.2f", verdict->confidence);
	return strcmp(vectors_string(row, "result"), verdict->spam ? "Spam" : "Innocent") == 0 &&
	       strcmp(vectors_string(row, "probability"), probability) == 0 &&
	       strcmp(vectors_string(row, "confidence"), confidence) == 0;
}

static void
check_row(struct table *table, const json_t *row)
{
	struct arena *arena = arena_new(64u << 20);
	struct verdict verdict = judge(table, arena, row);
	if (!matches(&verdict, row)) {
		char *text = json_dumps(row, 0);
		fail_msg("%s, probability %.4f, confidence %.2f instead of %s", verdict.spam ? "Spam" : "Innocent",
			 verdict.probability, verdict.confidence, text);
	}
	arena_free(arena);
}

/* All rows but those of naive, which the original computed wrongly and we compute rightly. */
static void
test_combinations(void **state)
{
	(void)state;
	json_t *root = vectors_load("combinations.json");
	size_t checked = 0;
	for (int i = 0; i < TOKENIZERS; i++) {
		struct table *table = train(tokenizers[i]);
		size_t at;
		json_t *row;
		json_array_foreach(json_object_get(root, "results"), at, row)
		{
			if (strcmp(vectors_string(row, "tokenizer"), tokenizers[i]) != 0 ||
			    strcmp(vectors_string(row, "algorithm"), "naive") == 0)
				continue;
			check_row(table, row);
			checked++;
		}
		free(table);
	}
	assert_int_equal(checked, 504 - 72);
	json_decref(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trained_store),
		cmocka_unit_test(test_combinations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
