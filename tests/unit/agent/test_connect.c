/* The connection to the daemon with STARTTLS: against one that plays by the rules, and against all that do not. */
#include "../net/certificates.h"
#include "../net/tls_end.h"

#include <poll.h>
#include <signal.h>

#include "agent/connect.h"
#include "base/log.h"
#include "net/listen.h"

static struct certificates files;

/* What a daemon answers, each after a line but the first; the handshake follows a last 220 if `tls`. */
struct play {
	const char *lines[4];
	bool tls;
	const char *name;
	const char *complaint; /* NULL: all is well */
};

#define OFFER "250-mx\r\n250 STARTTLS\r\n"

static const struct play plays[] = {
	{{"220 x\r\n", OFFER, "220 go\r\n"}, true, "localhost", NULL},
	{{"220 x\r\n", OFFER, "220 go\r\n"}, true, "mx.example", "hostname mismatch; it is not one of mx.example"},
	{{"220 x\r\n", OFFER, "220 go\r\n"}, false, "localhost", "/daemon"},
	{{"220 x\r\n", "250 mx\r\n"}, false, "localhost", "ClientTLS is starttls, and the daemon does not offer it"},
	{{"220 x\r\n", OFFER, "454 4.7.0 not now\r\n"}, false, "localhost", "STARTTLS: 454 4.7.0 not now"},
	{{"220 x\r\n", OFFER, "220 go\r\n250 evil\r\n"}, false, "localhost", "an answer that is none"},
	{{"220 x\r\n", "500 what\r\n"}, false, "localhost", "500 what"},
	{{"421 busy\r\n"}, false, "localhost", "421 busy"},
	{{"!%&\r\n"}, false, "localhost", "an answer that is none"},
	{{NULL}, false, "localhost", "closed the connection before STARTTLS"},
};

static void
hear_line(int socket)
{
	char byte = 0;

	while (byte != '\n' && recv(socket, &byte, 1, 0) > 0)
		;
}

static void
perform(int socket, const struct play *play)
{
	struct end end;
	char data[100];
	size_t got;

	for (size_t i = 0; i < 4 && play->lines[i] != NULL; i++) {
		if (i > 0)
			hear_line(socket);
		if (send(socket, play->lines[i], strlen(play->lines[i]), MSG_NOSIGNAL) < 0)
			return;
	}
	if (!play->tls) {
		shutdown(socket, SHUT_WR);
		hear_line(socket);
		return;
	}
	end_open(&end, socket);
	while ((got = end_read(&end, data, sizeof data)) > 0)
		end_write(&end, span_of(data, got));
}

static pid_t
start_peer(const struct play *play)
{
	struct net_listeners listeners = {.count = 0};
	struct error error;

	assert_true(net_listen_unix(&listeners, "daemon", 0600, 4, &error));
	pid_t pid = fork();
	if (pid == 0) {
		struct pollfd ready = {.fd = listeners.sockets[0], .events = POLLIN};
		alarm(60);
		poll(&ready, 1, -1);
		int fd = accept4(listeners.sockets[0], NULL, NULL, SOCK_CLOEXEC);
		perform(fd, play);
		close(fd);
		_exit(0);
	}
	assert_true(pid > 0);
	net_listen_close(&listeners);
	return pid;
}

static void
check_talk(struct net_stream *stream)
{
	struct error error;
	char data[100];
	size_t got;

	assert_non_null(net_tls(stream));
	assert_true(net_write(stream, SPAN("LHLO x\r\n"), net_deadline(30000), &error));
	assert_true(net_read(stream, data, sizeof data, net_deadline(30000), &got, &error));
	assert_true(span_equal(span_of(data, got), SPAN("LHLO x\r\n")));
}

static void
check_play(const struct play *play)
{
	struct agent_connection connection;
	struct config *config;
	struct error error;
	char text[300], path[80];
	int status;

	snprintf(text, sizeof text, "Home /x\nClientTLS starttls\nClientTLSCA ca.pem\nClientTLSName %s\n", play->name);
	assert_true(config_parse(span_from(text), "test.conf", NULL, NULL, &config, &error));
	snprintf(path, sizeof path, "%s/daemon", files.directory);
	pid_t pid = start_peer(play);
	bool good = agent_connect(config, path, 0, SPAN("me"), net_deadline(30000), &connection, &error);
	if (good != (play->complaint == NULL) || (!good && strstr(error.text, play->complaint) == NULL))
		fail_msg("%s: %s", play->complaint != NULL ? play->complaint : "", good ? "all is well" : error.text);
	if (good) {
		assert_true(connection.greeted);
		check_talk(connection.stream);
		agent_disconnect(&connection);
	} else {
		assert_true(error.temporary);
		assert_null(connection.stream);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	config_free(config);
}

static void
test_plays(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++)
		check_play(&plays[i]);
}

static int
set_up(void **state)
{
	(void)state;
	log_open("test", false, false, LOG_LEVEL_ERROR);
	certificates_make(&files);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	certificates_remove(&files);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_plays)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
