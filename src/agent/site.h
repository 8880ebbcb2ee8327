/*
 * What dspam.conf says about taking mail in and handing it on, in the types that are worked with.
 *
 * Plain values that borrow the configuration; made once, then only read, by all threads.
 */
#ifndef DSPAM_AGENT_SITE_H
#define DSPAM_AGENT_SITE_H

#include <stdint.h>

#include "config/config.h"
#include "wire/lmtp_client.h"

struct agent_site {
	const struct config *config;
	const char *home;

	/* names of users */
	bool lower_case; /* Broken case */
	bool plused;     /* EnablePlusedDetail */
	bool plused_lower_case;
	char plus;         /* PlusedCharacter */
	bool strip_domain; /* StripRcptDomain */

	/* reading a message */
	bool strip_cr; /* Broken lineStripping */
	bool document; /* DataSource document: there are no headers */
	bool parse_to; /* ParseToHeaders */
	bool parse_to_class;
	enum agent_parse_user { AGENT_PARSE_NO_USER, AGENT_PARSE_LOCAL_PART, AGENT_PARSE_ADDRESS } parse_to_user;

	/* handing on */
	const char *trusted_command, *untrusted_command; /* NULL: not set, and so on */
	const char *quarantine_command;
	const char *quarantine_mailbox; /* never empty */
	bool by_host;                   /* DeliveryProto and some DeliveryHost are set */
	enum lmtp_client_protocol protocol;
	const char *ident;
	int64_t timeout;       /* milliseconds */
	bool errors_permanent; /* LMTPLDAErrorsPermanent */

	bool defer;            /* StoreFailure: what cannot be judged waits, instead of going on unjudged */
	bool status_is_spam;   /* Broken returnCodes */
	bool original_exits;   /* Compat exitCodes */
	bool original_replies; /* Compat trainingReplies */
};

void agent_site_init(struct agent_site *site, const struct config *config);

/* The delivery agent for a caller, or NULL. */
const char *agent_site_command(const struct agent_site *site, bool trusted);

/* The DeliveryHost and its port for a recipient; NULL: there is none. */
const char *agent_site_host(const struct agent_site *site, struct span recipient, unsigned *port);

#endif
