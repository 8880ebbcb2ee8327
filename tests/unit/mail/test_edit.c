/* Edits of a message: pieces of the original, and what was put in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "mail/edit.h"

static void
check(struct edit_list *list, const char *message, const char *wanted)
{
	struct span *pieces;
	size_t count;
	struct buffer out = BUFFER_INIT(65536);

	assert_true(edit_apply(list, span_from(message), &pieces, &count));
	for (size_t i = 0; i < count; i++) {
		assert_true(pieces[i].size > 0);
		buffer_append_span(&out, pieces[i]);
	}
	assert_string_equal(buffer_string(&out), wanted);
	buffer_free(&out);
}

static void
test_edits(void **state)
{
	struct arena *arena = arena_new((size_t)1 << 20);
	struct edit_list none = {.arena = arena}, list = {.arena = arena}, whole = {.arena = arena};

	(void)state;
	check(&none, "", "");
	check(&none, "message", "message");
	edit_add(&list, 7, 0, SPAN("!"));
	edit_add(&list, 0, 0, SPAN("<"));
	edit_add(&list, 3, 2, (struct span){NULL, 0});
	edit_add(&list, 7, 0, SPAN("?"));
	edit_add(&list, 5, 1, SPAN("GG"));
	check(&list, "message", "<mesGGe!?");
	edit_add(&whole, 0, 7, (struct span){NULL, 0});
	check(&whole, "message", "");
	arena_free(arena);
}

/* Many edits in any order: what is at one place stands in the order in which it was given. */
static void
test_many(void **state)
{
	struct arena *arena = arena_new((size_t)4 << 20);
	struct edit_list list = {.arena = arena};
	char message[1001] = "", wanted[3001] = "", *out = wanted;

	(void)state;
	memset(message, '.', 1000);
	for (size_t i = 0; i < 1000; i++) {
		size_t at = i * 7 % 1000;
		edit_add(&list, at, 0, SPAN("a"));
		edit_add(&list, at, 1, SPAN("b"));
	}
	for (size_t i = 0; i < 1000; i++) {
		*out++ = 'a';
		*out++ = 'b';
	}
	check(&list, message, wanted);
	arena_free(arena);
}

static void
test_full(void **state)
{
	struct arena *arena = arena_new((size_t)64 << 10);
	struct edit_list list = {.arena = arena};
	struct span *pieces;
	size_t count;

	(void)state;
	for (size_t i = 0; i < 5000; i++)
		edit_add(&list, i, 0, SPAN("x"));
	assert_true(list.failed);
	assert_false(edit_apply(&list, SPAN("message"), &pieces, &count));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
