/* Paths of users in the three layouts, names that have none, and what opts in and out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "stage.h"

static const struct {
	enum home_layout layout;
	const char *user;
	const char *path; /* NULL: none */
} paths[] = {
	{HOME_USER, "joe", "/h/data/joe/joe.log"},
	{HOME_USER, "joe@example.org", "/h/data/joe@example.org/joe@example.org.log"},
	{HOME_USER, "..joe", "/h/data/..joe/..joe.log"},
	{HOME_USER, "a@..", "/h/data/a@../a@...log"},
	{HOME_USER, "..", NULL},
	{HOME_USER, ".", NULL},
	{HOME_USER, "", NULL},
	{HOME_USER, "../joe", NULL},
	{HOME_USER, "a/b", NULL},
	{HOME_USER, "a\nb", NULL},
	{HOME_LARGE, "joe@example.org", "/h/data/j/o/joe@example.org/joe@example.org.log"},
	{HOME_LARGE, "x", "/h/data/x/x/x/x.log"},
	{HOME_LARGE, "...", "/h/data/././.../....log"},
	{HOME_LARGE, "..", NULL},
	{HOME_DOMAIN, "joe@example.org", "/h/data/example.org/joe/joe.log"},
	{HOME_DOMAIN, "joe", "/h/data/local/joe/joe.log"},
	{HOME_DOMAIN, "@example.org", "/h/data/local/example.org/example.org.log"},
	{HOME_DOMAIN, "a@b@c", "/h/data/c/a@b/a@b.log"},
	{HOME_DOMAIN, "..@example.org", NULL},
	{HOME_DOMAIN, "joe@..", NULL},
	{HOME_DOMAIN, "joe@.", NULL},
	{HOME_DOMAIN, "joe@", NULL},
	{HOME_DOMAIN, "@", NULL},
	{HOME_DOMAIN, "@..", NULL},
};

static void
every_name_has_the_path_of_its_layout(void **state)
{
	struct arena *arena = arena_new(1 << 16);

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		const struct home home = {.path = "/h", .layout = paths[i].layout};
		const char *path = home_file(&home, arena, paths[i].user, "log");

		assert_int_equal(home_name_valid(&home, paths[i].user), paths[i].path != NULL);
		if (paths[i].path == NULL)
			assert_null(path);
		else
			assert_string_equal(path, paths[i].path);
	}
	const struct home home = {.path = "/h", .layout = HOME_DOMAIN};
	assert_string_equal(home_file_in(&home, arena, "joe@x.org", "frag", "1a.frag"),
			    "/h/data/x.org/joe/joe.frag/1a.frag");
	arena_free(arena);
}

/* Whether mail for `user` is looked at. */
static bool
is_judged(struct stage *stage, const char *user)
{
	stage_receive(stage, user, "From: a@example.org\nSubject: words\n\nwords and more words\n");
	return stage->judgement.judged;
}

static void
files_opt_out_and_in(void **state)
{
	struct stage stage;
	char path[300];

	(void)state;
	stage_open(&stage, "");
	snprintf(path, sizeof path, "%s/opt-out", stage.home);
	assert_int_equal(mkdir(path, 0770), 0);
	stage_write(&stage, "opt-out/joe@x.org.nodspam", "");
	assert_false(is_judged(&stage, "joe@x.org"));
	assert_true(is_judged(&stage, "ann@x.org"));
	stage_close(&stage);

	stage_open(&stage, "HomeLayout domain\nOpt in\n");
	snprintf(path, sizeof path, "%s/opt-in", stage.home);
	assert_int_equal(mkdir(path, 0770), 0);
	snprintf(path, sizeof path, "%s/opt-in/x.org", stage.home);
	assert_int_equal(mkdir(path, 0770), 0);
	stage_write(&stage, "opt-in/x.org/joe.dspam", "");
	assert_true(is_judged(&stage, "joe@x.org"));
	assert_false(is_judged(&stage, "ann@x.org"));
	stage_close(&stage);
}

static void
localStore_moves_the_files_that_opt_out(void **state)
{
	struct stage stage;
	char path[300];

	(void)state;
	stage_open(&stage, "Preference \"localStore=team\"\n");
	snprintf(path, sizeof path, "%s/opt-out", stage.home);
	assert_int_equal(mkdir(path, 0770), 0);
	stage_write(&stage, "opt-out/joe.nodspam", "");
	assert_true(is_judged(&stage, "joe"));
	stage_write(&stage, "opt-out/team.nodspam", "");
	assert_false(is_judged(&stage, "joe"));
	stage_close(&stage);
}

/* With fallbackDomain in the preferences of @domain its users share one memory. */
static void
users_without_preferences_act_as_their_domain(void **state)
{
	struct stage stage;
	char path[300];

	(void)state;
	stage_open(&stage, "FallbackDomains on\nAllowOverride fallbackDomain spamAction\n");
	snprintf(path, sizeof path, "%s/data", stage.home);
	assert_int_equal(mkdir(path, 0770), 0);
	snprintf(path, sizeof path, "%s/data/@x.org", stage.home);
	assert_int_equal(mkdir(path, 0770), 0);
	stage_write(&stage, "data/@x.org/@x.org.prefs", "fallbackDomain=on\n");
	assert_true(is_judged(&stage, "joe@x.org"));
	assert_true(is_judged(&stage, "ann@x.org"));
	assert_int_equal(stage_totals(&stage, "@x.org").innocent_learned, 2);
	assert_int_equal(stage_totals(&stage, "joe@x.org").innocent_learned, 0);
	assert_true(is_judged(&stage, "joe@y.org"));
	assert_int_equal(stage_totals(&stage, "joe@y.org").innocent_learned, 1);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_has_the_path_of_its_layout),
		cmocka_unit_test(files_opt_out_and_in),
		cmocka_unit_test(localStore_moves_the_files_that_opt_out),
		cmocka_unit_test(users_without_preferences_act_as_their_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
