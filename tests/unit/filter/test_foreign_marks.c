/* Mail may bring marks of its sender's making; they must not stand in the way of the user's own lesson. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "filter/filter.h"

#define USER "alice"

static const char configuration[] = "Home /nonexistent\n"
				    "StorageDriver memory\n"
				    "Preference \"signatureLocation=message\"\n";

/* A first mark where ours will not stand, more marks than are tried, and one in base64. */
static const char plain[] = "From: a@example.org\nSubject: marks\n\n!DSPAM:11111! words of a text\nand more words\n";
static const char html[] =
	"From: a@example.org\nSubject: marks\nContent-Type: text/html\n\n<body>text</body>\n"
	"!DSPAM:a1!!DSPAM:a2!!DSPAM:a3!!DSPAM:a4!!DSPAM:a5!!DSPAM:a6!!DSPAM:a7!!DSPAM:a8!!DSPAM:a9!"
	"!DSPAM:b1!!DSPAM:b2!!DSPAM:b3!!DSPAM:b4!!DSPAM:b5!!DSPAM:b6!!DSPAM:b7!!DSPAM:b8!!DSPAM:b9!\n";
static const char base64[] = "From: a@example.org\nSubject: marks\nContent-Type: text/plain\n"
			     "Content-Transfer-Encoding: base64\n\n"
			     "IURTUEFNOjEyMyEgaGVsbG8gd29ybGQK\n"; /* !DSPAM:123! hello world */
static const char quoted[] = "From: a@example.org\nSubject: marks\nContent-Type: text/plain\n"
			     "Content-Transfer-Encoding: quoted-printable\n\n"
			     "!DSPAM:55=\n55! caf=C3=A9 with words\n"; /* decodes to a mark */

static void
judge(struct filter *filter, struct arena *arena, const struct request *request, struct span message,
      struct judgement *judgement)
{
	struct error error;

	if (!filter_judge(filter, arena, request, USER, message, judgement, &error) ||
	    !filter_learn(filter, judgement, &error))
		fail_msg("%s", error.text);
}

static void
check_lesson_finds_its_signature(const char *text)
{
	struct arena *arena = arena_new(filter_arena_ceiling(4096));
	struct buffer delivered = BUFFER_INIT((size_t)1 << 20);
	struct judgement arrived, corrected;
	struct config *config;
	struct settings *settings;
	struct filter *filter;
	struct error error;
	const struct request arrival = {.mode = TRAINING_TEFT};
	const struct request lesson = {.training_class = CLASS_SPAM, .source = SOURCE_ERROR};

	assert_true(config_parse(span_from(configuration), "test", NULL, NULL, &config, &error));
	assert_true(settings_new(config, &settings, &error));
	assert_true(filter_open(settings, &filter, &error));
	judge(filter, arena, &arrival, span_from(text), &arrived);
	for (size_t i = 0; i < arrived.piece_count; i++)
		buffer_append_span(&delivered, arrived.pieces[i]);
	judge(filter, arena, &lesson, buffer_span(&delivered), &corrected);
	assert_int_equal(corrected.training, TRAINING_DONE);
	assert_string_equal(corrected.signature, arrived.signature);
	assert_true(span_find(buffer_span(&delivered), SPAN("!DSPAM:11111!")) == SPAN_NONE);
	assert_true(span_find(buffer_span(&delivered), SPAN("!DSPAM:b9!")) == SPAN_NONE);
	filter_close(filter);
	settings_free(settings);
	config_free(config);
	buffer_free(&delivered);
	arena_free(arena);
}

static void
test_foreign_marks(void **state)
{
	(void)state;
	check_lesson_finds_its_signature(plain);
	check_lesson_finds_its_signature(html);
	check_lesson_finds_its_signature(base64);
	check_lesson_finds_its_signature(quoted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_foreign_marks)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
