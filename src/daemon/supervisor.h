/*
 * Whoever started the daemon and wants to know how it is: systemd, by the protocol of sd_notify(3).
 *
 * Datagrams with lines like READY=1 go to the socket of NOTIFY_SOCKET; with WATCHDOG_USEC one has to come in time, else
 * we are taken for dead. Without these variables everything here does nothing.
 */
#ifndef DSPAM_DAEMON_SUPERVISOR_H
#define DSPAM_DAEMON_SUPERVISOR_H

#include <stdint.h>
#include <sys/un.h>

struct supervisor {
	int socket; /* -1: there is nobody */
	struct sockaddr_un address;
	unsigned address_size;
	int64_t watchdog; /* milliseconds between two signs of life, half of the time that is allowed; 0: none wanted */
};

/* Takes the variables out of the environment: programs that we start have nothing to say there. Before the first fork.
 */
void supervisor_open(struct supervisor *supervisor);
void supervisor_close(struct supervisor *supervisor);

/* In force, also after it was read again; `text` says one line about it. */
void supervisor_ready(const struct supervisor *supervisor, const char *text);
void supervisor_reloading(const struct supervisor *supervisor);
void supervisor_stopping(const struct supervisor *supervisor);
void supervisor_alive(const struct supervisor *supervisor);

#endif
