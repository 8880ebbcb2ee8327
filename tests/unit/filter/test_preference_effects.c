/*
 * Every preference does something: for each name of the table mail is judged with and without it, and what comes
 * out differs; or the table says who else looks at it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "config/preference.h"
#include "stage.h"

#define SPAM_MAIL "From: win@deals.example\nSubject: pills\n\nbuy cheap pills casino winner\n"
#define HAM_MAIL "From: bob@example.org\nSubject: minutes\n\nminutes meeting agenda schedule\n"
#define RARE_MAIL "From: bob@example.org\nSubject: x\n\nrarely seen words\n"
#define MIXED_MAIL "From: bob@example.org\nSubject: x\n\nminutes meeting pills casino\n"

static struct stage stage;

/* ---- what a message comes out as ---------------------------------------------- */

static const char *
word(bool yes, const char *name)
{
	return yes ? name : "-";
}

/* Without what changes from run to run: signatures and the time. */
static void
put_output(struct buffer *text)
{
	struct span rest = stage_output(&stage), line;

	while (span_next_line(&rest, &line))
		if (span_starts(line, SPAN("X-DSPAM-Signature: ")))
			buffer_append_string(text, "signature\n");
		else if (span_find(line, SPAN("!DSPAM:")) != SPAN_NONE)
			buffer_append_string(text, "mark\n");
		else if (!span_starts(line, SPAN("X-DSPAM-Processed: ")))
			buffer_append_span(text, line);
}

static void
put_totals(struct buffer *text, const char *user)
{
	struct totals t = stage_totals(&stage, user);

	buffer_printf(text, "%s %ld %ld %ld %ld\n", user, (long)t.spam_learned, (long)t.innocent_learned,
		      (long)t.spam_classified, (long)t.innocent_classified);
}

static void
put_judgement(struct buffer *text)
{
	const struct judgement *judgement = &stage.judgement;
	const char *local_store = judgement->preferences.local_store;

	buffer_printf(text, "%s %s %.6f %.6f %d %s %s\n", word(judgement->judged, "judged"),
		      result_class_name(judgement->result_class), judgement->probability, judgement->confidence,
		      (int)judgement->preferences.spam_action, local_store != NULL ? local_store : "-",
		      judgement->owner);
	put_output(text);
}

/* What there is to know before: both kinds of mail, words that were seen once, and a sender who writes often. */
static void
learn_something(const char *user)
{
	static const struct {
		enum training_class training_class;
		const char *mail;
		int count;
	} lessons[] = {{CLASS_SPAM, SPAM_MAIL, 6},
		       {CLASS_INNOCENT, HAM_MAIL, 4},
		       {CLASS_SPAM, RARE_MAIL, 5},
		       {CLASS_INNOCENT, "From: win@deals.example\nSubject: y\n\ny\n", 120}};

	for (size_t i = 0; i < sizeof lessons / sizeof *lessons; i++)
		for (int n = 0; n < lessons[i].count; n++) {
			const struct request request = {.training_class = lessons[i].training_class,
							.source = SOURCE_CORPUS};
			stage_run(&stage, &request, user, span_from(lessons[i].mail));
		}
}

/* Everything that happens to a user's mail, as text; to be freed. */
static struct buffer
run(const char *lines, const char *preference, const char *value)
{
	static const char *const mails[] = {SPAM_MAIL, HAM_MAIL, RARE_MAIL, MIXED_MAIL};
	static const char *const users[] = {"joe@example.org", "@example.org", "group"};
	struct buffer text = BUFFER_INIT(1 << 20), more = BUFFER_INIT(4096);

	buffer_printf(&more, "%s\nAllowOverride %s\nTxtDirectory %%s\n", lines, preference);
	stage_open_groups(&stage, "group:shared:joe@example.org\n", buffer_string(&more));
	stage_write(&stage, "msgtag.spam", "beware\n");
	stage_write(&stage, "msgtag.nonspam", "fine\n");
	const char *owner = strcmp(preference, "fallbackDomain") == 0 ? users[1] : users[0];
	store_uid uid = stage_uid(&stage, owner);
	if (value != NULL)
		assert_true(store_preference_set(filter_store(stage.filter), uid, preference, value, &stage.error));
	for (size_t i = 0; i < sizeof users / sizeof *users; i++)
		stage_add(&stage, users[i], (struct totals){.spam_learned = 1000});
	learn_something(users[0]);
	for (size_t i = 0; i < sizeof mails / sizeof *mails; i++) {
		stage_receive(&stage, users[0], mails[i]);
		put_judgement(&text);
		const char *id = stage.judgement.signature;
		const struct request retrain = {
			.training_class = CLASS_SPAM, .source = SOURCE_ERROR, .signature = NULL};
		stage_run(&stage, &retrain, users[0], span_from(mails[i]));
		buffer_printf(&text, "%d %s\n", (int)stage.judgement.training, word(id != NULL, "signed"));
	}
	for (size_t i = 0; i < sizeof users / sizeof *users; i++)
		put_totals(&text, users[i]);
	stage_close(&stage);
	buffer_free(&more);
	assert_false(text.failed);
	return text;
}

/* ---- the table ------------------------------------------------------------------ */

/* In the order of preference_table: a value, and the configuration under which it makes a difference. */
static const struct {
	const char *name, *value;
	const char *lines;
	const char *elsewhere; /* who looks at it; the filter does not */
} effects[] = {
	{"trainingMode", "NOTRAIN", "", NULL},
	{"spamAction", "tag", "", NULL},
	{"spamSubject", "[JUNK]", "Preference \"spamAction=tag\"\n", NULL},
	{"statisticalSedation", "10", "", NULL},
	{"enableBNR", "on", "", "tests/unit/filter/test_noise.c: it takes 2,500 messages"},
	{"enableWhitelist", "on", "", NULL},
	{"processorBias", "on", "", NULL},
	{"whitelistThreshold", "1000", "Feature whitelist\n", NULL},
	{"quarantineThreshold", "1", "Algorithm adaptive\n", NULL},
	{"tagThreshold", "0", "Algorithm adaptive\nPreference \"spamAction=tag\"\nPreference \"unsureThreshold=0\"\n",
	 NULL},
	{"unsureThreshold", "0", "Algorithm adaptive\n", NULL},
	{"signatureLocation", "headers", "", NULL},
	{"tagSpam", "on", "", NULL},
	{"tagNonspam", "on", "", NULL},
	{"showFactors", "on", "", NULL},
	{"optIn", "on", "Opt in\n", NULL},
	{"optOut", "on", "", NULL},
	{"makeCorpus", "on", "", "the agent, when the message is handed on"},
	{"storeFragments", "on", "", "the agent, when the message is handed on"},
	{"localStore", "elsewhere", "", NULL},
	{"fallbackDomain", "on", "FallbackDomains on\n", NULL},
	{"trainPristine", "on", "", NULL},
	{"optOutClamAV", "on", "", "the scanners"},
	{"ignoreRBLLookups", "on", "", "the scanners"},
	{"RBLInoculate", "on", "", "the scanners"},
	{"notifications", "on", "", "the agent, when the message is handed on"},
	{"ignoreGroups", "on", "", NULL},
	{"dailyQuarantineSummary", "off", "", "dspam_notify"},
};

static void
test_effects(void **state)
{
	(void)state;
	assert_int_equal(sizeof effects / sizeof *effects, preference_count);
	for (size_t i = 0; i < preference_count; i++) {
		assert_string_equal(effects[i].name, preference_table[i].name);
		assert_true(preference_accepts(&preference_table[i], span_from(effects[i].value)));
		if (effects[i].elsewhere != NULL)
			continue;
		struct buffer without = run(effects[i].lines, effects[i].name, NULL);
		struct buffer again = run(effects[i].lines, effects[i].name, NULL);
		struct buffer with = run(effects[i].lines, effects[i].name, effects[i].value);
		assert_true(span_equal(buffer_span(&without), buffer_span(&again)));
		if (span_equal(buffer_span(&without), buffer_span(&with)))
			fail_msg("%s=%s changes nothing in\n%s", effects[i].name, effects[i].value,
				 buffer_string(&without));
		buffer_free(&without);
		buffer_free(&again);
		buffer_free(&with);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_effects)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
