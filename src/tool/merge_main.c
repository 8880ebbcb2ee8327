/* dspam_merge: add the training of several users up. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "tool/json.h"
#include "tool/program.h"
#include "tool/user_list.h"

static const char help[] =
	"Usage: dspam_merge [OPTION]... USER... -o TARGET\n"
	"Add all tokens and totals of each USER to those of TARGET, who is made if need be. All of it is\n"
	"done or nothing; doing it twice counts twice. Mail for other users may have to wait meanwhile.\n"
	"\n"
	"  -o TARGET         who gets it\n" PROGRAM_HELP_JSON PROGRAM_HELP_OPTIONS;

static const char syntax[] = "syntax: dspam_merge [--profile=PROFILE] [user1] [user2] ... [userN] [-o user]\n";

static const struct option options[] = {PROGRAM_LONG_OPTIONS, PROGRAM_JSON_OPTION, {0}};

struct merge {
	struct program program;
	const char *target;
	store_uid to;
	struct store *store;
	struct user_list from;
	size_t *rows;
};

static bool
is_listed(const struct user_list *list, store_uid uid)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->uids[i] == uid)
			return true;
	return false;
}

/* Whom it makes only when all others were found. */
static bool
make_target(struct merge *merge, struct error *error)
{
	if (merge->to == 0 && !store_user(merge->store, span_from(merge->target), true, &merge->to, error))
		return false;
	return merge->to != 0 ||
	       error_set(error, ERROR_USER, "%s cannot be made a user of the store; nothing was merged", merge->target);
}

/* Two names may be of one user: those that differ in case, for MySQL, and aliases in a table of the site's own. */
static bool
find_users(struct merge *merge, char *const *names, int count, struct error *error)
{
	if (!store_user(merge->store, span_from(merge->target), false, &merge->to, error))
		return false;
	for (int i = 0; i < count; i++) {
		store_uid uid;
		if (!store_user(merge->store, span_from(names[i]), false, &uid, error))
			return false;
		if (uid == 0)
			return error_set(error, ERROR_USER, "there is no user %s in the store; nothing was merged",
					 names[i]);
		if (uid == merge->to)
			log_warning("%s is the target: what is there already is not added again", names[i]);
		else if (is_listed(&merge->from, uid))
			log_warning("%s stands here twice, and is added once", names[i]);
		else
			user_list_add(&merge->from, uid, names[i]);
	}
	return make_target(merge, error);
}

static void
print_json(const struct merge *merge)
{
	struct json json;

	json_begin(&json, stdout);
	json_put_object(&json, NULL);
	json_put_text(&json, "target", span_from(merge->target));
	json_put_array(&json, "users");
	for (size_t i = 0; i < merge->from.count; i++) {
		json_put_object(&json, NULL);
		json_put_text(&json, "user", span_from(merge->from.names[i]));
		json_put_integer(&json, "tokens", (int64_t)merge->rows[i]);
		json_put_object_end(&json);
	}
	json_put_array_end(&json);
	json_put_object_end(&json);
	json_end(&json);
}

static void
print_text(const struct merge *merge)
{
	for (size_t i = 0; i < merge->from.count; i++)
		printf("Merging user: %s\nprocessed %zu tokens\n", merge->from.names[i], merge->rows[i]);
	puts("storing merged tokens...\ncompleted.");
}

static bool
merge_users(struct merge *merge, char *const *names, int count, struct error *error)
{
	if (!find_users(merge, names, count, error))
		return false;
	if (!merge->program.json) {
		printf("Destination user: %s\n", merge->target);
		fflush(stdout);
	}
	merge->rows = calloc(merge->from.count + 1, sizeof *merge->rows);
	if (merge->rows == NULL)
		abort();
	if (!store_merge(merge->store, merge->from.uids, merge->from.count, merge->to, merge->rows, error))
		return error_prefix(error, "nothing was merged");
	(merge->program.json ? print_json : print_text)(merge);
	return true;
}

static bool
run(struct merge *merge, char *const *names, int count, struct error *error)
{
	if (!program_load_trusted(&merge->program, error) ||
	    !store_open(&merge->program.settings->store, &merge->store, error))
		return false;
	bool done = merge_users(merge, names, count, error);
	store_close(merge->store);
	return done;
}

int
main(int argc, char **argv)
{
	struct merge merge = {.program = {.name = "dspam_merge", .help = help}};
	struct error error;
	int option;

	while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
		if (option == 'o')
			merge.target = optarg;
		else
			program_option(&merge.program, option);
	}
	if (merge.target == NULL || optind == argc)
		program_syntax(&merge.program, syntax);
	int status = run(&merge, argv + optind, argc - optind, &error) ? 0 : program_fail(&merge.program, &error);
	user_list_free(&merge.from);
	free(merge.rows);
	return program_end(&merge.program, status);
}
