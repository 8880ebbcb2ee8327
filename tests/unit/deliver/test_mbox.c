#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "deliver/mbox.h"
#include "place.h"

#define SECOND ((int64_t)1000)

static const struct {
	const char *message;
	const char *stored; /* behind the first line */
} contents[] = {
	{"Subject: x\n\nbody\n", "Subject: x\n\nbody\n\n\n"},
	{"Subject: x\n\nbody", "Subject: x\n\nbody\n\n"},
	{"", "\n\n"},
	{"a\nFrom b\n>From c\n From d\nFrom\nFromage\nFro", "a\n>From b\n>>From c\n From d\nFrom\nFromage\nFro\n\n"},
	{"a\nFrom ", "a\n>From \n\n"},
	{"a\nFrFrom \nF\nFrom x\n", "a\nFrFrom \nF\n>From x\n\n\n"},
	{"a\nFrom b\r\nFrom c\r\n", "a\n>From b\r\n>From c\r\n\n\n"},
	{"From me now\nSubject: x\n\nFrom you\n", ">From me now\nSubject: x\n\n>From you\n\n\n"},
	{">>From a\n> From b\n>>>F\n", ">>>From a\n> From b\n>>>F\n\n\n"},
	{"Fromage\n\n", "Fromage\n\n\n\n"},
};

static void
expect_mbox(struct place *place, size_t number)
{
	char expected[500], line[100] = "";
	time_t now = 1795327654;

	snprintf(line, sizeof line, "From QUARANTINE %s", ctime(&now));
	snprintf(expected, sizeof expected, "%s%s", line, contents[number].stored);
	place_expect(place, "u.mbox", expected);
}

static void
test_contents_at_every_split(void **state)
{
	struct place place;
	struct deliver_result result;

	(void)state;
	place_open(&place);
	for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
		struct span all = span_from(contents[i].message);
		for (size_t split = 0; split <= all.size; split++) {
			const struct span pieces[] = {span_head(all, split), {NULL, 0}, span_skip(all, split)};
			const struct deliver_message message = {pieces, 3, false};
			unlink(place_file(&place, "u.mbox"));
			assert_true(deliver_mbox(place.path, &message, 1795327654, SECOND, &result));
			assert_int_equal(result.outcome, DELIVER_ACCEPTED);
			expect_mbox(&place, i);
		}
	}
	place_close(&place);
}

/* How often a directory was forced to the disk. */
static size_t synced;

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int
__wrap_fsync(int fd)
{
	struct stat status;

	synced += fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
	return __real_fsync(fd);
}

static void
test_directories_are_made(void **state)
{
	struct place place;
	struct deliver_result result;
	struct stat status;
	char path[400];
	const struct span piece = SPAN("x\n");
	const struct deliver_message message = {&piece, 1, false};
	mode_t old = umask(006);

	(void)state;
	place_open(&place);
	snprintf(path, sizeof path, "%s/a/b/u.mbox", place.directory);
	synced = 0;
	assert_true(deliver_mbox(path, &message, 0, SECOND, &result));
	assert_int_equal(synced, 3); /* the entries of a, of b and of the file */
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0660);
	unlink(path);
	snprintf(path, sizeof path, "%s/a/b", place.directory);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0770);
	rmdir(path);
	snprintf(path, sizeof path, "%s/a", place.directory);
	rmdir(path);
	umask(old);
	place_close(&place);
}

/* In a child, whose files may not grow beyond 100 bytes: 0 when all went as it should. */
static int
fill_the_disk(const char *path)
{
	const struct rlimit limit = {100, 100};
	const struct span pieces[] = {SPAN("0123456789\n"), SPAN("0123456789\n")};
	const struct deliver_message message = {pieces, 2, false};
	struct deliver_result result;
	struct stat status;

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		return 1;
	if (!deliver_mbox(path, &message, 0, SECOND, &result) || stat(path, &status) < 0)
		return 2;
	off_t size = status.st_size;
	if (deliver_mbox(path, &message, 0, SECOND, &result) || result.outcome != DELIVER_TEMPORARY)
		return 3;
	if (strcmp(result.enhanced, "4.3.1") != 0 || strstr(result.text, path) == NULL)
		return 4;
	return stat(path, &status) == 0 && status.st_size == size ? 0 : 5;
}

static void
test_full_disk_leaves_no_half_message(void **state)
{
	struct place place;
	int status;

	(void)state;
	place_open(&place);
	place_file(&place, "u.mbox");
	pid_t child = fork();
	if (child == 0)
		_exit(fill_the_disk(place.path));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	place_close(&place);
}

static void
test_full_device(void **state)
{
	const struct span piece = SPAN("x\n");
	const struct deliver_message message = {&piece, 1, false};
	struct deliver_result result;

	(void)state;
	assert_false(deliver_mbox("/dev/full", &message, 0, SECOND, &result));
	assert_int_equal(result.outcome, DELIVER_TEMPORARY);
	assert_string_equal(result.enhanced, "4.3.1");
}

static void
test_cannot_be_made(void **state)
{
	const struct span piece = SPAN("x\n");
	const struct deliver_message message = {&piece, 1, false};
	struct deliver_result result;

	(void)state;
	assert_false(deliver_mbox("/dev/null/u.mbox", &message, 0, SECOND, &result));
	assert_int_equal(result.outcome, DELIVER_TEMPORARY);
	assert_non_null(strstr(result.text, "/dev/null/u.mbox"));
}

static void
test_half_a_line_is_ended_first(void **state)
{
	struct place place;
	const struct span piece = SPAN("From x\n");
	const struct deliver_message message = {&piece, 1, false};
	struct deliver_result result;
	char line[100];
	time_t now = 0;

	(void)state;
	snprintf(line, sizeof line, "From y\nhalf\nFrom QUARANTINE %s>From x\n\n\n", ctime(&now));
	place_open(&place);
	place_write(&place, "u.mbox", "From y\nhalf", 0600);
	assert_true(deliver_mbox(place.path, &message, 0, SECOND, &result));
	place_expect(&place, "u.mbox", line);
	place_close(&place);
}

static void
test_lock_is_waited_for_and_then_given_up(void **state)
{
	struct place place;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	const struct span piece = SPAN("x\n");
	const struct deliver_message message = {&piece, 1, false};
	struct deliver_result result;

	(void)state;
	place_open(&place);
	place_write(&place, "u.mbox", "", 0600);
	int fd = open(place.path, O_RDWR | O_CLOEXEC);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	assert_false(deliver_mbox(place.path, &message, 0, 20, &result));
	assert_int_equal(result.outcome, DELIVER_TEMPORARY);
	assert_non_null(strstr(result.text, "locked"));
	place_expect(&place, "u.mbox", "");
	close(fd);
	assert_true(deliver_mbox(place.path, &message, 0, 20, &result));
	place_close(&place);
}

#define WRITERS 4
#define MESSAGES 25

static int
write_many(const char *path, int writer)
{
	char body[3000];
	struct deliver_result result;

	memset(body, 'a' + writer, sizeof body - 1);
	body[sizeof body - 1] = '\n';
	for (int i = 0; i < MESSAGES; i++) {
		const struct span pieces[] = {SPAN("Subject: x\n\n"), {body, sizeof body}};
		const struct deliver_message message = {pieces, 2, false};
		if (!deliver_mbox(path, &message, 0, 60 * SECOND, &result))
			return 1;
	}
	return 0;
}

/* Every message stands in one piece. */
static void
check_many(struct span rest)
{
	time_t zero = 0;
	char line[100];

	snprintf(line, sizeof line, "From QUARANTINE %sSubject: x\n\n", ctime(&zero));
	for (int i = 0; i < WRITERS * MESSAGES; i++) {
		assert_true(span_starts(rest, span_from(line)));
		rest = span_skip(rest, strlen(line));
		for (int j = 1; j < 2999; j++)
			assert_int_equal(rest.data[j], rest.data[0]);
		assert_memory_equal(rest.data + 2999, "\n\n\n", 3);
		rest = span_skip(rest, 3002);
	}
	assert_int_equal(rest.size, 0);
}

static void
test_many_writers(void **state)
{
	struct place place;
	pid_t children[WRITERS];
	int status;

	(void)state;
	place_open(&place);
	place_file(&place, "u.mbox");
	for (int i = 0; i < WRITERS; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(write_many(place.path, i));
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	struct buffer content = place_read(&place, "u.mbox");
	check_many(buffer_span(&content));
	buffer_free(&content);
	place_close(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contents_at_every_split),
		cmocka_unit_test(test_directories_are_made),
		cmocka_unit_test(test_full_disk_leaves_no_half_message),
		cmocka_unit_test(test_full_device),
		cmocka_unit_test(test_cannot_be_made),
		cmocka_unit_test(test_half_a_line_is_ended_first),
		cmocka_unit_test(test_lock_is_waited_for_and_then_given_up),
		cmocka_unit_test(test_many_writers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
