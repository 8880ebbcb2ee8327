/* A message taken apart: parts, headers, boundaries, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "mail/message.h"

struct desk {
	struct arena *arena;
	struct message *message;
};

static int
set_up(void **state)
{
	struct desk *desk = calloc(1, sizeof *desk);

	desk->arena = arena_new((size_t)256 << 20);
	*state = desk;
	return 0;
}

static int
tear_down(void **state)
{
	struct desk *desk = *state;

	arena_free(desk->arena);
	free(desk);
	return 0;
}

/* Headers and bodies lie inside the message, in their order, and each once. */
static void
check_spans(const struct message *message)
{
	const char *at = message->raw.data, *end = at + message->raw.size;

	for (size_t i = 0; i < message->part_count; i++) {
		const struct mail_part *part = &message->parts[i];
		for (size_t k = 0; k < part->header_count; k++) {
			const struct mail_header *header = &part->headers[k];
			assert_true(header->raw.data >= at && header->raw.data + header->raw.size <= end);
			assert_true(header->raw.data >= part->head.data);
			at = header->raw.data + header->raw.size;
			assert_true(at <= part->head.data + part->head.size);
		}
		if (part->body.data != NULL) {
			assert_true(part->body.data >= at && part->body.data + part->body.size <= end);
			at = part->body.data + part->body.size;
		}
	}
}

static struct message *
parse_span(void **state, struct span text)
{
	struct desk *desk = *state;

	desk->message = message_parse(desk->arena, text);
	assert_non_null(desk->message);
	check_spans(desk->message);
	return desk->message;
}

static struct message *
parse(void **state, const char *text)
{
	return parse_span(state, span_from(text));
}

static void
check_span(struct span is, const char *wanted)
{
	if (!span_equal(is, span_from(wanted)))
		fail_msg("\"%.*s\" instead of \"%s\"", (int)is.size, is.data, wanted);
}

static void
test_simple(void **state)
{
	struct message *message = parse(state, "From: a@b\nSubject:  \t two\n\twords\nEmpty:\n\nbody\nlast");
	const struct mail_part *part = &message->parts[0];

	assert_int_equal(message->part_count, 1);
	assert_int_equal(part->header_count, 3);
	check_span(part->headers[0].name, "From");
	check_span(part->headers[0].value, "a@b");
	check_span(part->headers[1].raw, "Subject:  \t two\n\twords\n");
	check_span(part->headers[1].value, "two\n\twords");
	check_span(part->headers[2].value, "");
	check_span(part->head, "From: a@b\nSubject:  \t two\n\twords\nEmpty:\n");
	check_span(part->body, "body\nlast");
	assert_int_equal(part->type, MAIL_TEXT);
	assert_int_equal(part->encoding, MAIL_ENCODING_UNKNOWN);
	assert_ptr_equal(mail_part_header(part, SPAN("SUBJECT")), &part->headers[1]);
	assert_null(mail_part_header(part, SPAN("Subjec")));
}

/* Whatever comes, it is headers or body of some part. */
static void
test_odd(void **state)
{
	static const struct {
		const char *text;
		size_t parts, headers;
		const char *head, *body; /* of the first part; a NULL body: none began */
	} rows[] = {
		{"", 1, 0, "", NULL},
		{"\n", 1, 0, "", ""},
		{"\r\n", 1, 0, "", ""},
		{"\nbody", 1, 0, "", "body"},
		{"A", 1, 1, "A", NULL},
		{"A: b", 1, 1, "A: b", NULL},
		{"A: b\n", 1, 1, "A: b\n", NULL},
		{"A: b\n\n", 1, 1, "A: b\n", ""},
		{"A: b\r\n\r\nx\r\n", 1, 1, "A: b\r\n", "x\r\n"},
		{"A: b\n\rignored\nx", 1, 1, "A: b\n", "x"},
		{" folded\nA: b\n\n", 1, 2, " folded\nA: b\n", ""},
		{":\n\n", 1, 1, ":\n", ""},
		{"From x\nA: b\n\n", 1, 2, "From x\nA: b\n", ""},
		{"--x\n\n--x\n", 1, 1, "--x\n", "--x\n"},
		{"A: b\n --c\n\n", 1, 1, "A: b\n --c\n", ""},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct message *message = parse(state, rows[i].text);
		print_message("%zu\n", i);
		assert_int_equal(message->part_count, rows[i].parts);
		assert_int_equal(message->parts[0].header_count, rows[i].headers);
		check_span(message->parts[0].head, rows[i].head);
		if (rows[i].body == NULL)
			assert_null(message->parts[0].body.data);
		else
			check_span(message->parts[0].body, rows[i].body);
	}
}

static void
test_line_without_colon(void **state)
{
	const struct mail_header *header = parse(state, "No colon\n folded: here\n\n")->parts[0].headers;

	check_span(header->name, "No colon");
	check_span(header->value, "\n folded: here");
}

static void
test_nul_bytes(void **state)
{
	struct message *message = parse_span(state, SPAN("A\0B: c\0d\n\0\n\nx\0y"));

	assert_int_equal(message->parts[0].header_count, 2);
	assert_true(span_equal(message->parts[0].headers[0].value, SPAN("c\0d")));
	assert_true(span_equal(message->parts[0].body, SPAN("x\0y")));
}

#define MULTIPART(boundary) "Content-Type: multipart/mixed; boundary=" boundary "\n\n"

/* How the bodies of all parts read, one after the other, each in brackets. */
static void
check_bodies(void **state, const char *text, const char *wanted)
{
	struct message *message = parse(state, text);
	struct buffer bodies = BUFFER_INIT(65536);

	for (size_t i = 0; i < message->part_count; i++)
		buffer_printf(&bodies, "[%.*s]", (int)message->parts[i].body.size, message->parts[i].body.data);
	if (strcmp(buffer_string(&bodies), wanted) != 0)
		fail_msg("%s\ngives\n%s\ninstead of\n%s", text, buffer_string(&bodies), wanted);
	buffer_free(&bodies);
}

static void
test_boundaries(void **state)
{
	check_bodies(state, MULTIPART("a") "pre\n--a\n\none\n--a\n\ntwo\n--a--\n\npost\n",
		     "[pre\n][one\n][two\n][post\n]");
	check_bodies(state, MULTIPART("\"a b\"") "--a\n\none\n--a b\n\ntwo\n", "[][one\n][two\n]");
	check_bodies(state, MULTIPART("a; x=y") "--a\n\none\n", "[][one\n]");
	/* a prefix is enough, behind -- at the start of a line only */
	check_bodies(state, MULTIPART("a") "--abc\n\none\n --a\nx--a\n-a\n", "[][one\n --a\nx--a\n-a\n]");
	check_bodies(state, MULTIPART("abc") "--ab\n\none\n", "[--ab\n\none\n]");
	/* a case of its own: boundaries are exact, the word is not */
	check_bodies(state, "content-TYPE: Multipart/x; BOUNDARY=a\n\n--A\n--a\n\none\n", "[--A\n][one\n]");
	/* nothing to cut at */
	check_bodies(state, MULTIPART("\"\"") "--\n\none\n", "[--\n\none\n]");
	check_bodies(state, "Content-Type: text/plain; boundary=a\n\n--a\n\none\n", "[--a\n\none\n]");
	/* CRLF */
	check_bodies(state, "Content-Type: multipart/mixed;\r\n boundary=\"a\"\r\n\r\n--a\r\n\r\none\r\n--a--\r\n",
		     "[][one\r\n][]");
}

static void
test_nested_boundaries(void **state)
{
	check_bodies(state, MULTIPART("a") "--a\n" MULTIPART("b") "--b\n\none\n--b--\n--a\n\ntwo\n--a--\n",
		     "[][][one\n][][two\n][]");
	/* one closes, the next begins at once; and a part without an empty line */
	check_bodies(state, MULTIPART("a") "--a\n" MULTIPART("b") "--a--\n--b\n\none\n", "[][][][one\n]");
	check_bodies(state, MULTIPART("a") "--a\nX: y\n--a\n\none\n", "[][][one\n]");
	/* announced by the header that the boundary itself ends */
	check_bodies(state, MULTIPART("a") "--a\nContent-Type: multipart/x; boundary=b\n--b\n\none\n", "[][][one\n]");
	/* in the body of a forwarded message, also on an indented line */
	check_bodies(state, "A: b\n\nContent-Type: multipart/x; boundary=c\n\n--c\n\none\n",
		     "[Content-Type: multipart/x; boundary=c\n\n][one\n]");
	check_bodies(state, "A: b\n\nContent-Type: multipart/x;\n\tboundary=c\n\n--c\n\none\n",
		     "[Content-Type: multipart/x;\n\tboundary=c\n\n][one\n]");
	check_bodies(state, "A: b\n\nContent-Type: x\ny\n\tboundary=c\n\n--c\n\none\n",
		     "[Content-Type: x\ny\n\tboundary=c\n\n--c\n\none\n]");
	/* boundaries of which one begins with the other, in both orders */
	check_bodies(state, MULTIPART("ab") "--ab\n" MULTIPART("a") "--abc\n\none\n--ax\n\ntwo\n--b\n",
		     "[][][one\n][two\n--b\n]");
	check_bodies(state, MULTIPART("a") "--a\n" MULTIPART("ab") "--abc\n\none\n--ax\n\ntwo\n--b\n",
		     "[][][one\n][two\n--b\n]");
}

static void
test_types(void **state)
{
	static const struct {
		const char *header;
		enum mail_type type;
		enum mail_subtype subtype;
		enum mail_encoding encoding;
		enum mail_disposition disposition;
	} rows[] = {
		{"X: y\n\n", MAIL_TEXT, MAIL_PLAIN, MAIL_ENCODING_UNKNOWN, MAIL_DISPOSITION_NONE},
		{"Content-Type: TEXT/Html\n\n", MAIL_TEXT, MAIL_HTML, MAIL_ENCODING_UNKNOWN, MAIL_DISPOSITION_NONE},
		{"Content-Type: text/enriched\n\n", MAIL_TEXT, MAIL_OTHER_SUBTYPE, MAIL_ENCODING_UNKNOWN, 0},
		{"Content-Type: message/rfc822\n\n", MAIL_MESSAGE, MAIL_RFC822, MAIL_ENCODING_UNKNOWN, 0},
		{"Content-Type: multipart/signed\n\n", MAIL_MULTIPART, MAIL_SIGNED, MAIL_ENCODING_UNKNOWN, 0},
		{"Content-Type: application/pdf\n\n", MAIL_APPLICATION, MAIL_OTHER_SUBTYPE, MAIL_ENCODING_UNKNOWN, 0},
		{"Content-Type: image/png\n\n", MAIL_OTHER, MAIL_OTHER_SUBTYPE, MAIL_ENCODING_UNKNOWN, 0},
		{"Content-Type:\n\n", MAIL_OTHER, MAIL_OTHER_SUBTYPE, MAIL_ENCODING_UNKNOWN, 0},
		{"Content-Transfer-Encoding: BASE64\n\n", MAIL_TEXT, MAIL_PLAIN, MAIL_BASE64, 0},
		{"Content-Transfer-Encoding: quoted-printable; x\n\n", MAIL_TEXT, MAIL_PLAIN, MAIL_QUOTED_PRINTABLE, 0},
		{"Content-Transfer-Encoding: 7bit\n\n", MAIL_TEXT, MAIL_PLAIN, MAIL_7BIT, 0},
		{"Content-Transfer-Encoding: 8bit\n\n", MAIL_TEXT, MAIL_PLAIN, MAIL_8BIT, 0},
		{"Content-Transfer-Encoding: binary\n\n", MAIL_TEXT, MAIL_PLAIN, MAIL_BINARY, 0},
		{"Content-Transfer-Encoding: uuencode\n\n", MAIL_TEXT, MAIL_PLAIN, MAIL_ENCODING_OTHER, 0},
		{"Content-Disposition: Attachment; filename=x\n\n", MAIL_TEXT, MAIL_PLAIN, 0, MAIL_ATTACHMENT},
		{"Content-Disposition: inline\n\n", MAIL_TEXT, MAIL_PLAIN, 0, MAIL_INLINE},
		{"Content-Disposition: form-data\n\n", MAIL_TEXT, MAIL_PLAIN, 0, MAIL_DISPOSITION_OTHER},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct mail_part *part = &parse(state, rows[i].header)->parts[0];
		print_message("%s", rows[i].header);
		assert_int_equal(part->type, rows[i].type);
		assert_int_equal(part->subtype, rows[i].subtype);
		assert_int_equal(part->encoding, rows[i].encoding);
		assert_int_equal(part->disposition, rows[i].disposition);
	}
}

/* One below the limit, at it, and one above. */
static void
test_header_limit(void **state)
{
	for (int more = -1; more <= 1; more++) {
		struct buffer text = BUFFER_INIT((size_t)8 << 20);
		for (int i = 0; i < MESSAGE_HEADERS_MAX + more; i++)
			buffer_printf(&text, "H%d: x\n", i);
		buffer_append_string(&text, " folded\n\nbody");
		const struct mail_part *part = &parse_span(state, buffer_span(&text))->parts[0];
		assert_int_equal(part->header_count, MESSAGE_HEADERS_MAX + (more < 0 ? -1 : 0));
		check_span(part->body, "body");
		assert_int_equal(part->head.size, text.size - strlen("\nbody"));
		/* a field that is beyond does not become part of the last one that is kept */
		const struct mail_header *last = &part->headers[part->header_count - 1];
		check_span(last->value, more <= 0 ? "x\n folded" : "x");
		buffer_free(&text);
	}
}

static void
test_part_limit(void **state)
{
	for (int more = -1; more <= 1; more++) {
		struct buffer text = BUFFER_INIT((size_t)8 << 20);
		buffer_append_string(&text, MULTIPART("a"));
		for (int i = 1; i < MESSAGE_PARTS_MAX + more; i++)
			buffer_printf(&text, "--a\n\n%d\n", i);
		struct message *message = parse_span(state, buffer_span(&text));
		assert_int_equal(message->part_count, MESSAGE_PARTS_MAX + (more < 0 ? -1 : 0));
		check_span(message->parts[message->part_count - 1].body, more < 0    ? "19998\n"
									 : more == 0 ? "19999\n"
										     : "19999\n--a\n\n20000\n");
		buffer_free(&text);
	}
}

static void
test_boundary_limit(void **state)
{
	for (int more = -1; more <= 1; more++) {
		int count = MESSAGE_BOUNDARIES_MAX + more;
		struct buffer text = BUFFER_INIT((size_t)8 << 20);
		buffer_append_string(&text, "A: b\n\n");
		for (int i = 0; i < count; i++) /* neither ascending nor descending */
			buffer_printf(&text, "Content-Type: boundary=b%04dx\n", i * 7919 % 10000);
		for (int i = 0; i < count; i++)
			buffer_printf(&text, "\n--b%04dx\n\n", i * 7919 % 10000);
		struct message *message = parse_span(state, buffer_span(&text));
		assert_int_equal(message->part_count, 1 + (more <= 0 ? count : MESSAGE_BOUNDARIES_MAX));
		buffer_free(&text);
	}
}

/* A boundary counts up to MESSAGE_BOUNDARY_SIZE bytes. */
static void
test_boundary_size(void **state)
{
	for (int size = MESSAGE_BOUNDARY_SIZE - 1; size <= MESSAGE_BOUNDARY_SIZE + 1; size++) {
		char name[200], text[1000];
		memset(name, 'x', sizeof name);
		name[size] = '\0';
		snprintf(text, sizeof text, MULTIPART("\"%s\"") "--%s\n\none\n", name, name);
		assert_int_equal(parse(state, text)->part_count, 2);
		name[size - 1] = 'y';
		char other[1200];
		snprintf(other, sizeof other, "%s--%s\n\n", text, name);
		assert_int_equal(parse(state, other)->part_count, size <= MESSAGE_BOUNDARY_SIZE ? 2 : 3);
	}
}

/* No room: NULL, and nothing else. */
static void
test_full_arena(void **state)
{
	struct buffer text = BUFFER_INIT((size_t)8 << 20);
	size_t refused = 0;

	(void)state;
	buffer_append_string(&text, MULTIPART("a"));
	for (int i = 0; i < 5000; i++)
		buffer_printf(&text, "--a\nX: y\nZ: z\n\n%d\n", i);
	for (size_t ceiling = 0; ceiling < (size_t)8 << 20; ceiling += (size_t)64 << 10) {
		struct arena *arena = arena_new(ceiling);
		struct message *message = message_parse(arena, buffer_span(&text));
		refused += message == NULL;
		if (message != NULL)
			assert_int_equal(message->part_count, 5001);
		arena_free(arena);
	}
	assert_in_range(refused, 5, 120);
	buffer_free(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_simple),         TEST(test_odd),           TEST(test_line_without_colon),
		TEST(test_nul_bytes),      TEST(test_boundaries),    TEST(test_nested_boundaries),
		TEST(test_types),          TEST(test_header_limit),  TEST(test_part_limit),
		TEST(test_boundary_limit), TEST(test_boundary_size), TEST(test_full_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
