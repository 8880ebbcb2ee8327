/* The command line of a delivery agent as an argument list. */
#ifndef DSPAM_DELIVER_COMMAND_H
#define DSPAM_DELIVER_COMMAND_H

#include "base/arena.h"
#include "deliver/agent.h"

/* At most this many bytes of arguments in all. */
#define COMMAND_SIZE ((size_t)128 * 1024)

/* The NULL-ended list, in `arena`; NULL after filling `result`. */
char **command_arguments(const struct deliver_agent *agent, struct arena *arena, struct deliver_result *result);

#endif
