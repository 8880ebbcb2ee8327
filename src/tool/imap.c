#include "tool/imap_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- bytes --------------------------------------------------------------------------- */

static int64_t
deadline(const struct imap *imap)
{
	return net_deadline((int64_t)imap->account->seconds * 1000);
}

static bool
lose(struct imap *imap, struct error *error)
{
	imap->lost = true;
	(void)error;
	return false;
}

bool
imap_send(struct imap *imap, struct span text, struct error *error)
{
	return net_write(imap->stream, text, deadline(imap), error) || lose(imap, error);
}

static bool
fill(struct imap *imap, struct error *error)
{
	size_t got;

	if (!net_read(imap->stream, imap->input, sizeof imap->input, deadline(imap), &got, error))
		return lose(imap, error);
	imap->unread = span_of(imap->input, got);
	if (got > 0)
		return true;
	error_later(error, ERROR_IO, "%s closed the connection%s%s", imap->account->host,
		    imap->why[0] != '\0' ? ": " : "", imap->why);
	return lose(imap, error);
}

bool
imap_receive(struct imap *imap, struct span *response, struct error *error)
{
	enum imap_frame_status status;

	while ((status = imap_frame_take(&imap->frame, &imap->unread)) == IMAP_FRAME_MORE)
		if (!fill(imap, error))
			return false;
	*response = buffer_span(&imap->frame.text);
	if (status == IMAP_FRAME_DONE)
		return true;
	error_set(error, ERROR_PROTOCOL, "%s sends a response of more than %zu bytes", imap->account->host,
		  imap->frame.text.limit);
	return lose(imap, error);
}

/* ---- commands and their answers --------------------------------------------------------- */

/* What the server says to people, fit to be printed. */
static void
keep_why(struct imap *imap, struct span text)
{
	size_t size = text.size < sizeof imap->why - 1 ? text.size : sizeof imap->why - 1;

	for (size_t i = 0; i < size; i++)
		imap->why[i] = (unsigned char)text.data[i] < ' ' || text.data[i] == 127 ? '?' : text.data[i];
	imap->why[size] = '\0';
}

static void
keep_capabilities(struct imap *imap, struct span words)
{
	snprintf(imap->capabilities, sizeof imap->capabilities, " %.*s ", (int)words.size, words.data);
	imap->told = true;
}

/* A code in brackets, of any status. */
static void
take_status(struct imap *imap, struct imap_status status, bool bad)
{
	if (span_starts_nocase(status.code, SPAN("CAPABILITY ")))
		keep_capabilities(imap, span_skip(status.code, sizeof "CAPABILITY " - 1));
	if (bad)
		keep_why(imap, status.text);
}

static void
take_untagged(struct imap *imap, struct span text)
{
	struct imap_reader reader = {text};
	struct imap_word word = imap_next(&reader);

	if (imap_is(word, "CAPABILITY"))
		keep_capabilities(imap, span_trim(reader.rest));
	else if (imap_is(word, "OK") || imap_is(word, "NO") || imap_is(word, "BAD") || imap_is(word, "BYE"))
		take_status(imap, imap_status_of(reader.rest), imap_is(word, "BYE"));
}

/* Codes of RFC 5530 that say that it may be otherwise later. */
static bool
is_passing(struct span code)
{
	return span_equal_nocase(code, SPAN("UNAVAILABLE")) || span_equal_nocase(code, SPAN("INUSE")) ||
	       span_equal_nocase(code, SPAN("SERVERBUG")) || span_equal_nocase(code, SPAN("LIMIT"));
}

static bool
take_tagged(struct imap *imap, struct span text, struct error *error)
{
	struct imap_reader reader = {text};
	struct imap_word word = imap_next(&reader);

	struct imap_status status = imap_status_of(reader.rest);

	imap->refused = imap_is(word, "NO");
	imap->later = imap->refused && is_passing(status.code);
	take_status(imap, status, true);
	if (imap_is(word, "OK"))
		return true;
	if (imap->refused)
		return (imap->later ? error_later : error_set)(error, ERROR_UNAVAILABLE, "%s refuses: %s",
							       imap->account->host, imap->why);
	error_set(error, ERROR_PROTOCOL, "%s does not understand us: %s", imap->account->host, imap->why);
	return lose(imap, error);
}

void
imap_tag(struct imap *imap, char text[24])
{
	snprintf(text, 24, "d%u ", ++imap->tag);
}

bool
imap_answer(struct imap *imap, imap_response *each, void *context, bool *more, struct error *error)
{
	char tag[24];
	struct span response;

	imap->refused = false;
	snprintf(tag, sizeof tag, "d%u ", imap->tag);
	for (;;) {
		if (!imap_receive(imap, &response, error))
			return false;
		if (span_starts(response, span_from(tag)))
			return take_tagged(imap, span_skip(response, strlen(tag)), error);
		if (more != NULL && response.size > 0 && response.data[0] == '+') {
			*more = true;
			return true;
		}
		if (!span_starts(response, SPAN("* "))) {
			error_set(error, ERROR_PROTOCOL, "%s does not speak IMAP", imap->account->host);
			return lose(imap, error);
		}
		response = span_skip(response, 2);
		take_untagged(imap, response);
		if (each != NULL && !each(context, response, error))
			return lose(imap, error); /* the rest of the answer is not read */
	}
}

bool
imap_command(struct imap *imap, imap_response *each, void *context, struct error *error, const char *format, ...)
{
	char line[8192], tag[24];
	va_list arguments;

	imap->refused = false;
	if (imap->lost)
		return error_later(error, ERROR_IO, "the connection to %s is lost", imap->account->host);
	imap_tag(imap, tag);
	size_t used = (size_t)snprintf(line, sizeof line, "%s", tag);
	va_start(arguments, format);
	int size = vsnprintf(line + used, sizeof line - used - 2, format, arguments);
	va_end(arguments);
	if (size < 0 || (size_t)size >= sizeof line - used - 2)
		return error_set(error, ERROR_DATA, "a command to %s would be too long", imap->account->host);
	used += (size_t)size;
	memcpy(line + used, "\r\n", 2);
	return imap_send(imap, span_of(line, used + 2), error) && imap_answer(imap, each, context, NULL, error);
}

bool
imap_failed(const struct imap *imap)
{
	return imap->refused && !imap->lost;
}

bool
imap_can(const struct imap *imap, const char *capability)
{
	char word[64];

	snprintf(word, sizeof word, " %s ", capability);
	return span_find_nocase(span_from(imap->capabilities), span_from(word)) != SPAN_NONE;
}

bool
imap_quote(const char *name, char *text, size_t size)
{
	size_t used = 0;

	if (size < 3)
		return false;
	text[used++] = '"';
	for (; *name != '\0'; name++) {
		if (*name == '\r' || *name == '\n' || used + 4 > size)
			return false;
		if (*name == '"' || *name == '\\')
			text[used++] = '\\';
		text[used++] = *name;
	}
	text[used++] = '"';
	text[used] = '\0';
	return true;
}

/* ---- beginning and end ------------------------------------------------------------------ */

static bool
make_context(struct imap *imap, struct error *error)
{
	const char *ca = imap->account->ca;
	const struct tls_settings settings = {.directives = "IMAP", .ca = ca};

	if (ca != NULL && access(ca, R_OK) != 0)
		return error_set(error, ERROR_INPUT, "--ca %s: %s", ca, strerror(errno));
	return tls_context_new_client(&settings, true, &imap->context, error);
}

bool
imap_open(const struct imap_account *account, struct imap **out, struct error *error)
{
	struct imap *imap = calloc(1, sizeof *imap);

	if (imap == NULL)
		abort();
	imap->account = account;
	imap_frame_init(&imap->frame, IMAP_RESPONSE_MAX);
	if (!make_context(imap, error) ||
	    !net_connect(account->host, account->port, deadline(imap), &imap->stream, error) ||
	    !imap_begin(imap, error)) {
		imap_close(imap);
		return false;
	}
	*out = imap;
	return true;
}

void
imap_close(struct imap *imap)
{
	struct error ignored;

	if (imap == NULL)
		return;
	if (imap->stream != NULL && !imap->lost)
		net_write(imap->stream, SPAN("d0 LOGOUT\r\n"), net_deadline(1000), &ignored);
	net_close(imap->stream);
	tls_context_free(imap->context);
	imap_frame_free(&imap->frame);
	free(imap);
}
