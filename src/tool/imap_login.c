/* From a new connection to a mailbox: greeting, TLS, and who we are (RFC 3501 6.2, SASL PLAIN: RFC 4616). */
#include <stdio.h>

#include "mail/transfer.h"
#include "tool/imap_private.h"

enum { SECRET_SIZE = 2048 };

/* ---- TLS ------------------------------------------------------------------------------ */

static bool
start_tls(struct imap *imap, struct error *error)
{
	const struct imap_account *account = imap->account;

	if (net_start_tls(imap->stream, imap->context, account->host, net_deadline((int64_t)account->seconds * 1000),
			  error))
		return true;
	imap->lost = true;
	if (error->code != ERROR_PERMISSION)
		return false;
	/* trying again does not help: it is for the caller to say whom he believes */
	error->temporary = false;
	size_t used = strlen(error->text);
	snprintf(error->text + used, sizeof error->text - used,
		 "; HOST must be the name in the certificate, and --ca FILE names another authority");
	return false;
}

static bool
greeting(struct imap *imap, struct error *error)
{
	struct span response;

	if (!imap_receive(imap, &response, error))
		return false;
	struct imap_reader reader = {span_skip(response, 2)};
	struct imap_word word = imap_next(&reader);
	if (span_starts(response, SPAN("* ")) && (imap_is(word, "OK") || imap_is(word, "PREAUTH")))
		return true;
	imap->lost = true;
	if (imap_is(word, "BYE"))
		return error_later(error, ERROR_UNAVAILABLE, "%s does not serve us: %.*s", imap->account->host,
				   (int)reader.rest.size, reader.rest.data);
	return error_set(error, ERROR_PROTOCOL, "%s, port %u, does not speak IMAP", imap->account->host,
			 imap->account->port);
}

/* What came in clear text behind the answer to STARTTLS was put there by somebody else. */
static bool
ask_for_tls(struct imap *imap, struct error *error)
{
	if (!imap_command(imap, NULL, NULL, error, "STARTTLS"))
		return imap->lost ? false : error_prefix(error, "no TLS, and so no login");
	if (imap->unread.size > 0) {
		imap->lost = true;
		return error_set(error, ERROR_PROTOCOL, "%s: somebody has put bytes behind STARTTLS",
				 imap->account->host);
	}
	return start_tls(imap, error);
}

/* ---- who we are ------------------------------------------------------------------------- */

/* In one line, which is how it is written here (RFC 3501 6.2.2), and not in those of a mail. */
static size_t
to_base64(struct span data, char *text)
{
	size_t written = transfer_encode_base64(data, text), used = 0;

	for (size_t i = 0; i < written; i++)
		if (text[i] != '\n')
			text[used++] = text[i];
	return used;
}

/* "Whose mailbox" NUL "who logs in" NUL "password"; the first is empty when both are the same. */
static size_t
plain_text(const struct imap_account *account, char *text)
{
	const char *words[] = {account->login != NULL ? account->user : "",
			       account->login != NULL ? account->login : account->user, account->password};
	unsigned char plain[SECRET_SIZE];
	size_t used = 0;

	for (size_t i = 0; i < 3; i++) {
		size_t size = strlen(words[i]);
		if (used + size + 1 > sizeof plain)
			return 0;
		memcpy(plain + used, words[i], size + 1);
		used += size + 1;
	}
	size_t written = to_base64(span_of((const char *)plain, used - 1), text);
	explicit_bzero(plain, sizeof plain);
	return written;
}

static bool
authenticate_plain(struct imap *imap, struct error *error)
{
	char text[SECRET_SIZE * 3 / 2], line[sizeof text + 64], tag[24];
	size_t size = plain_text(imap->account, text);
	bool at_once = imap_can(imap, "SASL-IR"), more = false;

	if (size == 0)
		return error_set(error, ERROR_USAGE, "name and password are longer than %d bytes", SECRET_SIZE);
	imap_tag(imap, tag);
	int used = snprintf(line, sizeof line, "%sAUTHENTICATE PLAIN%s%.*s\r\n", tag, at_once ? " " : "",
			    at_once ? (int)size : 0, text);
	bool good = imap_send(imap, span_of(line, (size_t)used), error);
	if (good && !at_once) {
		good = imap_answer(imap, NULL, NULL, &more, error);
		used = snprintf(line, sizeof line, "%.*s\r\n", (int)size, text);
		if (good && !more)
			good = error_set(error, ERROR_PROTOCOL, "%s takes no login", imap->account->host);
		good = good && imap_send(imap, span_of(line, (size_t)used), error);
	}
	explicit_bzero(text, sizeof text);
	explicit_bzero(line, sizeof line);
	return good && imap_answer(imap, NULL, NULL, NULL, error);
}

/* A string that may hold any byte: announce its size, wait until the server wants it. */
static bool
send_literal(struct imap *imap, const char *text, struct error *error)
{
	char size[32];
	bool more = false;
	int used = snprintf(size, sizeof size, "{%zu}\r\n", strlen(text));

	if (!imap_send(imap, span_of(size, (size_t)used), error) || !imap_answer(imap, NULL, NULL, &more, error))
		return false;
	return more ? imap_send(imap, span_from(text), error)
		    : error_set(error, ERROR_PROTOCOL, "%s takes no login", imap->account->host);
}

static bool
login(struct imap *imap, struct error *error)
{
	char tag[24], begin[40];

	if (imap->account->login != NULL)
		return error_set(error, ERROR_UNAVAILABLE,
				 "%s does not offer AUTHENTICATE PLAIN, which --imap-login needs", imap->account->host);
	if (imap_can(imap, "LOGINDISABLED"))
		return error_set(error, ERROR_UNAVAILABLE, "%s offers neither AUTHENTICATE PLAIN nor LOGIN",
				 imap->account->host);
	imap_tag(imap, tag);
	int used = snprintf(begin, sizeof begin, "%sLOGIN ", tag);
	return imap_send(imap, span_of(begin, (size_t)used), error) && send_literal(imap, imap->account->user, error) &&
	       imap_send(imap, SPAN(" "), error) && send_literal(imap, imap->account->password, error) &&
	       imap_send(imap, SPAN("\r\n"), error) && imap_answer(imap, NULL, NULL, NULL, error);
}

static bool
log_in(struct imap *imap, struct error *error)
{
	imap->told = false; /* those of who is logged in are others */
	if ((imap_can(imap, "AUTH=PLAIN") ? authenticate_plain : login)(imap, error))
		return imap->told || imap_command(imap, NULL, NULL, error, "CAPABILITY");
	if (!imap->refused || imap->later)
		return false;
	return error_set(error, ERROR_PERMISSION, "%s does not let %s in: %s", imap->account->host,
			 imap->account->login != NULL ? imap->account->login : imap->account->user, imap->why);
}

/* With TLS from the first byte on; a server that does not answer that may begin in the clear. */
static bool
begin_with_tls(struct imap *imap, struct error *error)
{
	if (start_tls(imap, error))
		return true;
	return error->temporary ? error_prefix(error, "without --starttls") : false;
}

bool
imap_begin(struct imap *imap, struct error *error)
{
	bool later = imap->account->starttls;

	if ((!later && !begin_with_tls(imap, error)) || !greeting(imap, error) || (later && !ask_for_tls(imap, error)))
		return false;
	imap->capabilities[0] = '\0'; /* also those that were said in clear text */
	return imap_command(imap, NULL, NULL, error, "CAPABILITY") && log_in(imap, error);
}
