#include "wire/lmtp_client_private.h"

#include <stdio.h>

void
lmtp_client_decide(struct lmtp_client *client, size_t index, enum lmtp_client_outcome outcome, const char *enhanced,
		   const char *text)
{
	struct recipient *recipient = &client->recipients[index];

	recipient->progress = DECIDED;
	recipient->result.outcome = outcome;
	snprintf(recipient->result.enhanced, sizeof recipient->result.enhanced, "%s", enhanced);
	snprintf(recipient->result.text, sizeof recipient->result.text, "%s", text);
}

void
lmtp_client_finish(struct lmtp_client *client, enum lmtp_client_outcome outcome, const char *enhanced, const char *text)
{
	for (size_t i = 0; client->running && i < client->envelope.count; i++)
		if (client->recipients[i].progress != DECIDED)
			lmtp_client_decide(client, i, outcome, enhanced, text);
	client->running = false;
	client->step = STEP_IDLE;
	if (client->broken)
		buffer_clear(&client->output);
}

bool
lmtp_client_sent(const struct lmtp_client *client)
{
	return client->step == STEP_END && client->ended && client->output.size == 0;
}

void
lmtp_client_give_up(struct lmtp_client *client, const char *enhanced, const char *text)
{
	bool unknown = lmtp_client_sent(client);

	client->broken = true;
	lmtp_client_finish(client, unknown ? LMTP_CLIENT_UNKNOWN : LMTP_CLIENT_TEMPORARY, enhanced, text);
}

struct answer
lmtp_client_answer(const struct reply *reply)
{
	struct answer answer = {.code = reply->code, .outcome = LMTP_CLIENT_TEMPORARY};
	struct span text = span_trim(buffer_span(&reply->text));
	struct span enhanced = reply_enhanced(reply->code, text);

	if (reply->code < 300)
		answer.outcome = LMTP_CLIENT_ACCEPTED;
	else if (reply->code >= 500)
		answer.outcome = LMTP_CLIENT_PERMANENT;
	snprintf(answer.enhanced, sizeof answer.enhanced, "%u.0.0", reply->code / 100);
	if (enhanced.size > 0)
		snprintf(answer.enhanced, sizeof answer.enhanced, "%.*s", (int)enhanced.size, enhanced.data);
	size_t used = (size_t)snprintf(answer.text, sizeof answer.text, "%u ", reply->code);
	for (size_t i = 0; i < text.size && used + 1 < sizeof answer.text; i++) {
		unsigned char c = (unsigned char)text.data[i];
		answer.text[used++] = c < 32 || c == 127 ? ' ' : (char)c;
	}
	return answer;
}
