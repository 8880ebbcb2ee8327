/* Effective preferences: where they come from, and what may override what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "../remove_tree.h"
#include "base/buffer.h"
#include "filter/preferences.h"

static char directory[] = "/tmp/dspam-test-preferences-XXXXXX";

static int
make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) == NULL ? -1 : 0;
}

static int
remove_directory(void **state)
{
	(void)state;
	return remove_tree(directory);
}

/* Entries as "name=value" lines; NULL: there is no such store entry, or no such file. */
struct scene {
	const char *title;
	const char *lines;      /* Preference lines */
	const char *allowed;    /* AllowOverride */
	const char *site_store; /* uid 0 */
	const char *site_file;  /* default.prefs */
	const char *user_store; /* joe@example.org */
	const char *user_file;
	const char *domain_store; /* @example.org */
	const char *domain_file;
	bool fallback_domains;
	const char *effective;
	bool hides; /* the Preference lines */
};

#define SUBJECT "spamSubject"

static const struct scene scenes[] = {
	{"nothing at all", .effective = ""},
	{"lines", "tagSpam=on\n" SUBJECT "=a b\n", .effective = "tagSpam=on\n" SUBJECT "=a b\n"},
	{"the first of two lines", "tagSpam=on\nTAGSPAM=off\n", .effective = "tagSpam=on\n"},
	{"one stored default hides all lines", "tagSpam=on\n", .site_store = "tagNonspam=on\n",
	 .effective = "tagNonspam=on\n", .hides = true},
	{"default.prefs hides all lines", "tagSpam=on\n", .site_file = "tagNonspam=on\n",
	 .effective = "tagNonspam=on\n", .hides = true},
	{"the store hides default.prefs", "a=1\n", .site_store = "b=1\n", .site_file = "c=1\n", .effective = "b=1\n",
	 .hides = true},
	{"an empty default.prefs hides nothing", "tagSpam=on\n", .site_file = "", .effective = "tagSpam=on\n"},
	{"what is allowed replaces and extends", "tagSpam=on\noptIn=on\n", .allowed = "TAGSPAM showFactors",
	 .user_file = "tagSpam=off\nshowFactors=on\noptIn=off\n",
	 .effective = "tagSpam=off\noptIn=on\nshowFactors=on\n"},
	{"nothing is allowed", "tagSpam=on\n", .user_file = "tagSpam=off\n", .effective = "tagSpam=on\n"},
	{"the store hides the user's file", "", .allowed = "tagSpam optIn", .user_store = "tagSpam=on\n",
	 .user_file = "optIn=on\n", .effective = "tagSpam=on\n"},
	{"the first of two entries in a file", "", .allowed = "tagSpam", .user_file = "tagSpam=on\ntagSpam=off\n",
	 .effective = "tagSpam=on\n"},
	{"an unknown name cannot be allowed", "", .allowed = "zzz", .user_file = "zzz=1\n", .effective = ""},
	{"without FallbackDomains the domain's are not read", "", .allowed = "tagSpam", .domain_file = "tagSpam=on\n",
	 .effective = ""},
	{"the domain's file", "", .allowed = "tagSpam", .domain_file = "tagSpam=on\n", .fallback_domains = true,
	 .effective = "tagSpam=on\n"},
	{"the domain's in the store", "", .allowed = "tagSpam", .domain_store = "tagSpam=on\n",
	 .domain_file = "tagSpam=off\n", .fallback_domains = true, .effective = "tagSpam=on\n"},
	{"the domain's are subject to AllowOverride", "", .domain_store = "tagSpam=on\n", .fallback_domains = true,
	 .effective = ""},
	{"own ones hide the domain's", "", .allowed = "tagSpam optIn", .user_store = "optIn=on\n",
	 .domain_store = "tagSpam=on\n", .fallback_domains = true, .effective = "optIn=on\n"},
	{"an empty file of his own hides the domain's", "", .allowed = "tagSpam", .user_file = "",
	 .domain_file = "tagSpam=on\n", .fallback_domains = true, .effective = ""},
};

static const char *
path_of(const char *name)
{
	static char paths[4][200];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", directory, name);
	return path;
}

static void
put_file(const char *name, const char *text)
{
	unlink(path_of(name));
	if (text == NULL)
		return;
	FILE *file = fopen(path_of(name), "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
put_store(struct store *store, store_uid uid, const char *text)
{
	struct span rest = span_from(text == NULL ? "" : text);
	struct span line;
	struct error error;

	while (span_next_line(&rest, &line)) {
		char entry[200];

		snprintf(entry, sizeof entry, "%.*s", (int)line.size - 1, line.data);
		char *equals = strchr(entry, '=');
		*equals = '\0';
		assert_true(store_preference_set(store, uid, entry, equals + 1, &error));
	}
}

static struct config *
make_config(const struct scene *scene)
{
	struct buffer text = BUFFER_INIT(10000);
	struct span rest = span_from(scene->lines == NULL ? "" : scene->lines);
	struct span line;
	struct config *config;
	struct error error;

	buffer_printf(&text, "Home %s\n", directory);
	while (span_next_line(&rest, &line))
		buffer_printf(&text, "Preference \"%.*s\"\n", (int)line.size - 1, line.data);
	if (scene->allowed != NULL)
		buffer_printf(&text, "AllowOverride %s\n", scene->allowed);
	if (scene->fallback_domains)
		buffer_append_string(&text, "FallbackDomains on\n");
	assert_true(config_parse(buffer_span(&text), "test", NULL, NULL, &config, &error));
	buffer_free(&text);
	return config;
}

static struct store *
make_store(const struct scene *scene, store_uid *uid)
{
	struct store_options options = {.driver = "memory"};
	struct store *store;
	struct error error;
	store_uid domain;

	assert_true(store_open(&options, &store, &error));
	put_store(store, 0, scene->site_store);
	assert_true(store_user(store, SPAN("joe@example.org"), true, uid, &error));
	put_store(store, *uid, scene->user_store);
	if (scene->domain_store != NULL) {
		assert_true(store_user(store, SPAN("@example.org"), true, &domain, &error));
		put_store(store, domain, scene->domain_store);
	}
	return store;
}

static void
assert_effective(const struct scene *scene, struct store *store, store_uid uid)
{
	struct config *config = make_config(scene);
	struct arena *arena = arena_new(1 << 20);
	struct preference_defaults *defaults;
	struct preferences preferences;
	struct buffer text = BUFFER_INIT(10000);
	struct error error;
	struct preference_owner owner = {SPAN("joe@example.org"), uid, path_of("user.prefs"), path_of("domain.prefs")};

	assert_true(preference_defaults_new(config, store, &defaults, &error));
	config_free(config); /* they copy what they need */
	if (!preferences_of(defaults, store, &owner, arena, &preferences, &error))
		fail_msg("%s: %s", scene->title, error.text);
	assert_int_equal(preference_defaults_hider(defaults) != NULL, scene->hides);
	for (size_t i = 0; i < preferences.count; i++)
		buffer_printf(&text, "%.*s=%.*s\n", (int)preferences.pairs[i].name.size, preferences.pairs[i].name.data,
			      (int)preferences.pairs[i].value.size, preferences.pairs[i].value.data);
	if (strcmp(buffer_string(&text), scene->effective) != 0)
		fail_msg("%s: should be\n%sbut is\n%s", scene->title, scene->effective, buffer_string(&text));
	buffer_free(&text);
	preference_defaults_free(defaults);
	arena_free(arena);
}

static void
test_steps(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++) {
		const struct scene *scene = &scenes[i];
		bool stored = scene->site_store != NULL || scene->user_store != NULL || scene->domain_store != NULL;
		store_uid uid;
		struct store *store = make_store(scene, &uid);

		put_file("default.prefs", scene->site_file);
		put_file("user.prefs", scene->user_file);
		put_file("domain.prefs", scene->domain_file);
		assert_effective(scene, store, uid);
		if (!stored) /* the same without a store */
			assert_effective(scene, NULL, 0);
		store_close(store);
	}
}

/* The site's entries are those of number 0; a user whom the store does not know has no number. */
static void
test_unknown_user(void **state)
{
	struct scene scene = {"unknown user", "", .allowed = "tagSpam", .site_store = "tagSpam=on\n",
			      .effective = "tagSpam=on\n"};
	store_uid uid;
	struct store *store = make_store(&scene, &uid);

	(void)state;
	put_file("default.prefs", NULL);
	put_file("user.prefs", NULL);
	put_file("domain.prefs", NULL);
	assert_effective(&scene, store, 0);
	put_file("user.prefs", "tagSpam=off\n");
	scene.effective = "tagSpam=off\n";
	assert_effective(&scene, store, 0);
	store_close(store);
}

/* fallbackDomain only counts for users who have nothing of their own. */
static void
test_fallback_domain(void **state)
{
	static const struct {
		const char *user, *domain;
		bool fallback_domains, acts;
	} rows[] = {
		{NULL, "fallbackDomain=on\n", true, true},   {NULL, "fallbackDomain=on\n", false, false},
		{NULL, "fallbackDomain=off\n", true, false}, {"fallbackDomain=on\n", NULL, true, false},
		{"", "fallbackDomain=on\n", true, false},
	};

	(void)state;
	put_file("default.prefs", NULL);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct scene scene = {"", "", .allowed = "fallbackDomain",
				      .fallback_domains = rows[i].fallback_domains};
		struct config *config = make_config(&scene);
		struct arena *arena = arena_new(1 << 20);
		struct preference_defaults *defaults;
		struct preferences preferences;
		struct error error;

		put_file("user.prefs", rows[i].user);
		put_file("domain.prefs", rows[i].domain);
		struct preference_owner owner = {SPAN("joe@example.org"), 0, path_of("user.prefs"),
						 path_of("domain.prefs")};
		assert_true(preference_defaults_new(config, NULL, &defaults, &error));
		assert_true(preferences_of(defaults, NULL, &owner, arena, &preferences, &error));
		assert_int_equal(preferences.fallback_domain, rows[i].acts);
		preference_defaults_free(defaults);
		arena_free(arena);
		config_free(config);
	}
}

static void
test_errors(void **state)
{
	struct scene scene = {"", "tagSpam=on\n", .allowed = "tagSpam"};
	struct config *config = make_config(&scene);
	struct preference_defaults *defaults;
	struct preferences preferences;
	struct error error;
	struct arena *arena = arena_new(1);
	struct preference_owner owner = {SPAN("joe"), 0, directory, NULL};

	(void)state;
	put_file("default.prefs", NULL);
	put_file("user.prefs", NULL);
	assert_true(preference_defaults_new(config, NULL, &defaults, &error));
	assert_false(preferences_of(defaults, NULL, &owner, arena, &preferences, &error)); /* a directory as file */
	assert_non_null(strstr(error.text, directory));
	assert_true(error.temporary);
	owner.file = NULL;
	assert_false(preferences_of(defaults, NULL, &owner, arena, &preferences, &error)); /* no room */
	assert_true(error.temporary);
	preference_defaults_free(defaults);
	arena_free(arena);
	config_free(config);
}

/* The file is that of the user whom the store is asked for, and whose memory fallbackDomain means. */
static void
test_owner(void **state)
{
	struct arena *arena = arena_new((size_t)1 << 16);
	const struct home home = {.path = "/h"};
	struct preference_owner owner = preference_owner_of(&home, arena, "a@b@c", 7);

	(void)state;
	assert_true(span_equal(owner.name, SPAN("a@b@c")) && owner.uid == 7);
	assert_string_equal(owner.file, "/h/data/a@b@c/a@b@c.prefs");
	assert_string_equal(owner.domain_file, "/h/data/@b@c/@b@c.prefs");
	assert_null(preference_owner_of(&home, arena, "a", 7).domain_file);
	assert_null(preference_owner_of(&home, arena, "a@", 7).domain_file);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner),        cmocka_unit_test(test_steps),
		cmocka_unit_test(test_unknown_user), cmocka_unit_test(test_fallback_domain),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
