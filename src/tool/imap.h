/*
 * A mailbox on an IMAP server, to be read and left as it is (RFC 3501; special uses of folders: RFC 6154).
 *
 * Always over TLS, from the first byte or by STARTTLS, with the certificate checked; nobody's password goes over the
 * wire before that. Folders are opened with EXAMINE and messages fetched with BODY.PEEK, so that no flag changes.
 *
 * Blocks; a server that is silent for `seconds` is given up. Bounded: a response beyond IMAP_RESPONSE_MAX is an error.
 * Errors of the line are temporary. Why this is our own: libcurl opens a folder with SELECT and fetches with BODY[],
 * which marks mail as read, and of commands that are not its own it loses the literals in the answer; libetpan brings
 * GnuTLS and a second set of rules about certificates beside those of net/tls.h.
 */
#ifndef DSPAM_TOOL_IMAP_H
#define DSPAM_TOOL_IMAP_H

#include "net/secure.h"
#include "wire/imap_response.h"

#define IMAP_MESSAGE_MAX ((size_t)1 << 20) /* of a larger message only that much is fetched */
#define IMAP_RESPONSE_MAX (IMAP_MESSAGE_MAX + ((size_t)64 << 10))

struct imap_account {
	const char *host;
	unsigned port;
	bool starttls;  /* false: TLS from the first byte */
	const char *ca; /* PEM file of whom we believe; NULL: those of the system */
	unsigned seconds;
	const char *user;     /* whose mailbox it is */
	const char *login;    /* who logs in, if it is another who may: a master user; NULL: the user himself */
	const char *password; /* of who logs in */
};

struct imap;

/* Connect and log in. ERROR_PERMISSION: the certificate, the user or the password is not accepted. */
bool imap_open(const struct imap_account *account, struct imap **imap, struct error *error);
/* Say LOGOUT and close; NULL is allowed. */
void imap_close(struct imap *imap);

bool imap_can(const struct imap *imap, const char *capability);

/*
 * Give a command, a whole line without tag, and take its answer: `each` is called with every untagged response, behind
 * its "* ", and may fail. `imap_failed` says whether the answer was a NO, after which the connection goes on.
 */
typedef bool imap_response(void *context, struct span response, struct error *error);
bool imap_command(struct imap *imap, imap_response *each, void *context, struct error *error, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
bool imap_failed(const struct imap *imap);

/* The name of a mailbox as it stands in a command, between quotes; false when that cannot be. */
bool imap_quote(const char *name, char *text, size_t size);

#endif
