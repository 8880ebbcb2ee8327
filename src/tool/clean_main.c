/* dspam_clean: forget what is old. */
#include <stdio.h>
#include <time.h>

#include "base/log.h"
#include "tool/caller.h"
#include "tool/cleaner.h"
#include "tool/json.h"
#include "tool/old_copies.h"
#include "tool/program.h"
#include "tool/progress.h"
#include "tool/user_list.h"

static const char help[] =
	"Usage: dspam_clean [-s[AGE]] [-p[AGE]] [-u[ANY,HAPAX,NOSPAM,ONEHIT]] [OPTION]... [USER]...\n"
	"Forget what is older than AGE days, of each USER or of all. Without -s, -p, -u, --fragments and\n"
	"--corpus the Purge* settings of dspam.conf say what. An AGE of 0 means everything, off nothing.\n"
	"\n"
	"  -s[AGE]           signatures (14)\n"
	"  -p[AGE]           tokens that say neither spam nor innocent (30)\n"
	"  -u[ANY,HAPAX,NOSPAM,ONEHIT]\n"
	"                    tokens that were not seen for ANY days (90), HAPAX for those with fewer than\n"
	"                    five hits (30), NOSPAM for those with one spam hit (15), ONEHIT for those with\n"
	"                    one innocent hit (15)\n"
	"  --fragments=AGE   files in USER.frag (storeFragments)\n"
	"  --corpus=AGE      files in USER.corpus (makeCorpus)\n"
	"  -v, --verbose     say for each user how much went\n"
	"  --optimize        give free space back afterwards, while others wait\n"
	"  -h                show one line about the options\n" PROGRAM_HELP_JSON PROGRAM_HELP_OPTIONS;

static const char syntax[] = "dspam_clean [-s[age] -p[age] -u[any,hapax,nospam,onehit] -h] [user1 user2 ... userN]\n";

enum { OPTION_OPTIMIZE = PROGRAM_OWN, OPTION_FRAGMENTS, OPTION_CORPUS };

static const struct option options[] = {
	PROGRAM_LONG_OPTIONS,
	PROGRAM_JSON_OPTION,
	{"verbose", no_argument, NULL, 'v'},
	{"optimize", no_argument, NULL, OPTION_OPTIMIZE},
	{"fragments", required_argument, NULL, OPTION_FRAGMENTS},
	{"corpus", required_argument, NULL, OPTION_CORPUS},
	{0},
};

struct clean {
	struct program program;
	struct cleaner cleaner;
	struct user_list users;
	struct progress progress;
	struct cleaned sum;
	struct old_copies copies;
	struct json json;
	bool given; /* some rule stands on the command line */
	bool verbose, optimize;
	size_t unknown;    /* users */
	int copies_status; /* what kept old copies from going */
};

/* ---- command line ------------------------------------------------------------------- */

static void
take_age(struct clean *clean, const char *option, struct span text, int32_t otherwise, int32_t *age)
{
	if (!purge_age_read(text, otherwise, age))
		program_usage(&clean->program, "-%s: \"%.*s\" is no age: write a number of days, or off", option,
			      (int)text.size, text.data);
	clean->given = true;
}

/* The ages of -u, with commas between; what is missing at the end, or empty, is the default. */
static void
take_unused(struct clean *clean, struct span text)
{
	struct purge_ages *ages = &clean->cleaner.ages;
	const struct {
		int32_t *age;
		int32_t otherwise;
	} fields[] = {{&ages->any, 90}, {&ages->hapax, 30}, {&ages->spam_once, 15}, {&ages->innocent_once, 15}};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		struct span field = SPAN("");
		span_next_field(&text, ',', &field);
		take_age(clean, "u", field, fields[i].otherwise, fields[i].age);
	}
	if (text.size > 0)
		program_usage(&clean->program, "-u: \"%.*s\" is too much: there are four ages", (int)text.size,
			      text.data);
}

static void
take_option(struct clean *clean, int option)
{
	struct purge_ages *ages = &clean->cleaner.ages;
	struct span text = optarg != NULL ? span_from(optarg) : SPAN("");

	switch (option) {
	case 's':
		take_age(clean, "s", text, 14, &ages->signatures);
		break;
	case 'p':
		take_age(clean, "p", text, 30, &ages->neutral);
		break;
	case 'u':
		take_unused(clean, text);
		break;
	case OPTION_FRAGMENTS:
		take_age(clean, "-fragments", text, PURGE_OFF, &ages->fragments);
		break;
	case OPTION_CORPUS:
		take_age(clean, "-corpus", text, PURGE_OFF, &ages->corpus);
		break;
	case 'v':
		clean->verbose = true;
		break;
	case OPTION_OPTIMIZE:
		clean->optimize = true;
		break;
	case 'h':
		clean->program.help = syntax;
		program_option(&clean->program, PROGRAM_HELP);
		break;
	default:
		program_option(&clean->program, option);
	}
}

/* ---- work --------------------------------------------------------------------------- */

static void
report(struct clean *clean, const char *user, const struct cleaned *cleaned)
{
	clean->sum.tokens += cleaned->tokens;
	clean->sum.removed += cleaned->removed;
	clean->sum.signatures += cleaned->signatures;
	if (clean->program.json) {
		json_put_object(&clean->json, NULL);
		json_put_text(&clean->json, "user", span_from(user));
		json_put_integer(&clean->json, "tokens", (int64_t)cleaned->tokens);
		json_put_integer(&clean->json, "tokens_removed", (int64_t)cleaned->removed);
		json_put_integer(&clean->json, "signatures_removed", (int64_t)cleaned->signatures);
		json_put_object_end(&clean->json);
	} else if (clean->verbose) {
		progress_clear(&clean->progress);
		printf("%s: %zu of %zu tokens, %zu signatures removed\n", user, cleaned->removed, cleaned->tokens,
		       cleaned->signatures);
	}
}

static bool
clean_users(struct clean *clean, struct error *error)
{
	bool done = true;

	progress_begin(&clean->progress, "users", clean->users.count);
	for (size_t i = 0; done && i < clean->users.count; i++) {
		struct cleaned cleaned;
		done = cleaner_clean(&clean->cleaner, clean->users.names[i], clean->users.uids[i], &cleaned, error);
		report(clean, clean->users.names[i], &cleaned);
		if (!done)
			error_prefix(error, "%s", clean->users.names[i]);
		progress_step(&clean->progress, i + 1);
	}
	progress_clear(&clean->progress);
	return done && (!clean->optimize || store_optimize(clean->cleaner.store, error));
}

static bool
clean_with_json(struct clean *clean, struct error *error)
{
	json_begin(&clean->json, stdout);
	json_put_object(&clean->json, NULL);
	json_put_array(&clean->json, "users");
	bool done = clean_users(clean, error);
	json_put_array_end(&clean->json);
	json_put_integer(&clean->json, "tokens", (int64_t)clean->sum.tokens);
	json_put_integer(&clean->json, "tokens_removed", (int64_t)clean->sum.removed);
	json_put_integer(&clean->json, "signatures_removed", (int64_t)clean->sum.signatures);
	json_put_integer(&clean->json, "fragments_removed", (int64_t)clean->copies.fragments);
	json_put_integer(&clean->json, "messages_removed", (int64_t)clean->copies.messages);
	json_put_boolean(&clean->json, "complete", done);
	json_put_object_end(&clean->json);
	json_end(&clean->json);
	return done;
}

/* A name that the store does not know is said, and does not keep the others from being cleaned. */
static bool
list_users(struct clean *clean, struct store *store, char *const *names, int count, struct error *error)
{
	store_uid uid;

	if (count == 0)
		return user_list_read(&clean->users, store, error);
	for (int i = 0; i < count; i++) {
		if (!store_user(store, span_from(names[i]), false, &uid, error))
			return false;
		if (uid == 0)
			log_error("there is no user %s in the store", names[i]);
		else
			user_list_add(&clean->users, uid, names[i]);
		clean->unknown += uid == 0;
	}
	return true;
}

/* ---- copies of messages --------------------------------------------------------------- */

static void
remove_copies(struct clean *clean, const char *directory)
{
	struct error error;

	if (old_copies_remove(directory, &clean->cleaner.ages, (int64_t)time(NULL), &clean->copies, &error))
		return;
	log_error("%s", error.text);
	clean->copies_status = error_exit_status(&error);
}

/*
 * Of all users also what lies in a localStore or in the directory of a group; of those who are named what lies in their
 * own. It does not wait for the store, and a file that cannot be removed keeps nothing from being forgotten there.
 */
static void
clean_copies(struct clean *clean, char *const *names, int count)
{
	const struct home *home = &clean->program.settings->files;
	struct arena *arena = arena_new((size_t)1 << 20);
	const char *root = arena_printf(arena, "%s/data/.", home->path); /* through a link, if it is one */

	if (count == 0 && root != NULL)
		remove_copies(clean, root);
	for (int i = 0; i < count; i++) {
		const char *const directories[] = {home_file(home, arena, names[i], "frag"),
						   home_file(home, arena, names[i], "corpus")};
		for (size_t k = 0; k < 2; k++)
			if (directories[k] != NULL)
				remove_copies(clean, directories[k]);
		arena_reset(arena);
	}
	arena_free(arena);
	if (clean->verbose && !clean->program.json)
		printf("%zu fragments, %zu copies of messages removed\n", clean->copies.fragments,
		       clean->copies.messages);
}

/* ---- the whole ------------------------------------------------------------------------ */

static void
choose_rules(struct clean *clean)
{
	const struct config *config = clean->program.config;
	struct purge_ages *ages = &clean->cleaner.ages;

	if (!clean->given)
		*ages = purge_ages_of(config, NULL);
	if (!purge_ages_any_stored(ages) && !purge_ages_any_copy(ages) && !clean->optimize) {
		log_error("there is nothing to do: neither an option nor a Purge setting of dspam.conf names an age");
		program_syntax(&clean->program, syntax);
	}
	if (ages->neutral != PURGE_OFF && clean->program.settings->pvalue == PVALUE_MARKOV) {
		log_warning("with PValue markov all tokens would count as neutral: -p (PurgeNeutral) does nothing");
		ages->neutral = PURGE_OFF;
	}
}

static bool
work(struct clean *clean, struct store *store, char *const *names, int count, struct error *error)
{
	bool done = cleaner_begin(&clean->cleaner, clean->program.settings, store, error) &&
		    list_users(clean, store, names, count, error) &&
		    (clean->program.json ? clean_with_json : clean_users)(clean, error);

	cleaner_end(&clean->cleaner);
	return done;
}

static bool
run(struct clean *clean, char *const *names, int count, struct error *error)
{
	struct store *store;

	if (!program_load_trusted(&clean->program, error))
		return false;
	choose_rules(clean);
	if (purge_ages_any_copy(&clean->cleaner.ages))
		clean_copies(clean, names, count);
	if (!store_open(&clean->program.settings->store, &store, error))
		return false;
	if (store_warning(store) != NULL)
		log_warning("%s", store_warning(store));
	bool done = work(clean, store, names, count, error);
	store_close(store);
	return done;
}

int
main(int argc, char **argv)
{
	struct clean clean = {.program = {.name = "dspam_clean", .help = help}};
	struct error error;
	int option;

	clean.cleaner.ages = purge_ages_off;
	while ((option = getopt_long(argc, argv, "s::p::u::vh", options, NULL)) != -1)
		take_option(&clean, option);
	int status = run(&clean, argv + optind, argc - optind, &error) ? 0 : program_fail(&clean.program, &error);
	if (status == 0 && (clean.unknown > 0 || clean.copies_status != 0))
		status = program_status(&clean.program, clean.unknown > 0 ? ERROR_USER : clean.copies_status);
	user_list_free(&clean.users);
	return program_end(&clean.program, status);
}
