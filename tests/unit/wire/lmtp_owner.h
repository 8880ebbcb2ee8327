/* The owner of an LMTP session, for tests: small bounds, and what he and the session say. */
#ifndef DSPAM_TESTS_WIRE_LMTP_OWNER_H
#define DSPAM_TESTS_WIRE_LMTP_OWNER_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "wire/lmtp_server.h"

/* An owner that takes every recipient but those that begin with "no", and notes what it was asked. */
struct owner {
	struct lmtp_server *session;
	struct buffer output;
	struct buffer notes;
	size_t writes; /* pieces that the output came in */
	bool closed;
};

static inline void
owner_open(struct owner *owner, const struct lmtp_server_settings *settings)
{
	*owner = (struct owner){
		.session = lmtp_server_new(settings), .output = BUFFER_INIT(1 << 22), .notes = BUFFER_INIT(1 << 22)};
	lmtp_server_greet(owner->session);
}

static inline void
owner_close(struct owner *owner)
{
	lmtp_server_free(owner->session);
	buffer_free(&owner->output);
	buffer_free(&owner->notes);
}

static inline void
owner_recipient(struct owner *owner)
{
	const struct lmtp_envelope *envelope = lmtp_server_envelope(owner->session);

	buffer_append_string(&owner->notes, "rcpt ");
	buffer_append_span(&owner->notes, envelope->candidate);
	buffer_append_string(&owner->notes, "\n");
	if (span_starts(envelope->candidate, SPAN("no")))
		lmtp_server_reply(owner->session, 550, "5.1.1", "Unknown");
	else
		lmtp_server_reply(owner->session, 250, "2.1.5", "OK");
}

static inline void
owner_message(struct owner *owner)
{
	const struct lmtp_envelope *envelope = lmtp_server_envelope(owner->session);
	size_t count = envelope->count;
	struct buffer message;

	lmtp_server_take(owner->session, &message);
	buffer_printf(&owner->notes, "message from=%.*s body=%d utf8=%d client=%.*s\n", (int)envelope->sender.size,
		      envelope->sender.data, (int)envelope->body, (int)envelope->international,
		      (int)envelope->client.size, envelope->client.data);
	buffer_append_span(&owner->notes, buffer_span(&message));
	buffer_free(&message);
	buffer_append_string(&owner->notes, "|\n");
	for (size_t i = 0; i < count; i++) {
		char text[100];
		assert_int_equal(lmtp_server_next(owner->session), LMTP_SERVER_WAIT);
		snprintf(text, sizeof text, "<%.*s> accepted", (int)envelope->recipients[i].size,
			 envelope->recipients[i].data);
		lmtp_server_reply(owner->session, 250, "2.6.0", text);
	}
}

static inline void
owner_run(struct owner *owner)
{
	enum lmtp_server_event event;

	while ((event = lmtp_server_next(owner->session)) != LMTP_SERVER_MORE && event != LMTP_SERVER_CLOSE) {
		assert_int_not_equal(event, LMTP_SERVER_WAIT);
		if (event == LMTP_SERVER_RECIPIENT)
			owner_recipient(owner);
		else
			owner_message(owner);
	}
	owner->closed = event == LMTP_SERVER_CLOSE;
	struct span output = lmtp_server_output(owner->session);
	owner->writes += output.size > 0;
	buffer_append_span(&owner->output, output);
	lmtp_server_written(owner->session, output.size);
}

static inline void
owner_push(struct owner *owner, struct span bytes)
{
	owner_run(owner);
	while (bytes.size > 0 && !owner->closed) {
		size_t taken = lmtp_server_push(owner->session, bytes);
		assert_true(taken > 0);
		bytes = span_skip(bytes, taken);
		owner_run(owner);
	}
}

static inline void
owner_expect(struct owner *owner, const char *output, const char *notes)
{
	assert_string_equal(buffer_string(&owner->output), output);
	if (notes != NULL)
		assert_string_equal(buffer_string(&owner->notes), notes);
}

#define GREETING "220 DSPAM LMTP " DSPAM_VERSION " Ready\r\n"
#define SENDER_OK "250 2.1.0 OK\r\n"
#define RECIPIENT_OK "250 2.1.5 OK\r\n"
#define GO_AHEAD "354 Enter mail, end with \".\" on a line by itself\r\n"
#define BYE "221 2.0.0 OK\r\n"

static inline struct lmtp_server_settings
small(void)
{
	struct lmtp_server_settings settings = LMTP_SERVER_DEFAULTS;

	settings.ident = "mx.example";
	settings.command = 100;
	settings.recipients = 3;
	settings.message = 1000;
	settings.errors = 5;
	return settings;
}

#endif
