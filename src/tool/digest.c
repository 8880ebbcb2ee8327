#include "tool/digest.h"

#include <stdio.h>
#include <sys/random.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "mail/transfer.h"

#define BODY_MAX ((size_t)64 * 1024 * 1024)

/* ---- text from strangers ---------------------------------------------------------------- */

static void
add_html(struct buffer *out, const char *text)
{
	static const struct {
		char byte;
		const char *entity;
	} entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

	for (; *text != '\0'; text++) {
		const char *entity = NULL;
		for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
			if (*text == entities[i].byte)
				entity = entities[i].entity;
		if (entity != NULL)
			buffer_append_string(out, entity);
		else
			buffer_append_byte(out, *text);
	}
}

/* A value in the query of a URL (RFC 3986 2.3). */
static void
add_query(struct buffer *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (ascii_is_letter(*text) || ascii_is_digit(*text) || strchr("-._~", *text) != NULL)
			buffer_append_byte(out, *text);
		else
			buffer_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
}

static void
add_link(struct buffer *out, const struct digest *digest, const struct quarantine_item *item, const char *command)
{
	buffer_printf(out, "%s?template=quarantine&user=", digest->url);
	add_query(out, digest->user);
	buffer_append_string(out, "&signatureID=");
	add_query(out, item->signature);
	buffer_printf(out, "&command=%s", command);
}

static void
add_html_link(struct buffer *out, const struct digest *digest, const struct quarantine_item *item, const char *command,
	      const char *name)
{
	struct buffer link = BUFFER_INIT(4096);

	add_link(&link, digest, item, command);
	if (!link.failed) {
		buffer_append_string(out, "<a href=\"");
		add_html(out, buffer_string(&link));
		buffer_printf(out, "\">%s</a> ", name);
	}
	buffer_free(&link);
}

/* ---- the two bodies -------------------------------------------------------------------------- */

static const char *
when(time_t time, char text[static 32])
{
	struct tm local;

	localtime_r(&time, &local);
	strftime(text, 32, "%Y-%m-%d %H:%M", &local);
	return text;
}

static void
add_heading(struct buffer *out, const struct digest *digest)
{
	const struct quarantine_list *list = digest->list;

	buffer_printf(out, "%zu message%s came into your quarantine in the last %u hours", list->found,
		      list->found == 1 ? "" : "s", digest->hours);
	if (list->count < list->found)
		buffer_printf(out, "; these are the newest %zu", list->count);
	buffer_append_string(out, ".");
}

static void
write_text(const struct digest *digest, struct buffer *out)
{
	char time[32];

	add_heading(out, digest);
	buffer_append_string(out, "\n\n");
	for (size_t i = 0; i < digest->list->count; i++) {
		const struct quarantine_item *item = &digest->list->items[i];

		buffer_printf(out, "%s  %s\n  %s\n", when(item->time, time), item->from, item->subject);
		if (digest->url != NULL && *item->signature != '\0') {
			buffer_append_string(out, "  View:    ");
			add_link(out, digest, item, "viewMessage");
			buffer_append_string(out, "\n  Release: ");
			add_link(out, digest, item, "processFalsePositive");
			buffer_append_byte(out, '\n');
		}
		buffer_append_byte(out, '\n');
	}
}

static void
write_html(const struct digest *digest, struct buffer *out)
{
	char time[32];

	buffer_append_string(out, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n<p>");
	add_heading(out, digest);
	buffer_append_string(out, "</p>\n<table border=\"1\" cellpadding=\"4\" cellspacing=\"0\">\n"
				  "<tr><th>Date</th><th>From</th><th>Subject</th><th></th></tr>\n");
	for (size_t i = 0; i < digest->list->count; i++) {
		const struct quarantine_item *item = &digest->list->items[i];

		buffer_printf(out, "<tr><td>%s</td><td>", when(item->time, time));
		add_html(out, item->from);
		buffer_append_string(out, "</td><td>");
		add_html(out, item->subject);
		buffer_append_string(out, "</td><td>");
		if (digest->url != NULL && *item->signature != '\0') {
			add_html_link(out, digest, item, "viewMessage", "View");
			add_html_link(out, digest, item, "processFalsePositive", "Release");
		}
		buffer_append_string(out, "</td></tr>\n");
	}
	buffer_append_string(out, "</table>\n</body></html>\n");
}

/* ---- the message ------------------------------------------------------------------------------- */

/* In base64, so that any next hop can take it. */
static void
add_part(struct buffer *message, const struct digest *digest, const char *boundary, const char *type,
	 void (*write)(const struct digest *digest, struct buffer *out))
{
	struct buffer body = BUFFER_INIT(BODY_MAX);

	write(digest, &body);
	buffer_printf(message, "--%s\nContent-Type: %s; charset=utf-8\nContent-Transfer-Encoding: base64\n\n", boundary,
		      type);
	char *room = body.failed ? NULL : buffer_reserve(message, transfer_base64_size(body.size) + 1);
	if (room != NULL)
		message->size += transfer_encode_base64(buffer_span(&body), room);
	else
		message->failed = true;
	buffer_append_byte(message, '\n');
	buffer_free(&body);
}

/* Text for a header: as it is, or as encoded words of at most 45 bytes (RFC 2047). */
static void
add_subject(struct buffer *message, const char *subject)
{
	bool plain = true;
	struct span rest = span_from(subject);

	for (const char *c = subject; *c != '\0'; c++)
		plain = plain && (unsigned char)*c >= 32 && (unsigned char)*c < 127;
	buffer_append_string(message, "Subject:");
	if (plain) {
		buffer_printf(message, " %s\n", subject);
		return;
	}
	while (rest.size > 0) {
		char coded[80];
		size_t size = rest.size < 45 ? rest.size : 45;
		while (size < rest.size && size > 40 && ((unsigned char)rest.data[size] & 0xC0) == 0x80)
			size--; /* no character is cut */
		size_t count = transfer_encode_base64(span_head(rest, size), coded);
		while (count > 0 && coded[count - 1] == '\n')
			count--;
		buffer_printf(message, " =?utf-8?B?%.*s?=\n", (int)count, coded);
		rest = span_skip(rest, size);
	}
}

static void
add_headers(struct buffer *message, const struct digest *digest, const char *unique)
{
	const char *at = strrchr(digest->sender, '@'); /* perhaps in <>, behind a name */
	const char *domain = at != NULL ? at : "@localhost";
	char date[64];
	struct tm local;

	localtime_r(&digest->now, &local);
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S %z", &local);
	buffer_printf(message, "From: %s\nTo: %s\n", digest->sender, digest->recipient);
	add_subject(message, digest->subject);
	buffer_printf(message,
		      "Date: %s\nMessage-ID: <%s%.*s>\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n"
		      "Content-Type: multipart/alternative; boundary=\"=_%s\"\n\n",
		      date, unique, (int)strcspn(domain, "> "), domain, unique);
}

bool
digest_write(const struct digest *digest, struct buffer *message)
{
	unsigned char random[16];
	char unique[2 * sizeof random + 1], boundary[sizeof unique + 2];

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		abort();
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(unique + 2 * i, 3, "%02x", random[i]);
	snprintf(boundary, sizeof boundary, "=_%s", unique);
	add_headers(message, digest, unique);
	add_part(message, digest, boundary, "text/plain", write_text);
	add_part(message, digest, boundary, "text/html", write_html);
	buffer_printf(message, "--%s--\n", boundary);
	return !message->failed;
}
