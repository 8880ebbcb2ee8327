/* dspam_notify: tell users by mail what is new in their quarantines. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/log.h"
#include "tool/digest.h"
#include "tool/json.h"
#include "tool/program.h"
#include "tool/tally.h"
#include "tool/user_list.h"

#define ARENA_MAX ((size_t)64 * 1024 * 1024)
#define MESSAGE_MAX ((size_t)128 * 1024 * 1024)
#define KEPT_TIME 30000 /* milliseconds for which a connection is kept */
#define HOURS 24
#define HOURS_MAX 100000

static const char help[] =
	"Usage: dspam_notify [OPTION]... [USER]...\n"
	"Mail each USER (without one: all whose spam was caught) a list of what came into the quarantine\n"
	"in the last hours. Who has the preference dailyQuarantineSummary=off gets none, nor does anybody\n"
	"in whose quarantine nothing is new. Sender, subject, links and server: Notify* in dspam.conf.\n"
	"\n"
	"  --hours=N         how far to look back (24)\n"
	"  --from=ADDRESS    the sender, instead of NotifySender\n"
	"  --subject=TEXT    the subject, instead of NotifySubject\n"
	"  --url=URL         of dspam.cgi, for links, instead of NotifyURL\n"
	"  --domain=DOMAIN   for users without one, instead of NotifyDomain\n"
	"  --dry-run         print the mails to standard output instead of sending them\n"
	"  --json            write who got a summary, and who could not, as JSON\n" PROGRAM_HELP_OPTIONS;

enum { OPTION_HOURS = PROGRAM_OWN, OPTION_FROM, OPTION_SUBJECT, OPTION_URL, OPTION_DOMAIN, OPTION_DRY_RUN };

static const struct option options[] = {
	{"hours", required_argument, NULL, OPTION_HOURS},
	{"from", required_argument, NULL, OPTION_FROM},
	{"subject", required_argument, NULL, OPTION_SUBJECT},
	{"url", required_argument, NULL, OPTION_URL},
	{"domain", required_argument, NULL, OPTION_DOMAIN},
	{"dry-run", no_argument, NULL, OPTION_DRY_RUN},
	PROGRAM_LONG_OPTIONS,
	PROGRAM_JSON_OPTION,
	{0},
};

/* What became of one user. */
struct outcome {
	const char *recipient;
	size_t found; /* messages */
	bool sent;
	bool said; /* what went wrong is in the log */
};

struct notifier {
	struct program program;
	unsigned hours;
	const char *sender, *subject, *url, *domain; /* NULL: as dspam.conf says */
	bool dry_run;

	struct agent_site site;
	struct store *store;
	struct preference_defaults *defaults;
	struct deliver_hosts *hosts;
	struct arena *arena; /* for one user */
	char own_sender[300];
	int status; /* of the first failure */
	struct json json;
};

/* ---- one user ----------------------------------------------------------------------------- */

static bool
read_user(struct notifier *notifier, const char *user, struct totals *totals, struct preferences *preferences,
	  struct error *error)
{
	store_uid uid;

	if (!store_user(notifier->store, span_from(user), false, &uid, error))
		return false;
	if (uid == 0)
		return error_set(error, ERROR_USER, "there is no user %s in the store", user);
	struct preference_owner owner = preference_owner_of(&notifier->site.files, notifier->arena, user, uid);
	return store_read(notifier->store, uid, totals, NULL, 0, error) &&
	       preferences_of(notifier->defaults, notifier->store, &owner, notifier->arena, preferences, error);
}

/* To the SMTP server that these mails have of their own. */
static bool
send_to_host(struct notifier *notifier, const char *recipient, struct span text, struct deliver_result *result)
{
	const struct config *config = notifier->program.config;
	const struct deliver_message message = {.pieces = &text, .count = 1};
	struct error error;
	struct deliver_route route = {
		.protocol = LMTP_CLIENT_SMTP,
		.host = config_get(config, "NotifyHost"),
		.port = (unsigned)config_number(config, "NotifyPort"),
		.ident = notifier->site.ident,
		.timeout = notifier->site.timeout,
	};

	if (agent_secure_find(notifier->site.secure, "Notify", SPAN(""), route.host, &route.secure, &error))
		return deliver_host(notifier->hosts, &route, SPAN(""), span_from(recipient), false, &message, result);
	*result = (struct deliver_result){.outcome = DELIVER_TEMPORARY};
	snprintf(result->text, sizeof result->text, "%s", error.text);
	return false;
}

/* By NotifyHost, else the way of all mail. */
static bool
send_message(struct notifier *notifier, const char *user, const char *recipient, struct span text,
	     struct deliver_result *result)
{
	const struct agent_options options_none = {.sender = "", .deliver = AGENT_WANT_INNOCENT, .trusted = true};
	const struct agent_task task = {
		.site = &notifier->site,
		.options = &options_none,
		.user = {.name = user, .recipient = recipient},
		.judgement = {.pieces = &text, .piece_count = 1},
		.way = AGENT_TO_RECIPIENT,
	};

	if (config_get(notifier->program.config, "NotifyHost") == NULL)
		return agent_hand_on(&task, notifier->hosts, STDOUT_FILENO, result);
	if (send_to_host(notifier, recipient, text, result))
		return true;
	log_error("user %s: the summary could not be sent: %s", user, result->text);
	return false;
}

static bool
deliver(struct notifier *notifier, const char *user, const struct digest *digest, struct outcome *outcome,
	struct error *error)
{
	struct buffer message = BUFFER_INIT(MESSAGE_MAX);
	struct deliver_result result;
	bool good = digest_write(digest, &message) ||
		    error_set(error, ERROR_DATA, "user %s: the summary is too long", user);

	if (good && notifier->dry_run) {
		if (!notifier->program.json)
			fwrite(message.data, 1, message.size, stdout);
	} else if (good && !send_message(notifier, user, digest->recipient, buffer_span(&message), &result)) {
		good = error_set(error, ERROR_UNAVAILABLE, "%s", result.text);
		error->temporary = result.outcome != DELIVER_PERMANENT;
		outcome->said = true;
	}
	outcome->sent = good && !notifier->dry_run;
	buffer_free(&message);
	return good;
}

/* The list that he gets, with what he may see: of a quarantine that several share, what came for him. */
static bool
summarize(struct notifier *notifier, const char *user, const struct preferences *preferences, struct outcome *outcome,
	  struct error *error)
{
	const char *shared = preferences->local_store;
	const char *path = home_file(&notifier->site.files, notifier->arena, shared != NULL ? shared : user, "mbox");
	const time_t now = time(NULL);
	struct quarantine_list list;
	const struct quarantine_query query = {
		.since = now - (time_t)notifier->hours * 3600,
		.user = shared != NULL ? user : NULL,
		.most = (size_t)config_number(notifier->program.config, "NotifyMaximum"),
	};
	const char *recipient = strchr(user, '@') != NULL || notifier->domain == NULL
					? user
					: arena_printf(notifier->arena, "%s@%s", user, notifier->domain);

	if (path == NULL || recipient == NULL)
		return error_set(error, ERROR_USER, "\"%s\" has no quarantine", user);
	if (!quarantine_list_read(path, &query, notifier->arena, &list, error))
		return false;
	outcome->recipient = recipient;
	outcome->found = list.found;
	const struct digest digest = {
		.sender = notifier->sender,
		.recipient = recipient,
		.user = user,
		.subject = notifier->subject,
		.url = notifier->url,
		.hours = notifier->hours,
		.now = now,
		.list = &list,
	};
	return list.count == 0 || deliver(notifier, user, &digest, outcome, error);
}

/* Those for whom nothing was to be done are left out. */
static void
report(struct notifier *notifier, const char *user, const struct outcome *outcome, const struct error *error)
{
	struct json *json = &notifier->json;

	if (!notifier->program.json || (outcome->found == 0 && error == NULL))
		return;
	json_put_object(json, NULL);
	json_put_text(json, "user", span_from(user));
	if (outcome->recipient != NULL)
		json_put_text(json, "recipient", span_from(outcome->recipient));
	json_put_integer(json, "messages", (int64_t)outcome->found);
	json_put_boolean(json, "sent", outcome->sent);
	if (error != NULL)
		json_put_text(json, "error", span_from(error->text));
	json_put_object_end(json);
}

/* Each user on his own: one of whom something is wrong keeps no other from his list. */
static void
notify(struct notifier *notifier, const char *user)
{
	struct preferences preferences;
	struct outcome outcome = {.sent = false};
	struct totals totals;
	struct error error;

	arena_reset(notifier->arena);
	bool good = read_user(notifier, user, &totals, &preferences, &error);
	if (good && preferences.daily_summary && tally_of(&totals).true_positives > 0)
		good = summarize(notifier, user, &preferences, &outcome, &error);
	report(notifier, user, &outcome, good ? NULL : &error);
	if (good)
		return;
	if (!outcome.said)
		log_error("%s", error.text);
	if (notifier->status == 0)
		notifier->status = program_status(&notifier->program, error_exit_status(&error));
}

/* ---- all users -------------------------------------------------------------------------------- */

static bool
notify_all(struct notifier *notifier, struct error *error)
{
	struct user_list users = {.names = NULL};
	bool done = user_list_read(&users, notifier->store, error);

	for (size_t i = 0; done && i < users.count; i++)
		notify(notifier, users.names[i]);
	user_list_free(&users);
	return done;
}

static bool
notify_these(struct notifier *notifier, char *const *names, size_t count, struct error *error)
{
	for (size_t i = 0; i < count; i++)
		notify(notifier, names[i]);
	return count > 0 || notify_all(notifier, error);
}

static bool
notify_with_json(struct notifier *notifier, char *const *names, size_t count, struct error *error)
{
	struct json *json = &notifier->json;

	json_begin(json, stdout);
	json_put_object(json, NULL);
	json_put_array(json, "users");
	bool done = notify_these(notifier, names, count, error);
	json_put_array_end(json);
	json_put_boolean(json, "complete", done && notifier->status == 0);
	json_put_object_end(json);
	json_end(json);
	return done;
}

/* ---- settings ----------------------------------------------------------------------------------- */

static const char *
setting(const struct notifier *notifier, const char *given, const char *name)
{
	return given != NULL ? given : config_get(notifier->program.config, name);
}

/* What becomes part of a header must not begin another one. */
static bool
check_line(const char *name, const char *text, struct error *error)
{
	for (const char *c = text; c != NULL && *c != '\0'; c++)
		if ((unsigned char)*c < 32 || *c == 127)
			return error_set(error, ERROR_USAGE, "%s: no control bytes can stand in it", name);
	return true;
}

static bool
settle(struct notifier *notifier, struct error *error)
{
	char host[256] = "localhost";

	notifier->sender = setting(notifier, notifier->sender, "NotifySender");
	notifier->subject = setting(notifier, notifier->subject, "NotifySubject");
	notifier->url = setting(notifier, notifier->url, "NotifyURL");
	notifier->domain = setting(notifier, notifier->domain, "NotifyDomain");
	if (notifier->sender == NULL) {
		gethostname(host, sizeof host - 1);
		snprintf(notifier->own_sender, sizeof notifier->own_sender, "postmaster@%s", host);
		notifier->sender = notifier->own_sender;
	}
	return check_line("NotifySender", notifier->sender, error) &&
	       check_line("NotifySubject", notifier->subject, error) &&
	       check_line("NotifyDomain", notifier->domain, error);
}

static bool
check_way(const struct notifier *notifier, struct error *error)
{
	if (notifier->dry_run || config_get(notifier->program.config, "NotifyHost") != NULL || notifier->site.by_host ||
	    notifier->site.trusted_command != NULL)
		return true;
	return error_set(error, ERROR_CONFIG,
			 "dspam.conf names no way to send the summaries: set NotifyHost, DeliveryHost or "
			 "TrustedDeliveryAgent, or use --dry-run");
}

static bool
run(struct notifier *notifier, char **names, size_t count, struct error *error)
{
	struct program *program = &notifier->program;
	bool done;

	if (!program_load_trusted(program, error) || !settle(notifier, error))
		return false;
	agent_site_init(&notifier->site, program->config);
	notifier->site.secure = agent_secure_new(program->config);
	notifier->arena = arena_new(ARENA_MAX);
	notifier->hosts = deliver_hosts_new(1, KEPT_TIME);
	done = check_way(notifier, error) && store_open(&program->settings->store, &notifier->store, error) &&
	       preference_defaults_new(program->config, notifier->store, &notifier->defaults, error);
	done = done && (program->json ? notify_with_json : notify_these)(notifier, names, count, error);
	preference_defaults_free(notifier->defaults);
	if (notifier->store != NULL)
		store_close(notifier->store);
	deliver_hosts_free(notifier->hosts);
	agent_secure_free(notifier->site.secure);
	arena_free(notifier->arena);
	return done;
}

static void
take_option(struct notifier *notifier, int option)
{
	unsigned long long hours;

	switch (option) {
	case OPTION_HOURS:
		if (!span_to_number(span_from(optarg), HOURS_MAX, &hours) || hours == 0)
			program_usage(&notifier->program, "--hours=%s: wants a number from 1 to %d", optarg, HOURS_MAX);
		notifier->hours = (unsigned)hours;
		break;
	case OPTION_FROM:
		notifier->sender = optarg;
		break;
	case OPTION_SUBJECT:
		notifier->subject = optarg;
		break;
	case OPTION_URL:
		notifier->url = optarg;
		break;
	case OPTION_DOMAIN:
		notifier->domain = optarg;
		break;
	case OPTION_DRY_RUN:
		notifier->dry_run = true;
		break;
	default:
		program_option(&notifier->program, option);
	}
}

int
main(int argc, char **argv)
{
	struct notifier notifier = {.program = {.name = "dspam_notify", .help = help}, .hours = HOURS};
	struct error error;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take_option(&notifier, option);
	if (!run(&notifier, argv + optind, (size_t)(argc - optind), &error))
		notifier.status = program_fail(&notifier.program, &error);
	return program_end(&notifier.program, notifier.status);
}
