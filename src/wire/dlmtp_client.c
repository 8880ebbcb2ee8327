#include "wire/dlmtp_client_private.h"

#include <stdio.h>
#include <stdlib.h>

struct dlmtp_client *
dlmtp_client_new(const struct dlmtp_request *request)
{
	struct dlmtp_client *client = calloc(1, sizeof *client);

	if (client == NULL)
		abort();
	client->request = *request;
	client->output = BUFFER_INIT((size_t)-1);
	client->text = BUFFER_INIT(request->text_max);
	client->line = BUFFER_INIT(request->text_max);
	client->reply = reply_new();
	client->results = calloc(request->deliveries + 1, sizeof *client->results);
	if (client->results == NULL)
		abort();
	return client;
}

void
dlmtp_client_free(struct dlmtp_client *client)
{
	if (client == NULL)
		return;
	buffer_free(&client->output);
	buffer_free(&client->text);
	buffer_free(&client->line);
	reply_free(&client->reply);
	free(client->results);
	free(client);
}

void
dlmtp_client_fail(struct dlmtp_client *client, enum dlmtp_failure failure, const char *what, const char *text)
{
	if (client->step == STEP_DONE)
		return;
	client->failure = failure;
	client->step = STEP_DONE;
	buffer_clear(&client->output);
	snprintf(client->why, sizeof client->why, "%s%s", what, text);
	for (char *c = client->why; *c != '\0'; c++)
		if ((unsigned char)*c < 32 || *c == 127)
			*c = ' ';
}

/* A reply that ends the session before the message. */
static void
refuse(struct dlmtp_client *client, enum dlmtp_failure failure, const char *what)
{
	struct reply *reply = &client->reply;
	char text[400];

	snprintf(text, sizeof text, "%u %.*s", reply->code, (int)span_trim(buffer_span(&reply->text)).size,
		 reply->text.size > 0 ? reply->text.data : "");
	dlmtp_client_fail(client, reply->code < 500 ? DLMTP_FAILURE_TEMPORARY : failure, what, text);
}

/* ---- one function for each step, called with the reply to it ------------------------------ */

static void
send_hello(struct dlmtp_client *client)
{
	struct span login = client->request.login;

	buffer_printf(&client->output, "LHLO %.*s\r\n", (int)login.size, login.data);
	client->step = STEP_HELLO;
}

static void
after_greeting(struct dlmtp_client *client)
{
	if (client->reply.code != 220) {
		refuse(client, DLMTP_FAILURE_TEMPORARY, "the daemon is not ready: ");
		return;
	}
	if (!dlmtp_client_check(client))
		return;
	send_hello(client);
}

/* What was said in clear text counts no more: LHLO comes again. */
static void
start_tls(struct dlmtp_client *client, bool offered)
{
	if (!offered) {
		dlmtp_client_fail(client, DLMTP_FAILURE_TEMPORARY,
				  "it does not offer STARTTLS, which ClientTLS asks for", "");
		return;
	}
	client->extended = false;
	buffer_append_string(&client->output, "STARTTLS\r\n");
	client->step = STEP_STARTTLS;
}

static void
after_starttls(struct dlmtp_client *client)
{
	if (client->reply.code == 220)
		client->step = STEP_HANDSHAKE;
	else
		refuse(client, DLMTP_FAILURE_TEMPORARY, "the daemon refuses STARTTLS: ");
}

static void
after_hello(struct dlmtp_client *client)
{
	struct span rest = buffer_span(&client->reply.text), line;
	bool dlmtp = false, starttls = false;

	if (client->reply.code != 250) {
		refuse(client, DLMTP_FAILURE_TEMPORARY, "the daemon refuses to talk: ");
		return;
	}
	while (span_next_line(&rest, &line)) {
		dlmtp |= span_equal_nocase(span_trim(line), SPAN("DSPAMPROCESSMODE"));
		starttls |= span_equal_nocase(span_trim(line), SPAN("STARTTLS"));
		client->extended |= span_equal_nocase(span_trim(line), SPAN("DSPAMEXTENDED"));
	}
	if (client->request.starttls && !client->secured) {
		start_tls(client, starttls);
	} else if (dlmtp) {
		dlmtp_client_send_login(client);
	} else {
		dlmtp_client_fail(
			client, DLMTP_FAILURE_LOGIN,
			"the daemon speaks plain LMTP with us: it has no ServerPass for the name in ClientIdent", "");
	}
}

static void
after_login(struct dlmtp_client *client)
{
	if (client->reply.code == 250)
		dlmtp_client_send_next(client);
	else
		refuse(client, DLMTP_FAILURE_LOGIN, "the daemon refuses name and password of ClientIdent: ");
}

static void
after_user(struct dlmtp_client *client)
{
	if (client->reply.code / 100 != 2) {
		refuse(client, DLMTP_FAILURE_REFUSED, "the daemon refuses a user: ");
		return;
	}
	client->current++;
	dlmtp_client_send_next(client);
}

static void
after_data(struct dlmtp_client *client)
{
	if (client->reply.code != 354) {
		refuse(client, DLMTP_FAILURE_REFUSED, "the daemon refuses: ");
		return;
	}
	client->current = 0;
	client->step = client->request.wants_text ? STEP_TEXT : STEP_REPLIES;
	dlmtp_client_refill(client);
}

static void
after_end(struct dlmtp_client *client)
{
	struct lmtp_client_result *result = &client->results[client->current];
	const struct reply *reply = &client->reply;
	struct span text = span_trim(buffer_span(&reply->text));
	struct span enhanced = reply_enhanced(reply->code, text);

	result->outcome = reply->code / 100 == 2   ? LMTP_CLIENT_ACCEPTED
			  : reply->code / 100 == 5 ? LMTP_CLIENT_PERMANENT
						   : LMTP_CLIENT_TEMPORARY;
	snprintf(result->enhanced, sizeof result->enhanced, "%.*s", (int)enhanced.size, enhanced.data);
	snprintf(result->text, sizeof result->text, "%u %.*s", reply->code, (int)text.size, text.data);
	client->spam |= result->outcome == LMTP_CLIENT_ACCEPTED && text.size >= 6 &&
			span_equal(span_skip(text, text.size - 6), SPAN(": SPAM"));
	if (++client->current == client->request.deliveries)
		client->step = STEP_DONE;
}

static void
push_reply(struct dlmtp_client *client, struct span *bytes)
{
	static void (*const steps[])(struct dlmtp_client *) = {
		[STEP_GREETING] = after_greeting, [STEP_HELLO] = after_hello, [STEP_LOGIN] = after_login,
		[STEP_STARTTLS] = after_starttls, [STEP_USER] = after_user,   [STEP_DATA] = after_data,
		[STEP_REPLIES] = after_end,
	};
	enum reply_status status = reply_push(&client->reply, bytes);

	if (status == REPLY_MORE)
		return;
	if (status == REPLY_BAD)
		dlmtp_client_fail(client, DLMTP_FAILURE_TEMPORARY, "the daemon sent an answer that is none", "");
	else
		steps[client->step](client);
	reply_clear(&client->reply);
}

/* ---- the text -------------------------------------------------------------------------------- */

static void
push_stuffed(struct dlmtp_client *client, struct span *bytes)
{
	dot_reader_push(&client->reader, bytes, &client->text);
	client->has_text = true;
	if (client->reader.ended)
		client->step = STEP_REPLIES;
}

static bool
looks_like_reply(struct span line)
{
	unsigned long long code;

	return line.size > 3 && (line.data[3] == ' ' || line.data[3] == '-') &&
	       span_to_number(span_head(line, 3), 599, &code) && code >= 200;
}

/* One line of the original's text, with its line end. */
static void
take_line(struct dlmtp_client *client, struct span line)
{
	const struct dlmtp_request *request = &client->request;
	struct span bare = span_head(line, line.size - 1);
	bool first = !client->has_text;

	client->has_text = true;
	if (bare.size > 0 && bare.data[bare.size - 1] == '\r')
		bare.size--;
	if (first && request->wants_messages && span_starts(bare, SPAN("X-Daemon-Classification: "))) {
		client->spam = span_equal(bare, SPAN("X-Daemon-Classification: SPAM"));
		return;
	}
	if (span_starts(bare, SPAN("X-DSPAM-Result: ")) && span_find(bare, SPAN("; result=\"Spam\";")) != SPAN_NONE)
		client->spam |= !request->wants_messages;
	buffer_append_span(&client->text, bare);
	buffer_append_byte(&client->text, '\n');
}

/*
 * The original does not stuff dots, but its lines end with LF, and its final dot with CR LF: by this we know a
 * line with a dot that belongs to the message.
 */
static void
push_plain(struct dlmtp_client *client, struct span *bytes)
{
	size_t end = span_find_byte(*bytes, '\n');
	struct span piece = end == SPAN_NONE ? *bytes : span_head(*bytes, end + 1);

	buffer_append_span(&client->line, piece);
	struct span line = buffer_span(&client->line);
	if (end != SPAN_NONE && !client->has_text && looks_like_reply(line)) {
		client->step = STEP_REPLIES;
		push_reply(client, &line);
		buffer_clear(&client->line);
	} else if (end != SPAN_NONE) {
		if (span_equal(line, SPAN(".\r\n")))
			client->step = STEP_DONE;
		else
			take_line(client, line);
		client->has_text = true;
		buffer_clear(&client->line);
	}
	*bytes = span_skip(*bytes, piece.size);
}

void
dlmtp_client_push(struct dlmtp_client *client, struct span bytes)
{
	while (bytes.size > 0 && client->step != STEP_DONE) {
		if (client->step == STEP_HANDSHAKE) {
			dlmtp_client_fail(client, DLMTP_FAILURE_TEMPORARY,
					  "the daemon said more than its answer to STARTTLS", "");
			return;
		}
		/* whoever answers before he has the message means something else */
		if (client->step >= STEP_TEXT && !(client->ended && client->output.size == 0))
			dlmtp_client_fail(client, DLMTP_FAILURE_TEMPORARY,
					  "the daemon answered before it had the message", "");
		else if (client->step != STEP_TEXT)
			push_reply(client, &bytes);
		else if (client->extended)
			push_stuffed(client, &bytes);
		else
			push_plain(client, &bytes);
		if (client->text.failed || client->line.failed)
			dlmtp_client_fail(client, DLMTP_FAILURE_TEMPORARY, "the daemon's answer is too long", "");
	}
}

/* ---- for the owner ---------------------------------------------------------------------------- */

void
dlmtp_client_secured(struct dlmtp_client *client)
{
	if (client->step != STEP_HANDSHAKE)
		abort();
	client->secured = true;
	send_hello(client);
}

void
dlmtp_client_lost(struct dlmtp_client *client, const char *why)
{
	dlmtp_client_fail(client, DLMTP_FAILURE_TEMPORARY, why, "");
}

enum lmtp_client_need
dlmtp_client_need(const struct dlmtp_client *client)
{
	if (client->step == STEP_DONE)
		return LMTP_CLIENT_DONE;
	if (client->step == STEP_HANDSHAKE)
		return LMTP_CLIENT_HANDSHAKE;
	return client->output.size > 0 ? LMTP_CLIENT_WRITE : LMTP_CLIENT_READ;
}

struct span
dlmtp_client_output(const struct dlmtp_client *client)
{
	return buffer_span(&client->output);
}

void
dlmtp_client_written(struct dlmtp_client *client, size_t count)
{
	buffer_consume(&client->output, count);
	dlmtp_client_refill(client);
}

enum dlmtp_failure
dlmtp_client_failure(const struct dlmtp_client *client, const char **text)
{
	*text = client->why;
	return client->failure;
}

const struct lmtp_client_result *
dlmtp_client_result(const struct dlmtp_client *client, size_t index)
{
	return &client->results[index];
}

bool
dlmtp_client_text(const struct dlmtp_client *client, struct span *text)
{
	*text = buffer_span(&client->text);
	return client->has_text;
}

bool
dlmtp_client_spam(const struct dlmtp_client *client)
{
	return client->spam;
}

void
dlmtp_client_quit(struct dlmtp_client *client)
{
	buffer_append_string(&client->output, "QUIT\r\n");
}
