/* What features a message has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feature/feature.h"
#include "feature/shape.h"
#include "feature/structure.h"

static const char mail[] =
	"Received: from mx.example.net (mx.example.net [192.0.2.7]) by us (8.1) id ABC123; Mon, 1 Jan 2024\r\n"
	"Received: from [198.51.100.9] (unknown [198.51.100.9]) by mx.example.net id 77; Mon, 1 Jan 2024\r\n"
	"From: \"Anna\" <anna@shop.example.co.uk>\r\n"
	"To: bob@example.org\r\n"
	"Subject: =?utf-8?q?Caf=C3=A9?= offer 12345\r\n"
	"Message-ID: <20240101.99@mail.example.co.uk>\r\n"
	"Date: Mon, 1 Jan 2024 10:00:00 +0100 (CET)\r\n"
	"Content-Type: text/html; charset=utf-8\r\n"
	"\r\n"
	"<html><p>V<b></b>ia <script>hidden();</script><!-- comment --> <a href=\"http://www.shop.test:81/buy/now\">"
	"here</a> &amp; there&nbsp;now</p>\r\n";

struct state {
	struct arena *arena;
	struct feature_set *set;
};

static struct feature_set *
extract(struct arena *arena, const char *text, size_t size)
{
	struct message *message = message_parse(arena, span_of(text, size));

	assert_non_null(message);
	return feature_extract(message, arena);
}

static bool
has(const struct feature_set *set, enum feature_family family, enum feature_view view, const char *text)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->features[i].family == family && set->features[i].view == view &&
		    span_equal(set->features[i].text, span_from(text)))
			return true;
	return false;
}

static void
test_families(void **state)
{
	static const struct {
		enum feature_family family;
		enum feature_view view;
		const char *text;
	} expected[] = {
		{FEATURE_HEADER_WORD, FEATURE_WHERE, "anna@shop.example.co.uk"},
		{FEATURE_HEADER_WORD, FEATURE_WHERE, ".co.uk"},
		{FEATURE_HEADER_WORD, FEATURE_WHERE, "192.0.2.7"},
		{FEATURE_HEADER_WORD, FEATURE_WHERE, "192.0"},
		{FEATURE_HEADER_WORD, FEATURE_WHERE, "192.0.2"},
		{FEATURE_HEADER_WORD, FEATURE_WHERE, "Caf\xC3\xA9"},
		{FEATURE_HEADER_WORD, FEATURE_WHERE, "9"}, /* the shape of 12345 */
		{FEATURE_HEADER_WORD, FEATURE_WHERE, "mail.example.co.uk"},
		{FEATURE_HEADER_NAME, FEATURE_WHERE, "Message-ID"},
		{FEATURE_URL, FEATURE_WHERE, "www.shop.test"},
		{FEATURE_URL, FEATURE_CONTENT, "www.shop.test"},
		{FEATURE_URL, FEATURE_CONTENT, "buy"},
		{FEATURE_RELATION, FEATURE_CONTENT, "related"},
		{FEATURE_RELATION, FEATURE_CONTENT, "quoted name"},
		{FEATURE_RELATION, FEATURE_CONTENT, "+0100 (CET)"},
		{FEATURE_RELATION, FEATURE_CONTENT, "HELO is an address"},
		{FEATURE_RELATION, FEATURE_CONTENT, "port"},
		{FEATURE_MIME, FEATURE_CONTENT, "0 text/html"},
		{FEATURE_WINDOW, FEATURE_WHO, "anna"},
		{FEATURE_WINDOW, FEATURE_WHO, "9999"},
		{FEATURE_WORD, FEATURE_CONTENT, "via"},
		{FEATURE_WORD, FEATURE_CONTENT, "there"},
	};
	static const char *const absent[] = {"hidden", "comment", "script", "href"};
	struct arena *arena = arena_new(1 << 22);
	struct feature_set *set = extract(arena, mail, sizeof mail - 1);

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		if (!has(set, expected[i].family, expected[i].view, expected[i].text))
			fail_msg("no \"%s\" of family %d", expected[i].text, (int)expected[i].family);
	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
		assert_false(has(set, FEATURE_WORD, FEATURE_CONTENT, absent[i]));
	arena_free(arena);
}

/* Identifiers stand in databases: this one was made by the first version that had any. */
static void
test_identifiers_stay(void **state)
{
	struct arena *arena = arena_new(1 << 22);
	struct feature_set *set = extract(arena, "Subject: hello\n\nworld\n", 22);
	bool found = false;

	(void)state;
	for (size_t i = 0; i < set->count; i++)
		if (set->features[i].family == FEATURE_WORD && span_equal(set->features[i].text, SPAN("world")))
			found = set->features[i].id == UINT64_C(0x7E189AA79417EAB4);
	assert_true(found);
	arena_free(arena);
}

static void
test_bounds(void **state)
{
	size_t size = 400000;
	char *text = malloc(size);
	struct arena *arena = arena_new(1 << 26);

	(void)state;
	memcpy(text, "Subject: x\n\n", 12);
	for (size_t i = 12; i < size; i++)
		text[i] = i % 7 == 0 ? ' ' : (char)('a' + (i * 7919 + i / 91) % 26);
	struct feature_set *set = extract(arena, text, size);
	assert_true(set->count <= FEATURES_MAX);
	for (size_t i = 0; i < set->count; i++)
		for (size_t k = i + 1; k < set->count && k < i + 50; k++)
			assert_int_not_equal(set->features[i].id, set->features[k].id);

	free(text);
	arena_free(arena);
}

static void
test_shapes(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(shape_write(SPAN("Ab12-x\xC3\xA9!"), sizeof out, out), 7);
	assert_memory_equal(out, "Aa9-a8!", 7);
	assert_int_equal(shape_kind_of(SPAN("a1b2c3d4")), SHAPE_RANDOM);
	assert_int_equal(shape_kind_of(SPAN("20240101")), SHAPE_RANDOM);
	assert_int_equal(shape_kind_of(SPAN("192.0.2.7")), SHAPE_ADDRESS);
	assert_int_equal(shape_kind_of(SPAN("1234.0.2.7")), SHAPE_RANDOM);
	assert_int_equal(shape_kind_of(SPAN("mx.example")), SHAPE_NAME);
	assert_int_equal(shape_kind_of(SPAN("1.5")), SHAPE_WORD);
	assert_int_equal(shape_kind_of(SPAN("hello")), SHAPE_WORD);
	assert_true(span_equal(feature_organisation(SPAN("a.b.example.com")), SPAN("example.com")));
	assert_true(span_equal(feature_organisation(SPAN("a.example.co.uk")), SPAN("example.co.uk")));
	assert_true(span_equal(feature_organisation(SPAN("localhost")), SPAN("localhost")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_identifiers_stay),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_shapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
