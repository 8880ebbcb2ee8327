/*
 * Marked messages, byte for byte: every kind of message with the signature in every place. What is not ours
 * stays as it came, and the signature is found again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "filter/mark.h"
#include "filter/signature.h"

#define ID "0123456789abcdef"
#define OURS "X-DSPAM-Result: Spam\nX-DSPAM-Signature: " ID "\n"
#define OURS_CRLF "X-DSPAM-Result: Spam\r\nX-DSPAM-Signature: " ID "\r\n"
#define MARK "\n!DSPAM:" ID "!\n\n"
#define MARK_CRLF "\r\n!DSPAM:" ID "!\r\n\r\n"
#define EDGE "DSPAM_MULTIPART_EX-" ID
#define WRAPPER "Content-Type: multipart/mixed; boundary=\"" EDGE "\"\n"
#define CLOSING "\n--" EDGE "\nContent-Type: text/plain\nX-DSPAM-Signature: " ID "\n\n!DSPAM:" ID "!\n--" EDGE "--\n"

struct sheet {
	struct arena *arena;
	struct message *message;
	struct span *pieces;
	size_t count;
	struct buffer out;
};

static void
mark(struct sheet *sheet, const char *text, const struct marks *marks)
{
	sheet->arena = arena_new((size_t)64 << 20);
	sheet->message = message_parse(sheet->arena, span_from(text));
	sheet->out = BUFFER_INIT((size_t)1 << 20);
	assert_non_null(sheet->message);
	assert_true(mark_message(sheet->message, marks, &sheet->pieces, &sheet->count));
	for (size_t i = 0; i < sheet->count; i++)
		buffer_append_span(&sheet->out, sheet->pieces[i]);
}

static void
put_away(struct sheet *sheet)
{
	buffer_free(&sheet->out);
	arena_free(sheet->arena);
}

/* Without the pieces that are not of the message it is the message. */
static void
check_original(const struct sheet *sheet)
{
	struct span raw = sheet->message->raw;
	struct buffer kept = BUFFER_INIT((size_t)1 << 20);

	for (size_t i = 0; i < sheet->count; i++)
		if (sheet->pieces[i].data >= raw.data && sheet->pieces[i].data < raw.data + raw.size)
			buffer_append_span(&kept, sheet->pieces[i]);
	if (!span_equal(buffer_span(&kept), raw))
		fail_msg("%.*s\nbecame\n%s", (int)raw.size, raw.data, buffer_string(&kept));
	buffer_free(&kept);
}

static void
check_found(const struct sheet *sheet, bool headers_first)
{
	struct message *marked = message_parse(sheet->arena, buffer_span(&sheet->out));

	struct span ids[SIGNATURE_CANDIDATES];

	assert_true(signature_find(marked, headers_first, ids) > 0);
	assert_true(span_equal(ids[0], SPAN(ID)));
}

static void
check(const char *text, const struct marks *marks, const char *wanted)
{
	struct sheet sheet;

	mark(&sheet, text, marks);
	if (!span_equal(buffer_span(&sheet.out), span_from(wanted)))
		fail_msg("%s\nbecame\n%s\ninstead of\n%s", text, buffer_string(&sheet.out), wanted);
	check_found(&sheet, false);
	check_found(&sheet, true);
	put_away(&sheet);
}

#define ALTERNATIVE(plain, html)                                                                                       \
	"Content-Type: multipart/alternative; boundary=a\n\npreamble\n--a\nContent-Type: text/plain\n\n" plain         \
	"--a\nContent-Type: text/html\n\n" html "--a--\nend\n"
#define SIGNED "--s\nContent-Type: text/plain\n\nhello\n--s\nContent-Type: application/pgp\n\nsig\n--s--\n"

struct row {
	const char *text, *in_headers, *in_text;
};

static const struct row rows[] = {
	{"Subject: x\n\nbody\n", "Subject: x\n" OURS "\nbody\n", "Subject: x\n" OURS "\nbody\n" MARK},
	{"Subject: x\n\nno end", "Subject: x\n" OURS "\nno end", "Subject: x\n" OURS "\nno end" MARK},
	{"Subject: x\r\n\r\nbody\r\n", "Subject: x\r\n" OURS_CRLF "\r\nbody\r\n",
	 "Subject: x\r\n" OURS_CRLF "\r\nbody\r\n" MARK_CRLF},
	/* nothing, or next to nothing */
	{"", OURS, OURS},
	{"\nbody", OURS "\nbody", OURS "\nbody" MARK},
	{"\r\nbody", OURS_CRLF "\r\nbody", OURS_CRLF "\r\nbody" MARK_CRLF},
	{"Subject: x\n", "Subject: x\n" OURS, "Subject: x\n" OURS},
	{"Subject: x", "Subject: x\n" OURS, "Subject: x\n" OURS},
	{"Subject: x\n\n", "Subject: x\n" OURS "\n", "Subject: x\n" OURS "\n" MARK},
	{"just a line\n", "just a line\n" OURS, "just a line\n" OURS},
	/* HTML: before the end of what is seen */
	{"Content-Type: text/html\n\n<html><BODY>x</BODY></html>\n",
	 "Content-Type: text/html\n" OURS "\n<html><BODY>x</BODY></html>\n",
	 "Content-Type: text/html\n" OURS "\n<html><BODY>x" MARK "</BODY></html>\n"},
	{"Content-Type: text/html\n\n<html>x</html>\n", "Content-Type: text/html\n" OURS "\n<html>x</html>\n",
	 "Content-Type: text/html\n" OURS "\n<html>x" MARK "</html>\n"},
	{"Content-Type: text/html\n\n<p>x\n", "Content-Type: text/html\n" OURS "\n<p>x\n",
	 "Content-Type: text/html\n" OURS "\n<p>x\n" MARK},
	/* coded */
	{"Content-Transfer-Encoding: quoted-printable\n\nx =3D\n",
	 "Content-Transfer-Encoding: quoted-printable\n" OURS "\nx =3D\n",
	 "Content-Transfer-Encoding: quoted-printable\n" OURS "\nx =3D\n" MARK},
	{"Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\n\xE9\n",
	 "Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\n" OURS "\n\xE9\n",
	 "Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\n" OURS "\n\xE9\n" MARK},
	/* what cannot take it */
	{"Content-Type: image/png\n\nbinary", "Content-Type: image/png\n" OURS "\nbinary",
	 "Content-Type: image/png\n" OURS "\nbinary"},
	{"Content-Disposition: attachment\n\nfile\n", "Content-Disposition: attachment\n" OURS "\nfile\n",
	 "Content-Disposition: attachment\n" OURS "\nfile\n"},
};

static void
test_places(void **state)
{
	struct marks in_headers = {.headers = SPAN(OURS)};
	struct marks in_text = {.headers = SPAN(OURS), .signature = ID};
	struct sheet sheet;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		check(rows[i].text, &in_headers, rows[i].in_headers);
		check(rows[i].text, &in_text, rows[i].in_text);
		for (int text = 0; text <= 1; text++) {
			mark(&sheet, rows[i].text, text ? &in_text : &in_headers);
			check_original(&sheet);
			put_away(&sheet);
		}
	}
}

static void
test_multipart(void **state)
{
	struct marks marks = {.headers = SPAN(OURS), .signature = ID};

	(void)state;
	check(ALTERNATIVE("x\n", "<body>y</body>\n"), &marks,
	      "Content-Type: multipart/alternative; boundary=a\n" OURS
	      "\npreamble\n--a\nContent-Type: text/plain\n\nx\n" MARK "--a\nContent-Type: text/html\n\n<body>y" MARK
	      "</body>\n--a--\nend\n");
	/* empty parts, and those without headers, are left alone */
	check(ALTERNATIVE("", "y\n"), &marks,
	      "Content-Type: multipart/alternative; boundary=a\n" OURS
	      "\npreamble\n--a\nContent-Type: text/plain\n\n--a\nContent-Type: text/html\n\ny\n" MARK "--a--\nend\n");
}

/* base64 is encoded anew: the text is what it was, with the mark at its end. */
static void
test_base64(void **state)
{
	struct marks marks = {.headers = SPAN(OURS), .signature = ID};

	(void)state;
	check("Content-Transfer-Encoding: base64\n\nYWJj\n", &marks,
	      "Content-Transfer-Encoding: base64\n" OURS "\nYWJjCgohRFNQQU06MDEyMzQ1Njc4OWFiY2RlZiEKCg==\n\n");
	check("Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\n", &marks,
	      "Content-Transfer-Encoding: base64\r\n" OURS_CRLF
	      "\r\nYWJjCgohRFNQQU06MDEyMzQ1Njc4OWFiY2RlZiEKCg==\r\n\r\n");
	check("Content-Transfer-Encoding: base64\n\nAP8ACg==\n", &marks, /* NUL 0xFF NUL LF */
	      "Content-Transfer-Encoding: base64\n" OURS "\nAP8ACgohRFNQQU06MDEyMzQ1Njc4OWFiY2RlZiEKCg==\n\n");
}

/* What is signed is wrapped, and stays what it was byte for byte. */
static void
test_signed(void **state)
{
	struct marks marks = {.headers = SPAN(OURS), .signature = ID}, headers = {.headers = SPAN(OURS)};

	(void)state;
	check("Subject: x\nContent-Type: multipart/signed;\n boundary=s\nMIME-Version: 1.0\n\n" SIGNED, &marks,
	      "Subject: x\nMIME-Version: 1.0\n" OURS WRAPPER "\n--" EDGE
	      "\nContent-Type: multipart/signed;\n boundary=s\n\n" SIGNED CLOSING);
	check("Content-Type: multipart/signed;\n boundary=s\n\n" SIGNED, &headers,
	      "Content-Type: multipart/signed;\n boundary=s\n" OURS "\n" SIGNED);
	/* a tag alone would break the seal */
	struct marks tag = {.headers = SPAN(OURS), .tag = SPAN("tag\n")};
	check("Content-Type: multipart/signed;\n boundary=s\n\n" SIGNED, &tag,
	      "Content-Type: multipart/signed;\n boundary=s\n" OURS "\n" SIGNED);
}

static void
test_attachment(void **state)
{
	struct marks marks = {.headers = SPAN(OURS), .signature = ID, .attach = true};

	(void)state;
	check("Subject: x\nContent-Type: text/html\nTo: y\n\nbody\n", &marks,
	      "Subject: x\nTo: y\n" OURS "MIME-Version: 1.0\n" WRAPPER "\n--" EDGE
	      "\nContent-Type: text/html\n\nbody\n" CLOSING);
	check("Subject: x\n\nno end", &marks,
	      "Subject: x\n" OURS "MIME-Version: 1.0\n" WRAPPER "\n--" EDGE "\n\nno end" CLOSING);
	check("\nbody\n", &marks, OURS "MIME-Version: 1.0\n" WRAPPER "\n--" EDGE "\n\nbody\n" CLOSING);
	/* without a body there is nothing to wrap */
	check("Subject: x\n", &marks, "Subject: x\n" OURS);
	check("", &marks, OURS);
}

static void
test_attachment_crlf(void **state)
{
	struct marks marks = {.headers = SPAN(OURS), .signature = ID, .attach = true};
	struct sheet sheet;

	(void)state;
	mark(&sheet, "Subject: x\r\nContent-Type: text/html\r\n\r\nbody\r\n", &marks);
	struct span out = buffer_span(&sheet.out);
	for (size_t i = 0; i < out.size; i++)
		assert_true(out.data[i] != '\n' || (i > 0 && out.data[i - 1] == '\r'));
	check_found(&sheet, false);
	put_away(&sheet);
}

/* ---- subjects, tags, old headers ---------------------------------------------- */

static void
test_subject(void **state)
{
	static const struct {
		const char *text, *wanted;
	} subjects[] = {
		{"Subject: hello\n\n", "Subject: [SPAM] hello\n" OURS "\n"},
		{"subject:hello\n\n", "subject:[SPAM] hello\n" OURS "\n"},
		{"Subject: [SPAM] hello\n\n", "Subject: [SPAM] hello\n" OURS "\n"},
		{"Subject:   [SPAM]hello\n\n", "Subject:   [SPAM]hello\n" OURS "\n"},
		{"Subject: Re: [SPAM] hello\n\n", "Subject: [SPAM] Re: [SPAM] hello\n" OURS "\n"},
		{"Subject: =?utf-8?Q?h=C3=A9?=\n\n", "Subject: [SPAM] =?utf-8?Q?h=C3=A9?=\n" OURS "\n"},
		{"Subject: Re: =?utf-8?Q?h=C3=A9?=\n\n", "Subject: Re: [SPAM] =?utf-8?Q?h=C3=A9?=\n" OURS "\n"},
		{"Subject:\n\n", "Subject:[SPAM] \n" OURS "\n"},
		{"Subject:", "Subject:[SPAM] \n" OURS},
		{"Subject: \r\n\r\n", "Subject: [SPAM] \r\n" OURS_CRLF "\r\n"},
		{"Subject:\n folded\n\n", "Subject:[SPAM] \n folded\n" OURS "\n"},
		{"Subject: a\nX: y\nSUBJECT: b\n\n", "Subject: [SPAM] a\nX: y\nSUBJECT: [SPAM] b\n" OURS "\n"},
		{"X: y\n\n", "X: y\n" OURS "Subject: [SPAM]\n\n"},
		{"Subject\n\n", "Subject\n" OURS "Subject: [SPAM]\n\n"},
		{"Subjects: x\n\n", "Subjects: x\n" OURS "Subject: [SPAM]\n\n"},
		{"\n", OURS "Subject: [SPAM]\n\n"},
	};
	struct marks marks = {.headers = SPAN(OURS), .subject_tag = "[SPAM]"};

	(void)state;
	for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
		check(subjects[i].text, &marks, subjects[i].wanted);
}

static void
test_tag(void **state)
{
	struct marks tag = {.headers = SPAN(OURS), .tag = SPAN("-- \nmoderated = yes\n")};
	struct marks both = {.headers = SPAN(OURS), .tag = SPAN("tag"), .signature = ID};

	(void)state;
	check("A: b\n\nbody\n", &tag, "A: b\n" OURS "\nbody\n\n-- \nmoderated = yes\n");
	check("A: b\n\nbody\n", &both, "A: b\n" OURS "\nbody\n\ntag" MARK);
	check("Content-Transfer-Encoding: quoted-printable\n\nbody\n", &tag,
	      "Content-Transfer-Encoding: quoted-printable\n" OURS "\nbody\n\n-- \nmoderated =3D yes\n");
	/* with a message part of its own for the signature, the texts still take the tag */
	both.attach = true;
	check("A: b\n\nbody\n", &both,
	      "A: b\n" OURS "MIME-Version: 1.0\n" WRAPPER "\n--" EDGE "\n\nbody\n\ntag" CLOSING);
}

static void
test_old_headers(void **state)
{
	struct marks marks = {.headers = SPAN(OURS), .drop_old = true}, keep = {.headers = SPAN(OURS)};

	(void)state;
	check("X-DSPAM-Result: Innocent\nA: b\nx-dspam-factors: 2,\n\ta, 1\nC: d\n\nX-DSPAM-Result: body\n", &marks,
	      "A: b\nC: d\n" OURS "\nX-DSPAM-Result: body\n");
	/* the last one, in a message that ends with it */
	check("A: b\nX-DSPAM-Result: Innocent", &marks, "A: b\n" OURS);
	check("X-DSPAM-Result: Innocent", &marks, OURS);
	check("X-DSPAM-Result: Innocent\nA: b", &marks, "A: b\n" OURS);
	check("X-DSPAM-Signature: " ID "\nA: b\n\n", &keep, "X-DSPAM-Signature: " ID "\nA: b\n" OURS "\n");
}

/* A full arena is told, whatever it is too small for. */
static void
test_full(void **state)
{
	struct marks marks = {.headers = SPAN(OURS), .signature = ID, .subject_tag = "[SPAM]", .tag = SPAN("tag")};
	static char text[100000] = "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n";
	size_t refused = 0, marked = 0;

	(void)state;
	memset(text + strlen(text), 'A', sizeof text - strlen(text) - 1);
	for (size_t ceiling = (size_t)64 << 10; ceiling < (size_t)1 << 20; ceiling += (size_t)32 << 10) {
		struct arena *arena = arena_new(ceiling);
		struct message *message = message_parse(arena, span_from(text));
		struct span *pieces;
		size_t count;
		assert_non_null(message);
		bool done = mark_message(message, &marks, &pieces, &count);
		refused += !done;
		marked += done;
		arena_free(arena);
	}
	assert_true(refused > 0);
	assert_true(marked > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),      cmocka_unit_test(test_multipart),
		cmocka_unit_test(test_base64),      cmocka_unit_test(test_signed),
		cmocka_unit_test(test_attachment),  cmocka_unit_test(test_attachment_crlf),
		cmocka_unit_test(test_subject),     cmocka_unit_test(test_tag),
		cmocka_unit_test(test_old_headers), cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
