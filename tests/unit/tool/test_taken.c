/* What was taught already: kept over calls, locked, bounded. */
#include "help.h"

#include <sys/stat.h>
#include <unistd.h>

#include "../remove_tree.h"
#include "tool/taken.h"

static char directory[] = "/tmp/dspam-taken-XXXXXX";
static struct home home = {.path = directory, .layout = HOME_USER};
static struct error error;

static struct taken *
open_taken(bool again)
{
	struct taken *taken = NULL;

	assert_true(taken_open(&home, "anna", again, &taken, &error));
	return taken;
}

static void
note(struct taken *taken, uint64_t place, uint64_t content, bool spam)
{
	assert_true(taken_note(taken, place, content, spam, &error));
	taken_keep(taken);
}

static void
test_it_is_remembered(void **state)
{
	struct taken *taken = NULL;

	(void)state;
	assert_true(taken_look(&home, "anna", &taken, &error));
	assert_false(taken_has(taken, 2, false));
	taken_close(taken);
	taken = open_taken(false);
	for (uint64_t i = 1; i <= 100; i++)
		note(taken, i << 40, 2 * i, i % 3 == 0);
	assert_true(taken_has_now(taken, 200));
	note(taken, 0, 777, true);
	assert_true(taken_note(taken, 888, 999, false, &error));
	assert_true(taken_take_back(taken, &error));
	assert_false(taken_has(taken, 888, false) || taken_has(taken, 999, false) || taken_has_now(taken, 999));
	assert_false(taken_has(taken, 0, true) || taken_has(taken, 0, false));
	taken_close(taken);
	assert_true(taken_look(&home, "anna", &taken, &error));
	for (uint64_t i = 1; i <= 100; i++)
		assert_true(taken_has(taken, i << 40, i % 3 == 0) && taken_has(taken, 2 * i, i % 3 == 0) &&
			    !taken_has(taken, i << 40, i % 3 != 0));
	assert_false(taken_has_now(taken, 200));
	assert_true(taken_has(taken, 777, true) && !taken_has(taken, 777, false));
	assert_false(taken_has(taken, 888, false) || taken_has(taken, 999, false));
	taken_close(taken);
}

/* Moved to Junk and back: the last word stands, here and in the file. */
static void
test_the_last_class_stands(void **state)
{
	struct taken *taken = open_taken(false);

	(void)state;
	note(taken, UINT64_C(4) << 40, 4000, false);
	note(taken, UINT64_C(4) << 40, 4000, true);
	assert_true(taken_has(taken, 4000, true) && !taken_has(taken, 4000, false));
	note(taken, UINT64_C(4) << 40, 0, false); /* a copy, which says nothing of its content */
	for (int round = 0; round < 2; round++) {
		assert_true(taken_has(taken, UINT64_C(4) << 40, false) && !taken_has(taken, UINT64_C(4) << 40, true));
		assert_true(taken_has(taken, 4000, true) && !taken_has(taken, 4000, false));
		taken_close(taken);
		taken = open_taken(false);
	}
	taken_close(taken);
}

static void
test_only_one_at_once(void **state)
{
	struct taken *first = open_taken(false), *second = NULL;

	(void)state;
	assert_false(taken_open(&home, "anna", false, &second, &error));
	assert_true(error.temporary);
	assert_true(taken_look(&home, "anna", &second, &error));
	taken_close(second);
	taken_close(first);
	taken_close(NULL);
}

static void
test_it_is_forgotten(void **state)
{
	struct taken *taken = open_taken(true);

	(void)state;
	assert_false(taken_has(taken, 777, true));
	taken_close(taken);
	assert_false(taken_open(&home, "../x", false, &taken, &error));
}

static void
test_it_does_not_grow_without_end(void **state)
{
	char path[200];
	struct stat status;

	(void)state;
	snprintf(path, sizeof path, "%s/data/anna/anna.taken", directory);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	for (unsigned i = 1; i <= TAKEN_MAX + 10; i++)
		fprintf(file, "%016x %016x\n", 2 * i, 2 * i + 0x1000000);
	fclose(file);
	struct taken *taken = open_taken(false);
	assert_true(taken_has(taken, 2 * TAKEN_MAX + 20, false) && taken_has(taken, TAKEN_MAX * 3 / 2, false));
	assert_false(taken_has(taken, 2, false) || taken_has(taken, TAKEN_MAX / 2, false));
	assert_true(taken_note(taken, 4, 6, true, &error));
	taken_close(taken);
	assert_int_equal(stat(path, &status), 0);
	assert_true(status.st_size < TAKEN_MAX * 34 / 2 + 1000);
	assert_int_equal(status.st_size % 34, 0);
	taken = open_taken(false);
	assert_true(taken_has(taken, 4, true) && taken_has(taken, 2 * TAKEN_MAX + 20, false));
	taken_close(taken);
}

static void
test_content(void **state)
{
	(void)state;
	assert_true(taken_content(SPAN("a\nb\n")) == taken_content(SPAN("a\r\nb\r\n")));
	assert_true(taken_content(SPAN("a\nb\n")) != taken_content(SPAN("a\nb")));
	assert_true(taken_content(SPAN("a\rb")) != taken_content(SPAN("ab")));
	assert_true(taken_content(SPAN("")) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_remembered),
		cmocka_unit_test(test_the_last_class_stands),
		cmocka_unit_test(test_only_one_at_once),
		cmocka_unit_test(test_it_is_forgotten),
		cmocka_unit_test(test_it_does_not_grow_without_end),
		cmocka_unit_test(test_content),
	};

	if (mkdtemp(directory) == NULL)
		return EXIT_FAILURE;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	return remove_tree(directory) == 0 ? failed : EXIT_FAILURE;
}
