#include "wire/dlmtp_client_private.h"

#include "wire/words.h"

#define CHUNK_SIZE ((size_t)64 * 1024)
#define ARGUMENTS_MAX ((size_t)15 * 1024) /* what our daemon takes in one line, with what stands around it */

/* What would be read as something else must not get into a command. */
static bool
is_clean(struct span text, const char *forbidden)
{
	for (size_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];
		if ((c < 32 && c != '\t') || c == 127 || strchr(forbidden, (char)c) != NULL)
			return false;
	}
	return true;
}

bool
dlmtp_client_check(struct dlmtp_client *client)
{
	const struct dlmtp_request *request = &client->request;
	bool clean = is_clean(request->login, "<>@ ") && is_clean(request->password, "<>@");

	for (size_t i = 0; i < request->user_count; i++)
		clean = clean && is_clean(request->users[i], "<>") && request->users[i].size > 0;
	for (size_t i = 0; i < request->word_count; i++)
		clean = clean && is_clean(request->words[i], "");
	if (!clean)
		dlmtp_client_fail(client, DLMTP_FAILURE_IMPOSSIBLE,
				  "a user, an argument or ClientIdent has bytes that cannot be sent", "");
	return clean;
}

static bool
append_words(struct dlmtp_client *client, struct buffer *arguments)
{
	const struct dlmtp_request *request = &client->request;

	for (size_t i = 0; i < request->word_count; i++) {
		if (client->extended) {
			words_append(arguments, request->words[i]);
		} else if (!words_append_plain(arguments, request->words[i])) {
			dlmtp_client_fail(client, DLMTP_FAILURE_IMPOSSIBLE,
					  "the daemon is DSPAM 3.10, and cannot be told arguments with blanks in them",
					  "");
			return false;
		}
	}
	if (arguments->failed || (!client->extended && arguments->size > WORDS_PLAIN_MAX)) {
		dlmtp_client_fail(client, DLMTP_FAILURE_IMPOSSIBLE,
				  client->extended ? "there are more arguments than the daemon takes"
						   : "the daemon is DSPAM 3.10, and reads only 255 bytes of arguments",
				  "");
		return false;
	}
	return true;
}

void
dlmtp_client_send_login(struct dlmtp_client *client)
{
	const struct dlmtp_request *request = &client->request;
	struct buffer arguments = BUFFER_INIT(ARGUMENTS_MAX);

	if (append_words(client, &arguments)) {
		buffer_printf(&client->output, "MAIL FROM: <%.*s@%.*s> DSPAMPROCESSMODE=\"",
			      (int)request->password.size, request->password.data, (int)request->login.size,
			      request->login.data);
		for (size_t i = 0; i < arguments.size; i++) {
			char byte = arguments.data[i];
			if (byte == '"' || (client->extended && byte == '\\'))
				buffer_append_byte(&client->output, '\\');
			buffer_append_byte(&client->output, byte);
		}
		buffer_append_string(&client->output, client->extended ? "\" DSPAMEXTENDED\r\n" : "\"\r\n");
		client->step = STEP_LOGIN;
	}
	buffer_free(&arguments);
}

void
dlmtp_client_send_next(struct dlmtp_client *client)
{
	if (client->current == client->request.user_count) {
		buffer_append_string(&client->output, "DATA\r\n");
		client->step = STEP_DATA;
		return;
	}
	struct span user = client->request.users[client->current];
	buffer_printf(&client->output, "RCPT TO: <%.*s>\r\n", (int)user.size, user.data);
	client->step = STEP_USER;
}

void
dlmtp_client_refill(struct dlmtp_client *client)
{
	bool sending = client->step == STEP_TEXT || client->step == STEP_REPLIES;

	while (sending && !client->ended && client->output.size == 0) {
		struct span chunk = span_head(span_skip(client->request.message, client->offset), CHUNK_SIZE);
		dot_writer_push(&client->writer, chunk, &client->output);
		client->offset += chunk.size;
		if (chunk.size == 0) {
			dot_writer_end(&client->writer, &client->output);
			client->ended = true;
		}
	}
}
