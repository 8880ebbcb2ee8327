/* Lists of labelled mail: indexes, directories, Maildirs, mailboxes; and what is read of them. */
#include "help.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/corpus.h"

static char directory[] = "/tmp/dspam-test-corpus-XXXXXX";

static int
make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) != NULL && chdir(directory) == 0 ? 0 : -1;
}

static int
remove_directory(void **state)
{
	(void)state;
	static const char *const names[] = {"index",     "box",     "a",       "c",       "d/b",     "d/a",
					    "d/.hidden", "m/cur/3", "m/new/2", "m/cur/1", "m/tmp/0", "d/s",
					    "d",         "m/cur",   "m/new",   "m/tmp",   "m",       "pipe"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		remove(names[i]);
	return chdir("/") == 0 ? rmdir(directory) : -1;
}

static void
put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* "spam path:number ..." of all messages. */
static void
holds(const struct corpus *corpus, const char *expected)
{
	char got[1000] = "";
	size_t used = 0;

	for (size_t i = 0; i < corpus->count; i++) {
		const struct corpus_message *message = &corpus->messages[i];
		used += (size_t)snprintf(got + used, sizeof got - used, "%s%s %s", i > 0 ? ", " : "",
					 message->spam ? "spam" : "ham", message->path);
		if (message->number > 0)
			used += (size_t)snprintf(got + used, sizeof got - used, ":%u", (unsigned)message->number);
	}
	assert_string_equal(got, expected);
}

static void
test_directory(void **state)
{
	(void)state;
	struct corpus corpus;
	struct error error;

	mkdir("d", 0700);
	mkdir("d/s", 0700);
	put("d/b", "b");
	put("d/a", "a");
	put("d/.hidden", "h");
	corpus_init(&corpus);
	assert_true(corpus_add(&corpus, "d", true, &error));
	holds(&corpus, "spam d/a, spam d/b");
	corpus_free(&corpus);
}

static void
test_maildir(void **state)
{
	(void)state;
	struct corpus corpus;
	struct error error;

	mkdir("m", 0700);
	mkdir("m/cur", 0700);
	mkdir("m/new", 0700);
	mkdir("m/tmp", 0700);
	put("m/cur/1", "1");
	put("m/new/2", "2");
	put("m/cur/3", "3");
	put("m/tmp/0", "0");
	corpus_init(&corpus);
	assert_true(corpus_add(&corpus, "m", false, &error));
	holds(&corpus, "ham m/cur/1, ham m/new/2, ham m/cur/3");
	corpus_free(&corpus);
}

static void
reads(const struct corpus_message *message, const char *expected)
{
	struct buffer bytes = BUFFER_INIT(0);
	struct error error;

	assert_true(corpus_read(message, &bytes, &error));
	assert_int_equal(bytes.size, strlen(expected));
	assert_memory_equal(bytes.data, expected, bytes.size);
	buffer_free(&bytes);
}

static void
test_mailbox(void **state)
{
	(void)state;
	struct corpus corpus;
	struct error error;

	put("box", "From a\nSubject: x\n\n>From here\n\nFrom b\nSubject: y\n\n");
	corpus_init(&corpus);
	assert_true(corpus_add(&corpus, "box", true, &error));
	holds(&corpus, "spam box:1, spam box:2");
	reads(&corpus.messages[0], "Subject: x\n\nFrom here\n");
	reads(&corpus.messages[1], "Subject: y\n");
	corpus_free(&corpus);
}

static void
test_index(void **state)
{
	(void)state;
	struct corpus corpus;
	struct error error;

	put("index", "spam a\n\nHAM  with space \r\nnonspam\t/nix");
	put("a", "text of a");
	corpus_init(&corpus);
	assert_true(corpus_add_index(&corpus, "./index", &error));
	holds(&corpus, "spam ./a, ham ./with space, ham /nix");
	reads(&corpus.messages[0], "text of a");
	corpus_free(&corpus);
}

/* Paths that exist only as they stand, seen from the current directory. */
static void
test_index_elsewhere(void **state)
{
	(void)state;
	struct corpus corpus;
	struct error error;

	put("c", "c");
	mkdir("d", 0700);
	put("d/a", "spam c\nham b\n");
	put("d/b", "b");
	corpus_init(&corpus);
	assert_true(corpus_add_index(&corpus, "d/a", &error));
	holds(&corpus, "spam c, ham d/b");
	corpus_free(&corpus);
}

static void
refuses_line(const char *line)
{
	struct corpus corpus;
	struct error error;

	put("index", line);
	corpus_init(&corpus);
	assert_false(corpus_add_index(&corpus, "index", &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_non_null(strstr(error.text, "index:2: "));
	corpus_free(&corpus);
}

static void
test_wrong_lines_are_named(void **state)
{
	(void)state;
	refuses_line("spam a\neggs a\n");
	refuses_line("spam a\nspam\n");
	refuses_line("spam a\nspam  \t\n");
}

static void
test_what_cannot_be_read_is_named(void **state)
{
	(void)state;
	struct corpus corpus;
	struct buffer bytes = BUFFER_INIT(0);
	struct error error;

	corpus_init(&corpus);
	assert_false(corpus_add_index(&corpus, "missing", &error));
	assert_non_null(strstr(error.text, "missing"));
	assert_false(corpus_add(&corpus, "missing", true, &error));
	assert_int_equal(error.code, ERROR_INPUT);
	put("a", "no mailbox");
	assert_false(corpus_add(&corpus, "a", true, &error));
	assert_non_null(strstr(error.text, "\"a\" must be either a MBOX file or a maildir directory"));
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_false(corpus_read(&(struct corpus_message){.path = "pipe"}, &bytes, &error));
	assert_string_equal(error.text, "pipe: not a regular file");
	assert_int_equal(truncate("a", (off_t)CORPUS_MESSAGE_SIZE_MAX + 1), 0);
	assert_false(corpus_read(&(struct corpus_message){.path = "a"}, &bytes, &error));
	assert_non_null(strstr(error.text, "a: larger than"));
	buffer_free(&bytes);
	corpus_free(&corpus);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_maildir),
		cmocka_unit_test(test_mailbox),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_index_elsewhere),
		cmocka_unit_test(test_wrong_lines_are_named),
		cmocka_unit_test(test_what_cannot_be_read_is_named),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
