/*
 * What dspam.conf says about taking mail in and handing it on, in the types that are worked with.
 *
 * Plain values that borrow the configuration; made once, then only read, by all threads.
 */
#ifndef DSPAM_AGENT_SITE_H
#define DSPAM_AGENT_SITE_H

#include <stdint.h>

#include "agent/secure.h"
#include "config/config.h"
#include "filter/home.h"
#include "scan/scanner.h"
#include "wire/lmtp_client.h"

struct agent_site {
	const struct config *config;
	struct home files; /* where those of users are */

	/* names of users */
	bool lower_case; /* Broken case */
	bool plused;     /* EnablePlusedDetail */
	bool plused_lower_case;
	char plus;         /* PlusedCharacter */
	bool strip_domain; /* StripRcptDomain */

	/* ExtLookup */
	enum agent_lookup_use {
		AGENT_LOOKUP_NONE = 0,
		AGENT_LOOKUP_VERIFY = 1,
		AGENT_LOOKUP_MAP = 2,
		AGENT_LOOKUP_STRICT = 3,
	} lookup;
	const char *lookup_command; /* NULL: there is none, or a directory is meant */

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
	bool host_of_domain;            /* DeliveryHost or DeliveryPort of some domains differ from these: */
	const char *host;
	unsigned port;
	enum lmtp_client_protocol protocol;
	const char *ident;
	int64_t timeout;       /* milliseconds */
	bool errors_permanent; /* LMTPLDAErrorsPermanent */

	/* scanners and lists */
	struct scanner scanner;
	enum agent_virus { AGENT_VIRUS_REJECT, AGENT_VIRUS_SPAM, AGENT_VIRUS_ACCEPT, AGENT_VIRUS_DISCARD } virus;
	bool scan_or_defer; /* ClamAVFailure */
	bool track_spam, track_innocent, track_virus;
	const char *rabl_queue; /* NULL: none */

	/* what is written down */
	bool user_log, system_log, web_stats;
	bool notifications;
	const char *text_directory;   /* TxtDirectory */
	unsigned long long warn_size; /* QuarantineWarnSize in bytes */

	/* TLS of the connections that we make; set by whoever hands on by host, who owns it. */
	struct agent_secure *secure;

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

/* How that host is called. False: it cannot be; then the message must wait, whatever the error says. */
bool agent_site_secure(const struct agent_site *site, struct span recipient, const char *host,
		       struct net_secure *secure, struct error *error);

#endif
