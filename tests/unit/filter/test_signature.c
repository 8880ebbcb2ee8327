/* Signatures: encoded and decoded for each tokenizer, and found wherever they may stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "filter/signature.h"
#include "filter/signature_state.h"

#define ID "6b0286a675352099110321"

static void
test_new_id(void **state)
{
	struct arena *arena = arena_new((size_t)1 << 20);
	const char *one = signature_new_id(arena, 0), *two = signature_new_id(arena, 0);

	(void)state;
	assert_int_equal(strlen(one), SIGNATURE_ID_SIZE);
	assert_true(signature_id_valid(span_from(one)));
	assert_string_not_equal(one, two);
	assert_int_equal(signature_uid(span_from(one)), 0);
	arena_free(arena);
}

/* The number of the user stands in front, and the whole is no longer than it was. */
static void
test_new_id_with_number(void **state)
{
	static const store_uid uids[] = {1, 42, INT32_MAX};
	static const char *const none[] = {
		"", ",", ",abc", "0,abc", "a,abc", "-1,abc", "2147483648,abc", "4294967297,abc", "1 ,abc"};
	struct arena *arena = arena_new((size_t)1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof uids / sizeof uids[0]; i++) {
		const char *one = signature_new_id(arena, uids[i]), *two = signature_new_id(arena, uids[i]);
		assert_int_equal(strlen(one), SIGNATURE_ID_SIZE);
		assert_true(signature_id_valid(span_from(one)));
		assert_string_not_equal(one, two);
		assert_int_equal(signature_uid(span_from(one)), uids[i]);
		assert_int_equal(strspn(strchr(one, ',') + 1, "0123456789abcdef"), strlen(strchr(one, ',') + 1));
	}
	assert_int_equal(signature_uid(SPAN("7," ID)), 7);
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_int_equal(signature_uid(span_from(none[i])), 0);
	arena_free(arena);
}

/* The state stands where the original does not look, and changes nothing of the tokens. */
static void
test_state(void **state)
{
	static const struct {
		enum tokenizer tokenizer;
		struct span data;
		bool holds;
	} rows[] = {
		{TOKENIZER_OSB, {"12345678\1\0\0\0\0\0\0\0", 16}, true},
		{TOKENIZER_WORD, {"12345678\1\0\0\0\0\0\0\0abcdefgh\2\0\0\0\0\0\0\0", 32}, true},
		{TOKENIZER_CHAIN, {"", 0}, false},
		{TOKENIZER_CHAIN, {NULL, 0}, false},
		{TOKENIZER_SBPH, {"H: x\n\1body\0", 11}, true},
		{TOKENIZER_SBPH, {"\1\0", 2}, true},
	};
	struct arena *arena = arena_new((size_t)1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct span data = rows[i].data;
		assert_int_equal(signature_state(data, rows[i].tokenizer), SIGNATURE_UNMARKED);
		for (int wanted = SIGNATURE_SPAM; wanted < SIGNATURE_STATES; wanted++) {
			data = signature_with_state(arena, data, rows[i].tokenizer, (enum signature_state)wanted);
			assert_int_equal(signature_state(data, rows[i].tokenizer), rows[i].holds ? wanted : 0);
			if (rows[i].tokenizer == TOKENIZER_SBPH)
				assert_true(span_equal(signature_texts(data), rows[i].data));
			else
				assert_int_equal(data.size, rows[i].data.size);
		}
	}
	arena_free(arena);
}

static void
test_valid(void **state)
{
	char longest[129];

	(void)state;
	memset(longest, 'a', sizeof longest);
	assert_true(signature_id_valid(span_of(longest, 127)));
	assert_false(signature_id_valid(span_of(longest, 128)));
	assert_true(signature_id_valid(SPAN("1,abcXYZ09")));
	assert_false(signature_id_valid(SPAN("")));
	assert_false(signature_id_valid(SPAN("a b")));
	assert_false(signature_id_valid(SPAN("a'b")));
	assert_false(signature_id_valid(SPAN("../a")));
	assert_false(signature_id_valid(SPAN("a\r")));
}

/* ---- content ---------------------------------------------------------------- */

static void
check_round_trip(enum tokenizer tokenizer)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct flat flat = {SPAN("From: a@b\nSubject: x y z\n"), SPAN("one two one three www.example.org")};
	struct tokenize_options options = {.tokenizer = tokenizer, .url_context = true, .whitelist = true};
	struct token_set *set = tokenize(arena, &flat, &options);
	struct error error;
	struct span kept = signature_encode(arena, tokenizer, &flat, set, NULL, 0);
	struct token_set *back = signature_decode(arena, kept, &options, &error);

	assert_non_null(back);
	assert_int_equal(back->count, set->count);
	for (size_t i = 0; i < set->count; i++) {
		const struct token *was = &set->tokens[set->order[i]], *is = &back->tokens[back->order[i]];
		assert_true(was->id == is->id);
		assert_int_equal(was->frequency, is->frequency);
		assert_string_equal(is->text, tokenizer == TOKENIZER_SBPH ? was->text : "");
	}
	arena_free(arena);
}

static void
test_round_trip(void **state)
{
	(void)state;
	for (int tokenizer = TOKENIZER_WORD; tokenizer <= TOKENIZER_OSB; tokenizer++)
		check_round_trip((enum tokenizer)tokenizer);
}

/* The format is that of existing databases (storage 4). */
static void
test_record(void **state)
{
	struct arena *arena = arena_new((size_t)4 << 20);
	struct token_set *set = token_set_new(arena);

	(void)state;
	for (int i = 0; i < 258; i++)
		token_set_add(set, 0x0123456789ABCDEF, SPAN("x"));
	assert_true(token_set_finish(set));
	struct span kept = signature_encode(arena, TOKENIZER_OSB, NULL, set, NULL, 0);
	assert_true(span_equal(kept, SPAN("\xEF\xCD\xAB\x89\x67\x45\x23\x01\x02\0\0\0\0\0\0\0")));
	struct flat flat = {SPAN("H: x\n"), SPAN("body")};
	assert_true(span_equal(signature_encode(arena, TOKENIZER_SBPH, &flat, set, NULL, 0), SPAN("H: x\n\1body\0")));
	arena_free(arena);
}

static void
test_wrong_content(void **state)
{
	static const struct {
		struct span data;
		enum tokenizer tokenizer;
		bool right;
	} rows[] = {
		{{"", 0}, TOKENIZER_CHAIN, true},
		{{"\0\0\0\0\0\0\0\0", 8}, TOKENIZER_CHAIN, true}, /* what the original kept of a virus */
		{{"\0\0\0\0\0\0\0\0", 8}, TOKENIZER_SBPH, true},
		{{"123456789", 9}, TOKENIZER_CHAIN, false},
		{{"0123456789abcdef0123456789abcde", 31}, TOKENIZER_OSB, false},
		{{"", 0}, TOKENIZER_SBPH, false},
		{{"H: x\n\1body", 10}, TOKENIZER_SBPH, false},
		{{"H: x\nbody\0", 10}, TOKENIZER_SBPH, false},
		{{"\1\0", 2}, TOKENIZER_SBPH, true},
	};
	struct arena *arena = arena_new((size_t)32 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tokenize_options options = {.tokenizer = rows[i].tokenizer};
		struct error error = {.code = ERROR_NONE};
		struct token_set *set = signature_decode(arena, rows[i].data, &options, &error);
		print_message("row %zu\n", i);
		assert_int_equal(set != NULL, rows[i].right);
		assert_int_equal(error.code, rows[i].right ? ERROR_NONE : ERROR_DATA);
	}
	arena_free(arena);
}

/* ---- search ----------------------------------------------------------------- */

static void
check_find(const char *text, bool headers_first, const char *wanted)
{
	struct arena *arena = arena_new((size_t)4 << 20);
	struct span ids[SIGNATURE_CANDIDATES];
	size_t count = signature_find(message_parse(arena, span_from(text)), headers_first, ids);
	struct span id = count > 0 ? ids[0] : SPAN("");

	if (!span_equal(id, span_from(wanted)))
		fail_msg("%s\ngives \"%.*s\" instead of \"%s\"", text, (int)id.size, id.data, wanted);
	arena_free(arena);
}

#define MARK "!DSPAM:" ID "!"
#define PARTS "Content-Type: multipart/mixed; boundary=a\n\n"

static void
test_find(void **state)
{
	static const struct {
		const char *text, *in_message, *in_headers;
	} rows[] = {
		{"", "", ""},
		{"Subject: x\n\nnothing\n", "", ""},
		{"X-DSPAM-Signature: " ID "\n\nx\n", ID, ID},
		{"x-dspam-signature: " ID "\r\n\r\nx\r\n", ID, ID},
		{"X-DSPAM-Signature: " MARK "\n\nx\n", ID, ID},
		{"X-DSPAM-Signature: 7," ID "\n\nx\n", "7," ID, "7," ID},
		{"X-DSPAM-Signature: no such'thing\n\n" MARK, ID, ID},
		{"Subject: x\n\ntext\n" MARK "\n\n", ID, ID},
		{"Subject: x\r\n\r\ntext\r\n" MARK "\r\n", ID, ID},
		{"Subject: x\n\n> > " MARK "\n", ID, ID},
		{"Subject: x\n\ntext !DSPAM:" ID, ID, ID},
		{"Subject: x\n\n> X-DSPAM-Signature: " ID "\n", ID, ID},
		{"Subject: x\n\n<pre>X-DSPAM-Signature: " ID "<br>\n", ID, ID},
		{"Subject: x\n\n=21DSPAM:" ID "!\n", "", ""},
		/* the other place is second */
		{"X-DSPAM-Signature: aaa\n\n" MARK, ID, "aaa"},
		/* several parts: the last one counts in bodies, the first one in headers */
		{PARTS "--a\nX: y\n\n!DSPAM:aaa!\n--a\nX: y\n\n" MARK "\n--a\n\n!DSPAM:bbb!", ID, ID},
		{PARTS "--a\nX-DSPAM-Signature: " ID "\n\n--a\nX-DSPAM-Signature: bbb\n\n", ID, ID},
		/* forwarded */
		{PARTS "--a\nContent-Type: message/rfc822\n\nX-DSPAM-Signature: " ID "\nSubject: y\n\nx\n--a--\n", ID,
		 ID},
		{"Content-Type: message/rfc822\n\nSubject: y\n\nx\n" MARK "\n", ID, ID},
		/* coded */
		{"Content-Transfer-Encoding: quoted-printable\n\n!DSPAM:6b0286a6=\n75352099110321!", ID, ID},
		{"Content-Transfer-Encoding: quoted-printable\n\n!DSPAM:6b0286a6=\r\n75352099110321!", ID, ID},
		{"Content-Transfer-Encoding: quoted-printable\n\n=21DSPAM=3A" ID "!", ID, ID},
		{"Content-Transfer-Encoding: base64\n\ndGV4dAohRFNQQU06NmIwMjg2YTY3NTM1\nMjA5OTExMDMyMSE=\n", ID, ID},
		{"Subject: x\n\n!DSPAM:6b0286a6\n75352099110321!", "6b0286a6", "6b0286a6"},
		/* an attachment is read as it stands */
		{"Content-Disposition: attachment\n\n" MARK, ID, ID},
		{"Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nIURTUEFNOmFhYSE=\n", "", ""},
		{"Content-Type: image/png\n\n" MARK, "", ""},
		{PARTS "--a\n\n" MARK, "", ""}, /* parts without headers are not read */
		{PARTS MARK "\n--a--\n", ID, ID},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_find(rows[i].text, false, rows[i].in_message);
		check_find(rows[i].text, true, rows[i].in_headers);
	}
}

/* Mail may hold marks of its own making: all are candidates, each once, up to a limit. */
static void
test_candidates(void **state)
{
	struct arena *arena = arena_new((size_t)4 << 20);
	struct span ids[SIGNATURE_CANDIDATES];
	char many[2000] = "A: b\n\n";
	struct message *message = message_parse(
		arena, SPAN("X-DSPAM-Signature: h\n\n!DSPAM:a!!DSPAM:b c!!DSPAM:h!!DSPAM:d!\nX-DSPAM-Signature: e\n"));

	(void)state;
	assert_int_equal(signature_find(message, false, ids), 4);
	assert_true(span_equal(ids[0], SPAN("d")));
	assert_true(span_equal(ids[1], SPAN("h")));
	assert_true(span_equal(ids[2], SPAN("a")));
	assert_true(span_equal(ids[3], SPAN("e")));
	assert_int_equal(signature_find(message, true, ids), 4);
	assert_true(span_equal(ids[0], SPAN("h")));
	assert_true(span_equal(ids[1], SPAN("d")));
	message = message_parse(arena, SPAN("X-DSPAM-Signature: f\nSubject: x\nX-DSPAM-Signature: g\n\ntext\n"));
	assert_int_equal(signature_find(message, true, ids), 2); /* KeepDSPAMHeaders: ours is behind the other one */
	assert_true(span_equal(ids[0], SPAN("g")));
	assert_true(span_equal(ids[1], SPAN("f")));
	for (int i = 0; i < 100; i++)
		snprintf(many + strlen(many), 20, "!DSPAM:%d!", i);
	message = message_parse(arena, span_from(many));
	assert_int_equal(signature_find(message, false, ids), SIGNATURE_CANDIDATES);
	assert_true(span_equal(ids[0], SPAN("99")));
	assert_true(span_equal(ids[SIGNATURE_CANDIDATES - 1], SPAN("84")));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_new_id),
		cmocka_unit_test(test_new_id_with_number),
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_wrong_content),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_candidates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
