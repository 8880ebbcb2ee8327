/*
 * The DLMTP server: the first byte chooses the dialect and how the rest is cut into pieces and written away.
 *
 * Whatever comes in, however it is cut: the same comes out. No message without the password, none without arguments
 * that were found good; its text or its replies come once, and whoever brings three wrong passwords is gone.
 */
#include <stdint.h>
#include <stdlib.h>

#include "wire/answer.h"
#include "wire/lmtp_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct owner {
	struct lmtp_server *session;
	struct buffer output, notes;
	size_t wrong; /* passwords */
	bool entered; /* the last login was good, and there was no message since */
	bool begun;   /* arguments were found good */
	bool closed;
};

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
answer_login(struct owner *owner, const struct lmtp_envelope *envelope)
{
	bool good = span_equal(envelope->login, SPAN("me")) && span_equal(envelope->password, SPAN("pw"));

	check(envelope->dlmtp && owner->wrong < 3);
	owner->wrong += !good;
	owner->entered = good;
	owner->begun = false;
	lmtp_server_reply(owner->session, good ? 250 : 503, good ? "2.1.0" : "5.1.0", "login");
}

static void
answer_data(struct owner *owner, const struct lmtp_envelope *envelope)
{
	check(owner->entered && envelope->arguments.size < 300);
	buffer_append_span(&owner->notes, envelope->arguments);
	owner->begun = envelope->count > 0 && span_find(envelope->arguments, SPAN("x")) == SPAN_NONE;
	if (owner->begun)
		lmtp_server_begin(owner->session, envelope->count + 1);
	else
		lmtp_server_reply(owner->session, 554, "5.1.0", "no");
}

/* Clients that are not extended must find the end of the text, and nothing that looks like it before. */
static void
check_text(struct span text)
{
	struct span line;

	while (span_next_line(&text, &line)) {
		check(!span_equal(line, SPAN(".\n")) && !span_equal(line, SPAN(".\r\n")));
		check(line.data[line.size - 1] == '\n');
	}
}

static void
answer_message(struct owner *owner, const struct lmtp_envelope *envelope)
{
	struct buffer taken;
	size_t replies = envelope->dlmtp ? envelope->count + 1 : envelope->count;

	check(!envelope->dlmtp || (owner->entered && owner->begun));
	owner->entered = owner->begun = false;
	lmtp_server_take(owner->session, &taken);
	struct span message = buffer_span(&taken);
	buffer_append_span(&owner->notes, message);
	if (envelope->dlmtp && span_find(envelope->arguments, SPAN("t")) != SPAN_NONE) {
		struct buffer text = BUFFER_INIT(1 << 20);
		bool complete = span_find(envelope->arguments, SPAN("h")) == SPAN_NONE;
		answer_append(envelope->extended ? ANSWER_STUFFED : ANSWER_PLAIN, &message, 1, &text);
		check_text(buffer_span(&text));
		if (!lmtp_server_answer(owner->session, &text, complete)) {
			buffer_free(&taken);
			return;
		}
	}
	buffer_free(&taken);
	while (replies-- > 0)
		lmtp_server_reply(owner->session, 250, "2.6.0", "taken");
}

static void
owner_run(struct owner *owner, size_t drain)
{
	enum lmtp_server_event event;
	struct span output;

	while ((event = lmtp_server_next(owner->session)) != LMTP_SERVER_MORE && event != LMTP_SERVER_CLOSE) {
		const struct lmtp_envelope *envelope = lmtp_server_envelope(owner->session);
		if (event == LMTP_SERVER_RECIPIENT)
			lmtp_server_reply(owner->session, 250, "2.1.5", "OK");
		else if (event == LMTP_SERVER_LOGIN)
			answer_login(owner, envelope);
		else if (event == LMTP_SERVER_DATA)
			answer_data(owner, envelope);
		else
			answer_message(owner, envelope);
	}
	owner->closed = event == LMTP_SERVER_CLOSE;
	while ((output = lmtp_server_output(owner->session)).size > 0) {
		output = span_head(output, drain);
		buffer_append_span(&owner->output, output);
		lmtp_server_written(owner->session, output.size);
	}
}

static struct owner
feed(struct span input, enum lmtp_dialect dialect, size_t piece, size_t drain)
{
	static const struct span clients[] = {{"me", 2}};
	struct lmtp_server_settings settings = {.ident = "fuzz",
						.command = 300,
						.recipients = 5,
						.message = 3000,
						.errors = 20,
						.dialect = dialect,
						.clients = clients,
						.client_count = 1};
	struct owner owner = {
		.session = lmtp_server_new(&settings), .output = BUFFER_INIT(64 << 20), .notes = BUFFER_INIT(64 << 20)};

	lmtp_server_greet(owner.session);
	while (input.size > 0 && !owner.closed) {
		size_t taken = lmtp_server_push(owner.session, span_head(input, piece));
		check(taken > 0);
		input = span_skip(input, taken);
		owner_run(&owner, drain);
	}
	check(owner.wrong < 3 || owner.closed);
	lmtp_server_free(owner.session);
	return owner;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct span input = span_of((const char *)data + 1, size - 1);
	enum lmtp_dialect dialect = data[0] & 1 ? LMTP_DIALECT_AUTO : LMTP_DIALECT_DLMTP;
	struct owner whole = feed(input, dialect, SIZE_MAX, SIZE_MAX);
	struct owner cut = feed(input, dialect, 1 + data[0] / 8, 1 + data[0] % 8);
	check(span_equal(buffer_span(&whole.output), buffer_span(&cut.output)));
	check(span_equal(buffer_span(&whole.notes), buffer_span(&cut.notes)));
	buffer_free(&whole.output);
	buffer_free(&whole.notes);
	buffer_free(&cut.output);
	buffer_free(&cut.notes);
	return 0;
}
