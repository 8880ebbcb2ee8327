/* Files of preferences: what is read from them, and that writing keeps the rest. */
#include "help.h"

#include <sys/stat.h>
#include <unistd.h>

#include "config/preference_file.h"

static char directory[] = "/tmp/dspam-test-preference-XXXXXX";
static char path[200];

static int
make_directory(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/user.prefs", directory);
	return 0;
}

static int
remove_directory(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory); /* fails if a temporary file was left behind */
}

static void
note(void *context, struct span name, struct span value)
{
	buffer_printf(context, "<%.*s|%.*s>", (int)name.size, name.data, (int)value.size, value.data);
}

static void
assert_reads(struct span text, const char *expected)
{
	struct buffer seen = BUFFER_INIT(100000);

	preference_read(text, note, &seen);
	assert_string_equal(buffer_string(&seen), expected);
	buffer_free(&seen);
}

static void
test_read(void **state)
{
	(void)state;
	assert_reads(SPAN("a=b\nc=d e\n"), "<a|b><c|d e>");
	assert_reads(SPAN("a=b\r\nc=\n"), "<a|b><c|>");
	assert_reads(SPAN("# a=b\n\nnothing\n=x\nc= d=e"), "<c| d=e>");
	assert_reads(SPAN("a=b\0c\nd=e\n"), "<a|b><d|e>");
	assert_reads(SPAN(""), "");
}

static void
test_read_bounds(void **state)
{
	struct buffer text = BUFFER_INIT(100000);
	struct buffer seen = BUFFER_INIT(100000);

	(void)state;
	buffer_append_string(&text, "a=");
	for (int i = 0; i < 1000; i++)
		buffer_append_byte(&text, 'x');
	buffer_append_string(&text, "\n");
	for (int i = 0; i < 40; i++)
		buffer_printf(&text, "n%d=1\n", i);
	preference_read(buffer_span(&text), note, &seen);
	assert_int_equal(span_find(buffer_span(&seen), SPAN(">")), 1 + 256);
	assert_non_null(strstr(buffer_string(&seen), "<n30|1>"));
	assert_null(strstr(buffer_string(&seen), "<n31|1>"));
	buffer_free(&text);
	buffer_free(&seen);
}

static void
assert_file(const char *expected)
{
	char text[4096] = "";
	FILE *file = fopen(path, "r");

	if (expected == NULL) {
		assert_null(file);
		return;
	}
	assert_non_null(file);
	size_t size = fread(text, 1, sizeof text - 1, file);
	text[size] = '\0';
	fclose(file);
	assert_string_equal(text, expected);
}

static void
set(const char *name, const char *value)
{
	struct error error;

	if (!preference_file_set(path, name, value, &error))
		fail_msg("%s", error.text);
}

static void
test_set(void **state)
{
	struct stat status;

	(void)state;
	set("spamAction", "tag");
	assert_file("spamAction=tag\n");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0660);
	assert_int_equal(chmod(path, 0640), 0);
	set("spamSubject", "a=b # c");
	set("SPAMACTION", "deliver");
	assert_file("SPAMACTION=deliver\nspamSubject=a=b # c\n");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640); /* its rights stay */
	set("spamAction", NULL);
	set("missing", NULL);
	assert_file("spamSubject=a=b # c\n");
	set("spamSubject", NULL);
	assert_file(NULL);
	set("spamSubject", NULL);
}

static void
test_set_keeps_comments(void **state)
{
	FILE *file = fopen(path, "w");

	(void)state;
	fputs("# mine\na=1\nold line\na=2\nb=3", file);
	fclose(file);
	set("a", "4");
	assert_file("# mine\na=4\nold line\nb=3\n");
	set("c", "");
	assert_file("# mine\na=4\nold line\nb=3\nc=\n");
	unlink(path);
}

static void
test_set_refuses(void **state)
{
	struct error error;
	char value[300];

	(void)state;
	memset(value, 'x', sizeof value);
	value[255] = '\0'; /* a= and 255 bytes are 257 */
	assert_false(preference_file_set(path, "a", value, &error));
	assert_non_null(strstr(error.text, "a: name and value have more than 255 bytes"));
	value[254] = '\0';
	set("a", value);
	set("a", NULL);
	assert_false(preference_file_set(path, "", "x", &error));
	assert_false(preference_file_set(path, "a=b", "x", &error));
	assert_false(preference_file_set(path, "#a", "x", &error));
	assert_false(preference_file_set(path, "a", "x\ny=z", &error));
	assert_int_equal(error.code, ERROR_DATA);
	for (int i = 0; i < 32; i++) {
		snprintf(value, sizeof value, "n%d", i);
		set(value, "1");
	}
	assert_false(preference_file_set(path, "one-more", "1", &error));
	assert_non_null(strstr(error.text, "more than 32 preferences"));
	set("n31", "2");
	unlink(path);
	assert_false(preference_file_set("/nowhere/at/all/x.prefs", "a", "b", &error));
	assert_non_null(strstr(error.text, "/nowhere/at/all/: the directory cannot be opened"));
}

static void
test_missing_file(void **state)
{
	struct buffer seen = BUFFER_INIT(100);
	struct error error;
	bool found = true;

	(void)state;
	assert_true(preference_file_read(path, note, &seen, &found, &error));
	assert_false(found);
	fclose(fopen(path, "w"));
	assert_true(preference_file_read(path, note, &seen, &found, &error));
	assert_true(found); /* an empty file is a file */
	assert_int_equal(seen.size, 0);
	assert_false(preference_file_read(directory, note, &seen, &found, &error));
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),        cmocka_unit_test(test_read_bounds),
		cmocka_unit_test(test_set),         cmocka_unit_test(test_set_keeps_comments),
		cmocka_unit_test(test_set_refuses), cmocka_unit_test(test_missing_file),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
