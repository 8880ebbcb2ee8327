/* Which result goes where: the table of the original's behaviour, and where we differ from it. */
#include "help.h"

enum result { INNOCENT, SPAM, VIRUS, UNJUDGED };

#define AGENT "TrustedDeliveryAgent /bin/lda\n"

static const struct row {
	const char *site;
	const char *line;
	enum result result;
	enum spam_action action;
	enum agent_way way;
} rows[] = {
	/* innocent */
	{AGENT, "--deliver=innocent", INNOCENT, SPAM_QUARANTINE, AGENT_TO_RECIPIENT},
	{AGENT, "--deliver=innocent --stdout", INNOCENT, SPAM_QUARANTINE, AGENT_TO_STDOUT},
	{AGENT, "--deliver=stdout", INNOCENT, SPAM_QUARANTINE, AGENT_TO_STDOUT},
	{AGENT, "--stdout", INNOCENT, SPAM_QUARANTINE, AGENT_TO_STDOUT}, /* the original discarded it */
	{AGENT, "--deliver=spam", INNOCENT, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--deliver=summary", INNOCENT, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "", INNOCENT, SPAM_QUARANTINE, AGENT_TO_RECIPIENT}, /* here, too */
	{AGENT "Compat discardInnocent\n", "", INNOCENT, SPAM_QUARANTINE, AGENT_NOWHERE},
	{"", "", INNOCENT, SPAM_QUARANTINE, AGENT_NOWHERE}, /* there is no way */
	/* spam, as observed with spamAction quarantine */
	{AGENT, "", SPAM, SPAM_QUARANTINE, AGENT_TO_QUARANTINE},
	{AGENT, "--stdout", SPAM, SPAM_QUARANTINE, AGENT_TO_QUARANTINE},
	{AGENT, "--deliver=innocent", SPAM, SPAM_QUARANTINE, AGENT_TO_QUARANTINE},
	{AGENT, "--deliver=innocent --stdout", SPAM, SPAM_QUARANTINE, AGENT_TO_QUARANTINE},
	{AGENT, "--deliver=summary", SPAM, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--deliver=innocent,summary --stdout", SPAM, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--deliver=spam", SPAM, SPAM_QUARANTINE, AGENT_TO_RECIPIENT},
	{AGENT, "--deliver=stdout", SPAM, SPAM_QUARANTINE, AGENT_TO_STDOUT},
	/* spamAction tag, deliver */
	{AGENT, "--deliver=innocent", SPAM, SPAM_TAG, AGENT_TO_RECIPIENT},
	{AGENT, "--deliver=innocent", SPAM, SPAM_DELIVER, AGENT_TO_RECIPIENT},
	{AGENT, "--deliver=innocent --stdout", SPAM, SPAM_TAG, AGENT_TO_STDOUT},
	{AGENT, "--deliver=summary --stdout", SPAM, SPAM_TAG, AGENT_TO_STDOUT},
	/* QuarantineAgent */
	{AGENT "QuarantineAgent /bin/q\n", "--deliver=innocent", SPAM, SPAM_QUARANTINE, AGENT_TO_QUARANTINE_COMMAND},
	{AGENT "QuarantineAgent /bin/q\n", "--deliver=innocent --stdout", SPAM, SPAM_QUARANTINE, AGENT_TO_STDOUT},
	{AGENT "QuarantineAgent /bin/q\n", "--deliver=innocent", SPAM, SPAM_TAG, AGENT_TO_RECIPIENT},
	{AGENT "QuarantineAgent /bin/q\n", "--deliver=summary", SPAM, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT "QuarantineAgent /bin/q\n", "--deliver=spam", SPAM, SPAM_QUARANTINE, AGENT_TO_RECIPIENT},
	/* QuarantineMailbox acts on spam that is delivered */
	{AGENT "QuarantineMailbox +Junk\n", "--deliver=spam", SPAM, SPAM_QUARANTINE, AGENT_TO_QUARANTINE_MAILBOX},
	{AGENT "QuarantineMailbox +Junk\n", "--deliver=innocent", SPAM, SPAM_TAG, AGENT_TO_QUARANTINE_MAILBOX},
	{AGENT "QuarantineMailbox +Junk\n", "--deliver=innocent", SPAM, SPAM_QUARANTINE, AGENT_TO_QUARANTINE},
	{AGENT "QuarantineMailbox +Junk\n", "--deliver=innocent", INNOCENT, SPAM_TAG, AGENT_TO_RECIPIENT},
	{AGENT "QuarantineMailbox +Junk\n", "--deliver=innocent", UNJUDGED, SPAM_TAG, AGENT_TO_RECIPIENT},
	{AGENT "QuarantineMailbox +Junk\n", "--deliver=stdout", SPAM, SPAM_TAG, AGENT_TO_STDOUT},
	{AGENT "QuarantineMailbox\n", "--deliver=spam", SPAM, SPAM_TAG, AGENT_TO_RECIPIENT},
	/* lessons */
	{AGENT, "--class=innocent --source=error", INNOCENT, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--class=innocent --source=error --deliver=innocent", INNOCENT, SPAM_QUARANTINE, AGENT_TO_RECIPIENT},
	{AGENT, "--class=innocent --source=error --deliver=spam", INNOCENT, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--class=spam --source=error", SPAM, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--class=spam --source=error", SPAM, SPAM_TAG, AGENT_NOWHERE},
	{AGENT, "--class=spam --source=error --deliver=innocent", SPAM, SPAM_DELIVER, AGENT_NOWHERE},
	{AGENT, "--class=spam --source=error --deliver=spam", SPAM, SPAM_QUARANTINE, AGENT_TO_RECIPIENT},
	{AGENT "QuarantineAgent /bin/q\n", "--class=spam --source=error", SPAM, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--class=spam --source=corpus --deliver=summary", SPAM, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--class=spam --source=inoculation", SPAM, SPAM_QUARANTINE, AGENT_TO_QUARANTINE},
	{AGENT, "--class=spam --source=inoculation --deliver=summary", SPAM, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--class=innocent --source=inoculation", INNOCENT, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--mode=unlearn", SPAM, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--mode=unlearn --deliver=spam", SPAM, SPAM_QUARANTINE, AGENT_TO_RECIPIENT},
	/* not judged: never lost (the original discarded it without innocent) */
	{AGENT, "--deliver=innocent", UNJUDGED, SPAM_QUARANTINE, AGENT_TO_RECIPIENT},
	{AGENT, "--deliver=spam", UNJUDGED, SPAM_QUARANTINE, AGENT_TO_RECIPIENT},
	{AGENT, "", UNJUDGED, SPAM_QUARANTINE, AGENT_TO_RECIPIENT},
	{AGENT, "--stdout", UNJUDGED, SPAM_QUARANTINE, AGENT_TO_STDOUT},
	{AGENT, "--deliver=innocent,summary", UNJUDGED, SPAM_QUARANTINE, AGENT_TO_RECIPIENT},
	{AGENT, "--deliver=summary", UNJUDGED, SPAM_QUARANTINE, AGENT_NOWHERE},
	/* a lesson that cannot be is still a copy of mail that was delivered before, unless it is being released */
	{AGENT, "--class=spam --source=error", UNJUDGED, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--class=spam --source=error --deliver=innocent", UNJUDGED, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--class=innocent --source=error --deliver=innocent", UNJUDGED, SPAM_QUARANTINE, AGENT_TO_RECIPIENT},
	/* a virus */
	{AGENT, "--deliver=innocent", VIRUS, SPAM_QUARANTINE, AGENT_REFUSED},
	{AGENT, "--deliver=innocent,spam --stdout", VIRUS, SPAM_DELIVER, AGENT_REFUSED},
	{AGENT, "--deliver=summary", VIRUS, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--classify", VIRUS, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--class=spam --source=inoculation", VIRUS, SPAM_QUARANTINE, AGENT_REFUSED},
	{AGENT "ClamAVResponse REJECT\n", "--deliver=innocent", VIRUS, SPAM_QUARANTINE, AGENT_REFUSED},
	{AGENT "ClamAVResponse nonsense\n", "--deliver=innocent", VIRUS, SPAM_QUARANTINE, AGENT_REFUSED},
	{AGENT "ClamAVResponse spam\n", "--deliver=innocent", VIRUS, SPAM_QUARANTINE, AGENT_TO_QUARANTINE},
	{AGENT "ClamAVResponse spam\n", "--deliver=innocent", VIRUS, SPAM_TAG, AGENT_TO_RECIPIENT},
	{AGENT "ClamAVResponse spam\n", "--class=spam --source=inoculation", VIRUS, SPAM_TAG, AGENT_TO_QUARANTINE},
	{AGENT "ClamAVResponse accept\n", "--deliver=innocent", VIRUS, SPAM_QUARANTINE, AGENT_TO_RECIPIENT},
	{AGENT "ClamAVResponse accept\nQuarantineMailbox +Junk\n", "--deliver=innocent", VIRUS, SPAM_QUARANTINE,
	 AGENT_TO_QUARANTINE_MAILBOX},
	{AGENT "ClamAVResponse discard\n", "--deliver=innocent,spam", VIRUS, SPAM_DELIVER, AGENT_NOWHERE},
	/* only asked */
	{AGENT, "--classify", INNOCENT, SPAM_QUARANTINE, AGENT_NOWHERE},
	{AGENT, "--classify --deliver=innocent,spam", SPAM, SPAM_TAG, AGENT_NOWHERE},
	{AGENT, "--classify --deliver=stdout", UNJUDGED, SPAM_QUARANTINE, AGENT_NOWHERE},
};

static void
goes_where_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		const struct judgement judgement = {
			.judged = row->result != UNJUDGED,
			.spam = row->result == SPAM || row->result == VIRUS,
			.result_class = row->result == VIRUS ? RESULT_VIRUS : RESULT_INNOCENT,
			.preferences.spam_action = row->action,
		};
		struct scene scene;
		scene_open(&scene, row->site);
		char *line = arena_printf(scene.arena, "--user u %s", row->line);
		if (!scene_options(&scene, line, &trusted))
			fail_msg("%s: %s", line, scene.error.text);
		enum agent_way way = agent_way_of(&scene.site, &scene.options, &judgement);
		if (way != row->way)
			fail_msg("row %zu, \"%s\": %s, and not %s", i, row->line, agent_way_name(way),
				 agent_way_name(row->way));
		scene_close(&scene);
	}
}

/* ---- when nobody can judge -------------------------------------------------------------- */

static const struct {
	const char *site;
	const char *line;
	struct error error;
	bool goes_on;
	bool temporary;
} failures[] = {
	{AGENT, "--deliver=innocent", {ERROR_IO, true, "gone"}, false, true},
	{AGENT, "--deliver=innocent", {ERROR_CONFIG, false, "no such driver"}, false, true},
	{AGENT "StoreFailure deliver\n", "--deliver=innocent", {ERROR_IO, true, "gone"}, true, false},
	{AGENT "StoreFailure deliver\n", "--deliver=spam", {ERROR_IO, true, "gone"}, true, false},
	{AGENT "StoreFailure deliver\n", "--class=spam --source=error", {ERROR_IO, true, "gone"}, false, true},
	{AGENT "StoreFailure deliver\n", "--classify", {ERROR_IO, true, "gone"}, false, true},
	{AGENT "StoreFailure deliver\n", "--deliver=spam", {ERROR_USER, false, "bad name"}, false, false},
	/* a message at fault would be so for ever */
	{AGENT, "--deliver=innocent", {ERROR_DATA, false, "too large"}, true, false},
	{AGENT, "--classify", {ERROR_DATA, false, "too large"}, false, false},
};

static void
goes_on_or_waits_when_not_judged(void **state)
{
	const struct agent_user user = {.name = "u", .recipient = "u"};

	(void)state;
	for (size_t i = 0; i < COUNT(failures); i++) {
		struct scene scene;
		struct agent_task task;
		struct error error = failures[i].error;
		scene_open(&scene, failures[i].site);
		char *line = arena_printf(scene.arena, "--user u %s", failures[i].line);
		assert_true(scene_options(&scene, line, &trusted));
		bool goes_on = agent_judge_failed(&scene.site, &scene.options, &user, SPAN("mail"), &task, &error);
		if (goes_on != failures[i].goes_on || (!goes_on && error.temporary != failures[i].temporary))
			fail_msg("row %zu", i);
		if (goes_on) {
			assert_int_equal(task.way, AGENT_TO_RECIPIENT);
			assert_int_equal(task.judgement.piece_count, 1);
			assert_memory_equal(task.judgement.pieces[0].data, "mail", 4);
			assert_false(agent_has_summary(&task));
		}
		scene_close(&scene);
	}
}

/* ---- the result line -------------------------------------------------------------------- */

static void
prints_the_result(void **state)
{
	struct scene scene;
	struct buffer text = BUFFER_INIT(4096);

	(void)state;
	scene_open(&scene, "");
	assert_true(scene_options(&scene, "--user u1 --deliver=summary", &trusted));
	struct agent_task task = {
		.site = &scene.site, .options = &scene.options, .user = {.name = "u1", .recipient = "u1"}};
	assert_false(agent_has_summary(&task));
	task.judgement = (struct judgement){
		.judged = true, .result_class = RESULT_WHITELISTED, .probability = 0.00226, .confidence = 1.0};
	assert_true(agent_has_summary(&task));
	assert_true(agent_summary(&task, &text));
	task.judgement = (struct judgement){.judged = true,
					    .spam = true,
					    .result_class = RESULT_SPAM,
					    .probability = 1.0,
					    .confidence = 0.985,
					    .signature = "6b0286dd115771442212479"};
	assert_true(agent_summary(&task, &text));
	assert_string_equal(buffer_string(&text),
			    "X-DSPAM-Result: u1; result=\"Innocent\"; class=\"Whitelisted\"; probability=0.0023; "
			    "confidence=1.00; signature=N/A\n"
			    "X-DSPAM-Result: u1; result=\"Spam\"; class=\"Spam\"; probability=1.0000; "
			    "confidence=0.98; signature=6b0286dd115771442212479\n");
	task.judgement.training = TRAINING_MISSING;
	assert_false(agent_has_summary(&task));
	buffer_free(&text);
	scene_close(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_where_the_table_says),
		cmocka_unit_test(goes_on_or_waits_when_not_judged),
		cmocka_unit_test(prints_the_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
