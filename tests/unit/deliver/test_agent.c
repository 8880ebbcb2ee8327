#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <signal.h>
#include <cmocka.h>

#include "base/log.h"
#include "deliver/agent.h"
#include "place.h"

static const struct span pieces[] = {{"Subject: x\n", 11}, {NULL, 0}, {"\nbody \0.\n", 9}};
static const struct deliver_message message = {pieces, 3, false};

static struct deliver_agent
agent_for(const char *command)
{
	return (struct deliver_agent){.command = command,
				      .user = SPAN("bob"),
				      .recipient = SPAN("bob+x@b.example"),
				      .sender = SPAN("al@a.example"),
				      .timeout = 30000};
}

/* Run `script`, which finds its directory in the variable D, with further words behind it. */
static bool
run_script(struct place *place, const char *script, const char *words, struct deliver_result *result)
{
	char command[400], text[1000];
	struct deliver_agent agent = agent_for(command);

	snprintf(text, sizeof text, "D=%s\n%s\n", place->directory, script);
	place_write(place, "script", text, 0600);
	snprintf(command, sizeof command, "/bin/sh %s %s", place->path, words);
	return deliver_agent(&agent, &message, result);
}

static void
test_message_and_arguments(void **state)
{
	struct place place;
	struct deliver_result result;

	(void)state;
	place_open(&place);
	assert_true(run_script(&place, "cat >$D/out; printf '<%s>\\n' \"$@\" >$D/args",
			       "-d %u  $u \\%r %s \"\" -f%u %d 'x y' $HOME;ls `id` *", &result));
	assert_int_equal(result.outcome, DELIVER_ACCEPTED);
	struct buffer out = place_read(&place, "out");
	assert_int_equal(out.size, 20);
	assert_memory_equal(out.data, "Subject: x\n\nbody \0.\n", 20);
	buffer_free(&out);
	place_expect(&place, "args",
		     "<-d>\n<bob>\n<bob>\n<bob+x@b.example>\n<al@a.example>\n<>\n<-f%u>\n<%d>\n<'x>\n<y'>\n<$HOME;ls>\n"
		     "<`id`>\n<*>\n");
	place_close(&place);
}

static void
test_further_arguments_are_not_split(void **state)
{
	struct place place;
	struct deliver_result result;
	char command[400];
	const struct span arguments[] = {SPAN("a b"), SPAN("%u"), SPAN(""), SPAN("-x")};
	struct deliver_agent agent = agent_for(command);

	(void)state;
	place_open(&place);
	place_write(&place, "script", "printf '<%s>\\n' \"$@\" >$1; shift", 0600);
	snprintf(command, sizeof command, "/bin/sh %s %s/args", place.path, place.directory);
	agent.arguments = arguments;
	agent.count = 4;
	assert_true(deliver_agent(&agent, &message, &result));
	char expected[400];
	snprintf(expected, sizeof expected, "<%s/args>\n<a b>\n<bob>\n<>\n<-x>\n", place.directory);
	place_expect(&place, "args", expected);
	place_close(&place);
}

static const struct {
	const char *script;
	enum deliver_outcome outcome, when_permanent; /* the latter with LMTPLDAErrorsPermanent */
	const char *enhanced;
	const char *text; /* part of it */
} ends[] = {
	{"exit 0", DELIVER_ACCEPTED, DELIVER_ACCEPTED, "2.0.0", ""},
	{"cat >/dev/null; exit 0", DELIVER_ACCEPTED, DELIVER_ACCEPTED, "2.0.0", ""},
	{"exit 1", DELIVER_TEMPORARY, DELIVER_PERMANENT, "4.3.0", "exit status 1"},
	{"exit 2", DELIVER_TEMPORARY, DELIVER_PERMANENT, "4.3.0", "exit status 2"},
	{"exit 22", DELIVER_TEMPORARY, DELIVER_PERMANENT, "4.3.0", "exit status 22"},
	{"exit 64", DELIVER_TEMPORARY, DELIVER_PERMANENT, "4.3.0", "exit status 64"},
	{"exit 65", DELIVER_PERMANENT, DELIVER_PERMANENT, "5.6.0", "exit status 65"},
	{"exit 66", DELIVER_TEMPORARY, DELIVER_PERMANENT, "4.3.0", "exit status 66"},
	{"exit 67", DELIVER_PERMANENT, DELIVER_PERMANENT, "5.1.1", "exit status 67"},
	{"exit 68", DELIVER_PERMANENT, DELIVER_PERMANENT, "5.1.2", "exit status 68"},
	{"exit 69", DELIVER_PERMANENT, DELIVER_PERMANENT, "5.3.0", "exit status 69"},
	{"exit 70", DELIVER_TEMPORARY, DELIVER_PERMANENT, "4.3.0", "exit status 70"},
	{"exit 71", DELIVER_TEMPORARY, DELIVER_PERMANENT, "4.3.0", "exit status 71"},
	{"exit 72", DELIVER_TEMPORARY, DELIVER_PERMANENT, "4.3.0", "exit status 72"},
	{"exit 73", DELIVER_TEMPORARY, DELIVER_PERMANENT, "4.3.0", "exit status 73"},
	{"exit 74", DELIVER_TEMPORARY, DELIVER_PERMANENT, "4.3.0", "exit status 74"},
	{"exit 75", DELIVER_TEMPORARY, DELIVER_PERMANENT, "4.3.0", "exit status 75"},
	{"exit 76", DELIVER_TEMPORARY, DELIVER_PERMANENT, "4.3.0", "exit status 76"},
	{"exit 77", DELIVER_PERMANENT, DELIVER_PERMANENT, "5.7.1", "exit status 77"},
	{"exit 78", DELIVER_TEMPORARY, DELIVER_PERMANENT, "4.3.0", "exit status 78"},
	{"kill -9 $$", DELIVER_TEMPORARY, DELIVER_TEMPORARY, "4.3.0", "signal 9"},
	{"kill -TERM $$", DELIVER_TEMPORARY, DELIVER_TEMPORARY, "4.3.0", "signal 15"},
	{"echo first >&2; echo >&2; printf 'over quota\\n\\n' >&2; exit 75", DELIVER_TEMPORARY, DELIVER_PERMANENT,
	 "4.3.0", "exit status 75: over quota"},
	{"exec 0<&-; exec sleep 0", DELIVER_ACCEPTED, DELIVER_ACCEPTED, "2.0.0", ""},
};

static void
test_exit_status(void **state)
{
	struct place place;
	struct deliver_result result;
	char command[400];
	struct deliver_agent agent = agent_for(command);

	(void)state;
	place_open(&place);
	snprintf(command, sizeof command, "/bin/sh %s", place_file(&place, "script"));
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		place_write(&place, "script", ends[i].script, 0600);
		agent.errors_permanent = false;
		deliver_agent(&agent, &message, &result);
		if (result.outcome != ends[i].outcome || strcmp(result.enhanced, ends[i].enhanced) != 0 ||
		    strstr(result.text, ends[i].text) == NULL)
			fail_msg("%s: %d %s %s", ends[i].script, (int)result.outcome, result.enhanced, result.text);
		agent.errors_permanent = true;
		deliver_agent(&agent, &message, &result);
		assert_int_equal(result.outcome, ends[i].when_permanent);
	}
	place_close(&place);
}

static void
test_timeout(void **state)
{
	static const char *const scripts[] = {"exec sleep 60", "while :; do echo noise >&2; done",
					      "trap '' TERM; cat >/dev/null; sleep 60"};
	struct place place;
	struct deliver_result result;
	char command[400];
	struct deliver_agent agent = agent_for(command);

	(void)state;
	place_open(&place);
	snprintf(command, sizeof command, "/bin/sh %s", place_file(&place, "script"));
	agent.timeout = 100;
	for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
		place_write(&place, "script", scripts[i], 0600);
		assert_false(deliver_agent(&agent, &message, &result));
		assert_int_equal(result.outcome, DELIVER_TEMPORARY);
		assert_non_null(strstr(result.text, "did not end"));
	}
	place_close(&place);
}

static void
test_cannot_run(void **state)
{
	static const char *const commands[] = {"/nonexistent/program -d %u", "", "   ", "\"\" x", "/dev/null"};
	struct deliver_result result;

	(void)state;
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		struct deliver_agent agent = agent_for(commands[i]);
		agent.errors_permanent = true;
		assert_false(deliver_agent(&agent, &message, &result));
		assert_int_equal(result.outcome, DELIVER_TEMPORARY);
		assert_string_equal(result.enhanced, "4.3.5");
	}
	assert_non_null(strstr(result.text, "/dev/null"));
}

/* A name that would become an option is refused where it is used, and only there. */
static void
test_hyphen_is_refused(void **state)
{
	static const struct {
		const char *command;
		bool accepted;
	} table[] = {
		{"/bin/true %u", false}, {"/bin/true \\$u", false}, {"/bin/true -d%u", true}, {"/bin/true %s", true}};
	struct deliver_result result;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct deliver_agent agent = agent_for(table[i].command);
		agent.user = SPAN("-oQ/tmp");
		assert_int_equal(deliver_agent(&agent, &message, &result), table[i].accepted);
		if (!table[i].accepted) {
			assert_int_equal(result.outcome, DELIVER_PERMANENT);
			assert_non_null(strstr(result.text, "user \"-oQ/tmp\""));
		}
	}
}

/* More than a pipe holds: read to the end, not read at all, read in part. */
static void
test_large_message(void **state)
{
	static const struct {
		const char *script;
		bool accepted;
	} table[] = {
		{"test $(wc -c) = 1000000", true},
		{"exit 0", false}, /* what it says of a message that it has not seen is not believed */
		{"exec 0<&-; exit 0", false},
		{"head -c 10 >/dev/null; exit 0", false},
		{"head -c 10 >/dev/null; exit 75", false},
		{"head -c 999999 >/dev/null; cat >/dev/null; exit 0", true},
		{"kill -9 $$", false},
	};
	struct place place;
	struct deliver_result result;
	char command[400];
	struct deliver_agent agent = agent_for(command);
	char *text = calloc(1, 500000);
	const struct span halves[] = {{text, 500000}, {text, 500000}};
	const struct deliver_message large = {halves, 2, false};

	(void)state;
	place_open(&place);
	snprintf(command, sizeof command, "/bin/sh %s", place_file(&place, "script"));
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		place_write(&place, "script", table[i].script, 0600);
		if (deliver_agent(&agent, &large, &result) != table[i].accepted)
			fail_msg("%s: %s", table[i].script, result.text);
		assert_int_equal(result.outcome, table[i].accepted ? DELIVER_ACCEPTED : DELIVER_TEMPORARY);
	}
	place_close(&place);
	free(text);
}

/* A program that leaves something behind, which holds its pipes: nobody waits for it. */
static void
test_left_behind(void **state)
{
	struct place place;
	struct deliver_result result;

	(void)state;
	place_open(&place);
	assert_true(run_script(&place, "cat >/dev/null; sleep 60 & echo $! >$D/child; echo later >&2; exit 0", "",
			       &result));
	assert_int_equal(result.outcome, DELIVER_ACCEPTED);
	struct buffer child = place_read(&place, "child");
	long number = strtol(buffer_string(&child), NULL, 10);
	assert_true(number > 1);
	assert_int_equal(kill((pid_t)number, 0), 0); /* it still runs, and we are here */
	assert_int_equal(kill((pid_t)number, SIGKILL), 0);
	buffer_free(&child);
	place_close(&place);
}

/* What a program says is heard while it is fed, and told in part: ten megabytes stop neither of us. */
static void
test_talkative(void **state)
{
	struct place place;
	struct deliver_result result;

	(void)state;
	place_open(&place);
	assert_true(run_script(&place, "head -c 10000000 /dev/zero >&2; cat >/dev/null; exit 0", "", &result));
	assert_false(run_script(&place, "yes complaint | head -n 1000000 >&2; echo at last >&2; exit 75", "", &result));
	assert_non_null(strstr(result.text, "exit status 75: at last"));
	place_close(&place);
}

/* Its complaints stand in our log: the first of them, each on a line. */
static void
test_log(void **state)
{
	struct place place;
	struct deliver_result result;
	int old = dup(STDERR_FILENO);

	(void)state;
	place_open(&place);
	place_write(&place, "log", "", 0600);
	int log = open(place_file(&place, "log"), O_WRONLY | O_APPEND);
	assert_true(dup2(log, STDERR_FILENO) >= 0);
	log_open("test", true, false, LOG_LEVEL_NOTICE);
	bool accepted =
		run_script(&place, "cat >/dev/null; for i in $(seq 1 30); do echo line $i >&2; done", "", &result);
	dup2(old, STDERR_FILENO);
	close(old);
	close(log);
	assert_true(accepted);
	struct buffer text = place_read(&place, "log");
	const char *lines = buffer_string(&text);
	assert_non_null(strstr(lines, "notice: delivery agent /bin/sh: line 1\n"));
	assert_non_null(strstr(lines, "line 20\n"));
	assert_null(strstr(lines, "line 21\n"));
	assert_non_null(strstr(lines, "further lines are not logged\n"));
	buffer_free(&text);
	place_close(&place);
}

/* Names of every kind are one argument each, and no shell sees them. */
static void
test_odd_names(void **state)
{
	char long_name[200];
	const char *const names[] = {"a b", "$(touch D)", "`id`",      "x;y|z&", "quo'te\"s", "%u",
				     "$u",  "\xff\xfe",   "new\nline", "*",      "~root",     long_name};
	struct place place;
	struct deliver_result result;
	char command[400], expected[1000];
	struct deliver_agent agent = agent_for(command);

	(void)state;
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	place_open(&place);
	place_write(&place, "script", "cat >/dev/null; printf '<%s>' \"$2\" \"$3\" \"$4\" \"$#\" >$1", 0600);
	snprintf(command, sizeof command, "/bin/sh %s %s/args %%u %%r \\%%s", place.path, place.directory);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		agent.user = agent.recipient = agent.sender = span_from(names[i]);
		assert_true(deliver_agent(&agent, &message, &result));
		snprintf(expected, sizeof expected, "<%s><%s><%s><4>", names[i], names[i], names[i]);
		place_expect(&place, "args", expected);
	}
	place_close(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message_and_arguments),
		cmocka_unit_test(test_further_arguments_are_not_split),
		cmocka_unit_test(test_exit_status),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_cannot_run),
		cmocka_unit_test(test_hyphen_is_refused),
		cmocka_unit_test(test_large_message),
		cmocka_unit_test(test_left_behind),
		cmocka_unit_test(test_talkative),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_odd_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
