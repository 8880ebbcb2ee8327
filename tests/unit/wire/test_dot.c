#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "wire/dot.h"

struct reading {
	const char *wire;
	size_t wire_size;
	const char *text; /* what the message is */
	size_t text_size;
	size_t rest; /* bytes left for the next command */
	bool ended;
};

#define READING(wire, text, rest, ended)                                                                               \
	{                                                                                                              \
		wire, sizeof(wire) - 1, text, sizeof(text) - 1, rest, ended                                            \
	}

static const struct reading readings[] = {
	READING(".\r\n", "", 0, true),
	READING("a\r\n.\r\n", "a\n", 0, true),
	READING("a\r\n.\r\nQUIT\r\n", "a\n", 6, true),
	READING("..\r\n..a\r\n.a\r\n...\r\n.\r\n", ".\n.a\na\n..\n", 0, true),
	READING("\r\n\r\n.\r\n", "\n\n", 0, true),
	/* nothing but CR LF . CR LF ends a message */
	READING("a\n.\nMAIL\r\n.\r\n", "a\n.\nMAIL\n", 0, true),
	READING("a\n.\r\nMAIL\r\n.\r\n", "a\n.\nMAIL\n", 0, true),
	READING("a\r.\r\nMAIL\r\n.\r\n", "a\r.\nMAIL\n", 0, true),
	READING("a\r\n.\nMAIL\r\n.\r\n", "a\n\nMAIL\n", 0, true),
	READING("a\r\n.\rMAIL\r\n.\r\n", "a\n\rMAIL\n", 0, true),
	READING("a\r\n.\r\rMAIL\r\n.\r\n", "a\n\r\rMAIL\n", 0, true),
	READING("a\r\n.\r.\r\nMAIL\r\n.\r\n", "a\n\r.\nMAIL\n", 0, true),
	READING("a\r.\rMAIL\r\n.\r\n", "a\r.\rMAIL\n", 0, true),
	READING("a\r\r\n.\r\n", "a\r\n", 0, true),
	READING("a\r\n\0.\r\nMAIL\r\n.\r\n", "a\n\0.\nMAIL\n", 0, true),
	READING("a\r\n.\0\r\nMAIL\r\n.\r\n", "a\n\0\nMAIL\n", 0, true),
	READING("a\0\r\n.\r\n", "a\0\n", 0, true),
	READING("a\r\n.\r", "a\n", 0, false),
	READING("a", "a", 0, false),
};

#define READINGS (sizeof readings / sizeof readings[0])

static void
check_reading(const struct reading *reading, size_t first, size_t step)
{
	struct dot_reader reader = {.state = DOT_READER_START};
	struct buffer out = BUFFER_INIT(4096);
	struct span all = span_of(reading->wire, reading->wire_size);
	size_t used = 0;

	for (size_t take = first; used < all.size && !reader.ended; take = step) {
		struct span piece = span_head(span_skip(all, used), take);
		size_t before = piece.size;
		dot_reader_push(&reader, &piece, &out);
		used += before - piece.size;
	}
	assert_int_equal(reader.ended, reading->ended);
	assert_int_equal(all.size - used, reading->rest);
	assert_int_equal(out.size, reading->text_size);
	if (out.size > 0)
		assert_memory_equal(out.data, reading->text, out.size);
	size_t lines = 0;
	for (size_t i = 0; i < out.size; i++)
		lines += out.data[i] == '\n';
	assert_int_equal(reader.size, out.size + lines);
	buffer_free(&out);
}

static void
test_reading_at_every_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < READINGS; i++) {
		check_reading(&readings[i], 1, 1);
		for (size_t split = 1; split <= readings[i].wire_size; split++)
			check_reading(&readings[i], split, SIZE_MAX);
	}
}

struct writing {
	const char *text;
	size_t text_size;
	bool keep_cr;
	const char *wire;
	size_t wire_size;
};

#define WRITING(text, keep_cr, wire)                                                                                   \
	{                                                                                                              \
		text, sizeof(text) - 1, keep_cr, wire, sizeof(wire) - 1                                                \
	}

static const struct writing writings[] = {
	WRITING("", false, ".\r\n"),
	WRITING("a", false, "a\r\n.\r\n"),
	WRITING("a\n", false, "a\r\n.\r\n"),
	WRITING("a\n\n", false, "a\r\n\r\n.\r\n"),
	WRITING(".\n.a\n..\n", false, "..\r\n..a\r\n...\r\n.\r\n"),
	WRITING(".", false, "..\r\n.\r\n"),
	WRITING("a\r\nb\r\n", false, "a\r\nb\r\n.\r\n"),
	WRITING("a\r\nb\r\n", true, "a\r\r\nb\r\r\n.\r\n"),
	WRITING("a\rb\n", true, "a\rb\r\n.\r\n"),
	WRITING("a\r", true, "a\r\r\n.\r\n"),
	WRITING("a\r.b\n", true, "a\r.b\r\n.\r\n"),
	WRITING("a\r.\n", true, "a\r\n..\r\n.\r\n"),
	WRITING("a\r.\rb\n", true, "a\r\n..\rb\r\n.\r\n"),
	WRITING("a\r.", true, "a\r\n..\r\n.\r\n"),
	WRITING("a\r\0.\r\n", true, "a\r\n.\0.\r\r\n.\r\n"),
	WRITING("a\r\0\0.b", true, "a\r\0\0.b\r\n.\r\n"),
	WRITING("a\r\0\n", true, "a\r\0\r\n.\r\n"),
	WRITING("a\r\0\n", false, "a\r\0\r\n.\r\n"),
	WRITING("a\r\0", true, "a\r\0\r\n.\r\n"),
	WRITING("a\r\0.", true, "a\r\n.\0.\r\n.\r\n"),
	WRITING("\r.\n", false, "\r\n..\r\n.\r\n"),
	WRITING(".\r\n", true, "..\r\r\n.\r\n"),
	WRITING(".\r\n", false, "..\r\n.\r\n"),
	WRITING("\0.\n", false, ".\0.\r\n.\r\n"),
	WRITING("\0\n\0\0a\n", false, "\0\r\n\0\0a\r\n.\r\n"),
	WRITING("\0\0.a", false, ".\0\0.a\r\n.\r\n"),
	WRITING("a\n\0\0", false, "a\r\n\0\0\r\n.\r\n"),
	WRITING("a\0b\n", false, "a\0b\r\n.\r\n"),
};

#define WRITINGS (sizeof writings / sizeof writings[0])

static void
write_message(struct span text, bool keep_cr, size_t first, size_t step, struct buffer *out)
{
	struct dot_writer writer = {.keep_cr = keep_cr};

	for (size_t take = first; text.size > 0; take = step) {
		dot_writer_push(&writer, span_head(text, take), out);
		text = span_skip(text, take);
	}
	dot_writer_end(&writer, out);
}

static void
test_writing_at_every_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < WRITINGS; i++) {
		const struct writing *writing = &writings[i];
		for (size_t split = 0; split <= writing->text_size; split++) {
			struct buffer out = BUFFER_INIT(4096);
			write_message(span_of(writing->text, writing->text_size), writing->keep_cr,
				      split == 0 ? 1 : split, split == 0 ? 1 : SIZE_MAX, &out);
			assert_int_equal(out.size, writing->wire_size);
			assert_memory_equal(out.data, writing->wire, out.size);
			buffer_free(&out);
		}
	}
}

/* Whether a line holds a dot alone, for a reader that takes CR, LF and CR LF for line ends and may drop NUL. */
static bool
has_lone_dot(struct span wire, bool drop_nul)
{
	char line[4096];
	size_t size = 0;

	for (size_t i = 0; i < wire.size; i++) {
		char c = wire.data[i];
		if (c == '\r' || c == '\n') {
			if (size == 1 && line[0] == '.')
				return true;
			size = 0;
		} else if (c != '\0' || !drop_nul) {
			line[size++] = c;
		}
	}
	return false;
}

/* All messages of up to seven bytes over CR, LF, dot and a letter: none ends early for the most careless of readers. */
static void
test_no_lone_dot_comes_out(void **state)
{
	static const char letters[] = {'\r', '\n', '.', 'a'};
	char text[7];

	(void)state;
	for (unsigned int number = 0; number < 1U << 14; number++) {
		for (size_t i = 0; i < sizeof text; i++)
			text[i] = letters[number >> (2 * i) & 3];
		for (int keep_cr = 0; keep_cr < 2; keep_cr++) {
			struct buffer out = BUFFER_INIT(4096);
			write_message(span_of(text, sizeof text), keep_cr, SIZE_MAX, 1, &out);
			assert_false(has_lone_dot(span_of(out.data, out.size - 3), false));
			buffer_free(&out);
		}
	}
}

static void
test_no_lone_dot_behind_nul(void **state)
{
	static const char letters[] = {'\0', '\n', '.', 'a', '\r', '.', '\0', '\r'};
	char text[6];

	(void)state;
	for (unsigned int number = 0; number < 1U << 18; number++) {
		struct buffer out = BUFFER_INIT(4096);
		for (size_t i = 0; i < sizeof text; i++)
			text[i] = letters[number >> (3 * i) & 7];
		write_message(span_of(text, sizeof text), true, SIZE_MAX, 1, &out);
		assert_false(has_lone_dot(span_of(out.data, out.size - 3), true));
		buffer_free(&out);
	}
}

/* Whether nothing but NULs stands between this place and a dot. */
static bool
leads_to_dot(const char *text, size_t size, size_t at)
{
	while (at < size && text[at] == '\0')
		at++;
	return at < size && text[at] == '.';
}

/* What is written reads back as it was, but for the CR before a lone dot. */
static void
test_round_trip(void **state)
{
	static const char letters[] = {'\0', '\n', '.', 'a', '\r', '.', '\n', 'b'};
	char text[5];

	(void)state;
	for (unsigned int number = 0; number < 1U << 15; number++) {
		struct buffer wire = BUFFER_INIT(4096), back = BUFFER_INIT(4096);
		struct dot_reader reader = {.state = DOT_READER_START};
		for (size_t i = 0; i < sizeof text; i++)
			text[i] = letters[number >> (3 * i) & 7];
		text[4] = '\n';
		write_message(span_of(text, sizeof text), true, SIZE_MAX, 1, &wire);
		struct span rest = buffer_span(&wire);
		dot_reader_push(&reader, &rest, &back);
		assert_true(reader.ended);
		assert_int_equal(rest.size, 0);
		assert_int_equal(back.size, sizeof text);
		for (size_t i = 0; i < sizeof text; i++)
			if (text[i] != back.data[i])
				assert_true(text[i] == '\r' && back.data[i] == '\n' &&
					    leads_to_dot(text, sizeof text, i + 1));
		buffer_free(&wire);
		buffer_free(&back);
	}
}

/* All at once, where most lines go as a whole, or byte by byte: the same is written, and the same is read back. */
static void
test_pieces_do_not_matter(void **state)
{
	static const char letters[] = {'\r', '\n', '.', 'a'};
	char text[7];

	(void)state;
	for (unsigned int number = 0; number < 1U << 15; number++) {
		struct buffer out[2] = {BUFFER_INIT(4096), BUFFER_INIT(4096)}, back[2] = {out[0], out[1]};
		for (size_t i = 0; i < sizeof text; i++)
			text[i] = letters[number >> (2 * i) & 3];
		for (size_t i = 0; i < 2; i++) {
			struct dot_reader reader = {.state = DOT_READER_START};
			write_message(span_of(text, sizeof text), number >> 14, i == 0 ? SIZE_MAX : 1, 1, &out[i]);
			for (struct span rest = buffer_span(&out[0]), piece; rest.size > 0;) {
				piece = span_head(rest, i == 0 ? SIZE_MAX : 1);
				rest = span_skip(rest, piece.size);
				dot_reader_push(&reader, &piece, &back[i]);
			}
		}
		assert_int_equal(out[0].size, out[1].size);
		assert_memory_equal(out[0].data, out[1].data, out[0].size);
		assert_int_equal(back[0].size, back[1].size);
		assert_memory_equal(back[0].data, back[1].data, back[0].size);
		for (size_t i = 0; i < 2; i++) {
			buffer_free(&out[i]);
			buffer_free(&back[i]);
		}
	}
}

static void
test_full_buffer_is_told(void **state)
{
	struct dot_reader reader = {.state = DOT_READER_START};
	struct buffer out = BUFFER_INIT(4);
	struct span wire = SPAN("abcdef\r\n.\r\n");

	(void)state;
	dot_reader_push(&reader, &wire, &out);
	assert_true(reader.ended);
	assert_true(out.failed);
	assert_int_equal(reader.size, 8);
	buffer_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading_at_every_split),
		cmocka_unit_test(test_writing_at_every_split),
		cmocka_unit_test(test_no_lone_dot_comes_out),
		cmocka_unit_test(test_no_lone_dot_behind_nul),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_pieces_do_not_matter),
		cmocka_unit_test(test_full_buffer_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
