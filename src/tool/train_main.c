/* dspam_train: teach the filter with mail whose class is known, as if it came in. */
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tool/caller.h"
#include "tool/interleave.h"
#include "tool/mailboxes.h"
#include "tool/program.h"
#include "tool/training.h"
#include "tool/user_stats.h"

static const char help[] =
	"Usage: dspam_train [OPTION]... [USER] SPAM HAM\n"
	"       dspam_train [OPTION]... [USER] -i INDEX\n"
	"       dspam_train [OPTION]... [USER] MAILBOX...\n"
	"Give mail to the filter as if it came in for USER (default: the caller), and correct each error.\n"
	"SPAM and HAM are directories, Maildirs or mbox files; their files are taken in the order of\n"
	"their names, spam and ham mixed in proportion. INDEX has lines \"spam PATH\" or \"ham PATH\",\n"
	"with paths relative to INDEX, or else to the current directory.\n"
	"\n"
	"  -i, --index INDEX take the messages of INDEX, in its order\n"
	"  -c, --client      ignored: the mail is always trained by this process\n"
	"  --global          teach the site's model, which judges with everybody's own (SiteModel)\n"
	"\n"
	"MAILBOX is what USER has already, of which each message is taught once, however often this is\n"
	"called, newest first. Junk, Spam and the folders in them are spam, other folders and the inbox\n"
	"innocent; left out are Drafts, Sent, Trash, Outbox, Templates, Notes and their like, innocent\n"
	"mail that was not read, and all that is marked as deleted.\n"
	"\n"
	"  --maildir PATH    a Maildir with its folders (Maildir++, or directories of Maildirs)\n"
	"  --mbox FILE       an mbox file; its name says what it holds, as that of a folder\n"
	"  --spam-mbox FILE, --innocent-mbox FILE    the same, whatever its name is\n"
	"  --imap HOST[:PORT] --user NAME    the mailbox of NAME on a server, over TLS; nothing is changed\n"
	"                    there. Without USER it is NAME who is taught\n"
	"  --password-file FILE    its first line is the password (else $DSPAM_IMAP_PASSWORD, else it is\n"
	"                    asked for)\n"
	"  --imap-login MASTER     whom the password belongs to, if it is a master user of the server\n"
	"  --starttls        TLS by STARTTLS (port 143) and not from the first byte (port 993)\n"
	"  --ca FILE         PEM file of whom we believe the certificate (else those of the system)\n"
	"  --timeout N       give up a server that is silent for N seconds (60)\n"
	"  --spam FOLDER, --innocent FOLDER, --skip FOLDER    what this folder and those in it hold\n"
	"  --limit N         take at most N messages, the newest N/2 of each kind (4000)\n"
	"  --since DAYS      take nothing that is older\n"
	"  --dry-run         only list the folders, and what would be taken from each\n"
	"  --again           take also what was taught before, on top of what it has taught\n"
	"  --as-is           leave the marks of SpamAssassin in\n"
	"  --verbose         print a line for each message\n" PROGRAM_HELP_JSON PROGRAM_HELP_OPTIONS;

enum { OPTION_GLOBAL = MAILBOXES_END };

static const struct option options[] = {
	PROGRAM_LONG_OPTIONS,
	PROGRAM_JSON_OPTION,
	{"index", required_argument, NULL, 'i'},
	{"client", no_argument, NULL, 'c'},
	{"global", no_argument, NULL, OPTION_GLOBAL},
	MAILBOXES_OPTIONS,
	{0},
};

struct course {
	struct program program;
	const char *user, *index, *spam, *ham;
	bool global;
	struct caller caller;
	struct corpus messages, spam_messages; /* with an index only `messages`, else it holds the ham */
	struct mailboxes mailboxes;            /* in their place, if some were given */
	struct training training;
	struct user_stats stats;
};

/* ---- which mail ------------------------------------------------------------------- */

/* The whole list first: mixing in proportion needs to know how much there is. */
static bool
list_mail(struct course *course, struct error *error)
{
	if (course->mailboxes.given)
		return mailboxes_list(&course->mailboxes, &course->program.settings->files, course->user, error);
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

	if (course->mailboxes.given)
		return mailboxes_teach(&course->mailboxes, &course->program.settings->files, &course->training, error);
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
	if (course->mailboxes.given)
		mailboxes_print_before(&course->mailboxes, stdout);
	else if (course->index != NULL)
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
	if (course->mailboxes.given)
		mailboxes_print_json(&course->mailboxes, &json);
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
	if (course->mailboxes.given)
		mailboxes_print_after(&course->mailboxes, stdout);
	puts("TRAINING COMPLETE\n\nTraining Snapshot:");
	if (!print_stats(course, false, true, error))
		return false;
	puts("\nOverall Statistics:");
	return print_stats(course, false, false, error);
}

/* ---- the whole ------------------------------------------------------------------------ */

/* How many there are, and whether a line is printed for each. */
static void
begin_training(struct course *course, struct teacher *teacher)
{
	const struct mailboxes *mailboxes = &course->mailboxes;
	size_t total =
		mailboxes->given ? mailboxes->harvest.count : course->messages.count + course->spam_messages.count;
	bool lines = !course->program.json && (!mailboxes->given || mailboxes->verbose);

	training_begin(&course->training, teacher, total, lines ? stdout : NULL);
}

static bool
train_with(struct course *course, struct filter *filter, struct error *error)
{
	struct teacher teacher;
	bool kept = course->mailboxes.given || course->global; /* old mail with its class, and not a day as it was */

	course->stats = (struct user_stats){
		.store = filter_store(filter),
		.home = &course->program.settings->files,
	};
	if (!print_start(course, error))
		return false;
	teacher_begin(&teacher, filter, course->user, kept ? TEACH_CLASS : TEACH_LIVE);
	teacher.mode = kept ? TRAINING_TEFT : TRAINING_MODE_UNSET;
	begin_training(course, &teacher);
	bool good = train_all(course, error);
	training_end(&course->training);
	teacher_end(&teacher);
	if (!good && course->mailboxes.given && !course->program.json)
		mailboxes_print_after(&course->mailboxes, stdout);
	return good && print_end(course, error);
}

static bool
settle(const struct course *course, struct store *store, struct error *error)
{
	store_uid uid;

	return store_user(store, span_from(course->user), false, &uid, error) &&
	       (uid == 0 || store_settle(store, uid, error));
}

/* Who teaches all teaches nobody's mailbox: only those may who may act for everybody. */
static bool
check_global(struct course *course, struct error *error)
{
	course->user = course->program.settings->site_model;
	if (course->user == NULL)
		return error_set(error, ERROR_CONFIG,
				 "there is no model of the site: add \"SiteModel site\" to dspam.conf, with a name "
				 "that nobody has");
	if ((course->program.settings->algorithms & ALGORITHM_ADAPTIVE) == 0)
		return error_set(
			error, ERROR_CONFIG,
			"there is no model of the site: it goes with \"Algorithm adaptive\" only; to teach %s as "
			"the user of other algorithms say %s in place of --global",
			course->user, course->user);
	return course->caller.trusted || caller_may(&course->caller, course->user, error);
}

static bool
is_site(const struct course *course)
{
	const char *site = course->program.settings->site_model;

	return site != NULL && strcmp(site, course->user) == 0;
}

static bool
check_user(struct course *course, struct error *error)
{
	if (!caller_find(course->program.config, &course->caller, error))
		return false;
	if (course->global)
		return check_global(course, error);
	if (course->user == NULL)
		course->user =
			course->mailboxes.imap_host != NULL ? course->mailboxes.account.user : course->caller.name;
	if (!store_name_valid(span_from(course->user)))
		return error_set(error, ERROR_USER, "\"%s\" cannot be a user name", course->user);
	if (is_site(course) && !course->mailboxes.given)
		return error_set(
			error, ERROR_USAGE,
			"%s is the model of the site (SiteModel), which mail that comes in teaches nothing: say "
			"--global in place of %s",
			course->user, course->user);
	return caller_may(&course->caller, course->user, error);
}

static void
print_plan(const struct course *course)
{
	struct json json;

	if (!course->program.json) {
		mailboxes_print_before(&course->mailboxes, stdout);
		return;
	}
	json_begin(&json, stdout);
	json_put_object(&json, NULL);
	json_put_text(&json, "user", span_from(course->user));
	mailboxes_print_json(&course->mailboxes, &json);
	json_put_object_end(&json);
	json_end(&json);
}

static bool
train(struct course *course, struct error *error)
{
	struct filter *filter;

	if (!program_load(&course->program, error) || !check_user(course, error) || !list_mail(course, error))
		return false;
	if (!course->mailboxes.given && course->messages.count + course->spam_messages.count == 0)
		log_warning("there is no message in what was named; of a directory its files are taken, and not those "
			    "of directories in it");
	if (course->mailboxes.dry_run) {
		print_plan(course);
		return true;
	}
	settings_share_store(course->program.settings);
	if (!filter_open(course->program.settings, &filter, error))
		return false;
	bool good = train_with(course, filter, error) && settle(course, filter_store(filter), error);
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
	corpus_warn_of_row(course->program.settings, training->longest_row, training->done);
	return program_status(&course->program, training->unreadable > 0 ? ERROR_INPUT : 0);
}

/* [USER] SPAM HAM, or [USER] with an index or with mailboxes; no USER with --global. */
static void
take_arguments(struct course *course, char **arguments, int count)
{
	int corpora = course->index != NULL || course->mailboxes.given ? 0 : 2;
	int users = course->global ? 0 : 1;

	if (course->index != NULL && course->mailboxes.given)
		program_usage(&course->program, "an index and mailboxes, or options for mailboxes, do not go together");
	if (course->mailboxes.given)
		mailboxes_check(&course->mailboxes, &course->program);
	if (count < corpora)
		program_usage(&course->program,
			      "say which mail: two directories or mbox files, spam first, -i INDEX, or a mailbox");
	if (count > corpora + users)
		program_usage(&course->program, "\"%s\" is one argument too many", arguments[corpora + users]);
	if (count == corpora + 1)
		course->user = *arguments++;
	if (corpora == 2) {
		course->spam = arguments[0];
		course->ham = arguments[1];
	}
}

static void
take_option(struct course *course, int option)
{
	if (option == 'i')
		course->index = optarg;
	else if (option == OPTION_GLOBAL)
		course->global = true;
	else if (option >= PROGRAM_OWN)
		mailboxes_option(&course->mailboxes, &course->program, option);
	else if (option != 'c')
		program_option(&course->program, option);
}

int
main(int argc, char **argv)
{
	static struct course course = {.program = {.name = "dspam_train", .help = help, .usage_status = 255}};
	struct error error;
	int option;

	mailboxes_init(&course.mailboxes);
	while ((option = getopt_long(argc, argv, "i:c", options, NULL)) != -1)
		take_option(&course, option);
	take_arguments(&course, argv + optind, argc - optind);
	setvbuf(stdout, NULL, _IOLBF, 0); /* whoever reads a pipe sees each line when it is true */
	corpus_init(&course.messages);
	corpus_init(&course.spam_messages);
	int status = train(&course, &error) ? exit_status(&course) : program_fail(&course.program, &error);
	mailboxes_free(&course.mailboxes);
	corpus_free(&course.messages);
	corpus_free(&course.spam_messages);
	return program_end(&course.program, status);
}
