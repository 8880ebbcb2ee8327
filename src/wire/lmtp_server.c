#include "wire/lmtp_session.h"

#include <stdio.h>
#include <stdlib.h>

#define INPUT_SIZE ((size_t)16 * 1024) /* beside one command line */
#define REPLY_SIZE ((size_t)512)       /* RFC 5321 section 4.5.3.1.5 */
#define TEXT_SIZE ((size_t)400)
#define KEEP_SIZE ((size_t)64 * 1024) /* message memory that an idle session keeps */
#define LOGINS 3                      /* wrong passwords that a session may bring */

/* The worst batch: input full of two-byte lines, or a message for all recipients. */
static size_t
output_limit(const struct lmtp_server *session)
{
	return (session->settings.recipients + session->input.limit) * REPLY_SIZE;
}

struct lmtp_server *
lmtp_server_new(const struct lmtp_server_settings *settings)
{
	struct lmtp_server *session = calloc(1, sizeof *session);

	if (session == NULL)
		abort();
	session->settings = *settings;
	session->state = LMTP_STATE_SILENT;
	session->input = BUFFER_INIT(INPUT_SIZE + settings->command);
	session->output = BUFFER_INIT(output_limit(session));
	session->message = BUFFER_INIT(settings->message);
	/* An arena's blocks are not filled to their end: allow twice the text. */
	session->arena = arena_new(2 * (settings->recipients + 2) * settings->command + 2 * KEEP_SIZE);
	session->envelope.client = span_of(session->client, 0);
	return session;
}

void
lmtp_server_free(struct lmtp_server *session)
{
	if (session == NULL)
		return;
	buffer_free(&session->input);
	buffer_free(&session->output);
	buffer_free(&session->message);
	arena_free(session->arena);
	free(session->recipients);
	free(session);
}

/* `text` as it may stand in a reply. */
static void
append_text(struct lmtp_server *session, const char *text)
{
	for (size_t i = 0; text[i] != '\0' && i < TEXT_SIZE; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c < 32 || c == 127)
			c = ' ';
		else if (c > 127 && !session->envelope.international)
			c = '?';
		buffer_append_byte(&session->output, (char)c);
	}
}

void
lmtp_say(struct lmtp_server *session, unsigned int code, const char *enhanced, const char *text)
{
	buffer_printf(&session->output, "%u %s ", code, enhanced);
	append_text(session, text);
	buffer_append_string(&session->output, "\r\n");
	if (session->output.failed)
		session->state = LMTP_STATE_CLOSED; /* an owner that never writes */
}

void
lmtp_wrong(struct lmtp_server *session, unsigned int code, const char *enhanced, const char *text)
{
	if (++session->errors > session->settings.errors)
		lmtp_server_stop(session, "4.7.0", "Too many wrong commands, closing the connection");
	else
		lmtp_say(session, code, enhanced, text);
}

void
lmtp_ask(struct lmtp_server *session, enum lmtp_server_event event, size_t replies)
{
	session->asked = event;
	session->told = false;
	session->owed = replies;
}

void
lmtp_forget(struct lmtp_server *session)
{
	session->envelope = (struct lmtp_envelope){.client = session->envelope.client, .dlmtp = session->dlmtp};
	session->replies = 0;
	arena_reset(session->arena);
	if (session->message.capacity > KEEP_SIZE)
		buffer_free(&session->message);
	buffer_clear(&session->message);
	session->reader = (struct dot_reader){.state = DOT_READER_START};
	if (session->state > LMTP_STATE_READY && session->state < LMTP_STATE_CLOSED)
		session->state = LMTP_STATE_READY;
}

void
lmtp_server_greet(struct lmtp_server *session)
{
	if (session->state != LMTP_STATE_SILENT)
		abort();
	session->state = LMTP_STATE_GREETED;
	buffer_append_string(&session->output, session->settings.dialect == LMTP_DIALECT_DLMTP
						       ? "220 DSPAM DLMTP " DSPAM_VERSION " Authentication Required\r\n"
						       : "220 DSPAM LMTP " DSPAM_VERSION " Ready\r\n");
}

void
lmtp_server_secured(struct lmtp_server *session)
{
	if (session->state != LMTP_STATE_SILENT && session->state != LMTP_STATE_STARTTLS)
		abort();
	session->secured = true;
	if (session->state == LMTP_STATE_SILENT)
		return;
	buffer_clear(&session->input);
	session->used = 0;
	lmtp_forget(session);
	session->envelope.client = span_of(session->client, 0);
	session->state = LMTP_STATE_GREETED;
}

void
lmtp_server_stop(struct lmtp_server *session, const char *enhanced, const char *text)
{
	if (session->owed > 0)
		abort();
	if (session->state == LMTP_STATE_CLOSED)
		return;
	lmtp_say(session, 421, enhanced, text);
	session->state = LMTP_STATE_CLOSED;
}

size_t
lmtp_server_push(struct lmtp_server *session, struct span bytes)
{
	buffer_consume(&session->input, session->used);
	session->used = 0;
	bytes = span_head(bytes, session->input.limit - session->input.size);
	buffer_append_span(&session->input, bytes);
	return bytes.size;
}

/* The end of a message: ask the owner about it, unless it was too large to be kept. */
static void
finish_message(struct lmtp_server *session)
{
	char text[100];

	session->errors = 0;
	if (session->reader.size <= session->settings.message) {
		lmtp_ask(session, LMTP_SERVER_MESSAGE, session->replies);
		return;
	}
	snprintf(text, sizeof text, "Message is larger than %zu bytes", session->settings.message);
	for (size_t i = 0; i < session->replies; i++)
		lmtp_say(session, 552, "5.3.4", text);
	lmtp_forget(session);
}

/* False when more bytes are needed. */
static bool
read_data(struct lmtp_server *session, struct span rest)
{
	size_t before = rest.size;

	dot_reader_push(&session->reader, &rest, &session->message);
	session->used += before - rest.size;
	if (session->reader.size > session->settings.message)
		buffer_free(&session->message); /* what comes now is only counted */
	if (session->reader.ended)
		finish_message(session);
	return session->reader.ended || session->owed > 0 || before > rest.size;
}

/* False when more bytes are needed. */
static bool
read_command(struct lmtp_server *session, struct span rest)
{
	struct span line;
	size_t limit = session->settings.command;

	size_t end = span_find_byte(rest, '\n');
	if (end == SPAN_NONE) {
		if (rest.size < limit && !session->skipping)
			return false;
		session->skipping = true;
		session->used += rest.size;
		return false;
	}
	line = span_head(rest, end);
	session->used += end + 1;
	if (session->skipping || end + 1 > limit) {
		session->skipping = false;
		lmtp_wrong(session, 500, "5.5.2", "Command line too long");
		return true;
	}
	if (line.size > 0 && line.data[line.size - 1] == '\r')
		line.size--;
	lmtp_command(session, line);
	return true;
}

enum lmtp_server_event
lmtp_server_next(struct lmtp_server *session)
{
	bool go_on = true;

	while (go_on && session->state < LMTP_STATE_CLOSED && session->owed == 0) {
		struct span rest = span_skip(buffer_span(&session->input), session->used);
		if (rest.size == 0 || session->state == LMTP_STATE_SILENT)
			return LMTP_SERVER_MORE;
		go_on = session->state == LMTP_STATE_DATA ? read_data(session, rest) : read_command(session, rest);
	}
	if (session->state == LMTP_STATE_CLOSED)
		return LMTP_SERVER_CLOSE;
	if (session->state == LMTP_STATE_STARTTLS)
		return LMTP_SERVER_STARTTLS;
	if (session->owed == 0)
		return LMTP_SERVER_MORE;
	enum lmtp_server_event event = session->told ? LMTP_SERVER_WAIT : session->asked;
	session->told = true;
	return event;
}

const struct lmtp_envelope *
lmtp_server_envelope(const struct lmtp_server *session)
{
	return &session->envelope;
}

void
lmtp_server_take(struct lmtp_server *session, struct buffer *message)
{
	*message = session->message;
	session->message = BUFFER_INIT(session->settings.message);
}

bool
lmtp_server_receiving(const struct lmtp_server *session)
{
	return session->state == LMTP_STATE_DATA && session->owed == 0;
}

static void
take_candidate(struct lmtp_server *session)
{
	session->recipients[session->envelope.count++] = session->envelope.candidate;
	session->envelope.recipients = session->recipients;
	session->state = LMTP_STATE_RECIPIENT;
}

/* A wrong password, and whoever has the third closed. */
static void
refuse_login(struct lmtp_server *session)
{
	lmtp_forget(session);
	if (++session->refused == LOGINS)
		session->state = LMTP_STATE_CLOSED;
}

void
lmtp_server_reply(struct lmtp_server *session, unsigned int code, const char *enhanced, const char *text)
{
	bool good = code / 100 == 2;

	if (session->owed == 0 || (session->asked == LMTP_SERVER_DATA && good))
		abort();
	session->owed--;
	if (session->asked == LMTP_SERVER_RECIPIENT && good)
		take_candidate(session);
	lmtp_say(session, code, enhanced, text);
	if (session->asked == LMTP_SERVER_MESSAGE && session->owed == 0)
		lmtp_forget(session);
	else if (session->asked == LMTP_SERVER_LOGIN && good)
		session->state = LMTP_STATE_SENDER;
	else if (session->asked == LMTP_SERVER_LOGIN)
		refuse_login(session);
}

void
lmtp_begin(struct lmtp_server *session, size_t replies)
{
	session->replies = replies;
	session->state = LMTP_STATE_DATA;
	buffer_append_string(&session->output, "354 Enter mail, end with \".\" on a line by itself\r\n");
}

void
lmtp_server_begin(struct lmtp_server *session, size_t replies)
{
	if (session->owed == 0 || session->asked != LMTP_SERVER_DATA || replies == 0)
		abort();
	session->owed = 0;
	lmtp_begin(session, replies);
}

/* Behind what waits to be written; where nothing does, without copying it. */
static void
append_taken(struct lmtp_server *session, struct buffer *text)
{
	size_t limit = output_limit(session) + session->output.size + text->size;

	if (session->output.size == 0) {
		buffer_free(&session->output);
		session->output = *text;
		*text = BUFFER_INIT(0);
	}
	session->output.limit = limit;
	buffer_append_span(&session->output, buffer_span(text));
	buffer_free(text);
}

bool
lmtp_server_answer(struct lmtp_server *session, struct buffer *text, bool complete)
{
	bool extended = session->envelope.extended;

	if (session->owed != session->replies || session->asked != LMTP_SERVER_MESSAGE)
		abort();
	append_taken(session, text);
	if (extended || complete)
		buffer_append_string(&session->output, ".\r\n");
	if (extended)
		return true;
	session->owed = 0;
	lmtp_forget(session);
	if (!complete)
		session->state = LMTP_STATE_CLOSED;
	return false;
}

struct span
lmtp_server_output(const struct lmtp_server *session)
{
	return span_skip(buffer_span(&session->output), session->written);
}

void
lmtp_server_written(struct lmtp_server *session, size_t count)
{
	session->written += count;
	if (session->written < session->output.size)
		return;
	session->written = 0;
	session->output.limit = output_limit(session);
	if (session->output.capacity > KEEP_SIZE)
		buffer_free(&session->output);
	buffer_clear(&session->output);
}
