/*
 * One question to an LDAP directory: whether a user has an entry, and what he is called there.
 *
 * A connection is made for each question and closed again, so that nothing is left behind in a directory that is
 * restarted; any thread may ask.
 */
#ifndef DSPAM_AGENT_DIRECTORY_H
#define DSPAM_AGENT_DIRECTORY_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct directory {
	const char *server;           /* host, or a whole ldap://, ldaps:// or ldapi:// address */
	unsigned port;                /* 0: the usual one */
	const char *base;             /* NULL: that of the server, and so on */
	const char *query;            /* a filter in which %u is the user, escaped, and %% a % */
	const char *attribute;        /* NULL: the name stays as it is */
	const char *scope;            /* base, one, sub */
	unsigned version;             /* 0: 3 */
	const char *login, *password; /* NULL: nobody */
	bool tls;                     /* StartTLS; the certificate is checked as ldap.conf(5) says */
};

/*
 * Ask for `user`, for at most `timeout` milliseconds a step. Known is who has exactly one entry, with a value of the
 * attribute if there is one; of several values the last counts. `answer` gets it, or his name; it is empty for one
 * who is not known. Fails, temporarily, when the directory cannot say.
 */
bool directory_ask(const struct directory *directory, struct arena *arena, const char *user, int64_t timeout,
		   char *answer, size_t size, struct error *error);

/* The filter for a user; NULL: arena full. */
char *directory_filter(struct arena *arena, const char *query, const char *user);

/* Whether this program was built with a library for LDAP. */
bool directory_is_built(void);

#endif
