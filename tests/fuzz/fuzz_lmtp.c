/*
 * The LMTP server: the first byte chooses how the rest is cut into pieces.
 *
 * Whatever comes in, however it is cut: the same replies and messages come out; every
 * command gets one reply and every message one for each recipient, none of them early.
 */
#include <stdint.h>
#include <stdlib.h>

#include "wire/lmtp_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct owner {
	struct lmtp_server *session;
	struct buffer output;   /* replies */
	struct buffer messages; /* envelopes and messages */
	bool closed;
};

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
answer_recipient(struct owner *owner)
{
	struct span candidate = lmtp_server_envelope(owner->session)->candidate;

	check(candidate.size > 0 && candidate.data[0] != '-');
	if (candidate.data[0] == 'n')
		lmtp_server_reply(owner->session, 550, "5.1.1", "No");
	else
		lmtp_server_reply(owner->session, 250, "2.1.5", "OK");
}

static void
answer_message(struct owner *owner)
{
	const struct lmtp_envelope *envelope = lmtp_server_envelope(owner->session);
	size_t count = envelope->count;
	struct buffer message;

	lmtp_server_take(owner->session, &message);
	check(count > 0 && count <= 5);
	check(message.size <= 3000);
	buffer_append_span(&owner->messages, envelope->sender);
	for (size_t i = 0; i < count; i++)
		buffer_append_span(&owner->messages, envelope->recipients[i]);
	buffer_append_span(&owner->messages, buffer_span(&message));
	buffer_free(&message);
	for (size_t i = 0; i < count; i++)
		lmtp_server_reply(owner->session, 250, "2.6.0", "Taken");
}

static void
owner_run(struct owner *owner)
{
	enum lmtp_server_event event;

	while ((event = lmtp_server_next(owner->session)) != LMTP_SERVER_MORE && event != LMTP_SERVER_CLOSE &&
	       event != LMTP_SERVER_STARTTLS) {
		check(event != LMTP_SERVER_WAIT);
		if (event == LMTP_SERVER_RECIPIENT)
			answer_recipient(owner);
		else
			answer_message(owner);
	}
	/* what comes behind STARTTLS is another conversation */
	owner->closed = event == LMTP_SERVER_CLOSE || event == LMTP_SERVER_STARTTLS;
	struct span output = lmtp_server_output(owner->session);
	buffer_append_span(&owner->output, output);
	lmtp_server_written(owner->session, output.size);
}

/* Feed everything in pieces of 1 to 255 bytes that follow from `seed`; 0 for one piece. */
static struct owner
feed(struct span input, unsigned int seed, enum lmtp_server_tls tls)
{
	struct lmtp_server_settings settings = {
		.ident = "fuzz", .command = 300, .recipients = 5, .message = 3000, .errors = 20, .tls = tls};
	struct owner owner = {.session = lmtp_server_new(&settings),
			      .output = BUFFER_INIT(64 << 20),
			      .messages = BUFFER_INIT(64 << 20)};

	lmtp_server_greet(owner.session);
	for (unsigned int turn = seed; input.size > 0 && !owner.closed; turn = turn * 1103515245 + 12345) {
		struct span piece =
			span_head(input, seed == 0 ? input.size : 1 + (turn >> 16) % (seed < 32 ? seed : 255));
		size_t taken = lmtp_server_push(owner.session, piece);
		check(taken > 0);
		input = span_skip(input, taken);
		owner_run(&owner);
	}
	lmtp_server_free(owner.session);
	return owner;
}

/* Cut the next reply off: its last line, which has no hyphen behind the code. */
static bool
next_reply(struct span *rest, struct span *reply)
{
	while (span_next_line(rest, reply)) {
		check(reply->size >= 6 && reply->size <= 512);
		check(reply->data[reply->size - 2] == '\r');
		if (reply->data[3] == ' ')
			return true;
	}
	return false;
}

/* Behind the end of the message that `rest` begins with, or nothing. */
static struct span
skip_message(struct span rest)
{
	if (span_starts(rest, SPAN(".\r\n")))
		return span_skip(rest, 3);
	size_t end = span_find(rest, SPAN("\r\n.\r\n"));
	return end == SPAN_NONE ? span_of(NULL, 0) : span_skip(rest, end + 5);
}

/* Walk through input and replies side by side. */
static void
check_replies(struct span input, struct span output)
{
	struct span line, reply;
	size_t recipients = 0;

	check(next_reply(&output, &reply) || input.size == 0); /* the greeting */
	while (span_next_line(&input, &line) && line.data[line.size - 1] == '\n') {
		check(next_reply(&output, &reply));
		if (span_starts(reply, SPAN("221")) || span_starts(reply, SPAN("421")) ||
		    span_starts(reply, SPAN("220")))
			break;
		if (span_starts(reply, SPAN("250 2.1.0")))
			recipients = 0;
		if (span_starts(reply, SPAN("250 2.1.5")))
			recipients++;
		if (!span_starts(reply, SPAN("354")))
			continue;
		struct span after = skip_message(input);
		bool whole = after.data != NULL || span_starts(input, SPAN(".\r\n")) ||
			     span_find(input, SPAN("\r\n.\r\n")) != SPAN_NONE;
		input = after;
		for (size_t i = 0; whole && i < recipients; i++)
			check(next_reply(&output, &reply));
	}
	check(!next_reply(&output, &reply));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct span input = span_of((const char *)data + 1, size - 1);
	enum lmtp_server_tls tls = data[0] % 16 == 15 ? LMTP_SERVER_TLS_REQUIRED : LMTP_SERVER_TLS_OFFERED;
	struct owner whole = feed(input, 0, tls), cut = feed(input, data[0], tls);
	check(span_equal(buffer_span(&whole.output), buffer_span(&cut.output)));
	check(span_equal(buffer_span(&whole.messages), buffer_span(&cut.messages)));
	check_replies(input, buffer_span(&whole.output));
	buffer_free(&whole.output);
	buffer_free(&whole.messages);
	buffer_free(&cut.output);
	buffer_free(&cut.messages);
	return 0;
}
