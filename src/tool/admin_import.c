/* dspam_admin import, import-user: bring users in, from wherever. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "move/import.h"
#include "move/source.h"
#include "move/user_file.h"
#include "tool/admin.h"
#include "tool/day.h"
#include "tool/json.h"
#include "tool/progress.h"

struct importing {
	struct admin_call *call;
	struct source_options options;
	struct store *store;
	struct progress progress;
	struct json json;
	size_t users, failed;
	uint64_t rows, signatures;
};

/* ---- saying what was done --------------------------------------------------------- */

static const char *
outcome(const struct importing *importing, const struct import_result *result)
{
	if (admin_value(importing->call, ADMIN_DRY_RUN) != NULL)
		return "would be imported";
	if (result->was_there)
		return "was there already";
	if (!result->same)
		return "verified, with what was there before";
	return result->went_on ? "verified, after an interruption" : "verified";
}

static void
put_json(struct importing *importing, const struct person *person, const struct import_result *result)
{
	struct json *json = &importing->json;
	char checksum[32];

	json_put_object(json, NULL);
	json_put_text(json, "user", span_from(person->name));
	json_put_boolean(json, "defaults", person->site);
	json_put_integer(json, "tokens", (int64_t)person->count);
	json_put_integer(json, "signatures", (int64_t)result->signatures);
	json_put_integer(json, "preferences", (int64_t)person->preference_count);
	snprintf(checksum, sizeof checksum, "%016" PRIx64, result->checksum);
	json_put_text(json, "checksum", span_from(checksum));
	snprintf(checksum, sizeof checksum, "%016" PRIx64, result->signature_checksum);
	json_put_text(json, "signature_checksum", span_from(checksum));
	json_put_integer(json, "tokens_now", (int64_t)result->rows_after);
	json_put_text(json, "result", span_from(outcome(importing, result)));
	json_put_object_end(json);
}

static void
report(struct importing *importing, const struct person *person, const struct import_result *result)
{
	importing->users += !person->site;
	importing->rows += person->count;
	importing->signatures += result->signatures;
	progress_clear(&importing->progress);
	if (importing->call->program->json)
		put_json(importing, person, result);
	else if (person->site)
		printf("defaults of the site: %zu preferences\n", person->preference_count);
	else
		printf("%s: %zu tokens, %zu signatures, checksums %016" PRIx64 " %016" PRIx64 ": %s\n", person->name,
		       person->count, result->signatures, result->checksum, result->signature_checksum,
		       outcome(importing, result));
	fflush(stdout);
	admin_tell_ballots(person->name, result->ballots);
}

/* One who cannot be imported, or a file that cannot be read, does not keep the others out. */
static void
report_failure(struct importing *importing, const struct error *error)
{
	progress_clear(&importing->progress);
	log_error("%s", error->text);
	importing->failed++;
	if (importing->call->status == 0)
		importing->call->status = error_exit_status(error);
}

static void
report_sum(const struct importing *importing)
{
	if (importing->call->program->json)
		return;
	printf("%zu users, %" PRIu64 " tokens, %" PRIu64 " signatures", importing->users, importing->rows,
	       importing->signatures);
	if (importing->failed > 0)
		printf("; %zu failed", importing->failed);
	putchar('\n');
}

/* ---- one person --------------------------------------------------------------- */

static bool
count_signature(void *context, const struct store_signature *signature)
{
	struct import_result *result = context;

	result->signatures++;
	result->signature_checksum = person_signature_checksum(result->signature_checksum, signature);
	return true;
}

static bool
look(const struct person *person, struct import_result *result, struct error *error)
{
	*result = (struct import_result){.checksum = person_checksum(person)};
	return person_each_signature(person, count_signature, result, &result->ballots, error);
}

static void
step(void *context, size_t done)
{
	progress_step(context, done);
}

static void
import_one(struct importing *importing, const struct person *person)
{
	const struct import_options options = {
		.add = admin_value(importing->call, ADMIN_ADD) != NULL,
		.today = importing->options.today,
		.step = step,
		.context = &importing->progress,
	};
	struct import_result result;
	struct error error;

	progress_begin(&importing->progress, "tokens", person->count);
	bool done = admin_value(importing->call, ADMIN_DRY_RUN) != NULL
			    ? look(person, &result, &error)
			    : import_person(importing->store, person, &options, &result, &error);
	if (done) {
		report(importing, person, &result);
		return;
	}
	error_prefix(&error, "%s", person->name);
	report_failure(importing, &error);
}

/* ---- sources ------------------------------------------------------------------ */

static void
warn(const struct source *source)
{
	if (source->share.words > 0)
		log_notice("%zu of %zu words can be tokens of ours; the others stand in headers whose names are lost,"
			   " or are cut otherwise here",
			   source->share.used, source->share.words);
	if (source->guessed)
		log_warning("the text of dspam_dump has no totals: the most hits of any token are taken; better give"
			    " them with --totals=SPAM,INNOCENT");
}

static void
import_all(struct importing *importing, struct source *source)
{
	struct person person;
	struct error error;
	bool more = true;

	person_init(&person);
	warn(source);
	while (more) {
		if (!source_next(source, &person, &more, &error))
			report_failure(importing, &error);
		else if (more && (!person.site || person.preference_count > 0))
			import_one(importing, &person);
		person_free(&person);
	}
}

static void
import_paths(struct importing *importing)
{
	const struct admin_call *call = importing->call;

	for (int i = 0; i < call->count; i++) {
		struct source source;
		struct error error;
		if (source_open(&source, call->words[i], &importing->options, &error))
			import_all(importing, &source);
		else
			report_failure(importing, &error);
		source_close(&source);
	}
}

static bool
is_same_store(const struct store_options *a, const struct store_options *b)
{
	bool same = strcmp(a->driver, b->driver) == 0 && a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++)
		same = strcmp(a->options[i].name, b->options[i].name) == 0 &&
		       strcmp(a->options[i].value, b->options[i].value) == 0;
	return same;
}

static bool
import_store(struct importing *importing, const struct store_options *from, struct error *error)
{
	struct source source;
	struct store *store;

	if (is_same_store(from, &importing->call->program->settings->store))
		return error_set(error, ERROR_USAGE, "that is the store itself: name the dspam.conf of another");
	if (!store_open(from, &store, error))
		return false;
	bool done = source_open_store(&source, store, &importing->options, error);
	if (done)
		import_all(importing, &source);
	source_close(&source);
	store_close(store);
	return done;
}

static bool
import_from_config(struct importing *importing, const char *path, struct error *error)
{
	struct config *config = NULL;
	struct settings *settings = NULL;
	bool done = config_load(path, NULL, NULL, &config, error) && settings_new(config, &settings, error);

	done = (done && import_store(importing, &settings->store, error)) ||
	       error_prefix(error, "--from-config %s", path);
	settings_free(settings);
	config_free(config);
	return done;
}

/* ---- command line --------------------------------------------------------------- */

/* SPAM,INNOCENT, or all eight. */
static void
take_totals(struct importing *importing, const char *text)
{
	struct totals *totals = &importing->options.totals;
	int64_t *counters[] = {&totals->spam_learned,       &totals->innocent_learned,
			       &totals->spam_misclassified, &totals->innocent_misclassified,
			       &totals->spam_corpusfed,     &totals->innocent_corpusfed,
			       &totals->spam_classified,    &totals->innocent_classified};
	struct span rest = span_from(text), word;
	unsigned long long number;
	size_t count = 0;

	while (span_next_word(&rest, ",", &word)) {
		if (count == 8 || !span_to_number(word, INT32_MAX, &number))
			program_usage(importing->call->program, "--totals=%s: write SPAM,INNOCENT or all eight totals",
				      text);
		*counters[count++] = (int64_t)number;
	}
	if (count != 2 && count != 8)
		program_usage(importing->call->program, "--totals=%s: write SPAM,INNOCENT or all eight totals", text);
}

static void
take_options(struct importing *importing)
{
	const struct admin_call *call = importing->call;
	const char *dialect = admin_value(call, ADMIN_DIALECT), *totals = admin_value(call, ADMIN_TOTALS);

	importing->options = (struct source_options){
		.format = admin_value(call, ADMIN_FORMAT),
		.user = admin_value(call, ADMIN_USER),
		.names = admin_value(call, ADMIN_NAMES),
		.pgsql = dialect != NULL && strcmp(dialect, "mysql") != 0,
		.tokenizer = call->program->settings->tokenizer,
		.today = day_today(),
	};
	if (dialect != NULL && strcmp(dialect, "mysql") != 0 && strcmp(dialect, "pgsql") != 0 &&
	    strcmp(dialect, "sqlite") != 0)
		program_usage(call->program, "--dialect=%s: write mysql, pgsql or sqlite", dialect);
	if (totals != NULL)
		take_totals(importing, totals);
}

/* Run `work` with the store, and the beginning and end of the output around it. */
static bool
with_store(struct importing *importing, bool (*work)(struct importing *, struct error *), struct error *error)
{
	struct json *json = &importing->json;
	bool is_json = importing->call->program->json;

	if (!store_open(&importing->call->program->settings->store, &importing->store, error))
		return false;
	if (is_json) {
		json_begin(json, stdout);
		json_put_object(json, NULL);
		json_put_array(json, "users");
	}
	bool done = work(importing, error);
	if (is_json) {
		json_put_array_end(json);
		json_put_integer(json, "tokens", (int64_t)importing->rows);
		json_put_integer(json, "signatures", (int64_t)importing->signatures);
		json_put_integer(json, "failed", (int64_t)importing->failed);
		json_put_boolean(json, "complete", done && importing->failed == 0);
		json_put_object_end(json);
		json_end(json);
	} else if (done) {
		report_sum(importing);
	}
	store_close(importing->store);
	return done;
}

static bool
work(struct importing *importing, struct error *error)
{
	const char *from = admin_value(importing->call, ADMIN_FROM_CONFIG);

	if (from != NULL)
		return import_from_config(importing, from, error);
	import_paths(importing);
	return true;
}

bool
admin_import(struct admin_call *call, struct error *error)
{
	struct importing importing = {.call = call};
	bool from_store = admin_value(call, ADMIN_FROM_CONFIG) != NULL;

	if (from_store == (call->count > 0))
		program_usage(call->program, "write dspam_admin import SOURCE..., or import --from-config FILE");
	take_options(&importing);
	return with_store(&importing, work, error);
}

/* ---- import-user -------------------------------------------------------------- */

static bool
read_user(struct importing *importing, struct person *person, struct error *error)
{
	const struct admin_call *call = importing->call;
	bool standard = strcmp(call->words[0], "-") == 0;
	FILE *in = standard ? stdin : fopen(call->words[0], "re");

	if (in == NULL)
		return error_set(error, errno == EACCES ? ERROR_PERMISSION : ERROR_INPUT, "%s: %s", call->words[0],
				 strerror(errno));
	bool done = user_file_read(in, standard ? "standard input" : call->words[0], person, error);
	if (!standard)
		fclose(in);
	if (done && call->count > 1)
		person_name(person, span_from(call->words[1]));
	person_finish(person);
	return done;
}

static bool
work_user(struct importing *importing, struct error *error)
{
	struct person person;

	person_init(&person);
	bool done = read_user(importing, &person, error);
	if (done)
		import_one(importing, &person);
	person_free(&person);
	return done;
}

bool
admin_import_user(struct admin_call *call, struct error *error)
{
	struct importing importing = {.call = call, .options = {.today = day_today()}};

	return with_store(&importing, work_user, error);
}
