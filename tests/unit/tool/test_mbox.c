/* Splitting a mailbox into messages, in pieces of every size. */
#include "help.h"

#include "tool/mbox.h"

struct found {
	const char *file;
	char text[400]; /* messages between brackets */
	size_t count, stop_after;
};

static bool
take(void *context, uint64_t offset, uint64_t size)
{
	struct found *found = context;
	size_t used = strlen(found->text);

	snprintf(found->text + used, sizeof found->text - used, "[%.*s]", (int)size, found->file + offset);
	return ++found->count != found->stop_after;
}

static bool
scan(struct found *found, struct span file, size_t piece)
{
	struct mbox_scan scan;

	mbox_begin(&scan, take, found);
	for (size_t at = 0; at < file.size; at += piece)
		mbox_push(&scan, span_head(span_skip(file, at), piece));
	return mbox_end(&scan);
}

/* The messages of `file`, whichever way it comes in pieces. */
static void
splits(const char *file, const char *expected)
{
	for (size_t piece = 1; piece <= strlen(file) + 1; piece++) {
		struct found found = {.file = file};
		assert_true(scan(&found, span_from(file), piece));
		assert_string_equal(found.text, expected);
	}
}

static void
test_messages(void **state)
{
	(void)state;
	splits("", "");
	splits("From a\nx\n", "[x\n]");
	splits("From a\nx\n\nFrom b\ny\n\n", "[x\n][y\n]");
	splits("From a\r\nx\r\n\r\nFrom b\r\ny\r\n\r\n", "[x\r\n][y\r\n]");
	splits("From a\nx", "[x]");
	splits("From a\n\nbody\n\n\nFrom b\n", "[\nbody\n\n][]");
	splits("From a", "[]");
}

static void
test_what_begins_no_message(void **state)
{
	(void)state;
	splits("no mailbox\n\nat all\n", "");
	splits("From a\nx\nFrom b\ny\n", "[x\nFrom b\ny\n]"); /* no empty line before it */
	splits("From a\nx\n\nFromage\n", "[x\n\nFromage\n]");
	splits("From a\nx\n\n From b\n", "[x\n\n From b\n]");
	splits("From a\nx\n\nfrom b\n", "[x\n\nfrom b\n]");
	splits("From a\nx\n\n>From b\n", "[x\n\n>From b\n]");
	splits("From a\nx\n\r\r\nFrom b\n", "[x\n\r\r\nFrom b\n]");
	splits("lost\n\nFrom a\nx\n", "[x\n]"); /* what stands before the first is no message */
}

static void
test_the_callback_stops_it(void **state)
{
	(void)state;
	static const char file[] = "From a\nx\n\nFrom b\ny\n\nFrom c\nz\n";
	struct found found = {.file = file, .stop_after = 2};

	assert_false(scan(&found, span_from(file), 3));
	assert_string_equal(found.text, "[x\n][y\n]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_what_begins_no_message),
		cmocka_unit_test(test_the_callback_stops_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
