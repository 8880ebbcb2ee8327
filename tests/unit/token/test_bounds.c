/* Tokens at their limits: arenas of every size, long words, long headings, many tokens; and the header set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/crc64.h"
#include "token/tokenize.h"

static bool
has(const struct token_set *set, const char *text)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->tokens[i].text, text) == 0)
			return true;
	return false;
}

static struct token_set *
tokens_of(struct arena *arena, enum tokenizer tokenizer, const char *header, const char *body)
{
	struct flat flat = {span_from(header), span_from(body)};
	struct tokenize_options options = {.tokenizer = tokenizer, .url_context = true, .whitelist = true};
	struct token_set *set = tokenize(arena, &flat, &options);

	assert_non_null(set);
	assert_false(set->truncated);
	return set;
}

/* Whatever the arena holds, the set is whole, marked as truncated, or not there. */
static void
test_every_arena(void **state)
{
	char *body = malloc(40000);
	size_t size = 0, whole = 0, truncated = 0;

	(void)state;
	for (int i = 0; size < 39000; i++)
		size += (size_t)snprintf(body + size, 1000, "w%d www.example.org/%d ", i, i);
	struct flat flat = {SPAN("From: a@b\nSubject: one two three\n"), span_of(body, size)};
	for (size_t ceiling = 0; ceiling <= (size_t)24 << 20; ceiling += (size_t)64 << 10) {
		for (int tokenizer = TOKENIZER_WORD; tokenizer <= TOKENIZER_OSB; tokenizer++) {
			struct arena *arena = arena_new(ceiling);
			struct tokenize_options options = {(enum tokenizer)tokenizer, true, true, true, NULL};
			struct token_set *set = tokenize(arena, &flat, &options);
			if (set != NULL) {
				truncated += set->truncated;
				whole += !set->truncated;
				assert_true(arena_size(arena) <= ceiling);
			}
			arena_free(arena);
		}
	}
	print_message("%zu sets were whole, %zu truncated\n", whole, truncated);
	assert_true(whole > 10);
	assert_true(truncated > 10);
	free(body);
}

/* Beyond TOKEN_COUNT_MAX known tokens are still counted, and new ones are not taken. */
static void
test_token_count(void **state)
{
	struct arena *arena = arena_new((size_t)256 << 20);
	struct token_set *set = token_set_new(arena);

	(void)state;
	for (uint64_t id = 1; id < TOKEN_COUNT_MAX; id++)
		token_set_add(set, id, SPAN("x"));
	assert_false(set->truncated);
	assert_int_equal(token_set_add(set, TOKEN_COUNT_MAX, SPAN("x")), TOKEN_COUNT_MAX - 1);
	assert_false(set->truncated);
	assert_int_equal(token_set_add(set, TOKEN_COUNT_MAX + 1, SPAN("x")), TOKEN_NONE);
	assert_true(set->truncated);
	assert_int_equal(token_set_add(set, 7, SPAN("x")), 6);
	assert_int_equal(set->tokens[6].frequency, 2);
	assert_true(token_set_finish(set));
	assert_int_equal(set->count, TOKEN_COUNT_MAX);
	for (size_t i = 1; i < set->count; i++) {
		uint64_t before = set->tokens[set->order[i - 1]].id % TOKEN_BUCKETS;
		assert_true(before <= set->tokens[set->order[i]].id % TOKEN_BUCKETS);
	}
	arena_free(arena);
}

#define TEN "abcdefghij"
#define FORTY_NINE TEN TEN TEN TEN "abcdefghi"

/* 49 bytes are a word; 50 are none, and do not break the pair around them. */
static void
test_word_size(void **state)
{
	struct arena *arena = arena_new((size_t)4 << 20);
	struct token_set *set = tokens_of(arena, TOKENIZER_CHAIN, " ", "one " FORTY_NINE "j two " FORTY_NINE);

	(void)state;
	assert_true(has(set, "one+two"));
	assert_true(has(set, "two+" FORTY_NINE));
	assert_false(has(set, FORTY_NINE "j"));
	assert_int_equal(set->count, 5);
	set = tokens_of(arena, TOKENIZER_OSB, " ", "one " FORTY_NINE "j two");
	assert_true(has(set, "one+two"));
	assert_int_equal(set->count, 1);
	arena_free(arena);
}

/* A heading counts up to 127 bytes, a chain token up to 255; a sparse token leaves out what does not fit. */
static void
test_token_size(void **state)
{
	struct arena *arena = arena_new((size_t)4 << 20);
	char header[1000], heading[201];

	(void)state;
	memset(heading, 'H', 200);
	heading[200] = '\0';
	snprintf(header, sizeof header, "%s: " FORTY_NINE " " FORTY_NINE " " FORTY_NINE "\n", heading);
	for (int tokenizer = TOKENIZER_WORD; tokenizer <= TOKENIZER_OSB; tokenizer++) {
		struct token_set *set = tokens_of(arena, (enum tokenizer)tokenizer, header, " ");
		assert_true(set->count > 0);
		for (size_t i = 0; i < set->count; i++) {
			assert_int_equal(span_find_byte(span_from(set->tokens[i].text), '*'), 127);
			assert_in_range(strlen(set->tokens[i].text), 128 + 49, 255);
			assert_true(set->tokens[i].id == crc64(0, span_from(set->tokens[i].text)));
		}
	}
	struct token_set *set = tokens_of(arena, TOKENIZER_SBPH, header, " ");
	assert_int_equal(set->count, 3); /* w, w+w and w+#+w; in w+w+w the third has no room */
	arena_free(arena);
}

/* Nothing to cut gives an empty set, not none. */
static void
test_nothing(void **state)
{
	struct arena *arena = arena_new((size_t)4 << 20);

	(void)state;
	for (int tokenizer = TOKENIZER_WORD; tokenizer <= TOKENIZER_OSB; tokenizer++) {
		assert_int_equal(tokens_of(arena, (enum tokenizer)tokenizer, " ", " ")->count, 0);
		assert_int_equal(tokens_of(arena, (enum tokenizer)tokenizer, "", "")->count, 0);
		assert_int_equal(tokens_of(arena, (enum tokenizer)tokenizer, "\n\n:\n", "-+*. \n\r\t")->count, 0);
	}
	assert_int_equal(tokens_of(arena, TOKENIZER_OSB, " ", "lonely")->count, 0);
	assert_int_equal(tokens_of(arena, TOKENIZER_SBPH, " ", "lonely")->count, 1);
	arena_free(arena);
}

static void
test_whitelist(void **state)
{
	static const struct {
		const char *header, *token;
	} rows[] = {
		{"From: a@b\n", "From*a@b"},
		{"From:a@b\n", "From*a@b"},
		{"From:  a@b\n", "From* a@b"},
		{"From: a@b\r\n", "From*a@b\r"},
		{"From: A\n <folded.name@example.org>\n", "From*ded.name@example.org>"},
		{"From: A\nFrom: B\n", "From*B"},
		{"from: a@b\n", NULL},
		{"Subject: From\n", NULL},
	};
	struct arena *arena = arena_new((size_t)32 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct token_set *set = tokens_of(arena, TOKENIZER_CHAIN, rows[i].header, " ");
		uint64_t wanted = rows[i].token != NULL ? crc64(0, span_from(rows[i].token)) : 0;
		if (set->whitelist != wanted || (rows[i].token != NULL && !has(set, rows[i].token)))
			fail_msg("%s does not give the whitelist token %s", rows[i].header, rows[i].token);
	}
	arena_free(arena);
}

static void
test_urls(void **state)
{
	struct arena *arena = arena_new((size_t)32 << 20);
	struct token_set *set =
		tokens_of(arena, TOKENIZER_WORD, " ", "HTTP://a.example/x?y=1 https://www.b.example/ <a HREF=\"c\"d>");

	(void)state;
	assert_true(has(set, "Url*//a"));
	assert_true(has(set, "Url*example/x?y=1"));
	assert_true(has(set, "https"));
	assert_true(has(set, "//"));
	assert_true(has(set, "Url*example/"));
	assert_true(has(set, "Url*HREF=\"c"));
	assert_true(has(set, "\"d>"));
	assert_false(has(set, "example"));
	arena_free(arena);
}

static void
test_header_set(void **state)
{
	struct header_set *set = header_set_new();
	char name[20];

	(void)state;
	assert_false(header_set_has(set, SPAN("Received")));
	header_set_add(set, SPAN("Received"));
	header_set_add(set, SPAN("RECEIVED"));
	assert_true(header_set_has(set, SPAN("received")));
	assert_false(header_set_has(set, SPAN("Receive")));
	assert_false(header_set_has(set, SPAN("Received:")));
	assert_false(header_set_has(set, SPAN("")));
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof name, "X-Header-%d", i);
		header_set_add(set, span_from(name));
	}
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof name, "x-hEADER-%d", i);
		assert_true(header_set_has(set, span_from(name)));
		snprintf(name, sizeof name, "X-Header-%d", i + 2000);
		assert_false(header_set_has(set, span_from(name)));
	}
	header_set_free(set);
	header_set_free(NULL);
}

static void
test_names(void **state)
{
	enum tokenizer tokenizer;

	(void)state;
	assert_true(tokenizer_named(SPAN("Chained"), &tokenizer));
	assert_int_equal(tokenizer, TOKENIZER_CHAIN);
	assert_false(tokenizer_named(SPAN("chains"), &tokenizer));
	for (int i = TOKENIZER_WORD; i <= TOKENIZER_OSB; i++) {
		assert_true(tokenizer_named(span_from(tokenizer_name((enum tokenizer)i)), &tokenizer));
		assert_int_equal(tokenizer, i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_arena), cmocka_unit_test(test_token_count),
		cmocka_unit_test(test_word_size),   cmocka_unit_test(test_token_size),
		cmocka_unit_test(test_nothing),     cmocka_unit_test(test_whitelist),
		cmocka_unit_test(test_urls),        cmocka_unit_test(test_header_set),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
