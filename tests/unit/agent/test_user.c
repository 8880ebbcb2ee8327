/* Users and recipients: case, +detail, domains, the QuarantineMailbox, and the host of a recipient. */
#include "help.h"

#define PLUS "EnablePlusedDetail on\n"

static const struct {
	const char *site;
	const char *given;
	const char *recipient; /* NULL: none */
	const char *user;      /* NULL: refused */
	const char *to;
} users[] = {
	{"", "joe", NULL, "joe", "joe"},
	{"", "Joe+Lists@Example.org", NULL, "Joe+Lists@Example.org", "Joe+Lists@Example.org"},
	{"", "joe", "Joe@Example.org", "joe", "Joe@Example.org"},
	{"Broken case\n", "Joe", "Joe@Example.org", "joe", "Joe@Example.org"},
	{"Broken case\n", "Joe@Example.org", NULL, "joe@example.org", "Joe@Example.org"},
	{PLUS, "Joe+Lists@Example.org", NULL, "Joe@Example.org", "Joe+Lists@Example.org"},
	{PLUS "PlusedUserLowercase on\n", "Joe+Lists@Example.org", NULL, "joe@example.org", "Joe+Lists@Example.org"},
	{PLUS "PlusedUserLowercase on\n", "Joe", NULL, "joe", "Joe"},
	{PLUS, "joe+lists", NULL, "joe", "joe+lists"},
	{PLUS, "joe+a+b@x.org", NULL, "joe@x.org", "joe+a+b@x.org"},
	{PLUS, "joe+a/b@x.org", NULL, "joe@x.org", "joe+a/b@x.org"},
	{PLUS, "joe@x+y.org", NULL, "joe@x+y.org", "joe@x+y.org"},
	{PLUS, "+lists@x.org", NULL, "+lists@x.org", "+lists@x.org"},
	{PLUS "PlusedCharacter -\n", "joe-a+b@x.org", NULL, "joe@x.org", "joe-a+b@x.org"},
	{"PlusedUserLowercase on\n", "Joe", NULL, "Joe", "Joe"},
	/* the name as given beats --rcpt-to, unless only that is a whole address */
	{PLUS, "joe+a@x.org", "other@y.org", "joe@x.org", "joe+a@x.org"},
	{PLUS, "joe+a", "joe+a@x.org", "joe", "joe+a@x.org"},
	{"", "@x.org", NULL, "@x.org", "@x.org"},
	/* what must not become a path */
	{"", "../x", NULL, NULL, NULL},
	{"", "..", NULL, NULL, NULL},
	{"", ".", NULL, NULL, NULL},
	{"", "a/b", NULL, NULL, NULL},
	{"", "/etc", NULL, NULL, NULL},
	{"", "a\nb", NULL, NULL, NULL},
	{"", "", NULL, NULL, NULL},
	{PLUS, "..+x", NULL, NULL, NULL},
	{"",
	 "12345678901234567890123456789012345678901234567890123456789012345678901234567890"
	 "1234567890123456789012345678901234567890123456789",
	 NULL, NULL, NULL},
};

static void
finds_user_and_recipient(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(users); i++) {
		struct scene scene;
		struct agent_user user;
		scene_open(&scene, users[i].site);
		bool found = agent_user_of(&scene.site, scene.arena, users[i].given, users[i].recipient, &user,
					   &scene.error);
		if (found != (users[i].user != NULL))
			fail_msg("row %zu, \"%s\"", i, users[i].given);
		if (found) {
			assert_string_equal(user.name, users[i].user);
			assert_string_equal(user.recipient, users[i].to);
		} else {
			assert_int_equal(scene.error.code, ERROR_USER);
		}
		scene_close(&scene);
	}
}

static const struct {
	const char *site;
	const char *recipient;
	const char *user;
} recipients[] = {
	{"", "Joe+a@X.org", "Joe+a@X.org"},
	{"StripRcptDomain on\n", "Joe+a@X.org", "Joe+a"},
	{"StripRcptDomain on\n" PLUS "PlusedUserLowercase on\n", "Joe+a@X.org", "joe"},
	{"StripRcptDomain on\n", "joe", "joe"},
	{"Broken case\n", "Joe@X.org", "joe@x.org"},
	{"StripRcptDomain on\n", "../../x/y@x.org", NULL},
	{"", "../../x/y", NULL},
};

static void
finds_the_user_of_an_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(recipients); i++) {
		struct scene scene;
		struct agent_user user;
		scene_open(&scene, recipients[i].site);
		bool found =
			agent_user_of_recipient(&scene.site, scene.arena, recipients[i].recipient, &user, &scene.error);
		assert_int_equal(found, recipients[i].user != NULL);
		if (found) {
			assert_string_equal(user.name, recipients[i].user);
			assert_string_equal(user.recipient, recipients[i].recipient);
		}
		scene_close(&scene);
	}
}

static void
names_the_quarantine_mailbox(void **state)
{
	static const struct {
		const char *site, *recipient, *mailbox;
	} rows[] = {
		{"QuarantineMailbox +Junk\n", "joe@x.org", "joe+Junk@x.org"},
		{"QuarantineMailbox +Junk\n", "Joe+lists@x.org", "Joe+Junk@x.org"},
		{"QuarantineMailbox +Junk\n", "joe", "joe+Junk"},
		{"QuarantineMailbox +Junk\n", "joe+a", "joe+Junk"},
		{"EnablePlusedDetail on\nPlusedUserLowercase on\nQuarantineMailbox +Junk\n", "Joe+Lists@Example.org",
		 "joe+Junk@Example.org"},
		{"QuarantineMailbox -spam\nPlusedCharacter -\n", "joe-a@x.org", "joe-spam@x.org"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scene scene;
		scene_open(&scene, rows[i].site);
		assert_string_equal(agent_user_quarantine(&scene.site, scene.arena, rows[i].recipient),
				    rows[i].mailbox);
		scene_close(&scene);
	}
}

static void
finds_the_host(void **state)
{
	static const char lines[] = "DeliveryProto LMTP\nDeliveryHost.a.org one\nDeliveryPort.a.org 2401\n"
				    "DeliveryHost.b.org two\nDeliveryPort 2402\n";
	static const struct {
		const char *more, *recipient, *host;
		unsigned port;
	} rows[] = {
		{"", "joe@a.org", "one", 2401},
		{"", "joe@A.ORG", "one", 2401},
		{"", "joe@b.org", "two", 2402},
		{"", "joe@c.org", NULL, 2402},
		{"", "joe@", NULL, 2402},
		{"", "joe", NULL, 2402},
		{"DeliveryHost three\n", "joe@c.org", "three", 2402},
		{"DeliveryHost three\n", "joe", "three", 2402},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scene scene;
		char text[500];
		unsigned port = 0;
		snprintf(text, sizeof text, "%s%s", lines, rows[i].more);
		scene_open(&scene, text);
		const char *host = agent_site_host(&scene.site, span_from(rows[i].recipient), &port);
		assert_int_equal(host == NULL, rows[i].host == NULL);
		if (host != NULL)
			assert_string_equal(host, rows[i].host);
		assert_int_equal(port, rows[i].port);
		scene_close(&scene);
	}
}

/* Of all domains, and where only ports are of domains. */
static void
finds_the_only_host(void **state)
{
	struct scene scene;
	unsigned port;

	(void)state;
	scene_open(&scene, "DeliveryProto LMTP\nDeliveryHost h\nDeliveryPort 2402\n");
	assert_string_equal(agent_site_host(&scene.site, SPAN("joe@a.org"), &port), "h");
	assert_int_equal(port, 2402);
	scene_close(&scene);
	scene_open(&scene, "DeliveryProto LMTP\nDeliveryHost h\nDeliveryPort.a.org 2401\n");
	assert_string_equal(agent_site_host(&scene.site, SPAN("joe@a.org"), &port), "h");
	assert_int_equal(port, 2401);
	scene_close(&scene);
}

static void
survives_a_long_domain(void **state)
{
	struct scene scene;
	char recipient[2000] = "joe@";
	unsigned port;

	(void)state;
	memset(recipient + 4, 'x', sizeof recipient - 5);
	scene_open(&scene, "DeliveryProto SMTP\nDeliveryHost h\nDeliveryHost.a.org one\n");
	assert_string_equal(agent_site_host(&scene.site, span_from(recipient), &port), "h");
	scene_close(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_user_and_recipient),     cmocka_unit_test(finds_the_user_of_an_address),
		cmocka_unit_test(names_the_quarantine_mailbox), cmocka_unit_test(finds_the_host),
		cmocka_unit_test(finds_the_only_host),          cmocka_unit_test(survives_a_long_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
