/* What the folders of a mailbox hold: by what the caller said, by special use, by name. */
#include "help.h"

#include "tool/folder_role.h"

static void
role_is(const char *name, const char *use, enum folder_role role)
{
	struct folder_rules none = {NULL, 0};
	const struct folder_view view = {.name = name, .raw = name, .use = span_from(use)};

	assert_string_equal(folder_role_name(folder_judge(&view, &none).role), folder_role_name(role));
}

static void
test_names(void **state)
{
	(void)state;
	role_is("INBOX", "", FOLDER_INNOCENT);
	role_is("junk", "", FOLDER_SPAM);
	role_is("INBOX/Spam", "", FOLDER_SPAM);
	role_is("Junk/Sent", "", FOLDER_SPAM);
	role_is("[Gmail]/Spam", "", FOLDER_SPAM);
	role_is("Junk Email", "", FOLDER_SPAM);
	role_is("Junk-reviewed", "", FOLDER_INNOCENT);
	role_is("About spam", "", FOLDER_INNOCENT);
	role_is("Trash/Junk", "", FOLDER_LEFT_OUT);
	role_is("INBOX/Entwürfe", "", FOLDER_LEFT_OUT);
	role_is("Sent Items", "", FOLDER_LEFT_OUT);
	role_is("Sentiments", "", FOLDER_INNOCENT);
	role_is("", "", FOLDER_INNOCENT);
}

static void
test_special_uses(void **state)
{
	(void)state;
	role_is("Anything", "\\junk", FOLDER_SPAM);
	role_is("Anything", "\\Archive", FOLDER_INNOCENT);
	role_is("Archive/Spam", "\\Archive", FOLDER_SPAM);
	role_is("Anything", "\\All", FOLDER_LEFT_OUT);
	role_is("Junk", "\\Trash", FOLDER_LEFT_OUT);
	role_is("Junk", "\\Unknown", FOLDER_SPAM);
	assert_true(folder_is_use(SPAN("\\SENT")));
	assert_false(folder_is_use(SPAN("\\HasChildren")));
}

static void
test_what_the_caller_says(void **state)
{
	struct folder_rule items[] = {
		{.folder = "Lists", .role = FOLDER_LEFT_OUT}, {.folder = "lists/spam", .role = FOLDER_SPAM},
		{.folder = "INBOX", .role = FOLDER_SPAM},     {.folder = "INBOX.Odd", .role = FOLDER_SPAM},
		{.folder = "never", .role = FOLDER_SPAM},
	};
	static const struct {
		const char *name, *raw;
		enum folder_role role;
	} cases[] = {
		{"Lists", "Lists", FOLDER_LEFT_OUT},           {"Lists/a/b", "Lists/a/b", FOLDER_LEFT_OUT},
		{"Lists/Spam/x", "Lists/Spam/x", FOLDER_SPAM}, {"INBOX/Lists", "INBOX.Lists", FOLDER_LEFT_OUT},
		{"Listserv", "Listserv", FOLDER_INNOCENT},     {"INBOX", "INBOX", FOLDER_SPAM},
		{"INBOX/Kept", "INBOX.Kept", FOLDER_INNOCENT}, {"INBOX/Odd", "INBOX.Odd", FOLDER_SPAM},
	};
	struct folder_rules rules = {items, sizeof items / sizeof items[0]};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct folder_view view = {.name = cases[i].name, .raw = cases[i].raw, .use = SPAN("\\Archive")};
		assert_int_equal(folder_judge(&view, &rules).role, cases[i].role);
	}
	for (size_t i = 0; i < rules.count; i++)
		assert_int_equal(items[i].used, i + 1 < rules.count);
}

static void
name_is(const char *raw, const char *expected)
{
	struct arena *arena = arena_new(1 << 20);

	assert_string_equal(folder_name_decode(arena, span_from(raw)), expected);
	arena_free(arena);
}

static void
test_names_are_decoded(void **state)
{
	(void)state;
	name_is("Entw&APw-rfe", "Entwürfe");
	name_is("a&-b", "a&b");
	name_is("&ZeVnLIqe-", "日本語");
	name_is("&2D3eCQ-", "😉");
	name_is("Entwürfe", "Entwürfe"); /* UTF-8 as it is */
	name_is("a & b", "a & b");       /* not modified UTF-7 */
	name_is("&2D0-", "&2D0-");       /* half a character */
	name_is("\xff\xfe", "??");
	name_is("a\033[2J\n", "a?[2J?");
	name_is("\xc2\x9b", "??");
	name_is("", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_special_uses),
		cmocka_unit_test(test_what_the_caller_says),
		cmocka_unit_test(test_names_are_decoded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
