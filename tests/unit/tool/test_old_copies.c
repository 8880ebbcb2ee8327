/* Which files count as copies, and how old they are. Whole runs: tests/system/test_clean.py. */
#include "help.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../remove_tree.h"
#include "tool/old_copies.h"

#define NOW ((int64_t)1800000000)
#define DAY 86400

struct place {
	char root[64];
};

static int
make_place(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	snprintf(place->root, sizeof place->root, "/tmp/test-old-copies-XXXXXX");
	assert_non_null(mkdtemp(place->root));
	*state = place;
	return 0;
}

static int
remove_place(void **state)
{
	struct place *place = *state;

	remove_tree(place->root);
	free(place);
	return 0;
}

static void
put(const struct place *place, const char *directory, const char *name, int64_t age)
{
	char path[256];
	const struct timespec times[2] = {{.tv_sec = NOW}, {.tv_sec = NOW - age}};

	snprintf(path, sizeof path, "%s/%s", place->root, directory);
	if (mkdir(path, 0700) == 0)
		assert_int_equal(access(path, W_OK), 0);
	if (name == NULL)
		return;
	snprintf(path, sizeof path, "%s/%s/%s", place->root, directory, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static bool
is_there(const struct place *place, const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", place->root, name);
	return access(path, F_OK) == 0;
}

/* An age of N days is met when more than that have passed; each kind has its own. */
static void
test_ages(void **state)
{
	const struct place *place = *state;
	struct purge_ages ages = purge_ages_off;
	struct old_copies gone = {0};
	struct error error;

	put(place, "u.frag", "a1.frag", 30 * DAY);
	put(place, "u.frag", "a2.frag", 30 * DAY + 1);
	put(place, "u.frag", "a3.frag", -DAY);
	put(place, "u.corpus", NULL, 0);
	put(place, "u.corpus/spam", "a4.msg", 1000 * DAY);
	assert_true(old_copies_remove(place->root, &ages, NOW, &gone, &error));
	assert_int_equal(gone.fragments + gone.messages, 0);
	ages.fragments = 30;
	assert_true(old_copies_remove(place->root, &ages, NOW, &gone, &error));
	assert_true(is_there(place, "u.frag/a1.frag"));
	assert_false(is_there(place, "u.frag/a2.frag"));
	assert_true(is_there(place, "u.corpus/spam/a4.msg"));
	ages = purge_ages_off;
	ages.corpus = 999;
	assert_true(old_copies_remove(place->root, &ages, NOW, &gone, &error));
	assert_false(is_there(place, "u.corpus/spam/a4.msg"));
	assert_true(is_there(place, "u.frag/a3.frag"));
	ages.fragments = 0;
	assert_true(old_copies_remove(place->root, &ages, NOW, &gone, &error));
	assert_false(is_there(place, "u.frag/a3.frag"));
	assert_int_equal(gone.fragments, 3);
	assert_int_equal(gone.messages, 1);
}

/* Nothing is there yet: nothing to do. Relative paths work, and the working directory is what it was. */
static void
test_places(void **state)
{
	const struct place *place = *state;
	struct purge_ages ages = purge_ages_off;
	struct old_copies gone = {0};
	struct error error;
	char before[4096], after[4096];

	ages.fragments = 1;
	assert_true(old_copies_remove("/nonexistent/data/.", &ages, NOW, &gone, &error));
	put(place, "u.frag", "a1.frag", 2 * DAY);
	assert_non_null(getcwd(before, sizeof before));
	int back = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(chdir(place->root), 0);
	assert_true(old_copies_remove("u.frag", &ages, NOW, &gone, &error));
	assert_int_equal(fchdir(back), 0);
	close(back);
	assert_non_null(getcwd(after, sizeof after));
	assert_string_equal(before, after);
	assert_int_equal(gone.fragments, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ages, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_places, make_place, remove_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
