/* Messages made ready for the filter, and what their headers say about class and user. */
#include "help.h"

#include <unistd.h>

static const struct {
	const char *site;
	const char *text;
	const char *ready;
} inputs[] = {
	{"", "A: b\r\n\r\nc\r\n", "A: b\r\n\r\nc\r\n"},
	{"Broken lineStripping\n", "A: b\r\n\r\nc\rd\r\r\ne\r", "A: b\n\nc\rd\r\ne\r"},
	{"", "From QUARANTINE Sun Nov 22\nA: b\n\n>From x\n>>From y\n From z\n", "A: b\n\nFrom x\n>From y\n From z\n"},
	{"", "From QUARANTINE Sun Nov 22\nA: b\n\nx\n\n\n", "A: b\n\nx\n"},
	{"", "From QUARANTINE Sun Nov 22\nA: b\r\n\r\nx\r\n\n\n", "A: b\r\n\r\nx\r\n"},
	{"", "From QUARANTINE Sun Nov 22\nA: b\n\nx\n\n", "A: b\n\nx\n\n"},
	{"", "A: b\n\nx\n\n\n", "A: b\n\nx\n\n\n"},
	{"", "From QUARANTINE Sun Nov 22\r\n>From x", "From x"},
	{"", "From joe Sun Nov 22\nA: b\n\n>From x\n", "From joe Sun Nov 22\nA: b\n\n>From x\n"},
	{"", "A: b\n\nFrom QUARANTINE\n>From x\n", "A: b\n\nFrom QUARANTINE\n>From x\n"},
	{"DataSource document\n", "some text: with colon\n", ": \n\nsome text: with colon\n"},
	{"", "From QUARANTINE\n", NULL},
};

static void
makes_ready(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(inputs); i++) {
		struct scene scene;
		struct buffer text = BUFFER_INIT(4096);
		scene_open(&scene, inputs[i].site);
		buffer_append_string(&text, inputs[i].text);
		bool ready = agent_input_prepare(&scene.site, &text, &scene.error);
		assert_int_equal(ready, inputs[i].ready != NULL);
		if (ready)
			assert_string_equal(buffer_string(&text), inputs[i].ready);
		else
			assert_int_equal(scene.error.code, ERROR_DATA);
		buffer_free(&text);
		scene_close(&scene);
	}
}

#define PARSE "ParseToHeaders on\n"
#define CLASS PARSE "ChangeModeOnParse on\n"
#define FULL PARSE "ChangeUserOnParse full\n"
#define LOCAL PARSE "ChangeUserOnParse on\n"
#define LESSON "--user u --class=innocent --source=error"

static const struct {
	const char *site;
	const struct agent_caller *caller;
	const char *line;
	const char *message;
	const char *user; /* NULL: there is none */
	enum training_class training_class;
} addresses[] = {
	{"", &trusted, "--user u", "To: spam-joe@x.org\n\n", "u", CLASS_NONE},
	{PARSE, &trusted, "--user u", "To: spam-joe@x.org\n\n", "u", CLASS_NONE},
	{CLASS, &trusted, "--user u", "To: spam-joe@x.org\n\n", "u", CLASS_SPAM},
	{CLASS, &trusted, "--user u", "tO: <notspam-joe@x.org>\n\n", "u", CLASS_INNOCENT},
	{CLASS, &trusted, "--user u", "To: a@x.org, spam-joe@x.org\n\n", "u", CLASS_SPAM},
	{CLASS, &trusted, "--user u", "To: a@x.org,\n spam-joe@x.org\n\n", "u", CLASS_SPAM},
	{CLASS, &trusted, "--user u", "To:spam-joe@x.org\r\n\r\n", "u", CLASS_SPAM},
	{CLASS, &trusted, "--user u", "To: antispam-joe@x.org\n\n", "u", CLASS_NONE},
	{CLASS, &trusted, "--user u", "Cc: spam-joe@x.org\n\n", "u", CLASS_NONE},
	{CLASS, &trusted, "--user u", "Subject: x\n\nTo: spam-joe@x.org\n", "u", CLASS_NONE},
	{CLASS, &trusted, "--user u", "Subject: x\r\n\r\nTo: spam-joe@x.org\r\n", "u", CLASS_NONE},
	{CLASS, &trusted, LESSON, "To: spam-joe@x.org\n\n", "u", CLASS_INNOCENT},
	{CLASS, &trusted, "--user u --classify", "To: spam-joe@x.org\n\n", "u", CLASS_NONE},
	{FULL, &trusted, "", "To: \"J\" <spam-joe@x.org>\n\n", "joe@x.org", CLASS_NONE},
	{FULL, &trusted, "--user u", "To: spam-joe@x.org, b@x.org\n\n", "joe@x.org", CLASS_NONE},
	{FULL, &trusted, "--user u", "To: spam-joe@x.org\r\n\r\n", "joe@x.org", CLASS_NONE},
	{LOCAL, &trusted, "", "To: spam-joe@x.org\n\n", "joe", CLASS_NONE},
	{LOCAL, &trusted, "--user u", "To: spam-@x.org\n\n", "u", CLASS_NONE},
	{LOCAL, &trusted, "", "To: ann@x.org\n\n", NULL, CLASS_NONE},
	{LOCAL, &untrusted, "--user joe", "To: spam-ann@x.org\n\n", "joe", CLASS_NONE},
	{"", &trusted, LESSON, "X-Dspam-User: shared\n\n", "shared", CLASS_INNOCENT},
	{"", &trusted, LESSON, "A: b\n\nX-DSPAM-User: shared\n", "u", CLASS_INNOCENT},
	{"", &trusted, "--user u", "X-DSPAM-User: shared\n\n", "u", CLASS_NONE},
	{"", &untrusted, "--user joe --class=innocent --source=error", "X-DSPAM-User: ann\n\n", "joe", CLASS_INNOCENT},
};

static void
takes_class_and_user_from_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(addresses); i++) {
		struct scene scene;
		const char *user, *recipient;
		scene_open(&scene, addresses[i].site);
		if (!scene_options(&scene, addresses[i].line, addresses[i].caller))
			fail_msg("row %zu: %s", i, scene.error.text);
		bool found = agent_input_address(&scene.site, scene.arena, span_from(addresses[i].message),
						 &scene.options, &scene.error);
		if (found != (addresses[i].user != NULL) ||
		    scene.options.request.training_class != addresses[i].training_class)
			fail_msg("row %zu: %s", i, addresses[i].message);
		if (found) {
			assert_int_equal(agent_options_deliveries(&scene.options), 1);
			agent_options_delivery(&scene.options, 0, &user, &recipient);
			if (strcmp(user, addresses[i].user) != 0)
				fail_msg("row %zu: %s", i, user);
		} else {
			assert_int_equal(scene.error.code, ERROR_USAGE);
		}
		scene_close(&scene);
	}
}

static void
reads_all_or_says_why_not(void **state)
{
	struct buffer text = BUFFER_INIT(1 << 20);
	struct error error;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "A: b\n", 5), 5);
	close(ends[1]);
	assert_true(agent_input_read(ends[0], &text, &error));
	assert_string_equal(buffer_string(&text), "A: b\n");
	buffer_clear(&text);
	assert_false(agent_input_read(ends[0], &text, &error));
	assert_int_equal(error.code, ERROR_DATA);
	close(ends[0]);
	assert_false(agent_input_read(ends[0], &text, &error));
	assert_true(error.temporary);
	buffer_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_ready),
		cmocka_unit_test(takes_class_and_user_from_headers),
		cmocka_unit_test(reads_all_or_says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
