/*
 * The DLMTP client against a daemon that says anything.
 *
 * The first byte chooses what is asked and how the daemon's words are cut; the rest are these words. The client ends;
 * it sends password and message only when it was asked for them, and nothing is accepted that was not answered so.
 */
#include <stdint.h>
#include <stdlib.h>

#include "wire/dlmtp_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct span users[] = {{"a", 1}, {"b\xC3\xA4@x", 6}};
static const struct span words[] = {{"--deliver=stdout", 16}, {"\"\\", 2}, {"", 0}};

struct outcome {
	struct buffer said, got;
};

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
take_output(struct dlmtp_client *client, size_t drain, struct buffer *said)
{
	while (dlmtp_client_need(client) == LMTP_CLIENT_WRITE) {
		struct span output = span_head(dlmtp_client_output(client), drain);
		check(output.size > 0);
		buffer_append_span(said, output);
		dlmtp_client_written(client, output.size);
	}
}

static void
check_end(struct dlmtp_client *client, size_t deliveries, struct span spoken, struct outcome *outcome)
{
	struct span said = buffer_span(&outcome->said), text;
	const char *why;

	check(dlmtp_client_need(client) == LMTP_CLIENT_DONE);
	enum dlmtp_failure failure = dlmtp_client_failure(client, &why);
	bool has_text = dlmtp_client_text(client, &text);
	check(failure == DLMTP_FAILURE_NONE || (*why != '\0' && strpbrk(why, "\r\n") == NULL));
	check(text.size <= 2000);
	check(span_find(said, SPAN("secret")) == SPAN_NONE || span_find(spoken, SPAN("220")) != SPAN_NONE);
	bool sent = span_find(said, SPAN("a word")) != SPAN_NONE;
	check(!sent || span_find(spoken, SPAN("354")) != SPAN_NONE);
	check(failure != DLMTP_FAILURE_NONE || sent);
	buffer_printf(&outcome->got, "%d %d %s\n", (int)failure, (int)has_text, why);
	for (size_t i = 0; failure == DLMTP_FAILURE_NONE && i < deliveries; i++) {
		const struct lmtp_client_result *result = dlmtp_client_result(client, i);
		check(result->outcome != LMTP_CLIENT_ACCEPTED || has_text || result->text[0] == '2');
		buffer_printf(&outcome->got, "%d %s\n", (int)result->outcome, result->text);
	}
	buffer_append_span(&outcome->got, text);
}

static struct outcome
talk(struct span spoken, const struct dlmtp_request *request, size_t step, size_t drain)
{
	struct dlmtp_client *client = dlmtp_client_new(request);
	struct outcome outcome = {.said = BUFFER_INIT(1 << 20), .got = BUFFER_INIT(1 << 20)};
	struct span rest = spoken;

	while (rest.size > 0 && dlmtp_client_need(client) != LMTP_CLIENT_DONE) {
		dlmtp_client_push(client, span_head(rest, step));
		rest = span_skip(rest, step);
		take_output(client, drain, &outcome.said);
	}
	if (dlmtp_client_need(client) != LMTP_CLIENT_DONE)
		dlmtp_client_lost(client, "lost");
	check_end(client, request->deliveries, spoken, &outcome);
	dlmtp_client_free(client);
	return outcome;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct span spoken = span_of((const char *)data + 1, size - 1);
	struct dlmtp_request request = {
		.login = SPAN("me"),
		.password = SPAN("secret"),
		.words = words,
		.word_count = data[0] & 1 ? 3 : 1,
		.users = users,
		.user_count = 2,
		.deliveries = 2,
		.wants_text = data[0] & 6,
		.wants_messages = data[0] & 4,
		.message = SPAN("Subject: a word\n\n.\n\0"),
		.text_max = 2000,
	};
	/* what comes in one piece and what comes bytewise may differ in what is early, but never in what is true */
	struct outcome outcome = talk(spoken, &request, 1 + data[0] / 8, SIZE_MAX);
	struct outcome bytewise = talk(spoken, &request, 1, SIZE_MAX);
	struct outcome blocked = talk(spoken, &request, 1, 1);
	check(span_equal(buffer_span(&bytewise.got), buffer_span(&blocked.got)));
	check(span_equal(buffer_span(&bytewise.said), buffer_span(&blocked.said)));
	buffer_free(&outcome.said);
	buffer_free(&outcome.got);
	buffer_free(&bytewise.said);
	buffer_free(&bytewise.got);
	buffer_free(&blocked.said);
	buffer_free(&blocked.got);
	return 0;
}
