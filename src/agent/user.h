/* The user of a message, and the recipient that it goes on to (dspam-behaviour: messages 14, protocol 5). */
#ifndef DSPAM_AGENT_USER_H
#define DSPAM_AGENT_USER_H

#include "agent/site.h"
#include "base/arena.h"
#include "base/error.h"

struct agent_user {
	const char *name;      /* fit for paths and the store */
	const char *recipient; /* as it was given; the user as given when there was none */
	bool unknown;          /* agent/lookup.h: he is not to be made known to the store */
};

/*
 * The user that `given` stands for, and the recipient. Broken case and PlusedUserLowercase
 * lower the case of the user, never that of the recipient. With EnablePlusedDetail the user
 * loses his +detail, and the recipient is `given`, unless only `recipient` (NULL: none) has a domain.
 * Fails with ERROR_USER when what is left cannot be a user name.
 */
bool agent_user_of(const struct agent_site *site, struct arena *arena, const char *given, const char *recipient,
		   struct agent_user *user, struct error *error);

/* The same for an address from RCPT TO, which is both; StripRcptDomain takes the domain off the user. */
bool agent_user_of_recipient(const struct agent_site *site, struct arena *arena, const char *recipient,
			     struct agent_user *user, struct error *error);

/*
 * Where spam for `recipient` goes with QuarantineMailbox: user+quarantine@domain. PlusedUserLowercase lowers the case
 * of the user there, never that of the detail. NULL: arena full.
 */
const char *agent_user_quarantine(const struct agent_site *site, struct arena *arena, const char *recipient);

#endif
