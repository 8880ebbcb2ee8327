/*
 * The LMTP and SMTP client against a peer that says anything.
 *
 * The first byte chooses protocol, message and cutting; the rest are the peer's words. The
 * client ends with a result for every recipient; it sends the message only after 354
 * and nothing is accepted that the peer has not answered with 2xx.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "wire/lmtp_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct span recipients[] = {{"a@x", 3}, {"b\xC3\xA4@x", 6}, {"c@x", 3}};
static const struct span pieces[] = {{"Subject: secret word\n\n.\n", 24}, {"\r.\n\0.", 5}};

struct outcome {
	struct buffer said;
	bool secured;
	enum lmtp_client_outcome results[3];
};

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
take_output(struct lmtp_client *client, struct buffer *said)
{
	while (lmtp_client_need(client) == LMTP_CLIENT_WRITE) {
		struct span output = lmtp_client_output(client);
		check(output.size > 0);
		buffer_append_span(said, output);
		lmtp_client_written(client, output.size);
	}
}

static struct outcome
talk(struct span words, enum lmtp_client_protocol protocol, enum lmtp_client_tls tls, size_t step)
{
	struct lmtp_client *client = lmtp_client_new(protocol, "me");
	const struct lmtp_client_envelope envelope = {
		.sender = SPAN("s@x"), .recipients = recipients, .count = 3, .keep_cr = true};
	struct outcome outcome = {.said = BUFFER_INIT(1 << 20)};

	lmtp_client_starttls(client, tls);
	lmtp_client_begin(client, &envelope, pieces, 2);
	take_output(client, &outcome.said);
	while (words.size > 0 && lmtp_client_need(client) != LMTP_CLIENT_DONE) {
		lmtp_client_push(client, span_head(words, step));
		words = span_skip(words, step);
		take_output(client, &outcome.said);
		if (lmtp_client_need(client) == LMTP_CLIENT_HANDSHAKE) {
			outcome.secured = true;
			lmtp_client_secured(client);
			take_output(client, &outcome.said);
		}
	}
	if (lmtp_client_need(client) != LMTP_CLIENT_DONE)
		lmtp_client_lost(client, "lost");
	check(lmtp_client_need(client) == LMTP_CLIENT_DONE);
	for (size_t i = 0; i < 3; i++) {
		const struct lmtp_client_result *result = lmtp_client_result(client, i);
		outcome.results[i] = result->outcome;
		check(result->text[0] != '\0' && strpbrk(result->text, "\r\n") == NULL);
		check(result->outcome != LMTP_CLIENT_ACCEPTED || result->text[0] == '2');
	}
	lmtp_client_free(client);
	return outcome;
}

static void
check_outcome(struct span words, enum lmtp_client_tls tls, const struct outcome *outcome)
{
	bool sent = span_find(buffer_span(&outcome->said), SPAN("secret word")) != SPAN_NONE;
	bool begun = span_find(buffer_span(&outcome->said), SPAN("MAIL FROM")) != SPAN_NONE;

	check(!begun || tls != LMTP_CLIENT_TLS_REQUIRED || outcome->secured);

	if (sent)
		check(span_find(words, SPAN("354")) != SPAN_NONE);
	for (size_t i = 0; i < 3; i++)
		check(sent ||
		      (outcome->results[i] != LMTP_CLIENT_ACCEPTED && outcome->results[i] != LMTP_CLIENT_UNKNOWN));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct span words = span_of((const char *)data + 1, size - 1);
	enum lmtp_client_protocol protocol = data[0] & 1 ? LMTP_CLIENT_SMTP : LMTP_CLIENT_LMTP;
	enum lmtp_client_tls tls = data[0] / 2 % 16 == 2 ? LMTP_CLIENT_TLS_REQUIRED : LMTP_CLIENT_TLS_OFFERED;
	struct outcome outcome = talk(words, protocol, tls, 1 + data[0] / 2);
	struct outcome bytewise = talk(words, protocol, tls, 1);
	check_outcome(words, tls, &outcome);
	check_outcome(words, tls, &bytewise);
	buffer_free(&outcome.said);
	buffer_free(&bytewise.said);
	return 0;
}
