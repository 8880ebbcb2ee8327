/*
 * Who called this program, and whom he may act for: root and the users of `Trust` anybody,
 * everybody else himself only (dspam-behaviour: cli 1, Trust).
 */
#ifndef DSPAM_TOOL_CALLER_H
#define DSPAM_TOOL_CALLER_H

#include "config/config.h"

struct caller {
	char name[256]; /* login name */
	bool trusted;
};

/* Fails when the system does not know the caller's user number. */
bool caller_find(const struct config *config, struct caller *caller, struct error *error);

/* Whether he may act for `user`; says in `error` why not. */
bool caller_may(const struct caller *caller, const char *user, struct error *error);

#endif
