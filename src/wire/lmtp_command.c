#include "wire/lmtp_session.h"
#include "wire/path.h"

#include <stdlib.h>

enum {
	ANY = LMTP_STATE_GREETED | LMTP_STATE_READY | LMTP_STATE_SENDER | LMTP_STATE_RECIPIENT,
	TRANSACTION = LMTP_STATE_SENDER | LMTP_STATE_RECIPIENT,
};

enum { NO_ARGUMENT = 1, SECURED = 2 /* not in clear text, if TLS is required */ }; /* flags of a command */

struct command {
	const char *word;
	unsigned int states; /* in which it is allowed */
	unsigned int flags;
	void (*run)(struct lmtp_server *session, struct span argument);
};

struct parameter {
	const char *name;
	unsigned int commands;                                        /* enum lmtp_parameter_at */
	bool (*take)(struct lmtp_server *session, struct span value); /* false: it has given the reply */
};

static bool
offers_tls(const struct lmtp_server *session)
{
	return session->settings.tls != LMTP_SERVER_TLS_NONE && !session->secured;
}

static void
run_lhlo(struct lmtp_server *session, struct span argument)
{
	size_t size = argument.size < sizeof session->client ? argument.size : sizeof session->client;

	lmtp_forget(session);
	if (size > 0)
		memcpy(session->client, argument.data, size);
	session->envelope.client = span_of(session->client, size);
	session->state = LMTP_STATE_READY;
	session->dlmtp = dlmtp_is_spoken(session);
	buffer_printf(&session->output,
		      "250-%s\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n%s%s"
		      "250 SIZE %zu\r\n",
		      session->settings.ident, offers_tls(session) ? "250-STARTTLS\r\n" : "",
		      session->dlmtp ? "250-DSPAMPROCESSMODE\r\n250-DSPAMEXTENDED\r\n" : "", session->settings.message);
}

static void
run_helo(struct lmtp_server *session, struct span argument)
{
	(void)argument;
	lmtp_wrong(session, 500, "5.5.1", "This is LMTP, begin with LHLO");
}

static bool
take_size(struct lmtp_server *session, struct span value)
{
	unsigned long long size;

	if (!span_to_number(value, ~0ULL, &size)) {
		lmtp_wrong(session, 501, "5.5.4", "SIZE needs a number");
		return false;
	}
	if (size > session->settings.message) {
		lmtp_say(session, 552, "5.3.4", "Message is larger than the SIZE that was announced");
		return false;
	}
	return true;
}

static bool
take_body(struct lmtp_server *session, struct span value)
{
	if (span_equal_nocase(value, SPAN("8BITMIME"))) {
		session->envelope.body = LMTP_BODY_8BITMIME;
	} else if (!span_equal_nocase(value, SPAN("7BIT"))) {
		lmtp_wrong(session, 501, "5.5.4", "BODY must be 7BIT or 8BITMIME");
		return false;
	}
	return true;
}

static bool
take_smtputf8(struct lmtp_server *session, struct span value)
{
	if (value.data != NULL) {
		lmtp_wrong(session, 501, "5.5.4", "SMTPUTF8 takes no value");
		return false;
	}
	session->envelope.international = true;
	return true;
}

/* Of RFC 3461, which we do not offer; but DSPAM 3.10 never looked, and there are servers that send them unasked. */
static bool
take_unasked(struct lmtp_server *session, struct span value)
{
	(void)session;
	(void)value;
	return true;
}

static const struct parameter parameters[] = {
	{"SIZE", LMTP_AT_MAIL | LMTP_AT_LOGIN, take_size},
	{"BODY", LMTP_AT_MAIL | LMTP_AT_LOGIN, take_body},
	{"SMTPUTF8", LMTP_AT_MAIL | LMTP_AT_LOGIN, take_smtputf8},
	{"RET", LMTP_AT_MAIL, take_unasked},
	{"ENVID", LMTP_AT_MAIL, take_unasked},
	{"NOTIFY", LMTP_AT_RCPT, take_unasked},
	{"ORCPT", LMTP_AT_RCPT, take_unasked},
	{"DSPAMPROCESSMODE", LMTP_AT_LOGIN, dlmtp_take_arguments},
	{"DSPAMEXTENDED", LMTP_AT_LOGIN, dlmtp_take_extended},
};

#define PARAMETERS (sizeof parameters / sizeof parameters[0])

/* The row of the table, or PARAMETERS. */
static size_t
parameter_find(struct span name, enum lmtp_parameter_at at)
{
	size_t i = 0;

	while (i < PARAMETERS &&
	       !((parameters[i].commands & at) != 0 && span_equal_nocase(name, span_from(parameters[i].name))))
		i++;
	return i;
}

bool
lmtp_take_parameters(struct lmtp_server *session, struct span rest, enum lmtp_parameter_at at)
{
	struct span name, value;
	bool seen[PARAMETERS] = {false};

	while (path_next_parameter(&rest, &name, &value)) {
		size_t i = parameter_find(name, at);
		if (i == PARAMETERS) {
			lmtp_wrong(session, 555, "5.5.4", "Parameter unknown");
			return false;
		}
		if (seen[i]) {
			lmtp_wrong(session, 501, "5.5.4", "Parameter given twice");
			return false;
		}
		seen[i] = true;
		if (!parameters[i].take(session, value))
			return false;
	}
	return true;
}

/* A copy of an address that lives as long as the envelope; false after a reply. */
static bool
keep_address(struct lmtp_server *session, struct span address, struct span *kept)
{
	if (path_is_international(address) && !session->envelope.international) {
		lmtp_wrong(session, 553, "5.6.7", "Address is not ASCII, which needs SMTPUTF8");
		return false;
	}
	const char *copy = arena_copy(session->arena, address);
	if (copy == NULL) {
		lmtp_say(session, 452, "4.3.1", "Out of memory for this envelope");
		return false;
	}
	*kept = span_of(copy, address.size);
	return true;
}

/* Cut "FROM:" or "TO:" off; false when it is not there. */
static bool
cut_keyword(struct span *argument, struct span keyword)
{
	if (!span_starts_nocase(*argument, keyword))
		return false;
	*argument = span_skip(*argument, keyword.size);
	return true;
}

static void
run_mail(struct lmtp_server *session, struct span argument)
{
	struct span sender;

	if (session->dlmtp) {
		dlmtp_mail(session, argument);
		return;
	}
	if (!cut_keyword(&argument, SPAN("FROM:")) || !path_cut(&argument, &sender)) {
		lmtp_wrong(session, 501, "5.1.7", "Invalid sender. Use MAIL FROM:<address>");
		return;
	}
	lmtp_forget(session);
	if (!lmtp_take_parameters(session, argument, LMTP_AT_MAIL) ||
	    !keep_address(session, sender, &session->envelope.sender)) {
		lmtp_forget(session);
		return;
	}
	session->state = LMTP_STATE_SENDER;
	lmtp_say(session, 250, "2.1.0", "OK");
}

/* Room for one recipient more, within the limit. */
static bool
recipients_grow(struct lmtp_server *session)
{
	if (session->envelope.count == session->settings.recipients)
		return false;
	if (session->envelope.count == session->capacity) {
		session->capacity = session->capacity == 0 ? 8 : session->capacity * 2;
		session->recipients = reallocarray(session->recipients, session->capacity, sizeof(struct span));
		if (session->recipients == NULL)
			abort();
		session->envelope.recipients = session->recipients;
	}
	return true;
}

/* What starts with a hyphen could become an option of a program that the message is handed to. */
static bool
recipient_allowed(struct span recipient)
{
	return recipient.size > 0 && recipient.data[0] != '-' && recipient.data[0] != '@';
}

static void
run_rcpt(struct lmtp_server *session, struct span argument)
{
	struct span recipient;

	if (!cut_keyword(&argument, SPAN("TO:")) || !path_cut(&argument, &recipient) || !recipient_allowed(recipient)) {
		lmtp_wrong(session, 501, "5.1.3", "Invalid recipient. Use RCPT TO:<address>");
		return;
	}
	if (!lmtp_take_parameters(session, argument, LMTP_AT_RCPT))
		return;
	if (!recipients_grow(session)) {
		lmtp_say(session, 452, "4.5.3", "Too many recipients");
		return;
	}
	if (keep_address(session, recipient, &session->envelope.candidate))
		lmtp_ask(session, LMTP_SERVER_RECIPIENT, 1);
}

/* What a command that comes too early or too late is told. */
static void
wrong_state(struct lmtp_server *session)
{
	const char *text = "A message is already begun, end it or say RSET";

	if (session->state == LMTP_STATE_GREETED)
		text = "Need LHLO here";
	else if (session->state == LMTP_STATE_READY)
		text = "Need MAIL FROM here";
	else if (session->state == LMTP_STATE_SENDER)
		text = "Need RCPT TO here";
	lmtp_wrong(session, 503, "5.5.1", text);
}

/* In DLMTP the users may stand in the arguments. */
static void
run_data(struct lmtp_server *session, struct span argument)
{
	(void)argument;
	if (session->dlmtp)
		lmtp_ask(session, LMTP_SERVER_DATA, 1);
	else if (session->state == LMTP_STATE_RECIPIENT)
		lmtp_begin(session, session->envelope.count);
	else
		wrong_state(session);
}

static void
run_rset(struct lmtp_server *session, struct span argument)
{
	(void)argument;
	lmtp_forget(session);
	lmtp_say(session, 250, "2.0.0", "OK");
}

static void
run_noop(struct lmtp_server *session, struct span argument)
{
	(void)argument;
	lmtp_say(session, 250, "2.0.0", "OK");
}

static void
run_starttls(struct lmtp_server *session, struct span argument)
{
	(void)argument;
	if (session->secured) {
		lmtp_wrong(session, 503, "5.5.1", "TLS is on already");
	} else if (!offers_tls(session)) {
		lmtp_wrong(session, 502, "5.5.1", "There is no TLS here");
	} else {
		lmtp_say(session, 220, "2.0.0", "Ready to start TLS");
		session->state = LMTP_STATE_STARTTLS;
	}
}

static void
run_vrfy(struct lmtp_server *session, struct span argument)
{
	if (argument.size == 0)
		lmtp_wrong(session, 501, "5.5.4", "VRFY needs an address");
	else
		lmtp_say(session, 252, "2.5.0", "Cannot verify, but will take mail and try");
}

static void
run_help(struct lmtp_server *session, struct span argument)
{
	(void)argument;
	lmtp_say(session, 214, "2.0.0", "LHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT");
}

static void
run_quit(struct lmtp_server *session, struct span argument)
{
	(void)argument;
	lmtp_say(session, 221, "2.0.0", "OK");
	session->state = LMTP_STATE_CLOSED;
}

static const struct command commands[] = {
	{"LHLO", ANY, 0, run_lhlo},
	{"HELO", ANY, 0, run_helo},
	{"EHLO", ANY, 0, run_helo},
	{"MAIL", LMTP_STATE_READY, SECURED, run_mail},
	{"RCPT", TRANSACTION, SECURED, run_rcpt},
	{"DATA", TRANSACTION, NO_ARGUMENT | SECURED, run_data},
	{"RSET", ANY, NO_ARGUMENT, run_rset},
	{"NOOP", ANY, 0, run_noop},
	{"VRFY", ANY, SECURED, run_vrfy},
	{"HELP", ANY, 0, run_help},
	{"STARTTLS", LMTP_STATE_READY | TRANSACTION, NO_ARGUMENT, run_starttls},
	{"QUIT", ANY, NO_ARGUMENT, run_quit},
};

static bool
has_control_byte(struct span line)
{
	for (size_t i = 0; i < line.size; i++)
		if (((unsigned char)line.data[i] < 32 && line.data[i] != '\t') || line.data[i] == 127)
			return true;
	return false;
}

void
lmtp_command(struct lmtp_server *session, struct span line)
{
	struct span word, rest = line;

	if (has_control_byte(line)) {
		lmtp_wrong(session, 500, "5.5.2", "Control byte in the command line");
		return;
	}
	if (!span_next_word(&rest, " \t", &word))
		word = line;
	rest = span_trim(rest);
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		const struct command *command = &commands[i];
		if (!span_equal_nocase(word, span_from(command->word)))
			continue;
		if ((command->flags & SECURED) != 0 && !session->secured &&
		    session->settings.tls == LMTP_SERVER_TLS_REQUIRED)
			lmtp_wrong(session, 530, "5.7.0", "Must issue a STARTTLS command first");
		else if ((session->state & command->states) == 0)
			wrong_state(session);
		else if ((command->flags & NO_ARGUMENT) != 0 && rest.size > 0)
			lmtp_wrong(session, 501, "5.5.4", "This command takes no argument");
		else
			command->run(session, rest);
		return;
	}
	lmtp_wrong(session, 500, "5.5.2", "Command unknown");
}
