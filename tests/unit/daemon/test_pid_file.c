/* The file of the process number appears whole, in a directory that is made, and only its owner removes it. */
#include "place.h"

#include <sys/stat.h>

#include "daemon/pid_file.h"

static long
number_in(const char *path)
{
	FILE *file = fopen(path, "re");
	long number = -1;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld", &number), 1);
	fclose(file);
	return number;
}

static void
test_written_and_removed(void **state)
{
	struct place place;
	struct error error;
	char directory[80], path[100];

	(void)state;
	place_make(&place);
	snprintf(directory, sizeof directory, "%s/run", place.directory);
	snprintf(path, sizeof path, "%s/dspam.pid", directory);
	assert_true(pid_file_write(path, &error));
	assert_int_equal(number_in(path), getpid());
	assert_true(pid_file_write(path, &error)); /* an old one is replaced */
	pid_file_remove(path);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(rmdir(directory), 0); /* nothing else is left there */
	place_remove(&place);
}

static void
test_another_daemons_file_stays(void **state)
{
	struct place place;
	char path[80];

	(void)state;
	place_make(&place);
	snprintf(path, sizeof path, "%s/dspam.pid", place.directory);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fprintf(file, "%ld\n", (long)getppid());
	fclose(file);
	pid_file_remove(path);
	assert_int_equal(number_in(path), getppid());
	unlink(path);
	place_remove(&place);
}

static void
test_an_error_names_the_path(void **state)
{
	struct error error;

	(void)state;
	assert_false(pid_file_write("/proc/nowhere/dspam.pid", &error));
	assert_int_equal(error.code, ERROR_CREATE);
	assert_non_null(strstr(error.text, "/proc/nowhere/dspam.pid"));
	pid_file_remove("/proc/nowhere/dspam.pid"); /* nothing to do */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written_and_removed),
		cmocka_unit_test(test_another_daemons_file_stays),
		cmocka_unit_test(test_an_error_names_the_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
