#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <fcntl.h>
#include <unistd.h>
#include <cmocka.h>

#include "deliver/descriptor.h"

static const struct span pieces[] = {{"Subject: x\n", 11}, {NULL, 0}, {"\n\0.\r\n", 5}};
static const struct deliver_message message = {pieces, 3, false};

static void
test_bytes_are_unchanged(void **state)
{
	int ends[2];
	char data[100];
	struct deliver_result result;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_true(deliver_descriptor(ends[1], "pipe", &message, &result));
	assert_int_equal(result.outcome, DELIVER_ACCEPTED);
	assert_int_equal(read(ends[0], data, sizeof data), 16);
	assert_memory_equal(data, "Subject: x\n\n\0.\r\n", 16);
	close(ends[0]);
	close(ends[1]);
}

static void
test_reader_is_gone(void **state)
{
	int ends[2];
	struct deliver_result result;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	assert_false(deliver_descriptor(ends[1], "standard output", &message, &result)); /* and no SIGPIPE */
	assert_int_equal(result.outcome, DELIVER_TEMPORARY);
	assert_string_equal(result.text, "writing to standard output: Broken pipe");
	close(ends[1]);
}

static void
test_disk_is_full(void **state)
{
	struct deliver_result result;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_false(deliver_descriptor(fd, "standard output", &message, &result));
	assert_int_equal(result.outcome, DELIVER_TEMPORARY);
	assert_string_equal(result.text, "writing to standard output: No space left on device");
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_are_unchanged),
		cmocka_unit_test(test_reader_is_gone),
		cmocka_unit_test(test_disk_is_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
