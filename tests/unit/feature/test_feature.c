/* What features a message has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
has(const struct feature_set *set, unsigned family, unsigned view, const char *text)
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
		{FEATURE_RELATION, FEATURE_WHERE, "related"},
		{FEATURE_RELATION, FEATURE_WHERE, "quoted name"},
		{FEATURE_RELATION, FEATURE_WHERE, "+0100 (CET)"},
		{FEATURE_RELATION, FEATURE_WHERE, "HELO is an address"},
		{FEATURE_RELATION, FEATURE_WHERE, "port"},
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

/*
 * Identifiers stand in databases: these were made by the first version that anybody used. Whatever changes here makes
 * what users have taught worthless.
 */
static void
test_identifiers_stay(void **state)
{
	static const struct {
		enum feature_family family;
		enum feature_view view;
		const char *of, *text;
		uint64_t id;
	} expected[] = {
		{FEATURE_WINDOW, FEATURE_WHO, "Subject", " off", UINT64_C(0x6F157CB2DBE57D68)},
		{FEATURE_HEADER_NAME, FEATURE_WHERE, "headers", "^", UINT64_C(0x388C284A444E9411)},
		{FEATURE_HEADER_NAME, FEATURE_WHERE, "header", "To", UINT64_C(0xEBF4AAE940EE89C9)},
		{FEATURE_HEADER_NAME, FEATURE_WHERE, "headers", "Date", UINT64_C(0xDE7003EEFA6DC5D0)},
		{FEATURE_HEADER_WORD, FEATURE_WHERE, "received (ours)", "mx.example.net", UINT64_C(0x2BE6A4C5D98629F6)},
		{FEATURE_RECEIVED_PAIR, FEATURE_WHERE, "received (ours)", "from", UINT64_C(0x44CA7DD178281F3E)},
		{FEATURE_HEADER_WORD, FEATURE_WHERE, "received (ours)", "192.0", UINT64_C(0xB23561B4C832A7D8)},
		{FEATURE_RECEIVED_PAIR, FEATURE_WHERE, "received (ours)", "by", UINT64_C(0x499290617E5EB390)},
		{FEATURE_HEADER_WORD, FEATURE_WHERE, "Received", "198.51", UINT64_C(0xC828B5C4CA7A0B9B)},
		{FEATURE_RECEIVED_PAIR, FEATURE_WHERE, "Received", "198.51", UINT64_C(0xB9F58D4EBA837400)},
		{FEATURE_URL, FEATURE_WHERE, "URL", ".shop.test", UINT64_C(0x09E85A5E9857816E)},
		{FEATURE_URL, FEATURE_WHERE, "URL", "now", UINT64_C(0x4D05727AADFE8498)},
		{FEATURE_URL, FEATURE_CONTENT, "URL", ".shop.test", UINT64_C(0xBD0421203F78580E)},
		{FEATURE_URL, FEATURE_CONTENT, "URL", "now", UINT64_C(0xFA65626164AD9E52)},
		{FEATURE_RELATION, FEATURE_WHERE, "From and Message-ID", "related", UINT64_C(0xA1C1E5279DED2D05)},
		{FEATURE_RELATION, FEATURE_WHERE, "Message-ID and To", "other", UINT64_C(0x6805EFEBCCA78C42)},
		{FEATURE_RELATION, FEATURE_WHERE, "length of Subject", "2^6", UINT64_C(0xA1B18A587E4666AF)},
		{FEATURE_MIME, FEATURE_CONTENT, "coding", "text/html none utf-8", UINT64_C(0x02B6A0F8B5FC54BA)},
		{FEATURE_WORD, FEATURE_CONTENT, "", "here", UINT64_C(0xA27C19B076A1198A)},
		{FEATURE_COUNT, FEATURE_CONTENT, "digits", "0", UINT64_C(0xFEB0F2DC20212164)},
		{FEATURE_COUNT, FEATURE_CONTENT, "$%", "2^0", UINT64_C(0xA883A423AA6BE5DD)},
		{FEATURE_COUNT, FEATURE_CONTENT, "tags", "2^4", UINT64_C(0x4A5D034D690D6AB2)},
	};
	struct arena *arena = arena_new(1 << 22);
	struct feature_set *set = extract(arena, mail, sizeof mail - 1);

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		bool found = false;
		for (size_t k = 0; k < set->count && !found; k++)
			found = set->features[k].id == expected[i].id &&
				set->features[k].family == expected[i].family &&
				set->features[k].view == expected[i].view &&
				span_equal(set->features[k].of, span_from(expected[i].of)) &&
				span_equal(set->features[k].text, span_from(expected[i].text));
		if (!found)
			fail_msg("\"%s\" of \"%s\" has another identifier", expected[i].text, expected[i].of);
	}
	arena_free(arena);
}

/* The features of a text in a message that says its character set. */
static struct feature_set *
extract_text(struct arena *arena, const char *charset, const char *text, size_t size)
{
	const char *head = arena_printf(arena, "Subject: x\nContent-Type: text/plain; charset=%s\n\n", charset);
	size_t length = strlen(head);
	char *whole = arena_text(arena, length + size);

	memcpy(whole, head, length);
	memcpy(whole + length, text, size);
	return extract(arena, whole, length + size);
}

static bool
has_word(const struct feature_set *set, const char *word)
{
	return has(set, FEATURE_WORD, FEATURE_CONTENT, word);
}

/* A word is the same however it is written. */
static void
test_character_sets(void **state)
{
	static const struct {
		const char *charset, *bytes, *word;
	} texts[] = {
		{"koi8-r", "\xF0\xD2\xC9\xD7\xC5\xD4", "\xD0\xBF\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82"},
		{"windows-1251", "\xCF\xF0\xE8\xE2\xE5\xF2", "\xD0\xBF\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82"},
		{"utf-8", "\xD0\x9F\xD0\xA0\xD0\x98\xD0\x92\xD0\x95\xD0\xA2",
		 "\xD0\xBF\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82"},
		{"iso-8859-1", "Caf\xC9", "caf\xC3\xA9"},
		{"utf-8", "cafe\xCC\x81", "caf\xC3\xA9"},         /* a combining accent */
		{"utf-8", "STRASSE stra\xC3\x9F\x65", "strasse"}, /* and sharp s */
		{"utf-8", "don\xE2\x80\x99t", "don't"},
		{"windows-1252", "don\x92t", "don't"},
		{"nonsense", "caf\xE9", "caf\xC3\xA9"},
		{"gb2312", "\xD6\xD0\xB9\xFA\xC8\xCB", "\xE4\xB8\xAD\xE5\x9B\xBD"},
		{"big5", "\xA4\xA4\xB0\xEA\xA4\x48", "\xE4\xB8\xAD\xE5\x9C\x8B"},
		{"iso-2022-jp", "\x1B$B\x46\x7C\x4B\x5C\x38\x6C\x1B(B", "\xE6\x97\xA5\xE6\x9C\xAC"},
		{"shift_jis", "\x93\xFA\x96\x7B\x8C\xEA", "\xE6\x9C\xAC\xE8\xAA\x9E"},
		{"euc-kr", "\xC7\xD1\xB1\xB9", "\xED\x95\x9C\xEA\xB5\xAD"},
		{"tis-620", "\xCA\xC7\xD1\xCA", "\xE0\xB8\xAA\xE0\xB8\xA7"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct arena *arena = arena_new(1 << 22);
		if (!has_word(extract_text(arena, texts[i].charset, texts[i].bytes, strlen(texts[i].bytes)),
			      texts[i].word))
			fail_msg("%s, text %zu: no \"%s\"", texts[i].charset, i, texts[i].word);
		arena_free(arena);
	}
}

/* What a reader does not see is seen here, and the word is what he reads. */
static void
test_tricks(void **state)
{
	static const struct {
		const char *bytes, *word, *trick;
	} texts[] = {
		{"Via\xE2\x80\x8Bgra", "viagra", "words with hidden characters"},
		{"pay\xD1\x80\x61l", "pay\xD1\x80\x61l", "words of mixed scripts"},
		{"\xF0\x9D\x95\x8D\xF0\x9D\x95\x9A\xF0\x9D\x95\xA7\xF0\x9D\x95\x92", "viva", "words in disguise"},
		{"\xEF\xBC\xA6\xEF\xBC\xB2\xEF\xBC\xA5\xEF\xBC\xA5", "free", "words in disguise"},
		{"plain \xD0\x9F\xD0\xA0 text caf\xC3\xA9", "plain", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct arena *arena = arena_new(1 << 22);
		struct feature_set *set = extract_text(arena, "utf-8", texts[i].bytes, strlen(texts[i].bytes));
		size_t tricks = 0, right = 0;
		assert_true(has_word(set, texts[i].word));
		for (size_t k = 0; k < set->count; k++) {
			bool trick = set->features[k].family == FEATURE_COUNT &&
				     span_starts(set->features[k].of, SPAN("words "));
			tricks += trick;
			right += trick && texts[i].trick != NULL &&
				 span_equal(set->features[k].of, span_from(texts[i].trick));
		}
		assert_int_equal(tricks, texts[i].trick != NULL);
		assert_int_equal(right, texts[i].trick != NULL);
		arena_free(arena);
	}
}

/* Not the line that begins a mailbox, nor what our own delivery and we have added. */
static void
test_what_is_left_out(void **state)
{
	static const char other[] = "From someone@example.org  Mon Jan  1 10:00:00 2024\n"
				    "X-DSPAM-Result: Spam\nX-DSPAM-Probability: 1.0000\nStatus: RO\nX-UID: 7\n"
				    "Content-Length: 6\n";
	static const char same[] = "Subject: hello\nFrom: a@example.org\n\nworld\n";
	struct arena *arena = arena_new(1 << 22);
	char whole[400];

	(void)state;
	memcpy(whole, other, sizeof other - 1);
	memcpy(whole + sizeof other - 1, same, sizeof same);
	struct feature_set *with = extract(arena, whole, sizeof other + sizeof same - 2);
	struct feature_set *without = extract(arena, same, sizeof same - 1);
	for (size_t i = 0; i < with->count; i++) {
		bool found = false;
		for (size_t k = 0; k < without->count; k++)
			found |= with->features[i].id == without->features[k].id;
		if (!found) /* how many headers there are is the one thing that they may change */
			assert_true(span_equal(with->features[i].of, SPAN("headers")));
	}
	arena_free(arena);
}

/* A sender who fills the headers with words, or the text with addresses, does not hide the rest. */
static void
test_room_for_all(void **state)
{
	size_t size = 0, limit = 600000;
	char *text = malloc(limit);
	struct arena *arena = arena_new(1 << 26);
	size_t families[FEATURE_FAMILIES] = {0};

	(void)state;
	for (size_t header = 0; header < 190; header++) {
		size += (size_t)snprintf(text + size, limit - size, "X-Filler-%zu:", header);
		for (size_t word = 0; word < 100; word++)
			size += (size_t)snprintf(text + size, limit - size, " w%zux%zu", header, word);
		text[size++] = '\n';
	}
	text[size++] = '\n';
	for (size_t url = 0; url < 300; url++)
		size += (size_t)snprintf(text + size, limit - size, "http://h%zu.a%zu.example/x%zu/y%zu\n", url, url,
					 url, url);
	for (size_t word = 0; word < 5000; word++)
		size += (size_t)snprintf(text + size, limit - size, "word%zu ", word);
	struct feature_set *set = extract(arena, text, size);
	assert_true(set->count <= FEATURES_MAX);
	for (size_t i = 0; i < set->count; i++)
		families[set->features[i].family]++;
	assert_true(families[FEATURE_RELATION] > 10 && families[FEATURE_COUNT] > 15 && families[FEATURE_MIME] >= 3);
	assert_true(families[FEATURE_WORD] > 500 && families[FEATURE_URL] > 300);
	free(text);
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
		cmocka_unit_test(test_families),         cmocka_unit_test(test_identifiers_stay),
		cmocka_unit_test(test_character_sets),   cmocka_unit_test(test_tricks),
		cmocka_unit_test(test_what_is_left_out), cmocka_unit_test(test_room_for_all),
		cmocka_unit_test(test_bounds),           cmocka_unit_test(test_shapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
