#include "wire/lmtp_client_private.h"

#include "wire/path.h"

#define CHUNK_SIZE ((size_t)64 * 1024)

/* As it will be on the wire without stuffed dots; more when CR LF stands in it already, which RFC 1870 allows. */
static size_t
message_size(const struct lmtp_client *client)
{
	size_t size = 0;
	bool complete = true; /* the last line has an end */

	for (size_t i = 0; i < client->count; i++) {
		struct span rest = client->pieces[i], line;
		size += rest.size;
		while (span_next_line(&rest, &line)) {
			complete = line.data[line.size - 1] == '\n';
			size += complete;
		}
	}
	return size + (complete ? 0 : 2);
}

static bool
message_is_eight_bit(const struct lmtp_client *client)
{
	for (size_t i = 0; i < client->count; i++)
		if (path_is_international(client->pieces[i]))
			return true;
	return false;
}

void
lmtp_client_send_hello(struct lmtp_client *client)
{
	static const char *const words[] = {[LMTP_CLIENT_LMTP] = "LHLO", [LMTP_CLIENT_SMTP] = "EHLO"};
	const char *word = client->step == STEP_HELO ? "HELO" : words[client->protocol];

	buffer_printf(&client->output, "%s %s\r\n", word, client->ident);
}

void
lmtp_client_send_mail(struct lmtp_client *client)
{
	const struct lmtp_client_envelope *envelope = &client->envelope;

	buffer_printf(&client->output, "MAIL FROM:<%.*s>", (int)envelope->sender.size, envelope->sender.data);
	if ((client->capabilities & SIZE) != 0)
		buffer_printf(&client->output, " SIZE=%zu", message_size(client));
	if ((client->capabilities & EIGHT_BIT) != 0 && message_is_eight_bit(client))
		buffer_append_string(&client->output, " BODY=8BITMIME");
	if ((client->capabilities & SMTPUTF8) != 0 && envelope->international)
		buffer_append_string(&client->output, " SMTPUTF8");
	buffer_append_string(&client->output, "\r\n");
	client->step = STEP_MAIL;
}

void
lmtp_client_send_rcpt(struct lmtp_client *client, size_t index)
{
	struct span recipient = client->envelope.recipients[index];

	buffer_printf(&client->output, "RCPT TO:<%.*s>\r\n", (int)recipient.size, recipient.data);
}

/* Encode what comes next of the message, so that little pieces do not go out one by one. */
void
lmtp_client_refill(struct lmtp_client *client)
{
	while (client->step == STEP_END && !client->ended && client->output.size < CHUNK_SIZE) {
		if (client->piece == client->count) {
			dot_writer_end(&client->writer, &client->output);
			client->ended = true;
			return;
		}
		struct span chunk = span_head(span_skip(client->pieces[client->piece], client->offset), CHUNK_SIZE);
		dot_writer_push(&client->writer, chunk, &client->output);
		client->offset += chunk.size;
		if (client->offset == client->pieces[client->piece].size) {
			client->piece++;
			client->offset = 0;
		}
	}
}

size_t
lmtp_client_next(const struct lmtp_client *client, size_t index, enum progress progress)
{
	while (index < client->envelope.count && client->recipients[index].progress != progress)
		index++;
	return index;
}
