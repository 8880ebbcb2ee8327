/* Where a message came from, by what mail servers write and what senders would like us to read. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "scan/source.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *value;
	const char *address; /* NULL: none */
} fields[] = {
	{" from mx.example.org (mx.example.org [192.0.2.1])\n\tby mail.example (Postfix) with ESMTP id 4", "192.0.2.1"},
	{" from mx (unknown [IPv6:2001:db8::25])\n\tby mail.example (Postfix) with ESMTPS id 4", "2001:db8::25"},
	{" from mx (mx [192.0.2.1])\n\t(using TLSv1.3 with cipher A (256/256 bits))\n\tby b", "192.0.2.1"},
	{" from [192.0.2.1] (helo=mx.example.org)\n\tby mail.example with esmtp (Exim 4.96)", "192.0.2.1"},
	{" from [192.0.2.1]:4242 (helo=[203.0.113.9])\n\tby mail.example", "192.0.2.1"},
	{" from name ([192.0.2.1] helo=[203.0.113.9]) by mail.example", "192.0.2.1"},
	{" from unknown (HELO mx) (192.0.2.1)\n  by 0 with SMTP; 1 Jan", "192.0.2.1"},
	{" from unknown (HELO [203.0.113.9]) (192.0.2.1) by 0 with SMTP", "192.0.2.1"},
	{" from mx.example.org (192.0.2.1) by X.prod.example (2001:db8::9) with Microsoft SMTP", "192.0.2.1"},
	{"from mx.example.org([192.0.2.1])by x", "192.0.2.1"},
	{" from mx (EHLO mx) ([192.0.2.1]) by x", "192.0.2.1"},
	{" FROM mx (x [192.0.2.1]) BY x", "192.0.2.1"},
	{" from [192.0.2.1] by x", "192.0.2.1"},
	/* HELO is the client's own word */
	{" from [203.0.113.9] (unknown [192.0.2.1]) by x", "192.0.2.1"},
	{" from [127.0.0.1] (unknown [192.0.2.1]) by x", "192.0.2.1"},
	{" from by (unknown [192.0.2.1]) by x", "192.0.2.1"},
	{" from from (unknown [192.0.2.1]) by x", "192.0.2.1"},
	/* there is none */
	{" by x with local (Exim 4.96); 1 Jan", NULL},
	{" (qmail 1234 invoked by uid 0); 1 Jan", NULL},
	{" (qmail 1234 invoked from network); 1 Jan", NULL},
	{" from localhost by x ([192.0.2.1])", NULL},
	{" from mx (mx [not an address]) by x", NULL},
	{" from mx (mx [192.0.2.1", NULL},
	{" from mx (", NULL},
	{" from ))))((((", NULL},
	{" from", NULL},
	{"", NULL},
	{" fromage (mx [192.0.2.1])", NULL},
};

static void
reads_one_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		struct ip ip;
		char text[IP_TEXT_SIZE] = "";

		if (source_of_field(span_from(fields[i].value), &ip))
			ip_text(&ip, text);
		if (strcmp(text, fields[i].address != NULL ? fields[i].address : "") != 0)
			fail_msg("\"%s\": \"%s\"", fields[i].value, text);
	}
}

static bool
is_own(const void *network, const struct ip *ip)
{
	return ip_is_in(ip, span_from(network));
}

static void
check_message(const char *message, const char *own, const char *address)
{
	struct ip ip;
	char text[IP_TEXT_SIZE] = "none";

	if (source_of_message(span_from(message), is_own, own, &ip))
		ip_text(&ip, text);
	assert_string_equal(text, address);
}

static void
passes_over_ours(void **state)
{
	static const char message[] = "Received: (qmail 1 invoked by uid 0)\n"
				      "RECEIVED: from localhost (localhost [127.0.0.1])\n\tby mx with LMTP\n"
				      "Received: from relay (relay [192.168.1.9]) by mx\n"
				      "X-Received: from x (x [198.51.100.77]) by mx\n"
				      "Received: from backup (backup [198.51.100.7]) by mx\n"
				      "Received: from evil (evil [203.0.113.5]) by backup\n"
				      "Received: from bank (bank [192.0.2.200]) by evil\n"
				      "\n"
				      "Received: from body (body [192.0.2.201]) by x\n";

	(void)state;
	check_message(message, "10.0.0.1", "198.51.100.7");
	check_message(message, "198.51.100.7", "203.0.113.5");
	check_message(message, "198.51.100.0/24", "203.0.113.5");
	check_message("Received: from a (a [10.0.0.1]) by b\n\nReceived: from body (body [192.0.2.201]) by x\n", "::1",
		      "none");
	check_message("", "::1", "none");
	check_message("Received: from a\r\n\t(a [192.0.2.1])\r\n by b\r\n\r\n", "::1", "192.0.2.1");
}

static void
looks_at_so_many_fields(void **state)
{
	char message[SOURCE_FIELDS * 64 + 200];
	size_t used = 0;

	(void)state;
	for (int i = 0; i < SOURCE_FIELDS - 1; i++)
		used += (size_t)snprintf(message + used, sizeof message - used,
					 "Received: from a (a [10.0.0.1]) by b\n");
	snprintf(message + used, sizeof message - used, "Received: from a (a [192.0.2.1]) by b\n\n");
	check_message(message, "::1", "192.0.2.1");
	snprintf(message + used, sizeof message - used,
		 "Received: from a (a [10.0.0.1]) by b\nReceived: from a (a [192.0.2.1]) by b\n\n");
	check_message(message, "::1", "none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_one_field),
		cmocka_unit_test(passes_over_ours),
		cmocka_unit_test(looks_at_so_many_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
