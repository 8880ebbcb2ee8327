/* What an IMAP server says: where a response ends, in pieces of every size, and what stands in it. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "wire/imap_fetched.h"

/* ---- where it ends ---------------------------------------------------------------- */

/* All responses of `input`, each in brackets. */
static void
frames_are(const char *input, const char *expected)
{
	for (size_t piece = 1; piece <= strlen(input); piece++) {
		struct imap_frame frame;
		char text[400] = "";
		struct span all = span_from(input);

		imap_frame_init(&frame, 100);
		while (all.size > 0) {
			struct span part = span_head(all, piece);
			all = span_skip(all, part.size);
			while (part.size > 0) {
				enum imap_frame_status status = imap_frame_take(&frame, &part);
				size_t used = strlen(text);
				if (status == IMAP_FRAME_DONE)
					snprintf(text + used, sizeof text - used, "[%.*s]", (int)frame.text.size,
						 frame.text.size > 0 ? frame.text.data : "");
				assert_true(status != IMAP_FRAME_TOO_LARGE);
			}
		}
		assert_string_equal(text, expected);
		imap_frame_free(&frame);
	}
}

static void
test_where_responses_end(void **state)
{
	(void)state;
	frames_are("* OK a\r\n* OK b\r\n", "[* OK a][* OK b]");
	frames_are("* a\nb\n", "[* a][b]");
	frames_are("\r\n\r\n", "[][]");
	frames_are("* X {5}\r\na\r\nb\n)\r\nnext\r\n", "[* X {5}\na\r\nb\n)][next]");
	frames_are("{3+}\r\n{1}{1}\r\n\r\n{0}\r\n{0}\r\n\r\n", "[{3+}\n{1}{1}\n\r][{0}\n{0}\n]");
	frames_are("a {x}\r\n{}\r\n{12\r\n", "[a {x}][{}][{12]");
}

static void
test_what_is_too_large(void **state)
{
	static const char *const inputs[] = {"{101}\r\n", "{99999999999999999999}\r\n", "{60}\r\n"};
	char line[200];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct imap_frame frame;
		enum imap_frame_status status;
		memset(line, 'x', sizeof line - 1);
		line[sizeof line - 1] = '\0';
		struct span first = span_from(i < 3 ? inputs[i] : ""), rest = span_from(line);
		imap_frame_init(&frame, 100);
		status = imap_frame_take(&frame, &first);
		/* a number that is none is no literal, and the line ends there */
		if (i != 0)
			status = imap_frame_take(&frame, &rest);
		assert_int_equal(status, IMAP_FRAME_TOO_LARGE);
		imap_frame_free(&frame);
	}
}

/* ---- words ---------------------------------------------------------------------------- */

static void
words_are(const char *input, const char *expected)
{
	struct imap_reader reader = {span_from(input)};
	char text[400] = "", word_text[100];
	static const char kinds[] = {[IMAP_END] = '$',    [IMAP_WRONG] = '!', [IMAP_ATOM] = 'a',
				     [IMAP_STRING] = 's', [IMAP_OPEN] = '(',  [IMAP_CLOSE] = ')'};
	struct imap_word word;

	do {
		word = imap_next(&reader);
		size_t used = strlen(text);
		bool has = imap_text(word, word_text, sizeof word_text);
		snprintf(text + used, sizeof text - used, "%c%s%s", kinds[word.kind], has ? word_text : "",
			 has ? "|" : "");
	} while (word.kind != IMAP_END && word.kind != IMAP_WRONG);
	assert_string_equal(text, expected);
	assert_int_equal(imap_next(&reader).kind, word.kind);
}

static void
test_words(void **state)
{
	(void)state;
	words_are("", "$");
	words_are("a  b(c)", "aa|ab|(ac|)$");
	words_are("(\\Seen \"a b\" NIL)", "(a\\Seen|sa b|aNIL|)$");
	words_are("\"a\\\"b\\\\c\"", "sa\"b\\c|$");
	words_are("{3}\na b x", "sa b|ax|$");
	words_are("{0}\n x", "s|ax|$");
	words_are("BODY[HEADER.FIELDS (A B)]<0> 1", "aBODY[HEADER.FIELDS (A B)]<0>|a1|$");
	words_are("\"open", "!");
	words_are("{4}\nabc", "!");
	words_are("a }", "aa|!");
	words_are("\r", "!");
}

static void
test_passing_over(void **state)
{
	static const struct {
		const char *text;
		bool good;
		size_t rest;
	} cases[] = {{"a b", true, 2}, {"(a (b) c) d", true, 2}, {"((a)", false, 0}, {")", false, 0}, {"", false, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct imap_reader reader = {span_from(cases[i].text)};
		assert_int_equal(imap_pass(&reader, imap_next(&reader)), cases[i].good);
		if (cases[i].good)
			assert_int_equal(reader.rest.size, cases[i].rest);
	}
	/* a server cannot make us go as deep as it likes */
	char deep[400];
	memset(deep, '(', sizeof deep);
	struct imap_reader reader = {span_of(deep, sizeof deep)};
	assert_false(imap_pass(&reader, imap_next(&reader)));
}

static void
test_texts_without_room(void **state)
{
	struct imap_reader reader = {SPAN("abcd \"a\\\"\"")};
	char text[4];

	(void)state;
	assert_false(imap_text(imap_next(&reader), text, sizeof text));
	assert_true(imap_text(imap_next(&reader), text, sizeof text));
	assert_string_equal(text, "a\"");
	struct imap_word with_nul = {IMAP_STRING, false, span_of("a\0b", 3)};
	assert_false(imap_text(with_nul, text, sizeof text));
}

/* ---- dates, statuses, messages ------------------------------------------------------------ */

static void
test_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: none */
	} cases[] = {
		{"17-Jul-1996 02:44:25 -0700", 837596665},
		{" 7-Jul-1996 02:44:25 +0000", 836707465},
		{"01-Jan-1970 01:00:00 +0100", 0},
		{"01-Jan-1970 00:00:00", -1},
		{"01-Jan-1970 00:00:00 0100", -1},
		{"01-Jan-1970 00:00:00 +01x0", -1},
		{"yesterday", -1},
		{"", -1},
		{"01-Jan-1970 00:00:00 +0100 and more than there is room for", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t seconds = -1;
		assert_int_equal(imap_date(span_from(cases[i].text), &seconds), cases[i].seconds != -1);
		assert_int_equal(seconds, cases[i].seconds);
	}
}

static void
status_is(const char *rest, const char *code, const char *text)
{
	struct imap_status status = imap_status_of(span_from(rest));

	assert_true(span_equal(status.code, span_from(code)));
	assert_true(span_equal(status.text, span_from(text)));
}

static void
test_statuses(void **state)
{
	(void)state;
	status_is(" [UIDVALIDITY 12] fine", "UIDVALIDITY 12", "fine");
	status_is(" fine [x]", "", "fine [x]");
	status_is(" [x", "", "[x");
	status_is("", "", "");
}

static void
test_messages(void **state)
{
	struct imap_fetched fetched;
	bool is_fetch;

	(void)state;
	assert_true(
		imap_fetched_read(SPAN("3 FETCH (X-NEW (a (b)) FLAGS (\\Seen $x) UID 12 RFC822.SIZE 99 INTERNALDATE "
				       "\"01-Jan-1970 00:00:09 +0000\" BODY[]<0> {5}\na)b\r\n)"),
				  &fetched, &is_fetch));
	assert_true(is_fetch && fetched.has_date && fetched.has_flags && fetched.has_body);
	assert_false(fetched.unread || fetched.deleted);
	assert_int_equal(fetched.uid, 12);
	assert_int_equal(fetched.size, 99);
	assert_int_equal(fetched.date, 9);
	assert_true(span_equal(fetched.body, SPAN("a)b\r\n")));
	assert_true(imap_fetched_read(SPAN("3 FETCH (FLAGS (\\Draft))"), &fetched, &is_fetch));
	assert_true(fetched.unread && fetched.deleted && fetched.uid == 0 && !fetched.has_body);
	assert_true(imap_fetched_read(SPAN("3 EXISTS"), &fetched, &is_fetch) && !is_fetch);
	assert_true(imap_fetched_read(SPAN("OK [X] y"), &fetched, &is_fetch) && !is_fetch);
	static const char *const wrong[] = {"3 FETCH",          "3 FETCH x",
					    "3 FETCH (UID)",    "3 FETCH (UID 4294967296)",
					    "3 FETCH (UID 1",   "3 FETCH (FLAGS \\Seen)",
					    "3 FETCH (\"a\" b)"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(imap_fetched_read(span_from(wrong[i]), &fetched, &is_fetch));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where_responses_end),
		cmocka_unit_test(test_what_is_too_large),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_passing_over),
		cmocka_unit_test(test_texts_without_room),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_messages),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
