#include "wire/lmtp_client_private.h"

#include <stdlib.h>

#include "wire/path.h"

struct lmtp_client *
lmtp_client_new(enum lmtp_client_protocol protocol, const char *ident)
{
	struct lmtp_client *client = calloc(1, sizeof *client);

	if (client == NULL)
		abort();
	client->protocol = protocol;
	client->ident = ident;
	client->step = STEP_GREETING;
	client->output = BUFFER_INIT((size_t)-1);
	client->reply = reply_new();
	return client;
}

void
lmtp_client_starttls(struct lmtp_client *client, enum lmtp_client_tls tls)
{
	client->tls = tls;
}

void
lmtp_client_secured(struct lmtp_client *client)
{
	client->secured = true;
	client->capabilities = 0; /* what was said in clear text may be anybody's */
	if (client->step != STEP_HANDSHAKE)
		return;
	client->step = STEP_HELLO;
	lmtp_client_send_hello(client);
}

void
lmtp_client_free(struct lmtp_client *client)
{
	if (client == NULL)
		return;
	buffer_free(&client->output);
	reply_free(&client->reply);
	free(client->recipients);
	free(client);
}

/* Addresses that cannot be sent are refused before a word is said about them. */
static void
refuse_addresses(struct lmtp_client *client)
{
	const struct lmtp_client_envelope *envelope = &client->envelope;
	bool international = (client->capabilities & SMTPUTF8) != 0;
	bool sender_valid = path_valid(envelope->sender);
	bool sender_plain = international || !path_is_international(envelope->sender);

	for (size_t i = 0; i < envelope->count; i++) {
		struct span recipient = envelope->recipients[i];
		if (!sender_valid)
			lmtp_client_decide(client, i, LMTP_CLIENT_PERMANENT, "5.1.7",
					   "The sender is not a valid address");
		else if (recipient.size == 0 || !path_valid(recipient))
			lmtp_client_decide(client, i, LMTP_CLIENT_PERMANENT, "5.1.3",
					   "The recipient is not a valid address");
		else if (!sender_plain || (!international && path_is_international(recipient)))
			lmtp_client_decide(client, i, LMTP_CLIENT_PERMANENT, "5.6.7",
					   "An address is not ASCII, and the next hop does not offer SMTPUTF8");
	}
}

static void
start_transaction(struct lmtp_client *client)
{
	if (client->used) {
		buffer_append_string(&client->output, "RSET\r\n");
		client->step = STEP_RSET;
		return;
	}
	refuse_addresses(client);
	client->current = lmtp_client_next(client, 0, OPEN);
	if (client->current == client->envelope.count) {
		lmtp_client_finish(client, LMTP_CLIENT_PERMANENT, "", "");
		return;
	}
	client->used = true;
	lmtp_client_send_mail(client);
	if ((client->capabilities & PIPELINING) != 0)
		for (size_t i = client->current; i < client->envelope.count; i = lmtp_client_next(client, i + 1, OPEN))
			lmtp_client_send_rcpt(client, i);
}

void
lmtp_client_begin(struct lmtp_client *client, const struct lmtp_client_envelope *envelope, const struct span *pieces,
		  size_t count)
{
	if (client->running || (client->step != STEP_GREETING && !lmtp_client_reusable(client)))
		abort();
	free(client->recipients);
	client->recipients = calloc(envelope->count + 1, sizeof *client->recipients);
	if (client->recipients == NULL)
		abort();
	client->envelope = *envelope;
	client->envelope.international |= path_is_international(envelope->sender);
	for (size_t i = 0; i < envelope->count; i++)
		client->envelope.international |= path_is_international(envelope->recipients[i]);
	client->pieces = pieces;
	client->count = count;
	client->piece = client->offset = 0;
	client->writer = (struct dot_writer){.keep_cr = envelope->keep_cr};
	client->running = true;
	client->touched = client->mail_bad = client->ended = false;
	if (client->step == STEP_IDLE)
		start_transaction(client);
}

/* Input: one function for each step, called with the reply to it. */

static void
take_capabilities(struct lmtp_client *client)
{
	static const struct {
		const char *word;
		enum capability capability;
	} table[] = {{"PIPELINING", PIPELINING},
		     {"8BITMIME", EIGHT_BIT},
		     {"SIZE", SIZE},
		     {"SMTPUTF8", SMTPUTF8},
		     {"STARTTLS", STARTTLS}};
	struct span rest = buffer_span(&client->reply.text), line, word;

	while (span_next_line(&rest, &line)) {
		if (!span_next_word(&line, " =\r\n", &word))
			continue;
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
			if (span_equal_nocase(word, span_from(table[i].word)))
				client->capabilities |= table[i].capability;
	}
}

static void
after_greeting(struct lmtp_client *client, const struct answer *answer)
{
	if (answer->code != 220) {
		lmtp_client_give_up(client, answer->outcome == LMTP_CLIENT_TEMPORARY ? answer->enhanced : "4.3.2",
				    answer->text);
		return;
	}
	client->step = STEP_HELLO;
	lmtp_client_send_hello(client);
}

/* In clear text, to whom does not offer more. */
static void
go_on_without_tls(struct lmtp_client *client, const char *text)
{
	if (client->tls == LMTP_CLIENT_TLS_REQUIRED) {
		lmtp_client_give_up(client, "4.7.4", text);
		return;
	}
	client->step = STEP_IDLE;
	start_transaction(client);
}

static void
after_capabilities(struct lmtp_client *client)
{
	if (client->tls == LMTP_CLIENT_TLS_NONE || client->secured) {
		client->step = STEP_IDLE;
		start_transaction(client);
	} else if ((client->capabilities & STARTTLS) != 0) {
		client->step = STEP_STARTTLS;
		buffer_append_string(&client->output, "STARTTLS\r\n");
	} else {
		go_on_without_tls(client, "TLS is required, and the next hop does not offer STARTTLS");
	}
}

static void
after_starttls(struct lmtp_client *client, const struct answer *answer)
{
	if (answer->outcome == LMTP_CLIENT_ACCEPTED)
		client->step = STEP_HANDSHAKE;
	else
		go_on_without_tls(client, answer->text);
}

static void
after_hello(struct lmtp_client *client, const struct answer *answer)
{
	if (answer->outcome == LMTP_CLIENT_ACCEPTED) {
		if (client->step == STEP_HELLO)
			take_capabilities(client);
		after_capabilities(client);
	} else if (answer->outcome == LMTP_CLIENT_PERMANENT && client->protocol == LMTP_CLIENT_SMTP &&
		   client->step == STEP_HELLO) {
		client->step = STEP_HELO;
		lmtp_client_send_hello(client);
	} else {
		lmtp_client_give_up(client, answer->outcome == LMTP_CLIENT_TEMPORARY ? answer->enhanced : "4.3.2",
				    answer->text);
	}
}

static void
after_rset(struct lmtp_client *client, const struct answer *answer)
{
	if (answer->outcome != LMTP_CLIENT_ACCEPTED) {
		lmtp_client_give_up(client, "4.5.0", answer->text);
		return;
	}
	client->used = false;
	start_transaction(client);
}

static void
after_mail(struct lmtp_client *client, const struct answer *answer)
{
	client->step = STEP_RCPT;
	client->mail_bad = answer->outcome != LMTP_CLIENT_ACCEPTED;
	if ((client->capabilities & PIPELINING) == 0) {
		if (client->mail_bad)
			lmtp_client_finish(client, answer->outcome, answer->enhanced, answer->text);
		else
			lmtp_client_send_rcpt(client, client->current);
		return;
	}
	/* The answers to the recipients that were sent along are still to be read, so progress stays OPEN. */
	for (size_t i = client->current; client->mail_bad && i < client->envelope.count; i++) {
		enum progress progress = client->recipients[i].progress;
		if (progress != OPEN)
			continue;
		lmtp_client_decide(client, i, answer->outcome, answer->enhanced, answer->text);
		client->recipients[i].progress = OPEN;
	}
}

static void
after_rcpt(struct lmtp_client *client, const struct answer *answer)
{
	struct recipient *recipient = &client->recipients[client->current];

	if (client->mail_bad)
		recipient->progress = DECIDED;
	else if (answer->outcome == LMTP_CLIENT_ACCEPTED)
		recipient->progress = TAKEN;
	else
		lmtp_client_decide(client, client->current, answer->outcome, answer->enhanced, answer->text);
	client->current = lmtp_client_next(client, client->current + 1, OPEN);
	if (client->current < client->envelope.count) {
		if ((client->capabilities & PIPELINING) == 0)
			lmtp_client_send_rcpt(client, client->current);
		return;
	}
	client->current = lmtp_client_next(client, 0, TAKEN);
	if (client->current == client->envelope.count) {
		lmtp_client_finish(client, LMTP_CLIENT_PERMANENT, "", "");
		return;
	}
	client->step = STEP_DATA;
	buffer_append_string(&client->output, "DATA\r\n");
}

static void
after_data(struct lmtp_client *client, const struct answer *answer)
{
	if (answer->code == 354) {
		client->step = STEP_END;
		lmtp_client_refill(client);
	} else if (answer->code >= 400) {
		lmtp_client_finish(client, answer->outcome, answer->enhanced, answer->text);
	} else {
		lmtp_client_give_up(client, "4.5.0", answer->text);
	}
}

/* LMTP answers for each recipient that was taken, SMTP once for all. */
static void
after_end(struct lmtp_client *client, const struct answer *answer)
{
	if (client->protocol == LMTP_CLIENT_LMTP) {
		lmtp_client_decide(client, client->current, answer->outcome, answer->enhanced, answer->text);
		client->current = lmtp_client_next(client, client->current + 1, TAKEN);
		if (client->current < client->envelope.count)
			return;
	}
	client->used = false;
	lmtp_client_finish(client, answer->outcome, answer->enhanced, answer->text);
}

static void
take_reply(struct lmtp_client *client)
{
	static void (*const steps[])(struct lmtp_client *, const struct answer *) = {
		[STEP_GREETING] = after_greeting, [STEP_HELLO] = after_hello, [STEP_HELO] = after_hello,
		[STEP_RSET] = after_rset,         [STEP_MAIL] = after_mail,   [STEP_RCPT] = after_rcpt,
		[STEP_DATA] = after_data,         [STEP_END] = after_end,     [STEP_STARTTLS] = after_starttls,
	};
	struct answer answer = lmtp_client_answer(&client->reply);
	enum step step = client->step;

	if (answer.code == 421 || (step == STEP_END && answer.code >= 400 && !lmtp_client_sent(client))) {
		client->broken = true; /* the peer is gone, or out of step */
		lmtp_client_finish(client, answer.code == 421 ? LMTP_CLIENT_TEMPORARY : answer.outcome, answer.enhanced,
				   answer.text);
	} else if (answer.code / 100 == 3 ? step != STEP_DATA : step == STEP_END && !lmtp_client_sent(client)) {
		lmtp_client_give_up(client, "4.5.0", "The next hop sent an answer that does not fit");
	} else {
		client->touched |= step >= STEP_MAIL;
		steps[step](client, &answer);
	}
}

void
lmtp_client_push(struct lmtp_client *client, struct span bytes)
{
	while (bytes.size > 0 && !client->broken) {
		if (!client->running) {
			client->broken = true; /* words that nobody asked for */
			return;
		}
		if (client->step == STEP_HANDSHAKE) {
			lmtp_client_give_up(client, "4.7.0", "The next hop sent more than an answer to STARTTLS");
			return;
		}
		enum reply_status status = reply_push(&client->reply, &bytes);
		if (status == REPLY_BAD)
			lmtp_client_give_up(client, "4.5.0", "The next hop sent an answer that is none");
		else if (status == REPLY_COMPLETE)
			take_reply(client);
		if (status != REPLY_MORE)
			reply_clear(&client->reply);
	}
}

void
lmtp_client_lost(struct lmtp_client *client, const char *why)
{
	lmtp_client_give_up(client, client->step == STEP_HANDSHAKE ? "4.7.5" : "4.4.2", why);
}

enum lmtp_client_need
lmtp_client_need(const struct lmtp_client *client)
{
	if (!client->broken && client->output.size > 0)
		return LMTP_CLIENT_WRITE;
	if (client->step == STEP_HANDSHAKE && client->running)
		return LMTP_CLIENT_HANDSHAKE;
	return client->running ? LMTP_CLIENT_READ : LMTP_CLIENT_DONE;
}

struct span
lmtp_client_output(const struct lmtp_client *client)
{
	return buffer_span(&client->output);
}

void
lmtp_client_written(struct lmtp_client *client, size_t count)
{
	buffer_consume(&client->output, count);
	lmtp_client_refill(client);
}

const struct lmtp_client_result *
lmtp_client_result(const struct lmtp_client *client, size_t index)
{
	return &client->recipients[index].result;
}

bool
lmtp_client_reusable(const struct lmtp_client *client)
{
	return client->step == STEP_IDLE && !client->running && !client->broken;
}

bool
lmtp_client_untouched(const struct lmtp_client *client)
{
	return client->broken && !client->touched;
}

void
lmtp_client_quit(struct lmtp_client *client)
{
	if (lmtp_client_reusable(client))
		buffer_append_string(&client->output, "QUIT\r\n");
}
