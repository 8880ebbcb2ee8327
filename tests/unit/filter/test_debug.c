/* Debug: for whom, of what, where to, and that the words of mail stay out of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "stage.h"

#define MAIL "From: bob@example.org\nSubject: the minutes\n\nplease read the \x1b[2J minutes of our meeting\n"

static struct stage stage;

static int
tear_down(void **state)
{
	(void)state;
	stage_close(&stage);
	return 0;
}

/* What the file says; "" when there is none. */
static const char *
told(void)
{
	char path[300];
	struct span text;
	struct error error;

	snprintf(path, sizeof path, "%s/debug", stage.home);
	if (!file_read(stage.arena, path, 1 << 20, &text, &error))
		return "";
	remove(path);
	return arena_copy(stage.arena, text);
}

static void
run(const char *user, struct request request)
{
	stage_run(&stage, &request, user, span_from(MAIL));
}

static void
test_tells_how_it_was_judged(void **state)
{
	static const char *const lines[] = {
		"alice +",           "process, ",    "tokenizer chain",
		"store: ",           "SL=0 IL=0",    "algorithm graham: 0.",
		"algorithm burton:", "; it decides", " value 0.4",
		"result Innocent",   "lesson: ",     "IL+1",
		"learned in ",
	};

	(void)state;
	stage_open(&stage, "Debug alice\nDebugFile %s/debug\n");
	run("alice", (struct request){.classify = false});
	const char *text = told();
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		if (strstr(text, lines[i]) == NULL)
			fail_msg("no \"%s\" in:\n%s", lines[i], text);
	assert_null(strstr(text, "minutes"));
	assert_null(strstr(text, "bob"));
}

static void
test_tells_of_features(void **state)
{
	(void)state;
	stage_open(&stage, "Algorithm adaptive\nDebug alice\nDebugFile %s/debug\n");
	run("alice", (struct request){.training_class = CLASS_SPAM, .source = SOURCE_CORPUS});
	told();
	run("alice", (struct request){.classify = true});
	const char *text = told();
	assert_non_null(strstr(text, "(lessons: spam 1, innocent 0;"));
	assert_non_null(strstr(text, " share +"));
	assert_null(strstr(text, "*")); /* as in From*bob, or the name of what is counted */
	stage_close(&stage);
	stage_open(&stage, "Algorithm adaptive\nDebug alice\nDebugFile %s/debug\nDebugText on\n");
	run("alice", (struct request){.classify = true});
	assert_non_null(strstr(told(), "*"));
}

static void
test_words_when_asked_for(void **state)
{
	(void)state;
	stage_open(&stage, "Debug *\nDebugFile %s/debug\nDebugText on\n");
	run("alice", (struct request){.classify = false});
	const char *text = told();
	assert_non_null(strstr(text, "minutes"));
	assert_null(strchr(text, 0x1b));
}

static void
test_for_whom(void **state)
{
	(void)state;
	stage_open(&stage, "Debug alice carol\nDebugFile %s/debug\n");
	run("bob", (struct request){.classify = false});
	assert_string_equal(told(), "");
	run("carol", (struct request){.classify = false});
	assert_non_null(strstr(told(), "carol +"));
}

static void
test_nobody(void **state)
{
	(void)state;
	stage_open(&stage, "DebugOpt process\nDebugFile %s/debug\n");
	run("alice", (struct request){.classify = false});
	assert_string_equal(told(), "");
	debug_rules_all(&stage.settings->debug); /* --debug */
	run("alice", (struct request){.classify = true});
	assert_non_null(strstr(told(), "alice +"));
}

static void
test_of_what(void **state)
{
	static const struct {
		const char *option;
		struct request request;
	} rows[] = {
		{"process", {.classify = false}},
		{"classify", {.classify = true}},
		{"spam", {.training_class = CLASS_SPAM, .source = SOURCE_ERROR}},
		{"fp", {.training_class = CLASS_INNOCENT, .source = SOURCE_ERROR}},
		{"inoculation", {.training_class = CLASS_SPAM, .source = SOURCE_INOCULATION}},
		{"corpus", {.training_class = CLASS_INNOCENT, .source = SOURCE_CORPUS}},
	};
	enum { COUNT = sizeof rows / sizeof rows[0] };

	(void)state;
	for (size_t wanted = 0; wanted < COUNT; wanted++) {
		char lines[100];
		snprintf(lines, sizeof lines, "Debug *\nDebugOpt %s\nDebugFile %%s/debug\n", rows[wanted].option);
		stage_open(&stage, lines);
		for (size_t done = 0; done < COUNT; done++) {
			run("alice", rows[done].request);
			if ((*told() != '\0') != (wanted == done))
				fail_msg("%s, %s", rows[wanted].option, rows[done].option);
		}
		if (wanted + 1 < COUNT)
			stage_close(&stage);
	}
}

static void
test_what_is_not_judged(void **state)
{
	(void)state;
	stage_open(&stage, "Debug *\nDebugFile %s/debug\nMaxMessageSize 10\n");
	run("alice", (struct request){.classify = false});
	assert_non_null(strstr(told(), "goes on as it came: larger than MaxMessageSize"));
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_tells_how_it_was_judged),
		TEST(test_tells_of_features),
		TEST(test_words_when_asked_for),
		TEST(test_for_whom),
		TEST(test_nobody),
		TEST(test_of_what),
		TEST(test_what_is_not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
