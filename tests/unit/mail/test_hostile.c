/*
 * Hostile mail of megabytes, made so that an algorithm that looks back at what it has seen would not
 * end within the time that the test is given: each is parsed, decoded and stripped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "mail/embedded.h"
#include "mail/encoded_word.h"
#include "mail/html.h"
#include "mail/message.h"
#include "mail/part.h"

#define SIZE ((size_t)4 << 20)

static void
repeat(struct buffer *text, const char *start, const char *piece)
{
	buffer_append_string(text, start);
	while (text->size < SIZE)
		buffer_append_string(text, piece);
}

static void
read_all(struct span raw)
{
	struct arena *arena = arena_new((size_t)512 << 20);
	struct message *message = message_parse(arena, raw);
	char *out = malloc(raw.size + 1);
	bool full = false;
	struct span id, mark;

	assert_non_null(message);
	for (size_t i = 0; i < message->part_count; i++) {
		struct mail_part *part = &message->parts[i];
		for (size_t k = 0; k < part->header_count; k++)
			encoded_word_flatten(arena, part->headers[k].value, &full);
		struct span text = mail_part_decode(message, part, &full);
		embedded_find(text, &id, &mark);
		if (text.size > 0)
			assert_true(html_strip(text, out) <= text.size);
	}
	assert_false(full);
	free(out);
	arena_free(arena);
}

static void
test_repeated(void **state)
{
	static const struct {
		const char *start, *piece;
	} rows[] = {
		{"A: b\n\n", "</td> "},
		{"A: b\n\n", "</td>\n \t\r\n"},
		{"A: b\n\n", "&#"},
		{"A: b\n\n", "&#0"},
		{"A: b\n\n&#", "0"},
		{"A: b\n\n", "&"},
		{"A: b\n\n", "&amp"},
		{"A: b\n\n", "<"},
		{"A: b\n\n", "<a"},
		{"A: b\n\n", "<a href="},
		{"A: b\n\n<a href=\"http:", "x"},
		{"A: b\n\n", "<script>"},
		{"A: b\n\n<script>", "</"},
		{"A: b\n\n", "<script></"},
		{"A: b\n\n", "<!--"},
		{"A: b\n\n", "!DSPAM:"},
		{"A: ", "=?"},
		{"A: ", "=?a?q?"},
		{"A: ", "=?\n "},
		{"A: ", "\n "},
		{"A: b\n\n", "boundary="},
		{"A: b\n\nContent-Type:", "boundary="},
		{"A: b\n\nContent-Type:", "\n boundary=x"},
		{"A: b\n\n", "Content-Type: boundary\n"},
		{"Content-Type: multipart/x; ", "boundary"},
		{"Content-Type: multipart/x; boundary=x\n\n", "--x\n"},
		{"Content-Type: multipart/x; boundary=x\n\n", "--x\n--y\n"},
		{"Content-Transfer-Encoding: base64\n\n", "="},
		{"Content-Transfer-Encoding: base64\n\n", "A"},
		{"Content-Transfer-Encoding: quoted-printable\n\n", "="},
		{"Content-Transfer-Encoding: quoted-printable\n\n", "=\n"},
		{"", "\n"},
		{"", "a"},
		{"", " "},
		{"", ":\n"},
		{"", "\r"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buffer text = BUFFER_INIT(2 * SIZE);
		print_message("%s%s...\n", rows[i].start, rows[i].piece);
		repeat(&text, rows[i].start, rows[i].piece);
		read_all(buffer_span(&text));
		buffer_free(&text);
	}
}

/* As many boundaries as there may be, each as long as it may be, and lines that differ from them at the end only. */
static void
test_boundaries(void **state)
{
	struct buffer text = BUFFER_INIT(2 * SIZE);
	char name[MESSAGE_BOUNDARY_SIZE + 1], line[MESSAGE_BOUNDARY_SIZE + 10];

	(void)state;
	memset(name, 'x', sizeof name);
	buffer_append_string(&text, "A: b\n\n");
	for (int i = 0; i < 2 * MESSAGE_BOUNDARIES_MAX; i++) {
		snprintf(name + MESSAGE_BOUNDARY_SIZE - 4, 5, "%04d", i);
		buffer_printf(&text, "Content-Type: boundary=%s\n", name);
	}
	snprintf(name + MESSAGE_BOUNDARY_SIZE - 4, 5, "000-");
	snprintf(line, sizeof line, "--%s\n--x\n", name);
	repeat(&text, "", line);
	read_all(buffer_span(&text));
	buffer_free(&text);
}

static void
test_headers(void **state)
{
	struct buffer text = BUFFER_INIT(2 * SIZE);

	(void)state;
	for (int i = 0; i < 100000; i++)
		buffer_printf(&text, "X-%d: =?a?q?x?=\n folded\n", i);
	read_all(buffer_span(&text));
	buffer_free(&text);
}

/* Multiparts within multiparts, deeper than boundaries are remembered. */
static void
test_nesting(void **state)
{
	struct buffer text = BUFFER_INIT(2 * SIZE);

	(void)state;
	for (int i = 0; i < 20000; i++)
		buffer_printf(&text, "Content-Type: multipart/mixed; boundary=n%d\n\n--n%d\n", i, i);
	read_all(buffer_span(&text));
	buffer_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_boundaries),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_nesting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
