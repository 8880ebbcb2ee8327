/* Options as words, words as a text, and back: what another dspam reads is what was asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/options_words.h"
#include "wire/words.h"

static void
check_text(struct arena *arena, const char *text, const char *const *expected, size_t count)
{
	const char *const *words;
	size_t found;

	assert_true(agent_words_split(arena, text, &words, &found));
	assert_int_equal(found, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(words[i], expected[i]);
}

static void
test_split(void **state)
{
	const char *const plain[] = {"--user", "a", "-i"};
	const char *const quoted[] = {"a b", "", "c\"d\\", "e f", "g\\h"};
	const char *const open[] = {"a b"};
	struct arena *arena = arena_new(100000);

	(void)state;
	check_text(arena, "", NULL, 0);
	check_text(arena, " \t ", NULL, 0);
	check_text(arena, " --user  a\t-i ", plain, 3);
	check_text(arena, "\"a b\" \"\" \"c\\\"d\\\\\" e\" \"f g\\h", quoted, 5);
	check_text(arena, "\"a b", open, 1);
	arena_free(arena);
}

static void
test_a_full_arena(void **state)
{
	struct arena *arena = arena_new(100);
	const char *const *words;
	char text[20001];
	size_t count;

	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t i = 0; i < sizeof text; i += 10)
		text[i] = ' ';
	text[20000] = '\0';
	assert_false(agent_words_split(arena, text, &words, &count));
	arena_free(arena);
}

/* Any word survives. */
static void
test_words_come_back(void **state)
{
	static const char bytes[] = "a \t\"\\-";
	struct arena *arena = arena_new(1 << 20);
	char word[5] = "";

	(void)state;
	for (unsigned n = 0; n < 1296; n++) {
		struct buffer text = BUFFER_INIT(1000);
		const char *const expected[] = {word, "x"};
		unsigned rest = n;
		for (size_t i = 0; i < 4; i++, rest /= 6)
			word[i] = bytes[rest % 6];
		words_append(&text, span_from(word));
		words_append(&text, SPAN("x"));
		check_text(arena, buffer_string(&text), expected, 2);
		buffer_free(&text);
		arena_reset(arena);
	}
	arena_free(arena);
}

static struct buffer
written(struct arena *arena, const struct agent_options *options)
{
	struct agent_list list = {.items = NULL};
	struct buffer text = BUFFER_INIT(10000);

	assert_true(agent_options_words(arena, options, &list));
	for (size_t i = 0; i < list.count; i++)
		words_append(&text, span_from(list.items[i]));
	return text;
}

/* Read a line, write it, read that, write it again: the same. */
static void
check_line(const char *line, bool is_trusted, const char *expected)
{
	struct arena *arena = arena_new(1 << 20);
	struct agent_options options;
	const char *const *words;
	struct error error;
	size_t count;

	for (int turn = 0; turn < 2; turn++) {
		assert_true(agent_words_split(arena, turn == 0 ? line : expected, &words, &count));
		if (!agent_options_read(arena, words, count, &options, &error))
			fail_msg("%s", error.text);
		options.trusted = is_trusted;
		if (options.class_word != NULL)
			options.request.training_class = *options.class_word == 's' ? CLASS_SPAM : CLASS_INNOCENT;
		struct buffer text = written(arena, &options);
		assert_string_equal(buffer_string(&text), expected);
		buffer_free(&text);
	}
	arena_free(arena);
}

static void
test_options(void **state)
{
	(void)state;
	check_line("", true, "");
	check_line("--user a b --client --debug --config=/x --process", true, "");
	check_line("--user a -i -f \"x y\" \"\" --classify", true, "--classify -i -f \"x y\" \"\"");
	check_line("--deliver=stdout --mode=toe", true, "--mode=toe --deliver=innocent,spam --stdout");
	check_line("--deliver=spam", true, "--deliver=spam");
	check_line("--deliver=summary,spam", true, "--deliver=spam,summary");
	check_line("--deliver=summary,innocent", true, "--deliver=innocent,summary");
	check_line("--deliver=summary,innocent,spam", true, "--deliver=innocent,spam,summary");
	check_line("--deliver=summary", true, "--deliver=summary");
	check_line("--class=nonspam --source=inoculation --signature=abc", true,
		   "--class=innocent --source=inoculation --signature=abc");
	check_line("--class=spam --mode=unlearn", true, "--mode=unlearn --class=spam");
	check_line("--feature=noise,tb=5,whitelist --profile=p", true, "--feature=noise,whitelist,tb=5 --profile=p");
	check_line("--rcpt-to a@b.example c@d.example -x --mail-from=<s@t>", true,
		   "--mail-from=s@t -x --rcpt-to a@b.example c@d.example");
	/* who is not trusted passes nothing to a delivery agent over there either */
	check_line("-x -C/etc/other --classify y", false, "--classify");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_a_full_arena),
		cmocka_unit_test(test_words_come_back),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
