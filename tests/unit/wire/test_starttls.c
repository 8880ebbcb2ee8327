/* STARTTLS on both sides of LMTP, without TLS: who says what when, and what must not get through. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "wire/lmtp_client.h"
#include "wire/lmtp_server.h"

/* ---- the server -------------------------------------------------------------------------- */

#define MOST 12

/* One line after the other, with the beginning of the answer to each; "TLS" stands for the handshake. */
struct talk {
	const char *title;
	enum lmtp_server_tls tls;
	bool at_once; /* TLS from the first byte */
	const char *lines[MOST][2];
};

#define TLS "TLS"
#define HELLO "LHLO c\r\n"
#define OFFER                                                                                                          \
	"250-mx\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-STARTTLS\r\n250 "  \
	"SIZE"
#define NO_OFFER "250-mx\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE"
#define READY "220 2.0.0 Ready to start TLS\r\n"
#define FIRST "530 5.7.0 Must issue a STARTTLS command first\r\n"

static const struct talk talks[] = {
	{"not configured", LMTP_SERVER_TLS_NONE, false, {{HELLO, NO_OFFER}, {"STARTTLS\r\n", "502 5.5.1"}}},
	{"offered, and not taken", LMTP_SERVER_TLS_OFFERED, false, {{HELLO, OFFER}, {"MAIL FROM:<a>\r\n", "250 "}}},
	{"all is new afterwards",
	 LMTP_SERVER_TLS_OFFERED,
	 false,
	 {{HELLO, OFFER},
	  {"MAIL FROM:<a>\r\n", "250 2.1.0"},
	  {"STARTTLS\r\n", READY},
	  {TLS, ""},
	  {"MAIL FROM:<a>\r\n", "503 5.5.1 Need LHLO here"},
	  {HELLO, NO_OFFER},
	  {"RCPT TO:<b>\r\n", "503 5.5.1 Need MAIL FROM here"},
	  {"STARTTLS\r\n", "503 5.5.1 TLS is on already"},
	  {"MAIL FROM:<a>\r\n", "250 2.1.0"}}},
	{"after LHLO only", LMTP_SERVER_TLS_OFFERED, false, {{"STARTTLS\r\n", "503 5.5.1 Need LHLO here"}}},
	{"no argument", LMTP_SERVER_TLS_OFFERED, false, {{HELLO, OFFER}, {"STARTTLS now\r\n", "501 5.5.4"}}},
	{"required",
	 LMTP_SERVER_TLS_REQUIRED,
	 false,
	 {{"MAIL FROM:<a>\r\n", FIRST},
	  {HELLO, OFFER},
	  {"MAIL FROM:<a>\r\n", FIRST},
	  {"RCPT TO:<a>\r\n", FIRST},
	  {"DATA\r\n", FIRST},
	  {"VRFY a\r\n", FIRST},
	  {"NOOP\r\n", "250 2.0.0"},
	  {"RSET\r\n", "250 2.0.0"},
	  {"STARTTLS\r\n", READY},
	  {TLS, ""},
	  {HELLO, NO_OFFER},
	  {"MAIL FROM:<a>\r\n", "250 2.1.0"}}},
	{"required, and another port",
	 LMTP_SERVER_TLS_REQUIRED,
	 true,
	 {{HELLO, NO_OFFER}, {"STARTTLS\r\n", "503 5.5.1 TLS is on already"}, {"MAIL FROM:<a>\r\n", "250 2.1.0"}}},
	{"the case of the command", LMTP_SERVER_TLS_OFFERED, false, {{"lhlo c\r\n", OFFER}, {"starttls \r\n", READY}}},
	/* a command in the same breath as STARTTLS came in clear text, from whomever */
	{"injection",
	 LMTP_SERVER_TLS_OFFERED,
	 false,
	 {{HELLO, OFFER},
	  {"STARTTLS\r\nLHLO evil\r\nMAIL FROM:<evil>\r\nRCPT TO:<victim>\r\n", READY},
	  {TLS, ""},
	  {HELLO, NO_OFFER},
	  {"RCPT TO:<a>\r\n", "503 5.5.1 Need MAIL FROM here"}}},
	{"half a command",
	 LMTP_SERVER_TLS_OFFERED,
	 false,
	 {{HELLO, OFFER}, {"STARTTLS\r\nNO", READY}, {TLS, ""}, {"OP\r\n", "500 5.5.2"}}},
};

static struct lmtp_server *
server_open(const struct talk *talk)
{
	struct lmtp_server_settings settings = LMTP_SERVER_DEFAULTS;

	settings.ident = "mx";
	settings.tls = talk->tls;
	struct lmtp_server *server = lmtp_server_new(&settings);
	if (talk->at_once)
		lmtp_server_secured(server);
	lmtp_server_greet(server);
	lmtp_server_written(server, lmtp_server_output(server).size);
	return server;
}

static void
server_hear(struct lmtp_server *server, struct span bytes, size_t step)
{
	while (bytes.size > 0) {
		struct span piece = span_head(bytes, step);
		assert_int_equal(lmtp_server_push(server, piece), piece.size);
		bytes = span_skip(bytes, piece.size);
		if (lmtp_server_next(server) == LMTP_SERVER_STARTTLS)
			return; /* what comes now is the owner's */
	}
}

static void
play_talk(const struct talk *talk, size_t step)
{
	struct lmtp_server *server = server_open(talk);

	for (size_t i = 0; i < MOST && talk->lines[i][0] != NULL; i++) {
		if (strcmp(talk->lines[i][0], TLS) == 0) {
			assert_int_equal(lmtp_server_next(server), LMTP_SERVER_STARTTLS);
			lmtp_server_secured(server);
			assert_int_equal(lmtp_server_next(server), LMTP_SERVER_MORE);
		} else {
			server_hear(server, span_from(talk->lines[i][0]), step);
		}
		struct span output = lmtp_server_output(server);
		if (!span_starts(output, span_from(talk->lines[i][1])) ||
		    (*talk->lines[i][1] == '\0' && output.size > 0))
			fail_msg("%s, line %zu: %.*s", talk->title, i, (int)output.size, output.data);
		lmtp_server_written(server, output.size);
	}
	lmtp_server_free(server);
}

static void
test_talks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof talks / sizeof talks[0]; i++) {
		play_talk(&talks[i], 1);
		play_talk(&talks[i], 1000);
	}
}

static void
test_stop_while_shaking_hands(void **state)
{
	struct lmtp_server *server = server_open(&talks[2]);

	(void)state;
	server_hear(server, SPAN("LHLO c\r\nSTARTTLS\r\n"), 1000);
	lmtp_server_stop(server, "4.3.2", "Shutting down");
	assert_int_equal(lmtp_server_next(server), LMTP_SERVER_CLOSE);
	lmtp_server_free(server);
}

/* ---- the client -------------------------------------------------------------------------- */

static const struct span recipient = {"r@y", 3};
static const struct span piece = {"Subject: secret\n\nsecret\n", 24};

/* The peer's answers, each when all before it is done; "TLS" does the handshake, "NO" fails it. */
struct play {
	const char *title;
	enum lmtp_client_protocol protocol;
	enum lmtp_client_tls tls;
	const char *answers[MOST];
	enum lmtp_client_outcome outcome;
	const char *enhanced, *text; /* text: how it begins */
	const char *said;
};

#define A LMTP_CLIENT_ACCEPTED
#define T LMTP_CLIENT_TEMPORARY
#define NONE LMTP_CLIENT_TLS_NONE
#define OFFERED LMTP_CLIENT_TLS_OFFERED
#define REQUIRED LMTP_CLIENT_TLS_REQUIRED
#define WITH "250-mx\r\n250 STARTTLS\r\n"
#define WITHOUT "250 mx\r\n"
#define TAKEN "250 s\r\n", "250 r\r\n", "354 go\r\n", "250 2.0.0 done\r\n"
#define MESSAGE "MAIL FROM:<s@x>\r\nRCPT TO:<r@y>\r\nDATA\r\nSubject: secret\r\n\r\nsecret\r\n.\r\n"

static const struct play plays[] = {
	{"never", LMTP_CLIENT_LMTP, NONE, {"220 x\r\n", WITH, TAKEN}, A, "2.0.0", "250", "LHLO me\r\n" MESSAGE},
	{"wanted",
	 LMTP_CLIENT_LMTP,
	 OFFERED,
	 {"220 x\r\n", WITH, "220 go\r\n", TLS, WITHOUT, TAKEN},
	 A,
	 "2.0.0",
	 "250",
	 "LHLO me\r\nSTARTTLS\r\nLHLO me\r\n" MESSAGE},
	{"required, over SMTP",
	 LMTP_CLIENT_SMTP,
	 REQUIRED,
	 {"220 x\r\n", WITH, "220 go\r\n", TLS, WITHOUT, TAKEN},
	 A,
	 "2.0.0",
	 "250",
	 "EHLO me\r\nSTARTTLS\r\nEHLO me\r\n" MESSAGE},
	{"what was said in clear text is forgotten",
	 LMTP_CLIENT_LMTP,
	 REQUIRED,
	 {"220 x\r\n", "250-mx\r\n250-SIZE\r\n250-PIPELINING\r\n250 STARTTLS\r\n", "220 go\r\n", TLS, WITHOUT, TAKEN},
	 A,
	 "2.0.0",
	 "250",
	 "LHLO me\r\nSTARTTLS\r\nLHLO me\r\n" MESSAGE},
	{"offered again inside",
	 LMTP_CLIENT_LMTP,
	 REQUIRED,
	 {"220 x\r\n", WITH, "220 go\r\n", TLS, WITH, TAKEN},
	 A,
	 "2.0.0",
	 "250",
	 "LHLO me\r\nSTARTTLS\r\nLHLO me\r\n" MESSAGE},
	{"wanted, and not offered",
	 LMTP_CLIENT_LMTP,
	 OFFERED,
	 {"220 x\r\n", WITHOUT, TAKEN},
	 A,
	 "2.0.0",
	 "250",
	 "LHLO me\r\n" MESSAGE},
	{"wanted, and refused",
	 LMTP_CLIENT_LMTP,
	 OFFERED,
	 {"220 x\r\n", WITH, "454 4.7.0 not now\r\n", TAKEN},
	 A,
	 "2.0.0",
	 "250",
	 "LHLO me\r\nSTARTTLS\r\n" MESSAGE},
	{"required, and not offered",
	 LMTP_CLIENT_LMTP,
	 REQUIRED,
	 {"220 x\r\n", WITHOUT},
	 T,
	 "4.7.4",
	 "TLS is required, and the next hop does not offer STARTTLS",
	 "LHLO me\r\n"},
	{"required, and refused for now",
	 LMTP_CLIENT_LMTP,
	 REQUIRED,
	 {"220 x\r\n", WITH, "454 4.7.0 not now\r\n"},
	 T,
	 "4.7.4",
	 "454 4.7.0 not now",
	 "LHLO me\r\nSTARTTLS\r\n"},
	{"required, and refused for ever",
	 LMTP_CLIENT_SMTP,
	 REQUIRED,
	 {"220 x\r\n", WITH, "502 5.5.1 what\r\n"},
	 T,
	 "4.7.4",
	 "502 5.5.1 what",
	 "EHLO me\r\nSTARTTLS\r\n"},
	{"required, and there is only HELO",
	 LMTP_CLIENT_SMTP,
	 REQUIRED,
	 {"220 x\r\n", "502 what\r\n", "250 STARTTLS\r\n"},
	 T,
	 "4.7.4",
	 "TLS is required",
	 "EHLO me\r\nHELO me\r\n"},
	{"421",
	 LMTP_CLIENT_LMTP,
	 OFFERED,
	 {"220 x\r\n", WITH, "421 4.3.2 down\r\n"},
	 T,
	 "4.3.2",
	 "421 4.3.2 down",
	 "LHLO me\r\nSTARTTLS\r\n"},
	{"garbage",
	 LMTP_CLIENT_LMTP,
	 OFFERED,
	 {"220 x\r\n", WITH, "hm\r\n"},
	 T,
	 "4.5.0",
	 "The next hop sent an answer that is none",
	 "LHLO me\r\nSTARTTLS\r\n"},
	{"354",
	 LMTP_CLIENT_LMTP,
	 OFFERED,
	 {"220 x\r\n", WITH, "354 go\r\n"},
	 T,
	 "4.5.0",
	 "The next hop sent an answer that does not fit",
	 "LHLO me\r\nSTARTTLS\r\n"},
	{"lost", LMTP_CLIENT_LMTP, OFFERED, {"220 x\r\n", WITH, NULL}, T, "4.4.2", "lost", "LHLO me\r\nSTARTTLS\r\n"},
	{"the handshake fails",
	 LMTP_CLIENT_LMTP,
	 REQUIRED,
	 {"220 x\r\n", WITH, "220 go\r\n", NULL},
	 T,
	 "4.7.5",
	 "lost",
	 "LHLO me\r\nSTARTTLS\r\n"},
	{"an answer that was slipped in before TLS",
	 LMTP_CLIENT_LMTP,
	 OFFERED,
	 {"220 x\r\n", WITH, "220 go\r\n250 evil\r\n"},
	 T,
	 "4.7.0",
	 "The next hop sent more than an answer to STARTTLS",
	 "LHLO me\r\nSTARTTLS\r\n"},
	{"LHLO is refused inside",
	 LMTP_CLIENT_LMTP,
	 REQUIRED,
	 {"220 x\r\n", WITH, "220 go\r\n", TLS, "550 5.7.1 not you\r\n"},
	 T,
	 "4.3.2",
	 "550 5.7.1 not you",
	 "LHLO me\r\nSTARTTLS\r\nLHLO me\r\n"},
};

static void
write_all(struct lmtp_client *client, struct buffer *said)
{
	while (lmtp_client_need(client) == LMTP_CLIENT_WRITE) {
		struct span output = lmtp_client_output(client);
		buffer_append_span(said, output);
		lmtp_client_written(client, output.size);
	}
}

static void
give(struct lmtp_client *client, const char *answer, size_t step)
{
	struct span rest = span_from(answer);

	if (strcmp(answer, TLS) == 0) {
		assert_int_equal(lmtp_client_need(client), LMTP_CLIENT_HANDSHAKE);
		lmtp_client_secured(client);
		return;
	}
	for (; rest.size > 0; rest = span_skip(rest, step))
		lmtp_client_push(client, span_head(rest, step));
}

static void
perform(const struct play *play, size_t step)
{
	struct lmtp_client *client = lmtp_client_new(play->protocol, "me");
	const struct lmtp_client_envelope envelope = {.sender = SPAN("s@x"), .recipients = &recipient, .count = 1};
	struct buffer said = BUFFER_INIT(1 << 16);

	lmtp_client_starttls(client, play->tls);
	lmtp_client_begin(client, &envelope, &piece, 1);
	for (size_t round = 0; write_all(client, &said), lmtp_client_need(client) != LMTP_CLIENT_DONE; round++) {
		assert_true(round < MOST);
		if (play->answers[round] == NULL)
			lmtp_client_lost(client, "lost");
		else
			give(client, play->answers[round], step);
	}
	const struct lmtp_client_result *result = lmtp_client_result(client, 0);
	if (result->outcome != play->outcome || strcmp(result->enhanced, play->enhanced) != 0 ||
	    !span_starts(span_from(result->text), span_from(play->text)))
		fail_msg("%s: %d %s %s", play->title, (int)result->outcome, result->enhanced, result->text);
	if (strcmp(buffer_string(&said), play->said) != 0)
		fail_msg("%s: %s", play->title, buffer_string(&said));
	assert_int_equal(lmtp_client_reusable(client), play->outcome == A);
	buffer_free(&said);
	lmtp_client_free(client);
}

static void
test_plays(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++)
		for (size_t step = 1; step < 40; step++)
			perform(&plays[i], step);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),
		cmocka_unit_test(test_stop_while_shaking_hands),
		cmocka_unit_test(test_plays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
