/* The command line: what each word means, and what is refused with which words. */
#include "help.h"

static const char site_lines[] = "TrustedDeliveryAgent /bin/lda\nClassAliasSpam junk\nClassAliasNonspam good\n";

/* ---- what is refused -------------------------------------------------------------- */

static const struct refusal {
	const char *site;
	const struct agent_caller *caller;
	const char *line;
	enum error_code code;
	const char *text; /* is in the error */
} refusals[] = {
	{site_lines, &trusted, "", ERROR_USAGE, "--user"},
	{site_lines, &trusted, "--user", ERROR_USAGE, "--user"},
	{site_lines, &trusted, "--user -- --classify", ERROR_USAGE, "--user"},
	{site_lines, &trusted, "--user u --mode=xx", ERROR_USAGE, "toe, tum, teft, notrain, unlearn"},
	{site_lines, &trusted, "--user u --mode=TEFT", ERROR_USAGE, "--mode=TEFT"},
	{site_lines, &trusted, "--user u --mode", ERROR_USAGE, "--mode=VALUE"},
	{site_lines, &trusted, "--user u --class=bogus --source=error", ERROR_USAGE, "spam or innocent"},
	{site_lines, &trusted, "--user u --class=spam", ERROR_USAGE, "--source=error"},
	{site_lines, &trusted, "--user u --source=error", ERROR_USAGE, "--class=spam"},
	{site_lines, &trusted, "--user u --class=spam --source=x", ERROR_USAGE, "error, corpus, inoculation"},
	{site_lines, &trusted, "--user u --classify --class=spam --source=error", ERROR_USAGE, "--classify"},
	{site_lines, &trusted, "--user u --deliver=zz", ERROR_USAGE, "\"zz\""},
	{site_lines, &trusted, "--user u --deliver=spam,Innocent", ERROR_USAGE, "\"Innocent\""},
	{site_lines, &trusted, "--user u --signature=", ERROR_USAGE, "--signature"},
	{site_lines, &trusted, "--user u --config=", ERROR_USAGE, "--config"},
	{site_lines, &trusted, "--user u --rcpt-to bad --classify", ERROR_USAGE, "local@domain.tld"},
	{site_lines, &trusted, "--user u --rcpt-to a@localhost", ERROR_USAGE, "a@localhost"},
	{site_lines, &trusted, "--user u --rcpt-to @x.org", ERROR_USAGE, "@x.org"},
	{site_lines, &trusted, "--user u --rcpt-to a@x.", ERROR_USAGE, "a@x."},
	{site_lines, &trusted, "--user u --rcpt-to a>b@x.org", ERROR_USAGE, "a>b@x.org"},
	{site_lines, &trusted, "--user a b --rcpt-to a@x.org", ERROR_USAGE, "1 for 2 users"},
	{site_lines, &trusted, "--user u --mail-from=a>b@x.org", ERROR_USAGE, "--mail-from"},
	{"", &trusted, "--user u --deliver=innocent", ERROR_CONFIG, "TrustedDeliveryAgent"},
	{"DeliveryHost h\n", &trusted, "--user u --deliver=spam", ERROR_CONFIG, "DeliveryHost"},
	{"DeliveryProto LMTP\n", &trusted, "--user u --deliver=spam", ERROR_CONFIG, "DeliveryHost"},
	{site_lines, &untrusted, "--user joe --deliver=innocent", ERROR_CONFIG, "UntrustedDeliveryAgent"},
	{site_lines, &untrusted, "--user ann --classify", ERROR_PERMISSION, "ann"},
	{site_lines, &untrusted, "--user joe ann --classify", ERROR_PERMISSION, "Trust joe"},
	{site_lines, &untrusted, "--user JOE --classify", ERROR_PERMISSION, "JOE"},
	{site_lines, &untrusted, "--user joe --profile=p", ERROR_PERMISSION, "--profile"},
	{site_lines, &untrusted, "--daemon", ERROR_PERMISSION, "--daemon"},
};

static void
refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		const struct refusal *row = &refusals[i];
		struct scene scene;
		scene_open(&scene, row->site);
		if (scene_options(&scene, row->line, row->caller))
			fail_msg("\"%s\" is accepted", row->line);
		if (scene.error.code != row->code || strstr(scene.error.text, row->text) == NULL)
			fail_msg("\"%s\": %d %s", row->line, (int)scene.error.code, scene.error.text);
		assert_false(scene.error.temporary);
		scene_close(&scene);
	}
}

/* ---- what is understood -------------------------------------------------------------- */

/* The options as one line, to compare. */
static void
describe(const struct agent_options *options, struct buffer *text)
{
	static const char *const modes[] = {"-", "teft", "toe", "tum", "notrain", "unlearn"};
	static const char *const classes[] = {"-", "spam", "innocent"};
	static const char *const sources[] = {"-", "error", "corpus", "inoculation"};
	const struct request *request = &options->request;

	buffer_printf(text, "%s %s %s%s%s%s%s%s%s |", modes[request->mode], classes[request->training_class],
		      sources[request->source], request->classify ? " classify" : "",
		      options->deliver & AGENT_WANT_INNOCENT ? " +i" : "",
		      options->deliver & AGENT_WANT_SPAM ? " +s" : "",
		      options->deliver & AGENT_WANT_SUMMARY ? " +sum" : "", options->to_stdout ? " stdout" : "",
		      options->client ? " client" : "");
	if (request->has_features)
		buffer_printf(text, " features%s%s tb=%u |", request->noise ? " noise" : "",
			      request->whitelist ? " whitelist" : "", request->sedation);
	for (size_t i = 0; i < agent_options_deliveries(options); i++) {
		const char *user, *recipient;
		agent_options_delivery(options, i, &user, &recipient);
		buffer_printf(text, " %s>%s", user, recipient != NULL ? recipient : "");
	}
	buffer_append_string(text, " |");
	for (size_t i = 0; i < options->argument_count; i++)
		buffer_printf(text, " <%.*s>", (int)options->arguments[i].size, options->arguments[i].data);
}

static const struct {
	const struct agent_caller *caller;
	const char *line;
	const char *meaning;
} meanings[] = {
	{&trusted, "--user u", "- - - +i | u> |"},
	{&trusted, "--process --user u", "- - - +i | u> |"},
	{&trusted, "--user a b c", "- - - +i | a> b> c> |"},
	{&trusted, "--user a --user b", "- - - +i | a> b> |"},
	{&trusted, "--user a -- b", "- - - +i | a> | <b>"},
	{&trusted, "--user a '' b", "- - - +i | a> | <> <b>"},
	{&trusted, "--user u --classify", "- - - classify | u> |"},
	{&trusted, "--user u --mode=toe", "toe - - +i | u> |"},
	{&trusted, "--user u --mode=unlearn --class=spam", "unlearn spam - | u> |"},
	{&trusted, "--user u --class=junk --source=corpus", "- spam corpus | u> |"},
	{&trusted, "--user u --class=good --source=error", "- innocent error | u> |"},
	{&trusted, "--user u --class=nonspam --source=inoculation", "- innocent inoculation | u> |"},
	{&trusted, "--user u --deliver=innocent,spam", "- - - +i +s | u> |"},
	{&trusted, "--user u --deliver=nonspam,summary", "- - - +i +sum | u> |"},
	{&trusted, "--user u --deliver=stdout", "- - - +i +s stdout | u> |"},
	{&trusted, "--user u --deliver=spam --deliver=innocent", "- - - +i +s | u> |"},
	{&trusted, "--user u --stdout", "- - - +i stdout | u> |"},
	/* a blank in a list makes the rest an argument */
	{&trusted, "--user u --deliver=innocent, spam -d %u", "- - - +i | u> | <spam> <-d> <%u>"},
	{&trusted, "--user u --feature=noise,wh,tb=5", "- - - +i | features noise whitelist tb=5 | u> |"},
	{&trusted, "--user u --feature=zz,tb=11", "- - - +i | features tb=0 | u> |"},
	{&trusted, "--user a b --rcpt-to x@y.org z@y.org w@y.org", "- - - +i | a>x@y.org b>z@y.org a>w@y.org |"},
	/* the calls of the how-tos and of the web interface */
	{&trusted, "--deliver=innocent --user u -i -f s@x.org -- r@x.org",
	 "- - - +i | u> | <-i> <-f> <s@x.org> <--> <r@x.org>"},
	{&trusted, "--deliver=innocent --class=innocent --source=error --user u -i u",
	 "- innocent error +i | u> | <-i> <u>"},
	{&trusted, "--client --mode=teft --class=spam --source=error --user u", "teft spam error client | u> |"},
	{&trusted, "--client --user u --class=spam --source=corpus --deliver=summary",
	 "- spam corpus +sum client | u> |"},
	{&trusted, "--user u -f x y \"\" --foo $(id)", "- - - +i | u> | <-f> <x> <y> <> <--foo> <$(id)>"},
	{&untrusted, "--classify", "- - - classify | joe> |"},
	{&untrusted, "--user joe --stdout", "- - - +i stdout | joe> |"},
	{&untrusted, "--user joe joe --stdout", "- - - +i stdout | joe> joe> |"},
};

static void
understands(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(meanings); i++) {
		struct scene scene;
		struct buffer text = BUFFER_INIT(4096);
		scene_open(&scene, site_lines);
		if (!scene_options(&scene, meanings[i].line, meanings[i].caller))
			fail_msg("\"%s\": %s", meanings[i].line, scene.error.text);
		describe(&scene.options, &text);
		if (strcmp(buffer_string(&text), meanings[i].meaning) != 0)
			fail_msg("\"%s\": is\n%s, not\n%s", meanings[i].line, buffer_string(&text),
				 meanings[i].meaning);
		assert_int_equal(scene.options.trusted, meanings[i].caller->trusted);
		buffer_free(&text);
		scene_close(&scene);
	}
}

static void
takes_values(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, "Broken case\nParseToHeaders on\n");
	assert_true(scene_options(&scene, "--mail-from=<s@x.org> --profile=p --config f --signature=1,ab", &trusted));
	assert_string_equal(scene.options.sender, "s@x.org");
	assert_string_equal(scene.options.profile, "p");
	assert_string_equal(scene.options.config, "f");
	assert_string_equal(scene.options.request.signature, "1,ab");
	assert_int_equal(agent_options_deliveries(&scene.options), 0);
	assert_true(scene_options(&scene, "--user JOE --config=g --mail-from=", &untrusted));
	assert_string_equal(scene.options.config, "g");
	assert_string_equal(scene.options.sender, "");
	scene_close(&scene);
}

static void
survives_many_words(void **state)
{
	enum { MANY = 20000 };
	const char **words = calloc(MANY + 1, sizeof *words);
	struct scene scene;

	(void)state;
	scene_open(&scene, site_lines);
	words[0] = "--user";
	for (size_t i = 1; i <= MANY; i++)
		words[i] = "u";
	assert_true(agent_options_read(scene.arena, words, MANY + 1, &scene.options, &scene.error));
	assert_int_equal(scene.options.users.count, MANY);
	arena_limit(scene.arena, 1024);
	arena_reset(scene.arena);
	assert_false(agent_options_read(scene.arena, words, MANY + 1, &scene.options, &scene.error));
	assert_non_null(strstr(scene.error.text, "too long"));
	free(words);
	scene_close(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses),
		cmocka_unit_test(understands),
		cmocka_unit_test(takes_values),
		cmocka_unit_test(survives_many_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
