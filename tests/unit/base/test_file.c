/* Standard descriptors that are closed when a program begins. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

/* In a child, with descriptor `closed` closed: whether a file that is opened then gets another number. */
static int
try_without(int closed)
{
	char byte = 0;
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		close(closed);
		file_hold_standard();
		errno = 0;
		ssize_t count = closed == STDIN_FILENO ? read(closed, &byte, 1) : write(closed, &byte, 1);
		bool unusable = count < 0 && errno == EBADF;
		_exit(unusable && open("/dev/null", O_RDONLY) > STDERR_FILENO ? 0 : 1);
	}
	assert_true(child > 0 && waitpid(child, &status, 0) == child);
	return status;
}

static void
test_closed_ones_are_held(void **state)
{
	(void)state;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		assert_int_equal(try_without(fd), 0);
}

static void
test_open_ones_stay(void **state)
{
	int next = dup(STDIN_FILENO);

	(void)state;
	file_hold_standard();
	close(next);
	assert_int_equal(dup(STDIN_FILENO), next);
	close(next);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed_ones_are_held),
		cmocka_unit_test(test_open_ones_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
