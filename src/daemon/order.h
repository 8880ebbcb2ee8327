/*
 * What a client of ours asks for one message by DLMTP: its DSPAMPROCESSMODE with the users of RCPT TO, and the
 * answer that it gets (dspam-behaviour: protocol 4 to 8).
 *
 * Clients that know the password are trusted as the users of Trust are: they act for any user and pass arguments
 * to the delivery agent. They cannot choose files, nor a storage profile other than ours.
 *
 * Made by the event loop, belongs to the job as soon as its message has come.
 */
#ifndef DSPAM_DAEMON_ORDER_H
#define DSPAM_DAEMON_ORDER_H

#include "agent/agent.h"
#include "daemon/generation.h"
#include "wire/answer.h"

struct order {
	struct arena *arena;
	struct agent_options options;
	struct span *names; /* what each delivery is called in replies: its recipient, else its user */
	size_t count;       /* of deliveries, at least one */
	size_t given;       /* the first so many users come from RCPT TO */
	bool extended;

	bool wants_text; /* --stdout, --classify or --deliver=summary */
	struct buffer text;
};

/* Whether `password` is that of the client `login`; takes as long for a wrong one. */
bool order_login(const struct config *config, struct span login, struct span password);

/* ERROR_USER: there is no user; all others are about the arguments. */
bool order_new(const struct generation *generation, const struct lmtp_envelope *envelope, struct order **order,
	       struct error *error);
/* NULL is allowed. */
void order_free(struct order *order);

/* The user and the recipient (NULL: none was given) of a delivery. */
void order_delivery(const struct order *order, size_t index, const char **user, const char **recipient);

/* Have room for the result line of this delivery; false when the text would get too long. order_add_summary can then do
 * it. */
bool order_reserve_summary(struct order *order, const struct agent_task *task);
/* Put a result line, or the message with its own line before it, into the text; false when that gets too long. */
bool order_add_summary(struct order *order, const struct agent_task *task);
bool order_add_message(struct order *order, const struct agent_task *task);

#endif
