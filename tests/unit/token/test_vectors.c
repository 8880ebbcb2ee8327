/*
 * The recorded tokens of the original (tests/data/tokens): for each message the two texts, and for each
 * tokenizer every token with identifier and frequency, in the order of iteration (tokenizer 12).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/crc64.h"
#include "base/file.h"
#include "token/tokenize.h"

#define MESSAGE_MAX ((size_t)1 << 20)

static json_t *
load(const char *name)
{
	char path[1024];
	json_error_t error;

	snprintf(path, sizeof path, "%s/%s", TOKENS, name);
	json_t *root = json_load_file(path, 0, &error);
	if (root == NULL)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return root;
}

/* The bytes that a string of the vectors stands for: its code points are all below 256. */
static struct span
latin1(struct arena *arena, const json_t *string)
{
	const char *text = json_string_value(string);
	size_t size = json_string_length(string), used = 0;
	char *out = arena_text(arena, size + 1);

	assert_non_null(text);
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)text[i];
		if (byte >= 0xC0) {
			assert_true(byte <= 0xC3 && i + 1 < size);
			byte = (unsigned char)((byte & 3) << 6 | (text[++i] & 0x3F));
		}
		out[used++] = (char)byte;
	}
	return span_of(out, used);
}

static uint64_t
number(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	assert_non_null(text);
	return strtoull(text, NULL, 10);
}

static void
check_text(struct span is, struct span wanted, const char *what)
{
	if (!span_equal(is, wanted))
		fail_msg("%s is\n%.*s\nwanted\n%.*s", what, (int)is.size, is.data, (int)wanted.size, wanted.data);
}

/* Text order is recorded for the bodies only, of word and chain. */
static void
check_text_order(struct arena *arena, const struct token_set *set, const uint32_t *indices, size_t count,
		 const json_t *wanted)
{
	assert_int_equal(count, json_array_size(wanted));
	for (size_t i = 0; i < count; i++)
		check_text(span_from(set->tokens[indices[i]].text), latin1(arena, json_array_get(wanted, i)),
			   "a body token in text order");
}

static void
check_token(struct arena *arena, const struct token *token, const json_t *wanted)
{
	check_text(span_from(token->text), latin1(arena, json_object_get(wanted, "token")), "the token");
	assert_true(token->id == number(wanted, "id"));
	assert_true((int64_t)token->id == strtoll(json_string_value(json_object_get(wanted, "sql_id")), NULL, 10));
	assert_int_equal(token->frequency, json_integer_value(json_object_get(wanted, "frequency")));
}

static void
check_tokenizer(struct arena *arena, const struct flat *flat, const struct header_set *ignored, const char *name,
		const json_t *wanted)
{
	struct tokenize_options options = {
		.url_context = true, .whitelist = true, .text_order = true, .ignored = ignored};

	assert_true(tokenizer_named(span_from(name), &options.tokenizer));
	struct token_set *set = tokenize(arena, flat, &options);
	assert_non_null(set);
	assert_false(set->truncated);
	assert_int_equal(set->count, json_integer_value(json_object_get(wanted, "count")));
	assert_true(set->whitelist == number(wanted, "whitelist_token_id"));
	const json_t *tokens = json_object_get(wanted, "tokens");
	assert_int_equal(set->count, json_array_size(tokens));
	for (size_t i = 0; i < set->count; i++)
		check_token(arena, &set->tokens[set->order[i]], json_array_get(tokens, i));
	if (json_object_get(wanted, "body_words_in_order") != NULL)
		check_text_order(arena, set, set->words, set->word_count,
				 json_object_get(wanted, "body_words_in_order"));
	if (json_object_get(wanted, "body_pairs_in_order") != NULL)
		check_text_order(arena, set, set->pairs, set->pair_count,
				 json_object_get(wanted, "body_pairs_in_order"));
}

static struct header_set *
ignored_headers(const json_t *names)
{
	struct header_set *set = header_set_new();
	const json_t *name;
	size_t index;

	json_array_foreach(names, index, name) header_set_add(set, span_from(json_string_value(name)));
	return set;
}

static void
test_message(void **state)
{
	static const char *const tokenizers[] = {"word", "chain", "sbph", "osb"};
	struct arena *arena = arena_new((size_t)64 << 20);
	json_t *vector = load(*state), *config = json_object_get(vector, "config");
	bool in_message = strcmp(json_string_value(json_object_get(config, "signatureLocation")), "message") == 0;
	struct flatten_options options = {.decoded_in_place = in_message, .cut_signatures = in_message};
	struct span raw;
	struct error error;
	struct flat flat;
	char path[1024];

	snprintf(path, sizeof path, "%s/%s", TOKENS, json_string_value(json_object_get(vector, "message")));
	if (!file_read(arena, path, MESSAGE_MAX, &raw, &error))
		fail_msg("%s", error.text);
	struct header_set *ignored = ignored_headers(json_object_get(config, "IgnoreHeader"));
	assert_true(flatten(message_parse(arena, raw), &options, &flat));
	check_text(flat.header, latin1(arena, json_object_get(vector, "header_text")), "the header text");
	check_text(flat.body, latin1(arena, json_object_get(vector, "body_text")), "the body text");
	for (size_t i = 0; i < sizeof tokenizers / sizeof *tokenizers; i++)
		check_tokenizer(arena, &flat, ignored, tokenizers[i], json_object_get(vector, tokenizers[i]));
	header_set_free(ignored);
	json_decref(vector);
	arena_free(arena);
}

static void
test_ids(void **state)
{
	json_t *ids = load("ids.json"), *vectors = json_object_get(ids, "vectors"), *row;
	size_t index;

	(void)state;
	json_array_foreach(vectors, index, row)
	{
		struct span text = span_from(json_string_value(json_object_get(row, "token")));
		uint64_t id = crc64(0, text);
		if (id != number(row, "id"))
			fail_msg("%s: %llu", text.data, (unsigned long long)id);
		assert_true((int64_t)id == strtoll(json_string_value(json_object_get(row, "sql_id")), NULL, 10));
		/* the identifier of a whole is that of its pieces, one after the other */
		struct span head = span_head(text, text.size / 2);
		assert_true(crc64(crc64(0, head), span_skip(text, head.size)) == id);
	}
	assert_int_equal(index, 40);
	json_decref(ids);
}

#define MESSAGE(name)                                                                                                  \
	{                                                                                                              \
		"vectors " name, test_message, NULL, NULL, (void *)(uintptr_t)name ".json"                             \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),
		MESSAGE("m1-plain"),
		MESSAGE("m2-multipart"),
		MESSAGE("m2-multipart.sigloc-headers"),
		MESSAGE("m3-html"),
		MESSAGE("m4-headers"),
		MESSAGE("m4-headers.sigloc-headers"),
		MESSAGE("m5-edge-crlf"),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
