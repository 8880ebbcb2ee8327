/* The X-DSPAM header lines (messages 2): which, in which order, in which form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feature/feature.h"
#include "filter/header_lines.h"

struct sheet {
	struct settings settings;
	struct request request;
	struct judgement judgement;
	struct arena *arena;
};

static int
set_up(void **state)
{
	struct sheet *sheet = calloc(1, sizeof *sheet);

	sheet->arena = arena_new((size_t)4 << 20);
	sheet->judgement = (struct judgement){
		.result_class = RESULT_SPAM, .spam = true, .confidence = 0.98765, .probability = 1.0};
	*state = sheet;
	return 0;
}

static int
tear_down(void **state)
{
	struct sheet *sheet = *state;

	arena_free(sheet->arena);
	free(sheet);
	return 0;
}

static const char *
lines(struct sheet *sheet)
{
	struct span text = header_lines(sheet->arena, &sheet->settings, &sheet->request, &sheet->judgement);

	assert_non_null(text.data);
	assert_int_equal(strlen(text.data), text.size);
	return text.data;
}

static void
check_improbability(struct sheet *sheet, double confidence, const char *wanted)
{
	sheet->judgement.confidence = confidence;
	if (strstr(lines(sheet), wanted) == NULL)
		fail_msg("%s has no %s", lines(sheet), wanted);
}

static void
test_all(void **state)
{
	struct sheet *sheet = *state;
	char result[32] = "";
	int end = 0;

	sheet->settings.improbability = true;
	sheet->judgement.signature = "0123";
	sheet->judgement.preferences.show_factors = true;
	sheet->judgement.factors =
		(struct factor[]){{.text = "minutes+of", .value = 0.4}, {.text = "50%\xE9\t\"", .value = 0.99}};
	sheet->judgement.factor_count = 2;
	const char *text = lines(sheet);
	sscanf(text, "X-DSPAM-Result: %31[^\n]\nX-DSPAM-Processed: %*3s %*3s %*2d %*2d:%*2d:%*2d %*4d%n", result, &end);
	assert_string_equal(result, "Spam");
	assert_true(end > 0);
	assert_string_equal(text + end, "\nX-DSPAM-Confidence: 0.9877\n"
					"X-DSPAM-Improbability: 1 in 7998 chance of being ham\n"
					"X-DSPAM-Probability: 1.0000\n"
					"X-DSPAM-Signature: 0123\n"
					"X-DSPAM-Factors: 2,\n\tminutes+of, 0.40000,\n\t50%25%e9%09\", 0.99000\n");
}

/* A feature says what it is, and in how many lessons it was. */
static void
test_features(void **state)
{
	struct sheet *sheet = *state;
	const struct feature word = {.family = FEATURE_WORD, .text = SPAN("our")};
	struct factor factor = {.feature = &word, .value = 0.25, .spam = 68, .innocent = 24, .common_spam = 7};

	sheet->judgement.preferences.show_factors = true;
	sheet->judgement.factors = &factor;
	sheet->judgement.factor_count = 1;
	assert_non_null(strstr(lines(sheet), "X-DSPAM-Factors: 2,\n\tour (word, 68 spam, 24 innocent), 0.25000,\n"
					     "\t(all others), 0.00000\n"));
	sheet->judgement.has_common = true;
	assert_non_null(strstr(lines(sheet), "\tour (word, 68 spam, 24 innocent; common 7, 0), 0.25000,\n"));
}

static void
test_least(void **state)
{
	struct sheet *sheet = *state;

	sheet->judgement = (struct judgement){.result_class = RESULT_WHITELISTED, .probability = 0.00004};
	sheet->request.source = SOURCE_CORPUS;
	assert_string_equal(lines(sheet), "X-DSPAM-Result: Whitelisted\nX-DSPAM-Confidence: 0.0000\n"
					  "X-DSPAM-Probability: 0.0000\n");
	sheet->request.source = SOURCE_ERROR;
	assert_string_equal(lines(sheet), "X-DSPAM-Reclassified: Whitelisted\n");
}

static void
test_improbability(void **state)
{
	struct sheet *sheet = *state;

	sheet->settings.improbability = true;
	check_improbability(sheet, 0.0, "Improbability: 1 in 1 chance of being ham\n");
	check_improbability(sheet, 0.5, "Improbability: 1 in 101 chance of being ham\n");
	check_improbability(sheet, 0.99, "Improbability: 1 in 9901 chance of being ham\n");
	check_improbability(sheet, 0.9999990001, "Improbability: 1 in 98689409 chance of being ham\n");
	check_improbability(sheet, 1.0, "Improbability: 1 in 98689409 chance of being ham\n");
	sheet->judgement.spam = false;
	check_improbability(sheet, 1.0, "Improbability: 1 in 98689409 chance of being spam\n");
}

/* Words of the mail cannot forge lines, and all of them cannot fill the header beyond 10239 bytes. */
static void
test_hostile_factors(void **state)
{
	struct sheet *sheet = *state;
	static struct factor factors[1000];
	char word[256];

	memset(word, '\n', 255);
	word[255] = '\0';
	for (size_t i = 0; i < 1000; i++)
		factors[i] = (struct factor){.text = word, .value = 0.5};
	sheet->judgement.preferences.show_factors = true;
	sheet->judgement.factors = factors;
	sheet->judgement.factor_count = 1000;
	const char *at = strstr(lines(sheet), "X-DSPAM-Factors: 1000,\n\t%0a%0a");
	assert_non_null(at);
	assert_in_range(strlen(at), 9000, 10239);
	while ((at = strchr(at, '\n')) != NULL && at[1] != '\0') {
		assert_int_equal(at[1], '\t');
		assert_in_range(strcspn(at + 1, "\n"), 10, 130);
		at++;
	}
	sheet->judgement.factor_count = 0;
	assert_null(strstr(lines(sheet), "Factors"));
}

static void
test_full_arena(void **state)
{
	struct sheet *sheet = *state;
	struct arena *none = arena_new(0);

	assert_null(header_lines(none, &sheet->settings, &sheet->request, &sheet->judgement).data);
	arena_free(none);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all),           TEST(test_features),        TEST(test_least),
		TEST(test_improbability), TEST(test_hostile_factors), TEST(test_full_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
