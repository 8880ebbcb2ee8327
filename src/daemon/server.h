/*
 * The daemon at work: the event loop with its sockets, sessions and signals, and the two pools.
 *
 * SIGHUP reads the configuration again; addresses, and numbers of threads and connections, stay as they are
 * until the next start. SIGTERM and SIGINT end it: no new connections, messages that are being sent or
 * worked on get their replies, and all others are told to come back later.
 */
#ifndef DSPAM_DAEMON_SERVER_H
#define DSPAM_DAEMON_SERVER_H

#include "daemon/generation.h"
#include "daemon/listener.h"
#include "daemon/supervisor.h"

struct server;

/* Takes generation and listener over, also on failure. `source` must outlive the server. */
bool server_new(const struct generation_source *source, struct generation *generation, struct listener *listener,
		struct server **server, struct error *error);

/* Tell whoever started us how it goes; `supervisor` must outlive the server. */
void server_supervise(struct server *server, const struct supervisor *supervisor);

/*
 * Serve until a signal ends it; with `terminal` also until the terminal at standard error is closed. False: some
 * message was not done within the time of grace. Then its mail server has had no reply and will send it again, threads
 * still run, and the process has to end.
 */
bool server_run(struct server *server, bool terminal);

/* After server_run has returned true. */
void server_free(struct server *server);

#endif
