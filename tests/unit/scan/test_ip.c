/* Addresses: text to value and back, who is local, networks, questions to lists. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "scan/ip.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct ip
address(const char *text)
{
	struct ip ip;

	if (!ip_parse(span_from(text), &ip))
		fail_msg("%s", text);
	return ip;
}

static void
reads_and_writes(void **state)
{
	static const char *const texts[][2] = {
		{"192.0.2.1", "192.0.2.1"},
		{"2001:DB8:0::0:1", "2001:db8::1"},
		{"::ffff:192.0.2.1", "192.0.2.1"},
		{"::ffff:c000:201", "192.0.2.1"},
		{"::", "::"},
		{"255.255.255.255", "255.255.255.255"},
	};
	static const char *const wrong[] = {
		"",
		" ",
		"192.0.2",
		"192.0.2.1 ",
		"192.0.2.256",
		"1.2.3.4.5",
		"0x7f.1",
		"2001:db8::1::",
		"fe80::1%eth0",
		"../../etc/passwd",
		"2001:db8:0000:0000:0000:0000:0000:0000:00000000000000000000000000000000001",
	};
	struct ip ip = {.size = 99};
	char text[IP_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct ip read = address(texts[i][0]);
		ip_text(&read, text);
		assert_string_equal(text, texts[i][1]);
	}
	for (size_t i = 0; i < COUNT(wrong); i++)
		if (ip_parse(span_from(wrong[i]), &ip))
			fail_msg("%s", wrong[i]);
	assert_false(ip_parse(span_of("1.2.3.4\0", 8), &ip));
	assert_int_equal(ip.size, 99); /* nothing is written on failure */
}

static void
knows_who_is_local(void **state)
{
	static const struct {
		const char *text;
		bool local;
	} rows[] = {
		{"127.0.0.1", true},
		{"127.255.255.254", true},
		{"10.0.0.1", true},
		{"11.0.0.1", false},
		{"172.15.255.255", false},
		{"172.16.0.0", true},
		{"172.31.255.255", true},
		{"172.32.0.0", false},
		{"192.168.9.9", true},
		{"192.169.0.1", false},
		{"169.254.3.4", true},
		{"100.64.0.1", true},
		{"100.128.0.1", false},
		{"0.0.0.0", true},
		{"8.8.8.8", false},
		{"::1", true},
		{"::", true},
		{"::2", false},
		{"fe80::1", true},
		{"febf::1", true},
		{"fec0::1", false},
		{"fd00::1", true},
		{"fc00::1", true},
		{"fe00::1", false},
		{"2001:db8::1", false},
		{"::ffff:10.1.1.1", true},
		{"::ffff:9.1.1.1", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ip ip = address(rows[i].text);
		if (ip_is_local(&ip) != rows[i].local)
			fail_msg("%s", rows[i].text);
	}
}

static void
compares_with_networks(void **state)
{
	struct ip four = address("192.0.2.130"), six = address("2001:db8::ff");

	(void)state;
	assert_true(ip_is_in(&four, SPAN("192.0.2.130")));
	assert_true(ip_is_in(&four, SPAN("::ffff:192.0.2.130")));
	assert_false(ip_is_in(&four, SPAN("192.0.2.13")));
	assert_true(ip_is_in(&four, SPAN("192.0.2.128/25")));
	assert_false(ip_is_in(&four, SPAN("192.0.2.0/25")));
	assert_true(ip_is_in(&four, SPAN("0.0.0.0/0")));
	assert_false(ip_is_in(&six, SPAN("0.0.0.0/0")));
	assert_true(ip_is_in(&six, SPAN("2001:db8::/32")));
	assert_true(ip_is_in(&six, SPAN("2001:db8::ff/128")));
	assert_false(ip_is_in(&six, SPAN("2001:db8::ff/129")));
	assert_false(ip_is_in(&four, SPAN("192.0.2.130/33")));
	assert_false(ip_is_in(&four, SPAN("192.0.2.130/")));
	assert_false(ip_is_in(&four, SPAN("mail.example")));
	assert_false(ip_is_in(&four, SPAN("")));
}

static void
asks_lists(void **state)
{
	struct ip four = address("192.0.2.130"), six = address("2001:db8:1:2:3:4:567:89ab");
	char name[IP_QUESTION_SIZE], zone[IP_QUESTION_SIZE];

	(void)state;
	assert_true(ip_question(&four, "list.example", name));
	assert_string_equal(name, "130.2.0.192.list.example");
	assert_true(ip_question(&six, "l.example", name)); /* as in RFC 5782 2.4 */
	assert_string_equal(name, "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.l.example");
	memset(zone, 'z', sizeof zone);
	zone[sizeof zone - 1 - strlen("130.2.0.192.")] = '\0';
	assert_true(ip_question(&four, zone, name));
	assert_false(ip_question(&six, zone, name));
	assert_false(ip_question(&four, "", name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes),
		cmocka_unit_test(knows_who_is_local),
		cmocka_unit_test(compares_with_networks),
		cmocka_unit_test(asks_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
