/*
 * The recorded effect of every mode, source, class and input on totals and on one token
 * (tests/data/statistics/counters.json), through the whole filter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/crc64.h"
#include "base/file.h"
#include "filter/filter.h"

#define MESSAGE_MAX ((size_t)1024 * 1024)
#define USER "alice"

static const char configuration[] = "Home /nonexistent\n"
				    "StorageDriver memory\n"
				    "Tokenizer chain\n"
				    "Algorithm graham burton\n"
				    "PValue bcr\n"
				    "ProcessorURLContext on\n"
				    "ProcessorBias on\n"
				    "TrainingMode teft\n"
				    "Preference \"signatureLocation=headers\"\n"
				    "Compat trainingBugs doubleTraining\n";

struct stage {
	struct config *config;
	struct settings *settings;
	struct filter *filter;
	struct arena *arena;
	struct span message;
	struct judgement judgement;
};

static void
set_up(struct stage *stage)
{
	struct error error;

	stage->arena = arena_new(filter_arena_ceiling(MESSAGE_MAX));
	if (!config_parse(span_from(configuration), "test", NULL, NULL, &stage->config, &error) ||
	    !settings_new(stage->config, &stage->settings, &error) ||
	    !filter_open(stage->settings, &stage->filter, &error) ||
	    !file_read(stage->arena, STATISTICS "/ham1.eml", MESSAGE_MAX, &stage->message, &error))
		fail_msg("%s", error.text);
}

static void
tear_down(struct stage *stage)
{
	filter_close(stage->filter);
	settings_free(stage->settings);
	config_free(stage->config);
	arena_free(stage->arena);
}

static void
run(struct stage *stage, const struct request *request, struct span message)
{
	struct error error;

	if (!filter_judge(stage->filter, stage->arena, request, USER, message, &stage->judgement, &error) ||
	    !filter_learn(stage->filter, &stage->judgement, &error))
		fail_msg("%s", error.text);
}

static store_uid
uid(struct stage *stage)
{
	store_uid number;
	struct error error;

	assert_true(store_user(filter_store(stage->filter), SPAN(USER), true, &number, &error));
	return number;
}

static void
read_state(struct stage *stage, struct totals *totals, struct store_row *row)
{
	struct error error;

	row->token = crc64(0, SPAN("minutes"));
	assert_true(store_read(filter_store(stage->filter), uid(stage), totals, row, 1, &error));
}

/* The totals of a store that has seen much mail. */
static void
make_mature(struct stage *stage)
{
	struct totals now;
	struct store_row row;
	struct error error;

	read_state(stage, &now, &row);
	struct store_lesson lesson = {
		.uid = uid(stage),
		.totals = {.spam_learned = 3000 - now.spam_learned,
			   .innocent_learned = 3000 - now.innocent_learned,
			   .spam_misclassified = 10,
			   .innocent_misclassified = 10,
			   .spam_corpusfed = 50,
			   .innocent_corpusfed = 50},
	};
	assert_true(store_learn(filter_store(stage->filter), &lesson, &error));
}

/* "--class=spam --source=error --signature=@SIG" as a request. */
static void
read_arguments(const char *arguments, const char *signature, struct request *request)
{
	struct span rest = span_from(arguments), word;

	while (span_next_word(&rest, " ", &word)) {
		if (span_equal(word, SPAN("--class=spam")))
			request->training_class = CLASS_SPAM;
		else if (span_equal(word, SPAN("--class=innocent")))
			request->training_class = CLASS_INNOCENT;
		else if (span_equal(word, SPAN("--classify")))
			request->classify = true;
		else if (span_equal(word, SPAN("--signature=@SIG")))
			request->signature = signature;
		else if (span_starts(word, SPAN("--source=")))
			assert_true(training_source_named(span_skip(word, 9), &request->source));
	}
}

static void
check_total(json_t *row, const char *name, int64_t before, int64_t after)
{
	json_int_t wanted = json_integer_value(json_object_get(json_object_get(row, "totals_delta"), name));

	if (after - before != wanted)
		fail_msg("%s: %lld, wanted %lld", name, (long long)(after - before), (long long)wanted);
}

static void
check_row(json_t *row)
{
	struct stage stage = {.config = NULL};
	struct request first = {.mode = TRAINING_TEFT}, second = {.mode = TRAINING_MODE_UNSET};
	struct totals before, after;
	struct store_row token = {0};

	set_up(&stage);
	run(&stage, &first, stage.message);
	assert_true(stage.judgement.judged);
	assert_non_null(stage.judgement.signature);
	if (json_is_true(json_object_get(row, "mature")))
		make_mature(&stage);
	const char *mode = json_string_value(json_object_get(row, "mode"));
	assert_true(training_mode_named(span_from(mode), &second.mode));
	read_arguments(json_string_value(json_object_get(row, "args")), stage.judgement.signature, &second);
	read_state(&stage, &before, &token);
	json_t *old = json_object_get(row, "token_before"), *new = json_object_get(row, "token_after");
	assert_int_equal(token.spam, json_integer_value(json_array_get(old, 0)));
	assert_int_equal(token.innocent, json_integer_value(json_array_get(old, 1)));
	run(&stage, &second, second.signature != NULL ? (struct span){NULL, 0} : stage.message);
	read_state(&stage, &after, &token);
	check_total(row, "SL", before.spam_learned, after.spam_learned);
	check_total(row, "IL", before.innocent_learned, after.innocent_learned);
	check_total(row, "SM", before.spam_misclassified, after.spam_misclassified);
	check_total(row, "IM", before.innocent_misclassified, after.innocent_misclassified);
	check_total(row, "SC", before.spam_corpusfed, after.spam_corpusfed);
	check_total(row, "IC", before.innocent_corpusfed, after.innocent_corpusfed);
	check_total(row, "ScL", before.spam_classified, after.spam_classified);
	check_total(row, "IcL", before.innocent_classified, after.innocent_classified);
	assert_int_equal(token.spam, json_integer_value(json_array_get(new, 0)));
	assert_int_equal(token.innocent, json_integer_value(json_array_get(new, 1)));
	tear_down(&stage);
}

static void
test_recorded_counters(void **state)
{
	json_t *rows = json_object_get(*state, "rows"), *row;
	size_t index;

	json_array_foreach(rows, index, row)
	{
		print_message("row %zu: %s %s %s mature=%d\n", index, json_string_value(json_object_get(row, "case")),
			      json_string_value(json_object_get(row, "mode")),
			      json_string_value(json_object_get(row, "args")),
			      json_is_true(json_object_get(row, "mature")));
		check_row(row);
	}
	assert_int_equal(index, 136);
}

int
main(void)
{
	json_error_t error;
	json_t *counters = json_load_file(STATISTICS "/counters.json", 0, &error);
	const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_recorded_counters, counters)};

	if (counters == NULL) {
		print_error("%s: %s\n", error.source, error.text);
		return 1;
	}
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	json_decref(counters);
	return failed;
}
