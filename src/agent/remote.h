/*
 * Let the daemon do the work: dspamc and dspam --client (dspam-behaviour: protocol 10).
 *
 * The daemon is that of ClientHost and ClientPort, or of ServerDomainSocketPath; ClientIdent says who we are. Blocks,
 * but no longer than ClientTimeout. For one thread at a time.
 */
#ifndef DSPAM_AGENT_REMOTE_H
#define DSPAM_AGENT_REMOTE_H

#include "agent/options.h"
#include "base/buffer.h"
#include "wire/lmtp_client.h"

/* Whether dspam.conf says where the daemon is and who we are; if not, `error` says what is missing. */
bool agent_remote_known(const struct config *config, struct error *error);

struct agent_remote_result {
	const struct lmtp_client_result *deliveries; /* in the order of agent_options_delivery; in the arena */
	size_t count;
	bool spam;          /* some user's message is */
	bool has_text;      /* false: none was asked for, or an original daemon gave replies in its place */
	struct buffer text; /* owned by the caller: buffer_free */
};

/*
 * Send a message, prepared by agent/input.h, with checked options. False: nothing is known to have been done; the
 * failure is permanent only for what is wrong with the options.
 */
bool agent_remote(const struct config *config, struct arena *arena, const struct agent_options *options,
		  struct span message, struct agent_remote_result *result, struct error *error);

#endif
