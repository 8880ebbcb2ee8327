/* Arenas, buffers, errors and files: their limits, and what happens at them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"

/* Every piece is aligned, apart from the others, and keeps what is written to it. */
static void
test_arena_pieces(void **state)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	static unsigned char *pieces[2000];

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		size_t size = i % 97 == 0 ? 70000 : i;
		pieces[i] = i % 2 ? arena_alloc(arena, size) : (unsigned char *)arena_text(arena, size);
		assert_non_null(pieces[i]);
		if (i % 2)
			assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
		memset(pieces[i], (int)(i & 255), size);
	}
	for (size_t i = 0; i < 2000; i++)
		for (size_t k = 0, size = i % 97 == 0 ? 70000 : i; k < size; k++)
			assert_int_equal(pieces[i][k], i & 255);
	arena_free(arena);
	arena_free(NULL);
}

static void
test_arena_ceiling(void **state)
{
	struct arena *arena = arena_new(200000);

	(void)state;
	assert_null(arena_alloc(arena, 200001));
	volatile size_t huge = SIZE_MAX; /* so that the compiler does not see it coming */
	assert_null(arena_alloc(arena, huge));
	assert_null(arena_calloc(arena, huge / 2, 3));
	assert_non_null(arena_alloc(arena, 150000));
	assert_null(arena_alloc(arena, 60000)); /* a block of 64 KiB has no room any more */
	assert_true(arena_size(arena) <= 200000);
	arena_limit(arena, 300000);
	assert_non_null(arena_alloc(arena, 60000));
	/* emptied, it takes as much again; of the memory it keeps a block at most */
	arena_reset(arena);
	assert_true(arena_size(arena) <= 65536);
	unsigned char *cleared = arena_calloc(arena, 1000, 50);
	for (size_t i = 0; i < 50000; i++)
		assert_int_equal(cleared[i], 0);
	arena_free(arena);
	arena = arena_new(0);
	assert_null(arena_alloc(arena, 1));
	assert_null(arena_copy(arena, SPAN("")));
	assert_null(arena_printf(arena, "x"));
	arena_free(arena);
}

static void
test_arena_strings(void **state)
{
	struct arena *arena = arena_new((size_t)1 << 20);

	(void)state;
	assert_string_equal(arena_copy(arena, SPAN("abc")), "abc");
	assert_string_equal(arena_copy(arena, (struct span){NULL, 0}), "");
	assert_string_equal(arena_printf(arena, "%s %d", "x", 7), "x 7");
	assert_int_equal(strlen(arena_printf(arena, "%*d", 300000, 1)), 300000);
	arena_free(arena);
}

static void
test_buffer(void **state)
{
	struct buffer buffer = BUFFER_INIT(10);

	(void)state;
	assert_true(buffer_append_string(&buffer, "12345678"));
	assert_true(buffer_append_byte(&buffer, '9'));
	assert_string_equal(buffer_string(&buffer), "123456789");
	assert_false(buffer_append_string(&buffer, "ab"));
	assert_true(buffer.failed);
	assert_int_equal(buffer.size, 9); /* nothing of it was added, and nothing is from then on */
	assert_false(buffer_append_byte(&buffer, 'a'));
	assert_int_equal(buffer.size, 9);
	buffer_clear(&buffer);
	assert_false(buffer.failed);
	assert_true(buffer_printf(&buffer, "%d-%s", 12, "x"));
	buffer_consume(&buffer, 3);
	assert_string_equal(buffer_string(&buffer), "x");
	buffer_consume(&buffer, 5);
	assert_int_equal(buffer.size, 0);
	assert_true(buffer_append(&buffer, NULL, 0));
	assert_true(buffer_append_string(&buffer, "0123456789"));
	assert_null(buffer_string(&buffer)); /* no room for the NUL */
	buffer_free(&buffer);
	assert_int_equal(buffer.limit, 10);
	assert_null(buffer_reserve(&buffer, 11));
	buffer_free(&buffer);
}

static void
test_error(void **state)
{
	struct error error;
	char text[1000];

	(void)state;
	assert_false(error_set(&error, ERROR_CONFIG, "line %d\nof\r%s", 7, "x"));
	assert_string_equal(error.text, "line 7 of x");
	assert_false(error.temporary);
	assert_int_equal(error_exit_status(&error), 78);
	assert_false(error_prefix(&error, "%s", "file"));
	assert_string_equal(error.text, "file: line 7 of x");
	assert_false(error_later(&error, ERROR_IO, "again: %s", error.text)); /* with its own text */
	assert_string_equal(error.text, "again: file: line 7 of x");
	assert_true(error.temporary);
	assert_int_equal(error_exit_status(&error), 75);
	memset(text, 'x', sizeof text);
	text[999] = '\0';
	assert_false(error_set(&error, ERROR_DATA, "%s", text));
	assert_int_equal(strlen(error.text), sizeof error.text - 1);
	error_prefix(&error, "%s", text);
	assert_int_equal(strlen(error.text), sizeof error.text - 1);
}

static void
test_file(void **state)
{
	char directory[] = "/tmp/dspam-base-XXXXXX", path[64];
	struct arena *arena = arena_new((size_t)1 << 20);
	struct span text;
	struct error error;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/file", directory);
	assert_false(file_read(arena, path, 100, &text, &error));
	assert_int_equal(error.code, ERROR_INPUT);
	assert_non_null(strstr(error.text, path));
	FILE *file = fopen(path, "w");
	assert_int_equal(fwrite("12345", 1, 5, file), 5);
	fclose(file);
	assert_true(file_read(arena, path, 5, &text, &error));
	assert_true(span_equal(text, SPAN("12345")));
	assert_false(file_read(arena, path, 4, &text, &error));
	assert_int_equal(text.size, 0);
	assert_false(file_read(arena, directory, 100, &text, &error));
	assert_non_null(strstr(error.text, "no regular file"));
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(file_read(arena, path, 100, &text, &error)); /* and does not wait for a writer */
	unlink(path);
	rmdir(directory);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena_pieces),  cmocka_unit_test(test_arena_ceiling),
		cmocka_unit_test(test_arena_strings), cmocka_unit_test(test_buffer),
		cmocka_unit_test(test_error),         cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
