#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <signal.h>
#include <cmocka.h>

#include "deliver/question.h"
#include "place.h"

/* Run a script of the shell; the answer, or the error. */
static bool
ask(const char *script, int64_t timeout, char *answer, size_t size, struct error *error)
{
	struct place place;
	char shell[] = "/bin/sh";

	place_open(&place);
	place_write(&place, "script", script, 0600);
	char *arguments[] = {shell, place.path, NULL};
	bool done = question_ask(arguments, timeout, answer, size, error);
	place_close(&place);
	return done;
}

static const struct {
	const char *script;
	const char *answer; /* NULL: fails */
	const char *error;
} answers[] = {
	{"echo bob", "bob", ""},
	{"printf bob", "bob", ""},
	{"printf 'bob\\r\\nnext\\n'", "bob", ""},
	{"printf '\\nbob\\n'", "", ""},
	{"exit 0", "", ""},
	{"exit 1", "", ""}, /* as grep says that there is none */
	{"echo bob; exit 1", "bob", ""},
	{"echo 0123456789ABCDE", "0123456789ABCDE", ""},
	{"echo 0123456789ABCDEF", NULL, "more than 15 bytes"},
	{"echo bob; yes", "bob", ""},
	{"cat; echo end", "end", ""},                                               /* nothing on its standard input */
	{"echo $(env | grep -vc -e ^PWD= -e ^SHLVL= -e ^_= -e ^OLDPWD=)", "0", ""}, /* the shell's own */
	{"echo noise >&2; echo bob", "bob", ""},
	{"exit 75", NULL, "status 75"},
	{"exec /nonexistent/program", NULL, "status 127"},
	{"kill -9 $$", NULL, "signal 9"},
};

static void
test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		char answer[16] = "?";
		struct error error = {.code = ERROR_NONE};
		bool done = ask(answers[i].script, 30000, answer, sizeof answer, &error);
		if (done != (answers[i].answer != NULL))
			fail_msg("%s: %s", answers[i].script, error.text);
		if (done)
			assert_string_equal(answer, answers[i].answer);
		else if (!error.temporary || strstr(error.text, answers[i].error) == NULL)
			fail_msg("%s: %s", answers[i].script, error.text);
	}
}

/* What it leaves behind, holding its output, is not waited for. */
static void
test_left_behind(void **state)
{
	struct error error;
	char answer[16];

	(void)state;
	assert_true(ask("sleep 60 & echo $!", 30000, answer, sizeof answer, &error));
	long number = strtol(answer, NULL, 10);
	assert_true(number > 1);
	assert_int_equal(kill((pid_t)number, 0), 0);
	assert_int_equal(kill((pid_t)number, SIGKILL), 0);
}

static void
test_time_is_limited(void **state)
{
	static const char *const scripts[] = {"echo bob; sleep 60", "trap '' TERM; while :; do :; done",
					      "yes '' | cat"};
	struct error error;
	char answer[16];

	(void)state;
	for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
		bool done = ask(scripts[i], 100, answer, sizeof answer, &error);
		/* the last one may also be ended by the pipe that nobody reads */
		assert_true(!done || i == 2);
		if (!done)
			assert_non_null(strstr(error.text, "did not end"));
	}
}

static void
test_cannot_run(void **state)
{
	char program[] = "/nonexistent/program", nothing[] = "/dev/null";
	char *programs[] = {program, nothing};
	struct error error;
	char answer[16];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *arguments[] = {programs[i], NULL};
		assert_false(question_ask(arguments, 30000, answer, sizeof answer, &error));
		assert_true(error.temporary);
		assert_non_null(strstr(error.text, programs[i]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_left_behind),
		cmocka_unit_test(test_time_is_limited),
		cmocka_unit_test(test_cannot_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
