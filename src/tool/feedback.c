#include "tool/feedback.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/chance.h"

#define WORDS "should be immediate, or errors, unsure, fraction=F, delay=N joined by commas"

/* ---- rules as text ------------------------------------------------------------------ */

/* A share from 0 to 1, such as 0.25. */
static bool
read_share(struct span text, double *share)
{
	char number[32], *end;

	if (text.size == 0 || text.size >= sizeof number || strspn(text.data, "0123456789.") < text.size)
		return false;
	memcpy(number, text.data, text.size);
	number[text.size] = '\0';
	*share = strtod(number, &end);
	return *end == '\0' && *share <= 1.0;
}

static const char *
read_word(struct feedback *feedback, struct span word)
{
	unsigned long long delay;

	if (word.size == 0)
		return "a word is missing: " WORDS;
	if (span_equal(word, SPAN("errors")) || span_equal(word, SPAN("unsure"))) {
		bool unsure = span_equal(word, SPAN("unsure")) || feedback->of == FEEDBACK_UNSURE;
		feedback->of = unsure ? FEEDBACK_UNSURE : FEEDBACK_ERRORS;
		feedback->live = true;
		return NULL;
	}
	if (span_starts(word, SPAN("fraction=")))
		return read_share(span_skip(word, 9), &feedback->fraction) && feedback->fraction > 0.0
			       ? NULL
			       : "fraction should be above 0 and at most 1, such as fraction=0.25";
	if (!span_starts(word, SPAN("delay=")))
		return WORDS;
	if (!span_to_number(span_skip(word, 6), FEEDBACK_DELAY_MAX, &delay))
		return "delay should be a number of messages, such as delay=50";
	feedback->delay = (size_t)delay;
	return NULL;
}

const char *
feedback_read(struct feedback *feedback, const char *text)
{
	struct span rest = span_from(text), word;
	const char *wrong = NULL;

	feedback->of = FEEDBACK_ALL;
	feedback->live = false;
	feedback->fraction = 1.0;
	feedback->delay = 0;
	if (span_equal(rest, SPAN("immediate")))
		return NULL;
	while (wrong == NULL && span_next_field(&rest, ',', &word))
		wrong = read_word(feedback, word);
	return wrong;
}

bool
feedback_read_way(struct feedback *feedback, const char *text)
{
	enum teacher_way way;

	if (!teacher_way_named(text, &way))
		return false;
	feedback->of = way == TEACH_CLASS ? FEEDBACK_ALL : FEEDBACK_ERRORS;
	feedback->live = way == TEACH_LIVE;
	feedback->fraction = 1.0;
	feedback->delay = 0;
	return true;
}

void
feedback_text(const struct feedback *feedback, char text[FEEDBACK_TEXT_SIZE])
{
	static const char *const words[] = {
		[FEEDBACK_ALL] = "every message",
		[FEEDBACK_ERRORS] = "errors",
		[FEEDBACK_UNSURE] = "errors and unsure mail",
	};
	int used = snprintf(text, FEEDBACK_TEXT_SIZE, "%s%s", words[feedback->of],
			    feedback->of != FEEDBACK_ALL && !feedback->live ? ", as from a corpus" : "");

	if (feedback->fraction < 1.0)
		used += snprintf(text + used, FEEDBACK_TEXT_SIZE - (size_t)used, ", %g of it", feedback->fraction);
	if (feedback->delay > 0)
		used += snprintf(text + used, FEEDBACK_TEXT_SIZE - (size_t)used, ", %zu messages later",
				 feedback->delay);
	if (feedback->noise > 0.0)
		snprintf(text + used, FEEDBACK_TEXT_SIZE - (size_t)used, ", %g of it wrong", feedback->noise);
}

/* ---- rules at work -------------------------------------------------------------------- */

/* Two rows of numbers that have nothing to do with each other. */
enum { MISTAKES = 1, SILENCE = 2 };

static double
draw(const struct feedback *feedback, unsigned row, size_t number)
{
	return chance_at(feedback->seed * 4 + row, number);
}

bool
feedback_takes_for_spam(const struct feedback *feedback, size_t number, bool is_spam)
{
	return is_spam != (draw(feedback, MISTAKES, number) < feedback->noise);
}

bool
feedback_comes(const struct feedback *feedback, size_t number, bool taken_for_spam, const struct opinion *opinion)
{
	if (feedback->fraction < 1.0 && draw(feedback, SILENCE, number) >= feedback->fraction)
		return false;
	if (feedback->live && !opinion->judged)
		return false;
	switch (feedback->of) {
	case FEEDBACK_ERRORS:
		return opinion->spam != taken_for_spam;
	case FEEDBACK_UNSURE:
		return opinion->spam != taken_for_spam || opinion->unsure;
	default:
		return true;
	}
}

/* ---- the queue -------------------------------------------------------------------------- */

static void
make_room(struct report_queue *queue)
{
	if (queue->first + queue->count < queue->capacity)
		return;
	if (queue->first > queue->count) {
		memcpy(queue->reports, queue->reports + queue->first, queue->count * sizeof *queue->reports);
		queue->first = 0;
		return;
	}
	queue->capacity = queue->capacity == 0 ? 64 : 2 * queue->capacity;
	queue->reports = reallocarray(queue->reports, queue->capacity, sizeof *queue->reports);
	if (queue->reports == NULL)
		abort();
}

void
report_queue_add(struct report_queue *queue, const struct report *report)
{
	make_room(queue);
	queue->reports[queue->first + queue->count++] = *report;
}

bool
report_queue_take(struct report_queue *queue, size_t now, struct report *report)
{
	if (queue->count == 0 || queue->reports[queue->first].due > now)
		return false;
	*report = queue->reports[queue->first++];
	queue->count--;
	return true;
}

void
report_queue_free(struct report_queue *queue)
{
	free(queue->reports);
	*queue = (struct report_queue){.reports = NULL};
}
