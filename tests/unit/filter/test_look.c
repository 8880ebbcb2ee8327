/* What scanners and lists found, held against the preferences of a user, and what is learned from it: nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "filter/block_list.h"
#include "filter/signature.h"
#include "stage.h"

#define MAIL "From: Bob <bob@Example.org>\nSubject: the minutes\n\nplease read the minutes of our meeting\n"

static struct stage stage;
static struct scan_findings findings;

static int
tear_down(void **state)
{
	(void)state;
	stage_close(&stage);
	return 0;
}

static void
begin(const char *configuration)
{
	stage_open(&stage, configuration);
	findings = (struct scan_findings){.virus = VIRUS_NONE};
}

static void
run(struct request request)
{
	request.findings = &findings;
	stage_run(&stage, &request, "alice", span_from(MAIL));
}

static void
arrive(void)
{
	run((struct request){.classify = false});
}

/* Listed mail is spam, and leaves nothing behind but a signature without tokens. */
static void
check_listed(enum result_class result_class, const char *status)
{
	static const struct totals none;
	struct totals totals = stage_totals(&stage, "alice");
	const struct judgement *judgement = &stage.judgement;
	struct store_signature kept;
	bool found = false;

	assert_true(judgement->judged);
	assert_true(judgement->spam);
	assert_int_equal(judgement->result_class, result_class);
	assert_string_equal(judgement->status, status);
	assert_true(judgement->probability == 1.0 && judgement->confidence == 1.0);
	assert_memory_equal(&totals, &none, sizeof none);
	assert_int_equal(stage_row(&stage, "alice", "minutes").spam, 0);
	assert_non_null(strstr(stage_output(&stage).data, result_class_name(result_class)));
	assert_true(store_signature_get(filter_store(stage.filter), stage_uid(&stage, "alice"), judgement->signature,
					stage.arena, &kept, &found, &stage.error));
	assert_true(found);
	assert_memory_equal(kept.data.data, "\0\0\0\0\0\0\0\0", 8);
	assert_int_equal(kept.data.size, 8);
}

static void
check_innocent(void)
{
	assert_true(stage.judgement.judged);
	assert_false(stage.judgement.spam);
	assert_null(stage.judgement.status);
	assert_int_equal(stage_totals(&stage, "alice").innocent_learned, 1);
}

static void
test_virus(void **state)
{
	(void)state;
	begin("");
	findings = (struct scan_findings){.virus = VIRUS_FOUND, .virus_text = "Eicar", .zone = "list.example"};
	arrive();
	check_listed(RESULT_VIRUS, "A virus was detected in the message contents");
}

static void
test_virus_with_opt_out(void **state)
{
	(void)state;
	begin("Preference optOutClamAV=on\n");
	findings.virus = VIRUS_FOUND;
	arrive();
	check_innocent();
}

/* Whatever the scanner could not tell is no virus; whether the message waits is the agent's business. */
static void
test_unknown(void **state)
{
	(void)state;
	begin("");
	findings.virus = VIRUS_UNKNOWN;
	arrive();
	check_innocent();
	assert_true(stage.judgement.unscanned);
	run((struct request){.training_class = CLASS_INNOCENT, .source = SOURCE_CORPUS});
	assert_false(stage.judgement.unscanned);
}

/* There may be an attachment, though no word to judge by. */
static void
test_without_words(void **state)
{
	struct request request = {.findings = &findings};

	(void)state;
	begin("IgnoreHeader Content-Type\n");
	findings.virus = VIRUS_UNKNOWN;
	stage_run(&stage, &request, "alice", SPAN("Content-Type: application/x\n\nxxx\n"));
	assert_false(stage.judgement.judged);
	assert_true(stage.judgement.unscanned);
	findings.virus = VIRUS_FOUND;
	stage_run(&stage, &request, "alice", SPAN("Content-Type: application/x\n\nxxx\n"));
	assert_true(stage.judgement.judged);
	assert_int_equal(stage.judgement.result_class, RESULT_VIRUS);
}

static void
test_unknown_with_opt_out(void **state)
{
	(void)state;
	begin("Preference optOutClamAV=on\n");
	findings.virus = VIRUS_UNKNOWN;
	arrive();
	assert_false(stage.judgement.unscanned);
}

static void
test_virus_is_no_lesson(void **state)
{
	(void)state;
	begin("");
	findings.virus = VIRUS_FOUND;
	run((struct request){.training_class = CLASS_INNOCENT, .source = SOURCE_CORPUS});
	assert_int_equal(stage.judgement.result_class, RESULT_VIRUS);
	assert_int_equal(stage.judgement.training, TRAINING_REFUSED);
	assert_false(stage.judgement.has_lesson);
	assert_int_equal(stage_totals(&stage, "alice").innocent_corpusfed, 0);
	/* an error was scanned when it came */
	run((struct request){.training_class = CLASS_SPAM, .source = SOURCE_ERROR});
	assert_int_equal(stage.judgement.result_class, RESULT_SPAM);
}

/* A false positive of this kind was never learned, so there is nothing to take back. */
static void
test_correction(void **state)
{
	static const struct totals none;

	(void)state;
	begin("");
	findings.virus = VIRUS_FOUND;
	arrive();
	stage_retrain(&stage, "alice", CLASS_INNOCENT, stage.judgement.signature);
	assert_int_equal(stage.judgement.training, TRAINING_REFUSED);
	assert_non_null(strstr(stage.judgement.note, "nothing to correct"));
	struct totals totals = stage_totals(&stage, "alice");
	assert_memory_equal(&totals, &none, sizeof none);
}

static void
test_listed_source(void **state)
{
	(void)state;
	begin("");
	findings = (struct scan_findings){.virus = VIRUS_NONE, .zone = "list.example"};
	arrive();
	check_listed(RESULT_BLACKLISTED, "Blacklisted (list.example)");
	run((struct request){.classify = true});
	assert_int_equal(stage.judgement.result_class, RESULT_BLACKLISTED);
	assert_false(stage.judgement.has_lesson);
	run((struct request){.training_class = CLASS_INNOCENT, .source = SOURCE_CORPUS});
	assert_int_equal(stage.judgement.result_class, RESULT_INNOCENT);
}

static void
test_listed_source_ignored(void **state)
{
	(void)state;
	begin("Preference ignoreRBLLookups=on\n");
	findings = (struct scan_findings){.virus = VIRUS_NONE, .zone = "list.example"};
	arrive();
	check_innocent();
}

static void
check_inoculated(void)
{
	struct totals totals = stage_totals(&stage, "alice");

	assert_int_equal(stage.judgement.result_class, RESULT_SPAM);
	assert_int_equal(stage.judgement.training, TRAINING_NONE);
	assert_string_equal(stage.judgement.status, "Blacklisted (list.example)");
	assert_int_equal(totals.spam_learned, 1);
	assert_int_equal(totals.spam_corpusfed, 1);
	assert_int_equal(totals.innocent_learned, 0);
	assert_int_equal(stage_row(&stage, "alice", "minutes").spam, 1);
	assert_non_null(strstr(stage_output(&stage).data, "X-DSPAM-Result: Spam\n"));
	assert_non_null(stage.judgement.signature);
}

static void
test_inoculation(void **state)
{
	(void)state;
	begin("RBLInoculate on\n");
	findings.zone[0] = 'x';
	snprintf(findings.zone, sizeof findings.zone, "list.example");
	arrive();
	check_inoculated();
	/* it has a signature of its own, by which it can be corrected */
	stage_retrain(&stage, "alice", CLASS_INNOCENT, stage.judgement.signature);
	assert_int_equal(stage.judgement.training, TRAINING_DONE);
	assert_int_equal(stage_totals(&stage, "alice").spam_learned, 0);
	assert_int_equal(stage_totals(&stage, "alice").innocent_learned, 1);
}

static void
test_inoculation_by_preference(void **state)
{
	(void)state;
	begin("Preference RBLInoculate=ON\n");
	snprintf(findings.zone, sizeof findings.zone, "list.example");
	run((struct request){.classify = true});
	assert_int_equal(stage.judgement.result_class, RESULT_SPAM);
	assert_int_equal(stage_totals(&stage, "alice").spam_learned, 0);
	arrive();
	check_inoculated();
}

static void
test_no_inoculation_by_preference(void **state)
{
	(void)state;
	begin("RBLInoculate on\nPreference RBLInoculate=off\n");
	snprintf(findings.zone, sizeof findings.zone, "list.example");
	arrive();
	check_listed(RESULT_BLACKLISTED, "Blacklisted (list.example)");
}

/* ---- the user's own list ----------------------------------------------------------- */

static void
write_list(const char *user, const char *text)
{
	char path[300];

	snprintf(path, sizeof path, "%s/data", stage.home);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/data/%s", stage.home, user);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "data/%s/%s.blocklist", user, user);
	stage_write(&stage, path, text);
}

static void
test_block_list(void **state)
{
	(void)state;
	begin("");
	write_list("alice", "# nobody likes them\r\nother.example\r\nexample.ORG\r\n");
	arrive();
	check_listed(RESULT_BLOCKLISTED, "Blocklisted");
	stage_receive(&stage, "alice", "From: x@mail.example.org\n\nplease read the minutes\n");
	assert_int_equal(stage.judgement.result_class, RESULT_INNOCENT);
	stage_receive(&stage, "bob", MAIL);
	assert_int_equal(stage.judgement.result_class, RESULT_INNOCENT);
	run((struct request){.training_class = CLASS_INNOCENT, .source = SOURCE_CORPUS});
	assert_int_equal(stage.judgement.result_class, RESULT_INNOCENT);
}

static void
test_block_list_of_local_store(void **state)
{
	(void)state;
	begin("Preference localStore=shared\n");
	write_list("alice", "nobody.example\n");
	write_list("shared", "example.org\n");
	arrive();
	check_listed(RESULT_BLOCKLISTED, "Blocklisted");
}

static void
test_block_list_lines(void **state)
{
	struct span list = SPAN("one.example\n\n  @two.example  \n#three.example\n.\nfour.example");

	(void)state;
	begin("");
	assert_true(block_list_has(list, SPAN("one.example")));
	assert_true(block_list_has(list, SPAN("TWO.example")));
	assert_false(block_list_has(list, SPAN("three.example")));
	assert_true(block_list_has(list, SPAN("four.example")));
	assert_false(block_list_has(list, SPAN("")));
	assert_false(block_list_has(list, SPAN("example")));
	assert_false(block_list_has(SPAN(""), SPAN("one.example")));
}

/* ---- totals, by which others decide whether to act on a result ------------------------------- */

static void
test_totals(void **state)
{
	(void)state;
	begin("");
	stage_add(&stage, "alice", (struct totals){.innocent_learned = 2000, .innocent_classified = 500});
	run((struct request){.classify = true});
	assert_int_equal(stage.judgement.totals.innocent_learned, 2000);
	findings.virus = VIRUS_FOUND;
	run((struct request){.classify = true});
	assert_int_equal(stage.judgement.totals.innocent_learned, 2000);
	assert_int_equal(stage.judgement.totals.innocent_classified, 500);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_virus),
		TEST(test_virus_with_opt_out),
		TEST(test_unknown),
		TEST(test_without_words),
		TEST(test_unknown_with_opt_out),
		TEST(test_virus_is_no_lesson),
		TEST(test_correction),
		TEST(test_listed_source),
		TEST(test_listed_source_ignored),
		TEST(test_inoculation),
		TEST(test_inoculation_by_preference),
		TEST(test_no_inoculation_by_preference),
		TEST(test_block_list),
		TEST(test_block_list_of_local_store),
		TEST(test_block_list_lines),
		TEST(test_totals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
