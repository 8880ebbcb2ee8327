/* What signatures keep of lessons with Algorithm adaptive: there and back, damaged, of the other kind. */
#include "adaptive_alice.h"

#include <stdio.h>
#include <stdlib.h>

#include "filter/kept_features.h"
#include "filter/signature.h"

static int32_t
any_number(uint64_t *random)
{
	static const int32_t odd[] = {0, 1, -1, 63, 64, -64, -65, INT32_MAX, INT32_MIN};
	uint64_t number = random_next(random);

	return number % 2 == 0 ? odd[number / 2 % 9] : (int32_t)(number >> (32 + number / 2 % 31));
}

static void
check_again(const struct kept_features *kept, struct arena *arena)
{
	struct kept_features again;
	struct error error;
	struct span data = kept_features_encode(arena, kept);

	assert_true(kept_features_are(data));
	must(kept_features_decode(arena, data, &again, &error), &error);
	assert_int_equal(again.set->count, kept->set->count);
	assert_true(again.sender == kept->sender && again.verdict == kept->verdict && again.lesson == kept->lesson);
	assert_int_equal(again.counted, kept->counted && kept->lesson != CLASS_NONE);
	assert_int_equal(again.surprises, kept->surprises && kept->lesson != CLASS_NONE);
	assert_int_equal(again.said, kept->said && kept->lesson != CLASS_NONE);
	/* in the order of the views, and in each as they were */
	for (size_t view = 0, at = 0; view < FEATURE_VIEWS; view++)
		for (size_t i = 0; i < kept->set->count; i++) {
			if (kept->set->features[i].view != view)
				continue;
			assert_true(again.set->features[at].id == kept->set->features[i].id);
			assert_int_equal(again.set->features[at].view, view);
			if (kept->lesson != CLASS_NONE) {
				assert_int_equal(again.changes[at].weight, kept->changes[i].weight);
				assert_int_equal(again.changes[at].gradient, kept->changes[i].gradient);
			}
			at++;
		}
	/* nothing that is shorter is taken for one */
	for (size_t size = 0; size < data.size; size += 1 + data.size / 500)
		if (kept_features_are(span_head(data, size)))
			assert_false(kept_features_decode(arena, span_head(data, size), &again, &error));
}

static void
test_encoding(void **state)
{
	uint64_t random = 7;

	(void)state;
	learned_open(&place, "memory", NULL, "");
	for (int round = 0; round < 200; round++) {
		size_t count = round == 0 ? 0 : round == 1 ? FEATURES_MAX : random_next(&random) % 200;
		struct feature_set set = {calloc(count + 1, sizeof *set.features), count};
		struct adaptive_change *changes = calloc(count + 1, sizeof *changes);
		for (size_t i = 0; i < count; i++) {
			set.features[i] = (struct feature){.id = random_next(&random),
							   .view = (uint8_t)(random_next(&random) % FEATURE_VIEWS)};
			changes[i] = (struct adaptive_change){.weight = any_number(&random),
							      .gradient = any_number(&random)};
		}
		check_again(&(struct kept_features){.set = &set,
						    .sender = random_next(&random),
						    .verdict = (enum training_class)(random_next(&random) % 3),
						    .lesson = (enum training_class)(random_next(&random) % 3),
						    .counted = random_next(&random) % 2 == 0,
						    .surprises = random_next(&random) % 2 == 0,
						    .said = random_next(&random) % 2 == 0,
						    .changes = changes},
			    stage->arena);
		arena_reset(stage->arena);
		free(changes);
		free(set.features);
	}
}

static void
put(const char *id, struct span data)
{
	const struct store_signature signature = {id, data, 20000};
	const struct store_lesson lesson = {.uid = stage_uid(stage, "alice"), .day = 20000, .signature = &signature};

	must(store_learn(filter_store(stage->filter), &lesson, &stage->error), &stage->error);
}

/* Report by a signature with this content; whether anything was learned from it. */
static bool
report_with(const char *id, struct span data)
{
	const struct request request = {.training_class = CLASS_SPAM, .source = SOURCE_ERROR, .signature = id};

	put(id, data);
	stage_run(stage, &request, "alice", SPAN(""));
	bool learned = stage->judgement.training == TRAINING_DONE;
	if (!learned) {
		assert_false(stage->judgement.has_lesson);
		assert_non_null(stage->judgement.note);
		assert_true(*stage->judgement.note != '\0');
	}
	return learned;
}

static void
test_damaged(void **state)
{
	enum { HEAD = 26 };
	static const unsigned char flips[] = {1, 2, 0x80, 0xFF};
	struct store_signature kept;
	bool found;

	(void)state;
	learned_open(&place, "memory", NULL, "");
	feed(CLASS_SPAM, SPAM_MAIL, 3);
	stage_receive(stage, "alice", HAM_MAIL);
	const char *id = stage->judgement.signature;
	must(store_signature_get(filter_store(stage->filter), stage_uid(stage, "alice"), id, stage->arena, &kept,
				 &found, &stage->error),
	     &stage->error);
	assert_true(found && kept.data.size > 200);
	char *data = arena_text(stage->arena, kept.data.size + 1);
	memcpy(data, kept.data.data, kept.data.size);
	data[kept.data.size] = 'x';
	for (size_t size = 0; size < kept.data.size; size++) {
		struct learned before = learned_of(stage, "alice");
		assert_false(report_with(id, span_of(data, size)));
		if (size >= 8)
			assert_non_null(strstr(stage->judgement.note, "damaged"));
		expect_same(&before);
		learned_free(&before);
	}
	assert_false(report_with(id, span_of(data, kept.data.size + 1)));
	for (size_t i = 0; i < kept.data.size; i++)
		for (size_t flip = 0; flip < sizeof flips; flip++) {
			data[i] = (char)(data[i] ^ flips[flip]);
			bool learned = report_with(id, span_of(data, kept.data.size));
			/* what says how it is made must be right; another verdict and other numbers can be */
			if (i < HEAD - 8 && i != 9 && !(i == 10 && flips[flip] < 4))
				assert_false(learned);
			data[i] = (char)(data[i] ^ flips[flip]);
		}
	assert_true(report_with(id, span_of(data, kept.data.size)));
}

static void
test_other_kind(void **state)
{
	struct request report = {.training_class = CLASS_SPAM, .source = SOURCE_ERROR};
	char old[64], new[64];

	(void)state;
	learned_open(&place, "sqlite", NULL, "Algorithm graham burton\n");
	stage_receive(stage, "alice", HAM_MAIL);
	snprintf(old, sizeof old, "%s", stage->judgement.signature);
	learned_reopen(&place, "");
	stage_receive(stage, "alice", NEW_MAIL);
	snprintf(new, sizeof new, "%s", stage->judgement.signature);
	struct learned before = learned_of(stage, "alice");
	struct totals totals = stage_totals(stage, "alice"), after;
	report.signature = old;
	stage_run(stage, &report, "alice", SPAN(""));
	assert_int_equal(stage->judgement.training, TRAINING_REFUSED);
	assert_non_null(strstr(stage->judgement.note, "Algorithm was changed"));
	expect_same(&before);
	learned_reopen(&place, "Algorithm graham burton\n");
	report.signature = new;
	stage_run(stage, &report, "alice", SPAN(""));
	assert_int_equal(stage->judgement.training, TRAINING_REFUSED);
	assert_non_null(strstr(stage->judgement.note, "Algorithm was changed"));
	expect_same(&before);
	after = stage_totals(stage, "alice");
	assert_memory_equal(&totals, &after, sizeof totals);
	/* each still works with its own */
	report.signature = old;
	stage_run(stage, &report, "alice", SPAN(""));
	assert_int_equal(stage->judgement.training, TRAINING_DONE);
	learned_free(&before);
	learned_reopen(&place, "");
	before = learned_of(stage, "alice");
	report.signature = new;
	stage_run(stage, &report, "alice", SPAN(""));
	assert_int_equal(stage->judgement.training, TRAINING_DONE);
	report.training_class = CLASS_INNOCENT;
	stage_run(stage, &report, "alice", SPAN(""));
	learned_free(&before);
}

/* The message itself is there: what was judged by tokens is learned by features, once. */
static void
test_other_kind_with_message(void **state)
{
	const struct request report = {.training_class = CLASS_SPAM, .source = SOURCE_ERROR};
	struct request back = {.mode = TRAINING_UNLEARN};
	char id[64], message[1024];

	(void)state;
	learned_open(&place, "sqlite", NULL, "Algorithm graham burton\n");
	stage_receive(stage, "alice", HAM_MAIL);
	snprintf(id, sizeof id, "%s", stage->judgement.signature);
	snprintf(message, sizeof message, "X-DSPAM-Signature: %s\n" HAM_MAIL, id);
	learned_reopen(&place, "");
	struct learned before = learned_of(stage, "alice");
	stage_run(stage, &report, "alice", span_from(message));
	assert_int_equal(stage->judgement.training, TRAINING_DONE);
	assert_int_equal(learned_lessons(stage, "alice").spam, 1);
	struct learned once = learned_of(stage, "alice");
	stage_run(stage, &report, "alice", span_from(message));
	expect_same(&once);
	assert_int_equal(stage_totals(stage, "alice").spam_misclassified, 1);
	back.signature = id;
	stage_run(stage, &back, "alice", SPAN(""));
	struct learned now = learned_of(stage, "alice");
	assert_int_equal(learned_lessons(stage, "alice").spam, 0);
	learned_free(&now);
	learned_free(&once);
	learned_free(&before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_encoding, tear_down),
		cmocka_unit_test_teardown(test_damaged, tear_down),
		cmocka_unit_test_teardown(test_other_kind, tear_down),
		cmocka_unit_test_teardown(test_other_kind_with_message, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
