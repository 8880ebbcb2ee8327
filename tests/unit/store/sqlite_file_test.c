/* What can be wrong with a SQLite file itself: no database, damaged, not to be written, another one. */
#include "refusal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
write_file(const char *path, const char *text, size_t size, off_t place)
{
	int file = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(file >= 0);
	assert_int_equal(pwrite(file, text, size, place), size);
	close(file);
}

static void
test_no_database(void **state)
{
	struct fixture fixture;
	char text[5000];

	(void)state;
	fixture_begin(&fixture, "sqlite");
	memset(text, 'x', sizeof text);
	write_file(fixture.file, text, sizeof text, 0);
	assert_refused(&fixture, "no SQLite database", ERROR_FILE);
	fixture_end(&fixture);
}

static void
test_damaged(void **state)
{
	struct fixture fixture;
	struct store_row row = {.token = 1};
	struct store_change changes[500];
	char text[3000];
	struct store *store;
	struct error error;
	store_uid uid;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	store = fixture_open(&fixture, NULL);
	uid = fixture_user(store, "anna");
	for (uint64_t i = 0; i < 500; i++)
		changes[i] = (struct store_change){.token = i, .spam = 1, .innocent = 1};
	must(store_learn(store, &(struct store_lesson){.uid = uid, .changes = changes, .count = 500}, &error), &error);
	store_close(store);
	memset(text, 0xEE, sizeof text);
	for (off_t page = 2; page < 20; page++)
		write_file(fixture.file, text, sizeof text, page * 4096);
	store = fixture_open(&fixture, NULL);
	assert_false(store_read(store, uid, NULL, &row, 1, &error));
	assert_says(&error, "damaged");
	assert_says(&error, fixture.file);
	assert_int_equal(error.code, ERROR_FILE);
	store_close(store);
	fixture_end(&fixture);
}

static void
test_no_directory(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	snprintf(fixture.file, sizeof fixture.file, "%s/none/store", fixture.directory);
	assert_refused(&fixture, "directory does not exist", ERROR_CREATE);
	fixture_end(&fixture);
}

/* A copy that is put back, and a file that is removed, are noticed by who has the old one open. */
static void
test_another_file_in_its_place(void **state)
{
	struct fixture fixture;
	char aside[120];

	(void)state;
	fixture_begin(&fixture, "sqlite");
	snprintf(aside, sizeof aside, "%s/aside", fixture.directory);
	struct store *store = fixture_open(&fixture, NULL);
	assert_true(store_is_current(store));
	assert_int_equal(rename(fixture.file, aside), 0);
	assert_false(store_is_current(store));
	struct store *other = fixture_open(&fixture, NULL);
	assert_true(store_is_current(other));
	assert_false(store_is_current(store));
	store_close(other);
	assert_int_equal(rename(aside, fixture.file), 0);
	assert_true(store_is_current(store));
	store_close(store);
	fixture_end(&fixture);
}

/* Root may write everything, so the question is asked by nobody. */
static int
open_as_nobody(const struct fixture *fixture, const char *text)
{
	struct store *store;
	struct error error;
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 && setuid(65534) != 0)
			_exit(2);
		if (fixture_try(fixture, NULL, &store, &error))
			_exit(3);
		_exit(strstr(error.text, text) != NULL && strstr(error.text, fixture->file) != NULL ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void
test_read_only(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	store_close(fixture_open(&fixture, NULL));
	chmod(fixture.directory, 0755);
	chmod(fixture.file, 0444);
	assert_int_equal(open_as_nobody(&fixture, "may only read it"), 0);
	unlink(fixture.file);
	chmod(fixture.directory, 0555);
	assert_int_equal(open_as_nobody(&fixture, "must be writable"), 0);
	chmod(fixture.directory, 0755);
	fixture_end(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_database),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_no_directory),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_another_file_in_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
