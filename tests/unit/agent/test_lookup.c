#include "help.h"

#include "agent/directory.h"
#include "agent/lookup.h"

#define PROGRAM "ExtLookup on\nExtLookupDriver program\n"

/* The configuration, a user, what comes of him (NULL: an error), whether he is unknown, and words of the error. */
static const struct {
	const char *lines, *user, *name;
	bool unknown;
	const char *error;
} lookups[] = {
	{"", "joe", "joe", false, ""},
	{"ExtLookupServer \"/bin/false\"\n", "joe", "joe", false, ""}, /* it is off */
	/* verify */
	{PROGRAM "ExtLookupMode verify\nExtLookupServer \"/bin/echo x\"\n", "joe", "joe", false, ""},
	{PROGRAM "ExtLookupMode verify\nExtLookupServer \"/bin/true %u\"\n", "joe", "joe", true, ""},
	{PROGRAM "ExtLookupServer \"/bin/false %u\"\n", "joe", "joe", true, ""},
	/* map */
	{PROGRAM "ExtLookupMode map\nExtLookupServer \"/bin/echo U-%u-%u.x\"\n", "joe", "U-joe-joe.x", false, ""},
	{PROGRAM "ExtLookupMode map\nExtLookupServer \"/bin/true %u\"\n", "joe", "joe", false, ""},
	/* strict */
	{PROGRAM "ExtLookupMode strict\nExtLookupServer \"/bin/echo mr-%u\"\n", "joe", "mr-joe", false, ""},
	{PROGRAM "ExtLookupMode STRICT\nExtLookupServer \"/bin/true\"\n", "joe", "joe", true, ""},
	/* names are one argument, and none of a shell */
	{PROGRAM "ExtLookupMode map\nExtLookupServer \"/usr/bin/printf x%s %u\"\n", "a b;$(id)`id`'\"",
	 "xa b;$(id)`id`'\"", false, ""},
	{PROGRAM "ExtLookupMode map\nExtLookupServer \"/bin/echo %u\"\n", "\xff\xfe", "\xff\xfe", false, ""},
	/* nor an option of the program */
	{PROGRAM "ExtLookupMode strict\nExtLookupServer \"/bin/echo %u\"\n", "-n", "-n", true, ""},
	{PROGRAM "ExtLookupMode map\nExtLookupServer \"/bin/echo --user=%u\"\n", "-n", "--user=-n", false, ""},
	/* an answer that cannot be a user */
	{PROGRAM "ExtLookupMode map\nExtLookupServer \"/bin/echo ../%u\"\n", "joe", NULL, false, "\"../joe\""},
	{PROGRAM "ExtLookupMode verify\nExtLookupServer \"/bin/echo ../%u\"\n", "joe", "joe", false, ""},
	/* nobody can be asked */
	{PROGRAM "ExtLookupServer /nonexistent/lookup\n", "joe", NULL, false, "/nonexistent/lookup cannot be run"},
	{PROGRAM, "joe", NULL, false, "no program is configured"},
	{"ExtLookup on\nExtLookupDriver ldap\nExtLookupServer ldap.example.org\n", "joe", NULL, false,
	 "ExtLookupDriver ldap needs"},
};

static void
test_lookup(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lookups); i++) {
		struct scene scene;
		struct agent_user user;
		scene_open(&scene, lookups[i].lines);
		assert_true(agent_user_of(&scene.site, scene.arena, lookups[i].user, NULL, &user, &scene.error));
		bool found = agent_lookup(&scene.site, scene.arena, &user, &scene.error);
		if (found != (lookups[i].name != NULL))
			fail_msg("row %zu: %s", i, scene.error.text);
		if (found) {
			assert_string_equal(user.name, lookups[i].name);
			assert_int_equal(user.unknown, lookups[i].unknown);
			assert_string_equal(user.recipient, lookups[i].user);
		} else if (strstr(scene.error.text, lookups[i].error) == NULL) {
			fail_msg("row %zu: %s", i, scene.error.text);
		}
		scene_close(&scene);
	}
}

static void
test_filter(void **state)
{
	static const struct {
		const char *query, *user, *filter;
	} rows[] = {
		{"(mail=%u)", "joe", "(mail=joe)"},
		{"(|(a=%u)(b=%u*))", "x@y.org", "(|(a=x@y.org)(b=x@y.org*))"},
		{"(a=100%%u)(b=%x%)", "joe", "(a=100%u)(b=%x%)"},
		{"(a=%u)", "*)(b=\\", "(a=\\2a\\29\\28b=\\5c)"},
		{"(a=%u)", "\xc3\xa4\xff", "(a=\\c3\\a4\\ff)"},
		{"%", "joe", "%"},
		{"", "joe", ""},
	};
	struct arena *arena = arena_new(1 << 16);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(directory_filter(arena, rows[i].query, rows[i].user), rows[i].filter);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_lookup), cmocka_unit_test(test_filter)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
