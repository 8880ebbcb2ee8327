/*
 * External lookup: a program says whether a user exists, and what he is called (dspam-behaviour: storage 8).
 *
 * It is asked for the user that is left when detail and case are settled. ExtLookupMode says what its answer is
 * used for:
 *	verify	somebody it does not know is not made known to the store; his mail is judged all the same
 *	map	the answer takes the place of the name
 *	strict	both
 */
#ifndef DSPAM_AGENT_LOOKUP_H
#define DSPAM_AGENT_LOOKUP_H

#include "agent/user.h"

/*
 * Does nothing unless ExtLookup is on. Waits for the program, LOOKUP_TIMEOUT at most, so that it is nothing for the
 * event loop. Fails, temporarily, when the program cannot say, and with ERROR_USER when the name that it gives
 * cannot be one.
 */
bool agent_lookup(const struct agent_site *site, struct arena *arena, struct agent_user *user, struct error *error);

#define LOOKUP_TIMEOUT 10000 /* milliseconds */

#endif
