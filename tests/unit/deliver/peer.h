/* A next hop for tests, which says what it is told to, and a message for it. */
#ifndef DSPAM_TESTS_DELIVER_PEER_H
#define DSPAM_TESTS_DELIVER_PEER_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "deliver/host.h"
#include "net/listen.h"
#include "place.h"

/*
 * A next hop in a process of its own. For each connection it has a row of answers: the first
 * at once, each other one after a line, or after a whole message when the last began with 3.
 * NULL closes the connection; HANG says nothing more.
 */
#define HANG "hang"
#define CONNECTIONS 3
#define ANSWERS 12

struct script {
	const char *answers[CONNECTIONS][ANSWERS];
};

struct peer {
	struct place place;
	struct net_listeners listeners;
	char socket[300];
	pid_t pid;
};

static inline void
say(int fd, const char *text)
{
	ssize_t count = send(fd, text, strlen(text), MSG_NOSIGNAL);

	(void)count; /* the client may have gone */
}

/* Read up to `end` and note it; false when the client has gone. */
static inline bool
hear(int fd, int notes, const char *end)
{
	char data[4096];
	size_t size = 0, length = strlen(end);

	while (size < sizeof data && read(fd, data + size, 1) == 1) {
		size++;
		if (size >= length && memcmp(data + size - length, end, length) == 0)
			return write(notes, data, size) == (ssize_t)size;
	}
	return false;
}

static inline void
serve(int fd, int notes, const char *const *answers)
{
	const char *end = "\r\n";

	for (size_t i = 0; answers[i] != NULL; i++) {
		if (i > 0 && !hear(fd, notes, end))
			return;
		if (strcmp(answers[i], HANG) == 0) {
			pause();
			_exit(0);
		}
		say(fd, answers[i]);
		end = answers[i][0] == '3' ? "\r\n.\r\n" : "\r\n";
	}
	if (answers[0] != NULL)
		hear(fd, notes, end);
}

static inline void
serve_all(struct peer *peer, int notes, const struct script *script)
{
	alarm(60); /* whatever happens to the test */
	for (size_t i = 0; i < CONNECTIONS; i++) {
		int fd = accept(peer->listeners.sockets[0], NULL, NULL);
		if (fd >= 0 && write(notes, "[", 1) == 1)
			serve(fd, notes, script->answers[i]);
		close(fd);
	}
	_exit(0);
}

static inline void
peer_open(struct peer *peer, const struct script *script)
{
	struct error error;

	*peer = (struct peer){.pid = 0};
	place_open(&peer->place);
	snprintf(peer->socket, sizeof peer->socket, "%s", place_file(&peer->place, "socket"));
	assert_true(net_listen_unix(&peer->listeners, peer->socket, 0600, 16, &error));
	fcntl(peer->listeners.sockets[0], F_SETFL, 0);
	int notes = open(place_file(&peer->place, "notes"), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
	assert_true(notes >= 0);
	peer->pid = fork();
	if (peer->pid == 0)
		serve_all(peer, notes, script);
	assert_true(peer->pid > 0);
	close(notes);
	net_listen_close(&peer->listeners);
}

static inline void
peer_close(struct peer *peer)
{
	kill(peer->pid, SIGKILL);
	assert_int_equal(waitpid(peer->pid, NULL, 0), peer->pid);
	place_close(&peer->place);
}

static const struct span pieces[] = {{"Subject: x\n", 11}, {"\n.\nend", 6}};
static const struct deliver_message message = {pieces, 2, false};

static inline struct deliver_route
route_to(const struct peer *peer, enum lmtp_client_protocol protocol, int64_t timeout)
{
	return (struct deliver_route){.protocol = protocol, .host = peer->socket, .ident = "me", .timeout = timeout};
}

static inline bool
deliver(struct deliver_hosts *hosts, const struct deliver_route *route, struct deliver_result *result)
{
	return deliver_host(hosts, route, SPAN("s@x.example"), SPAN("r@y.example"), false, &message, result);
}

#endif
