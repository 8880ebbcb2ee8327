#include "agent/history.h"

#include <stdint.h>

#include "mail/header_text.h"
#include "mail/message.h"

#define HISTORY_LINE 1023
#define FIELD_MAX 255
#define STATUS_MAX 160
#define HEAD_MAX ((size_t)256 * 1024) /* bytes of the message in which its headers are looked for */
#define NONE "<None Specified>"

/* ---- what the message says ---------------------------------------------------------- */

/* The headers of a message, without its body. */
static struct span
head_of(struct span raw)
{
	struct span rest = span_head(raw, HEAD_MAX), line;
	size_t size = 0;

	while (span_next_line(&rest, &line) && span_trim(line).size > 0)
		size += line.size;
	return span_head(raw, size);
}

static const char *
field_of(const struct message *message, struct span name, const char *otherwise)
{
	const struct mail_header *header = mail_part_header(&message->parts[0], name);
	const char *text = header != NULL ? header_text(message->arena, header->value, FIELD_MAX) : otherwise;

	return text != NULL && *text == '\0' ? otherwise : text;
}

/* ---- what became of it ------------------------------------------------------------------ */

static char
letter_of(const struct agent_task *task, const char *failure)
{
	static const char sources[] = {
		[SOURCE_NONE] = 0, [SOURCE_ERROR] = 'M', [SOURCE_CORPUS] = 'C', [SOURCE_INOCULATION] = 'N'};
	static const char results[] = {
		[RESULT_INNOCENT] = 'I', [RESULT_UNSURE] = 'I',      [RESULT_WHITELISTED] = 'W', [RESULT_SPAM] = 'S',
		[RESULT_VIRUS] = 'V',    [RESULT_BLOCKLISTED] = 'O', [RESULT_BLACKLISTED] = 'A',
	};
	const struct request *request = &task->options->request;

	/* a virus that is refused is no failure of the delivery */
	if (failure != NULL && task->way != AGENT_REFUSED)
		return 'E';
	if (request->training_class == CLASS_INNOCENT && request->source == SOURCE_ERROR)
		return 'F';
	return request->source != SOURCE_NONE ? sources[request->source] : results[task->judgement.result_class];
}

/* How it was handed on; for one that went nowhere, what its caller is told to do with it. */
static const char *
way_status(const struct agent_task *task)
{
	const struct judgement *judgement = &task->judgement;
	bool tagged = judgement->spam && judgement->preferences.spam_action == SPAM_TAG;

	switch (task->way) {
	case AGENT_TO_QUARANTINE:
	case AGENT_TO_QUARANTINE_COMMAND:
		return "Quarantined";
	case AGENT_NOWHERE:
		if (agent_is_training(task->options))
			return "";
		if ((task->options->deliver & AGENT_WANT_SUMMARY) == 0)
			return "Discarded";
		return judgement->spam && judgement->preferences.spam_action == SPAM_QUARANTINE ? "Quarantined"
		       : tagged                                                                 ? "Tagged"
												: "Delivered";
	case AGENT_TO_STDOUT:
		if (judgement->spam && judgement->preferences.spam_action == SPAM_QUARANTINE &&
		    (task->options->deliver & AGENT_WANT_SPAM) == 0)
			return "Quarantined"; /* to a QuarantineAgent, by way of our caller */
		break;
	case AGENT_REFUSED:
	case AGENT_TO_RECIPIENT:
	case AGENT_TO_QUARANTINE_MAILBOX:
		break;
	}
	return tagged ? "Tagged" : "Delivered";
}

/* Why it failed, as a header would say it; NULL: there is no memory. */
static const char *
failure_status(const char *failure, struct arena *arena)
{
	const char *text = header_text(arena, span_from(failure), STATUS_MAX);

	return text != NULL ? arena_printf(arena, "Delivery Failed (%s)", text) : NULL;
}

static const char *
status_of(const struct agent_task *task, const char *failure, struct arena *arena)
{
	const struct judgement *judgement = &task->judgement;
	const char *note = judgement->status != NULL ? judgement->status : "Blacklisted";

	if (failure != NULL && task->way != AGENT_REFUSED)
		return failure_status(failure, arena);
	if (task->options->request.mode == TRAINING_UNLEARN)
		return "Unlearned";
	switch (task->options->request.source) {
	case SOURCE_ERROR:
		return "Retrained";
	case SOURCE_CORPUS:
		return "";
	case SOURCE_INOCULATION:
	case SOURCE_NONE:
		break;
	}
	switch (judgement->result_class) {
	case RESULT_WHITELISTED:
		return "Auto-Whitelisted";
	case RESULT_VIRUS:
		return "A virus was detected in the message contents";
	case RESULT_BLACKLISTED:
		return header_text(arena, span_from(note), STATUS_MAX);
	case RESULT_INNOCENT:
	case RESULT_UNSURE:
	case RESULT_SPAM:
	case RESULT_BLOCKLISTED:
		break;
	}
	return way_status(task);
}

static double
seconds_since(int64_t began)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - began) / 1e6;
}

bool
history_of(const struct agent_task *task, const char *failure, time_t now, struct arena *arena, struct history *history)
{
	const struct message *message = message_parse(arena, head_of(task->raw));

	if (message == NULL)
		return false;
	*history = (struct history){
		.time = now,
		.letter = letter_of(task, failure),
		.from = field_of(message, SPAN("From"), NONE),
		.subject = field_of(message, SPAN("Subject"), NONE),
		.message_id = field_of(message, SPAN("Message-Id"), ""),
		.signature = task->judgement.signature != NULL ? task->judgement.signature : "",
		.status = status_of(task, failure, arena),
		.user = task->user.name,
		.seconds = seconds_since(task->began),
	};
	return history->from != NULL && history->subject != NULL && history->message_id != NULL &&
	       history->status != NULL;
}

/* ---- lines ---------------------------------------------------------------------------------- */

/* End the line that begins at `start`, within its bound. */
static bool
end_line(struct buffer *line, size_t start, const char *end)
{
	if (line->size - start >= HISTORY_LINE)
		line->size = start + HISTORY_LINE - 1;
	return buffer_append_string(line, end);
}

bool
history_user_line(const struct history *h, struct buffer *line)
{
	size_t start = line->size;

	buffer_printf(line, "%lld\t%c\t%s\t%s\t%s\t%s\t%s", (long long)h->time, h->letter, h->from, h->signature,
		      h->subject, h->status, h->message_id);
	return end_line(line, start, "\n\n");
}

bool
history_system_line(const struct history *h, struct buffer *line)
{
	size_t start = line->size;

	buffer_printf(line, "%lld\t%c\t%s\t%s\t%s\t%f\t%s\t%s\t%s", (long long)h->time, h->letter, h->from,
		      h->signature, h->subject, h->seconds, h->user, h->status, h->message_id);
	return end_line(line, start, "\n");
}
