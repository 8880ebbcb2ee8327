/* What the daemon makes of dspam.conf, and when it refuses it. */
#include "place.h"

static void
test_parameters(void **state)
{
	struct generation *generation = place_generation("ServerMode standard\nServerIdent mx.example\n"
							 "TrustedDeliveryAgent /bin/true\nServerTimeout 7\n"
							 "ServerParameters \"--deliver=innocent, spam -d %u\"\n");
	const struct agent_options *options = &generation->options;

	(void)state;
	/* the blank ends the list; what follows are words for the delivery agent */
	assert_int_equal(options->deliver, AGENT_WANT_INNOCENT);
	assert_int_equal(options->argument_count, 3);
	assert_true(span_equal(options->arguments[0], SPAN("spam")));
	assert_true(span_equal(options->arguments[2], SPAN("%u")));
	assert_true(options->trusted);
	assert_int_equal(options->users.count, 0);
	assert_string_equal(generation->lmtp.ident, "mx.example");
	assert_int_equal(generation->timeout, 7000);
	generation_drop(generation);
}

/* The original would throw innocent mail away. */
static void
test_mail_is_delivered_without_parameters(void **state)
{
	struct generation *generation = place_generation("ServerMode standard\nTrustedDeliveryAgent /bin/true\n");

	(void)state;
	assert_int_equal(generation->options.deliver, AGENT_WANT_INNOCENT);
	generation_drop(generation);
}

static void
check_refused(const char *lines, bool replaces, const char *complaint)
{
	struct generation *generation = NULL;
	struct error error = {.text = ""};
	struct place place;

	place_make(&place);
	place_write(&place, lines);
	assert_false(place_load(&place, replaces, &generation, &error));
	assert_null(generation);
	if (strstr(error.text, complaint) == NULL || strstr(error.text, place.config) == NULL)
		fail_msg("\"%s\" should name %s and %s", error.text, complaint, place.config);
	place_remove(&place);
}

static void
test_nonsense_is_refused(void **state)
{
	const char *agent = "ServerMode standard\nTrustedDeliveryAgent /bin/true\nServerParameters ";
	char lines[200];
	static const struct {
		const char *words, *complaint;
	} cases[] = {
		{"\"--deliver=all\"", "--deliver=all"},     {"\"--stdout\"", "--stdout"},
		{"\"--classify\"", "--classify"},           {"\"--deliver=innocent,summary\"", "--deliver=summary"},
		{"\"--class=spam\"", "--source"},           {"\"--signature=1\"", "--signature"},
		{"\"--rcpt-to a@b.example\"", "--rcpt-to"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(lines, sizeof lines, "%s%s", agent, cases[i].words);
		check_refused(lines, false, cases[i].complaint);
	}
	check_refused("ServerMode standard\nServerParameters --deliver=innocent", false, "DeliveryHost");
}

/* While mail flows, a file with an error is worse than the one that is in force; at the start there is no other. */
static void
test_errors_keep_a_new_one_out(void **state)
{
	const char *lines = "TrustedDeliveryAgent /bin/true\nTokenizer chian\n";
	struct generation *generation = place_generation(lines);

	(void)state;
	generation_drop(generation);
	check_refused(lines, true, "errors");
}

static void
test_the_last_holder_frees(void **state)
{
	struct generation *generation = place_generation("ServerMode standard\nTrustedDeliveryAgent /bin/true\n");

	(void)state;
	assert_ptr_equal(generation_hold(generation), generation);
	generation_drop(generation);
	assert_string_equal(config_get(generation->config, "TrustedDeliveryAgent"), "/bin/true");
	generation_drop(generation);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_mail_is_delivered_without_parameters),
		cmocka_unit_test(test_nonsense_is_refused),
		cmocka_unit_test(test_errors_keep_a_new_one_out),
		cmocka_unit_test(test_the_last_holder_frees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
