/* What DLMTP adds to the commands of LMTP: a password and arguments at MAIL FROM. */
#include "wire/lmtp_session.h"
#include "wire/path.h"

bool
dlmtp_is_spoken(const struct lmtp_server *session)
{
	const struct lmtp_server_settings *settings = &session->settings;

	for (size_t i = 0; settings->dialect == LMTP_DIALECT_AUTO && i < settings->client_count; i++)
		if (span_equal(session->envelope.client, settings->clients[i]))
			return true;
	return settings->dialect == LMTP_DIALECT_DLMTP;
}

/* ---- parameters ---------------------------------------------------------------------- */

/* Undo the quoting of a parameter. All clients write \" for a quote; those that are extended \\ for a backslash, too.
 */
static size_t
undo_quotes(struct span text, bool extended, char *into)
{
	size_t used = 0;

	for (size_t i = 0; i < text.size; i++) {
		bool escape = text.data[i] == '\\' && i + 1 < text.size;
		if (escape && (text.data[i + 1] == '"' || (extended && text.data[i + 1] == '\\')))
			i++;
		into[used++] = text.data[i];
	}
	return used;
}

/* Kept as it came: whether the client is extended may be said behind it. */
bool
dlmtp_take_arguments(struct lmtp_server *session, struct span value)
{
	if (value.size < 2 || value.data[0] != '"' || value.data[value.size - 1] != '"') {
		lmtp_wrong(session, 501, "5.5.4", "Write DSPAMPROCESSMODE=\"arguments\"");
		return false;
	}
	session->envelope.arguments = span_of(value.data + 1, value.size - 2);
	return true;
}

bool
dlmtp_take_extended(struct lmtp_server *session, struct span value)
{
	if (value.data != NULL) {
		lmtp_wrong(session, 501, "5.5.4", "DSPAMEXTENDED takes no value");
		return false;
	}
	session->envelope.extended = true;
	return true;
}

/* ---- MAIL ------------------------------------------------------------------------------ */

/* Cut the text between < and > off, whatever bytes a password has. */
static bool
cut_brackets(struct span *rest, struct span *text)
{
	size_t start = span_find_byte(*rest, '<');
	struct span inside = start == SPAN_NONE ? span_of(NULL, 0) : span_skip(*rest, start + 1);
	size_t end = span_find_byte(inside, '>');

	if (end == SPAN_NONE)
		return false;
	*text = span_head(inside, end);
	*rest = span_skip(inside, end + 1);
	return true;
}

/* "password@ident"; what follows a second @ is none of it. */
static bool
split_login(struct span text, struct span *password, struct span *login)
{
	size_t at = span_find_byte(text, '@');

	if (at == SPAN_NONE)
		return false;
	*password = span_head(text, at);
	*login = span_skip(text, at + 1);
	*login = span_head(*login, span_find_byte(*login, '@'));
	return true;
}

/* Copies of what the owner is asked about, which live as long as the envelope. */
static bool
keep(struct lmtp_server *session, struct span password, struct span login)
{
	struct lmtp_envelope *envelope = &session->envelope;
	struct span raw = envelope->arguments;
	char *arguments = arena_text(session->arena, raw.size + 1);
	const char *kept_password = arena_copy(session->arena, password);
	const char *kept_login = arena_copy(session->arena, login);

	if (arguments == NULL || kept_password == NULL || kept_login == NULL)
		return false;
	envelope->arguments = span_of(arguments, undo_quotes(raw, envelope->extended, arguments));
	envelope->password = span_of(kept_password, password.size);
	envelope->login = span_of(kept_login, login.size);
	return true;
}

void
dlmtp_mail(struct lmtp_server *session, struct span argument)
{
	struct span text, password = {NULL, 0}, login = {NULL, 0};
	bool good = span_starts_nocase(argument, SPAN("FROM:")) && cut_brackets(&argument, &text) &&
		    split_login(text, &password, &login);

	lmtp_forget(session);
	if (good && !lmtp_take_parameters(session, argument, LMTP_AT_LOGIN)) {
		lmtp_forget(session);
		return;
	}
	session->envelope.international = true; /* names of users may have any bytes */
	if (!keep(session, password, login)) {
		lmtp_forget(session);
		lmtp_say(session, 452, "4.3.1", "Out of memory for this envelope");
		return;
	}
	lmtp_ask(session, LMTP_SERVER_LOGIN, 1);
}
