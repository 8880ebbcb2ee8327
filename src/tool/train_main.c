/* dspam_train: teach the filter with mail whose class is known, as if it came in. */
#include <unistd.h>

#include "base/log.h"
#include "tool/caller.h"
#include "tool/interleave.h"
#include "tool/program.h"
#include "tool/training.h"
#include "tool/user_stats.h"

static const char help[] =
	"Usage: dspam_train [OPTION]... [USER] SPAM HAM\n"
	"       dspam_train [OPTION]... [USER] -i INDEX\n"
	"Give mail to the filter as if it came in for USER (default: the caller), and correct each error.\n"
	"SPAM and HAM are directories, Maildirs or mbox files; their files are taken in the order of\n"
	"their names, spam and ham mixed in proportion. INDEX has lines \"spam PATH\" or \"ham PATH\",\n"
	"with paths relative to INDEX, or else to the current directory.\n"
	"\n"
	"  -i, --index INDEX take the messages of INDEX, in its order\n"
	"  -c, --client      ignored: the mail is always trained by this process\n" PROGRAM_HELP_JSON
		PROGRAM_HELP_OPTIONS;

static const struct option options[] = {
	PROGRAM_LONG_OPTIONS,
	PROGRAM_JSON_OPTION,
	{"index", required_argument, NULL, 'i'},
	{"client", no_argument, NULL, 'c'},
	{0},
};

struct course {
	struct program program;
	const char *user, *index, *spam, *ham;
	struct caller caller;
	struct corpus messages, spam_messages; /* with an index only `messages`, else it holds the ham */
	struct training training;
	struct user_stats stats;
};

/* ---- which mail ------------------------------------------------------------------- */

/* The whole list first: mixing in proportion needs to know how much there is. */
static bool
list_mail(struct course *course, struct error *error)
{
	if (course->index != NULL)
		return corpus_add_index(&course->messages, course->index, error);
	return corpus_add(&course->messages, course->ham, false, error) &&
	       corpus_add(&course->spam_messages, course->spam, true, error);
}

static bool
train_all(struct course *course, struct error *error)
{
	size_t spam = course->spam_messages.count, ham = course->messages.count;
	struct interleave rows = {.first_count = ham, .second_count = spam};

	while (interleave_has_more(&rows)) {
		const struct corpus_message *message = interleave_takes_first(&rows)
							       ? &course->messages.messages[rows.first_done - 1]
							       : &course->spam_messages.messages[rows.second_done - 1];
		if (!training_give(&course->training, message, error))
			return false;
	}
	return true;
}

/* ---- what is printed around it ------------------------------------------------------ */

static bool
print_stats(struct course *course, bool snapshot, bool since_snapshot, struct error *error)
{
	course->stats.form = snapshot ? TALLY_SHORT : TALLY_WITH_RATES;
	course->stats.snapshot = snapshot;
	course->stats.since_snapshot = since_snapshot;
	return user_stats_print(&course->stats, course->user, stdout, error);
}

static bool
print_start(struct course *course, struct error *error)
{
	if (course->program.json) {
		course->stats.snapshot = true;
		return user_stats_print(&course->stats, course->user, NULL, error);
	}
	puts("Taking Snapshot...");
	if (!print_stats(course, true, false, error))
		return false;
	if (course->index != NULL)
		printf("Training on %s index...\n", course->index);
	else
		printf("Training %s / %s corpora...\n", course->ham, course->spam);
	return true;
}

static bool
print_end_json(struct course *course, struct error *error)
{
	const struct training *training = &course->training;
	size_t judged = training->done - training->unreadable - training->not_judged;
	struct json json;

	json_begin(&json, stdout);
	json_put_object(&json, NULL);
	json_put_text(&json, "user", span_from(course->user));
	json_put_integer(&json, "messages", (int64_t)training->done);
	json_put_integer(&json, "spam", (int64_t)training->spam);
	json_put_integer(&json, "nonspam", (int64_t)(judged - training->spam));
	json_put_integer(&json, "right", (int64_t)training->right);
	json_put_integer(&json, "wrong", (int64_t)(judged - training->right));
	json_put_integer(&json, "not_judged", (int64_t)training->not_judged);
	json_put_integer(&json, "not_corrected", (int64_t)training->not_corrected);
	json_put_integer(&json, "unreadable", (int64_t)training->unreadable);
	course->stats = (struct user_stats){
		.store = course->stats.store,
		.home = course->stats.home,
		.json = &json,
		.key = "since_snapshot",
		.since_snapshot = true,
	};
	bool done = user_stats_print(&course->stats, course->user, NULL, error);
	course->stats.key = "overall";
	course->stats.since_snapshot = false;
	done = done && user_stats_print(&course->stats, course->user, NULL, error);
	json_put_object_end(&json);
	json_end(&json);
	return done;
}

static bool
print_end(struct course *course, struct error *error)
{
	if (course->program.json)
		return print_end_json(course, error);
	puts("TRAINING COMPLETE\n\nTraining Snapshot:");
	if (!print_stats(course, false, true, error))
		return false;
	puts("\nOverall Statistics:");
	return print_stats(course, false, false, error);
}

/* ---- the whole ------------------------------------------------------------------------ */

static bool
train_with(struct course *course, struct filter *filter, struct error *error)
{
	struct teacher teacher;

	course->stats = (struct user_stats){
		.store = filter_store(filter),
		.home = &course->program.settings->files,
	};
	if (!print_start(course, error))
		return false;
	teacher_begin(&teacher, filter, course->user, TEACH_LIVE);
	training_begin(&course->training, &teacher, course->messages.count + course->spam_messages.count,
		       course->program.json ? NULL : stdout);
	bool good = train_all(course, error);
	training_end(&course->training);
	teacher_end(&teacher);
	return good && print_end(course, error);
}

static bool
check_user(struct course *course, struct error *error)
{
	if (!caller_find(course->program.config, &course->caller, error))
		return false;
	if (course->user == NULL)
		course->user = course->caller.name;
	if (!store_name_valid(span_from(course->user)))
		return error_set(error, ERROR_USER, "\"%s\" cannot be a user name", course->user);
	return caller_may(&course->caller, course->user, error);
}

static bool
train(struct course *course, struct error *error)
{
	struct filter *filter;

	if (!program_load(&course->program, error) || !check_user(course, error) || !list_mail(course, error))
		return false;
	settings_share_store(course->program.settings);
	if (!filter_open(course->program.settings, &filter, error))
		return false;
	bool good = train_with(course, filter, error);
	filter_close(filter);
	return good;
}

static int
exit_status(const struct course *course)
{
	const struct training *training = &course->training;

	if (training->not_corrected > 0)
		log_warning("not corrected: %zu of %zu messages; are signatures stored?", training->not_corrected,
			    training->done);
	if (training->unreadable > 0)
		log_warning("not read: %zu of %zu messages", training->unreadable, training->done);
	return program_status(&course->program, training->unreadable > 0 ? ERROR_INPUT : 0);
}

/* [USER] SPAM HAM, or [USER] with an index. */
static void
take_arguments(struct course *course, char **arguments, int count)
{
	int corpora = course->index != NULL ? 0 : 2;

	if (count < corpora)
		program_usage(&course->program,
			      "say which mail: two directories or mbox files, spam first, or -i INDEX");
	if (count > corpora + 1)
		program_usage(&course->program, "\"%s\" is one argument too many", arguments[corpora + 1]);
	if (count == corpora + 1)
		course->user = *arguments++;
	if (corpora == 2) {
		course->spam = arguments[0];
		course->ham = arguments[1];
	}
}

int
main(int argc, char **argv)
{
	struct course course = {.program = {.name = "dspam_train", .help = help, .usage_status = 255}};
	struct error error;
	int option;

	while ((option = getopt_long(argc, argv, "i:c", options, NULL)) != -1) {
		if (option == 'i')
			course.index = optarg;
		else if (option != 'c')
			program_option(&course.program, option);
	}
	take_arguments(&course, argv + optind, argc - optind);
	setvbuf(stdout, NULL, _IOLBF, 0); /* whoever reads a pipe sees each line when it is true */
	corpus_init(&course.messages);
	corpus_init(&course.spam_messages);
	int status = train(&course, &error) ? exit_status(&course) : program_fail(&course.program, &error);
	corpus_free(&course.messages);
	corpus_free(&course.spam_messages);
	return program_end(&course.program, status);
}
