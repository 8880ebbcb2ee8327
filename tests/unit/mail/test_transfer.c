/* Transfer codings: what they decode to, round trips, wrong digits, decoding in place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mail/transfer.h"

typedef size_t decoder(struct span in, char *out);

static size_t
text_base64(struct span in, char *out)
{
	return transfer_decode_text(in, true, out);
}

static size_t
text_quoted(struct span in, char *out)
{
	return transfer_decode_text(in, false, out);
}

/* Decode into room of exactly the promised size, and in place: both give `wanted`. */
static void
check(decoder *decode, struct span in, struct span wanted)
{
	char *out = malloc(in.size + 1);
	char *place = malloc(in.size + 1);

	if (in.size > 0)
		memcpy(place, in.data, in.size);
	struct span apart = {out, decode(in, out)};
	struct span inside = {place, decode(span_of(place, in.size), place)};
	if (!span_equal(apart, wanted))
		fail_msg("\"%.*s\" gives \"%.*s\", wanted \"%.*s\"", (int)in.size, in.data, (int)apart.size, apart.data,
			 (int)wanted.size, wanted.data);
	if (!span_equal(inside, wanted))
		fail_msg("\"%.*s\" decoded in place gives \"%.*s\"", (int)in.size, in.data, (int)inside.size,
			 inside.data);
	free(out);
	free(place);
}

struct row {
	struct span in, wanted;
};

#define ROW(in, wanted)                                                                                                \
	{                                                                                                              \
		{in, sizeof(in) - 1},                                                                                  \
		{                                                                                                      \
			wanted, sizeof(wanted) - 1                                                                     \
		}                                                                                                      \
	}

static void
check_rows(decoder *decode, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(decode, rows[i].in, rows[i].wanted);
}

#define CHECK_ROWS(decode, rows) check_rows(decode, rows, sizeof(rows) / sizeof *(rows))

static void
test_quoted_printable(void **state)
{
	static const struct row rows[] = {
		ROW("", ""),
		ROW("plain", "plain"),
		ROW("a=3Db=3db", "a=b=b"),
		ROW("J=C3=BCrgen_x", "J\xC3\xBCrgen_x"),
		ROW("soft=\nbreak", "softbreak"),
		ROW("soft=\r\nbreak", "softbreak"),
		ROW("soft= \nbreak", "soft= \nbreak"),
		ROW("=", "="),
		ROW("=\n", ""),
		ROW("=\r", "=\r"),
		ROW("=\r\n", ""),
		ROW("=4", "=4"),
		ROW("=41", "A"),
		ROW("=4G=G4=GG", "=4G=G4=GG"),
		ROW("==41", "=A"),
		ROW("=3D41", "=41"),
		ROW("=00x", "\0x"),
		ROW("=\n=\n=41=\n", "A"),
	};

	(void)state;
	CHECK_ROWS(transfer_decode_quoted_printable, rows);
}

static void
test_base64(void **state)
{
	static const struct row rows[] = {
		ROW("", "\n"),
		ROW("YWJj", "abc\n"),
		ROW("YWJjCg==", "abc\n"),
		ROW("YWI=", "ab\n"),
		ROW("YQ==", "a\n"),
		ROW("YQ=", "a\n"),
		ROW("Y=", "\n"),
		ROW("=", "\n"),
		ROW("YWJjZA", "abc\n"),        /* an incomplete group without = is dropped */
		ROW("YW\r\nJj\n", "abc\n"),    /* line ends, */
		ROW("Y!W\"J\xFFj-_", "abc\n"), /* and what is no digit */
		ROW("YWI=YWJj", "ab\n"),       /* the end is the end */
		ROW("AAEC/+8=", "\0\1\2\xFF\xEF\n"),
	};

	(void)state;
	CHECK_ROWS(transfer_decode_base64, rows);
}

static void
test_text(void **state)
{
	static const struct row base64[] = {
		ROW("YQBi", "a\n"), /* a NUL ends it, and it ends with a LF all the same */
		ROW("AGFi", "\n"),
		ROW("YWJj", "abc\n"),
		ROW("", "\n"),
	};
	static const struct row quoted[] = {ROW("a=00b", "a"), ROW("=00", ""), ROW("ab", "ab"), ROW("", "")};

	(void)state;
	CHECK_ROWS(text_base64, base64);
	CHECK_ROWS(text_quoted, quoted);
}

static void
test_percent(void **state)
{
	static const struct row rows[] = {
		ROW("", ""),        ROW("%41%62", "Ab"), ROW("10%20off", "10 off"), ROW("100%", "100%"),
		ROW("%4", "%4"),    ROW("%4x", "%4x"),   ROW("%%41", "%A"),         ROW("%2541", "%41"),
		ROW("%fF", "\xFF"), ROW("%00", "\0"),
	};

	(void)state;
	CHECK_ROWS(transfer_decode_percent, rows);
}

/* Every size up to 300: what is encoded decodes to itself, in lines of at most 76 bytes, of the size foretold. */
static void
test_round_trip(void **state)
{
	char plain[301];

	(void)state;
	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = (char)(i * 167 + 13);
	for (size_t size = 0; size < sizeof plain; size++) {
		char *coded = malloc(transfer_base64_size(size));
		size_t coded_size = transfer_encode_base64(span_of(plain, size), coded);
		assert_in_range(coded_size, 0, transfer_base64_size(size));
		assert_in_range(transfer_base64_size(size) - coded_size, 0, 1);
		struct span rest = {coded, coded_size}, line;
		while (span_next_line(&rest, &line)) {
			assert_in_range(line.size, 1, 77);
			assert_int_equal(line.data[line.size - 1], '\n');
			assert_true(rest.size == 0 || line.size == 77);
		}
		char wanted[302];
		memcpy(wanted, plain, size);
		bool ends = size > 0 && plain[size - 1] == '\n';
		wanted[size] = '\n';
		check(transfer_decode_base64, span_of(coded, coded_size), span_of(wanted, size + !ends));
		free(coded);
	}
}

/* Any two bytes behind the escape: never more than came in, and only digits decode. */
static void
test_all_pairs(void **state)
{
	(void)state;
	for (int first = 0; first < 256; first++) {
		for (int second = 0; second < 256; second++) {
			char in[3] = {'=', (char)first, (char)second}, out[4];
			size_t size = transfer_decode_quoted_printable(span_of(in, 3), out);
			static const char digits[] = "0123456789ABCDEFabcdef";
			bool pair = first != 0 && second != 0 && strchr(digits, first) && strchr(digits, second);
			size_t wanted = pair ? 1 : 3;
			if (first == '\n' || (first == '=' && second == '\n'))
				wanted = 1;
			else if (first == '\r' && second == '\n')
				wanted = 0;
			assert_int_equal(size, wanted);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quoted_printable),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_percent),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_all_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
