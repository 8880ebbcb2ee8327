/*
 * A password: from a file, from the environment, or asked for on the terminal, which does not show it. Never from the
 * command line, which everybody can see.
 */
#ifndef DSPAM_TOOL_SECRET_H
#define DSPAM_TOOL_SECRET_H

#include "base/error.h"
#include "base/span.h"

#define SECRET_SIZE_MAX 1000

/*
 * The first line of `file`, or, when that is NULL, of the environment variable `variable`, or, when there is none, of
 * the terminal, where `prompt` is shown. Wipe it with explicit_bzero when it has done its work.
 */
bool secret_read(const char *file, const char *variable, const char *prompt, char secret[SECRET_SIZE_MAX],
		 struct error *error);

#endif
