#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "net/listen.h"
#include "net/stream.h"

#define SECOND ((int64_t)1000)

static unsigned int
port_of(int fd)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

/* Connect, send a word each way, see the end. */
static void
check_conversation(int listener, const char *host, unsigned int port, bool tcp)
{
	struct net_stream *client, *server;
	struct error error = {0};
	char data[16];
	size_t got;
	int on = 0;
	socklen_t size = sizeof on;

	assert_true(net_connect(host, port, net_deadline(5 * SECOND), &client, &error));
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(fd >= 0);
	if (tcp) {
		assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
		assert_int_not_equal(on, 0);
	}
	server = net_stream_new(fd, "client");
	assert_true(net_is_quiet(client));
	assert_true(net_write(client, SPAN("hello"), net_deadline(SECOND), &error));
	assert_true(net_read(server, data, sizeof data, net_deadline(SECOND), &got, &error));
	assert_int_equal(got, 5);
	assert_true(net_write(server, SPAN("bye"), net_deadline(SECOND), &error));
	assert_true(net_read(client, data, sizeof data, net_deadline(SECOND), &got, &error));
	assert_int_equal(got, 3);
	net_close(server);
	assert_true(net_read(client, data, sizeof data, net_deadline(SECOND), &got, &error));
	assert_int_equal(got, 0);
	assert_false(net_is_quiet(client));
	net_close(client);
}

static void
test_tcp(void **state)
{
	static const char *const hosts[] = {"127.0.0.1", "localhost", "[127.0.0.1]"};
	struct net_listeners listeners = {.count = 0};
	struct error error = {0};

	(void)state;
	assert_true(net_listen_tcp(&listeners, "127.0.0.1", 0, 16, &error));
	assert_int_equal(listeners.count, 1);
	unsigned int port = port_of(listeners.sockets[0]);
	for (size_t i = 0; i < 3; i++)
		check_conversation(listeners.sockets[0], hosts[i], port, true);
	/* the port is taken now */
	assert_false(net_listen_tcp(&listeners, "127.0.0.1", port, 16, &error));
	assert_non_null(strstr(error.text, "127.0.0.1"));
	assert_int_equal(listeners.count, 1);
	net_listen_close(&listeners);
}

static void
test_tcp_ipv6(void **state)
{
	struct net_listeners listeners = {.count = 0};
	struct error error = {0};

	(void)state;
	if (!net_listen_tcp(&listeners, "::1", 0, 16, &error))
		skip(); /* no IPv6 on this machine */
	check_conversation(listeners.sockets[0], "::1", port_of(listeners.sockets[0]), true);
	check_conversation(listeners.sockets[0], "[::1]", port_of(listeners.sockets[0]), true);
	net_listen_close(&listeners);
}

static void
test_tcp_everywhere(void **state)
{
	struct net_listeners listeners = {.count = 0};
	struct error error = {0};

	(void)state;
	assert_true(net_listen_tcp(&listeners, "*", 0, 16, &error));
	assert_true(listeners.count >= 1);
	for (size_t i = 0; i < listeners.count; i++)
		assert_int_not_equal(fcntl(listeners.sockets[i], F_GETFD) & FD_CLOEXEC, 0);
	net_listen_close(&listeners);
}

static void
test_nobody_there(void **state)
{
	const struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* so that nobody else listens there either */
	struct net_stream *stream;
	struct error error = {0};

	(void)state;
	assert_int_equal(bind(taken, (const struct sockaddr *)&address, sizeof address), 0);
	assert_false(net_connect("127.0.0.1", port_of(taken), net_deadline(SECOND), &stream, &error));
	assert_true(error.temporary);
	assert_non_null(strstr(error.text, "127.0.0.1"));
	assert_null(stream);
	close(taken);
	assert_false(net_connect("/nonexistent/socket", 0, net_deadline(SECOND), &stream, &error));
	assert_non_null(strstr(error.text, "/nonexistent/socket"));
	assert_false(net_connect("127.0.0.1", 65536, net_deadline(SECOND), &stream, &error));
	assert_false(net_connect("256.0.0.1.invalid", 25, net_deadline(SECOND), &stream, &error));
	assert_true(error.temporary);
	char path[200];
	memset(path, 'x', sizeof path);
	path[0] = '/';
	path[sizeof path - 1] = '\0';
	assert_false(net_connect(path, 0, net_deadline(SECOND), &stream, &error));
}

static void
test_deadlines(void **state)
{
	int pair[2];
	struct error error = {0};
	char data[65536] = {0};
	size_t got;
	bool good = true;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	struct net_stream *stream = net_stream_new(pair[0], "peer");
	assert_false(net_read(stream, data, sizeof data, net_deadline(30), &got, &error));
	assert_true(error.temporary);
	assert_string_equal(error.text, "reading from peer: no answer in time");
	for (int i = 0; i < 1000 && good; i++)
		good = net_write(stream, span_of(data, sizeof data), net_deadline(30), &error);
	assert_false(good);
	assert_string_equal(error.text, "writing to peer: no answer in time");
	close(pair[1]);
	assert_false(net_write(stream, SPAN("x"), net_deadline(30), &error)); /* and no SIGPIPE */
	assert_true(error.temporary);
	net_close(stream);
	assert_int_equal(net_remaining(net_deadline(-5)), 0);
	assert_true(net_remaining(net_deadline(1000000)) > 999000);
}

struct place {
	char directory[32];
	char path[64];
};

static void
place_open(struct place *place)
{
	snprintf(place->directory, sizeof place->directory, "/tmp/dspam-net-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->path, sizeof place->path, "%s/socket", place->directory);
}

static void
place_close(struct place *place)
{
	unlink(place->path);
	assert_int_equal(rmdir(place->directory), 0);
}

static void
test_unix(void **state)
{
	struct place place;
	struct net_listeners listeners = {.count = 0};
	struct error error = {0};
	struct stat status;

	(void)state;
	place_open(&place);
	assert_true(net_listen_unix(&listeners, place.path, 0660, 16, &error));
	assert_int_equal(stat(place.path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0660);
	check_conversation(listeners.sockets[0], place.path, 0, false);
	/* in use: refused, and still there */
	struct net_listeners second = {.count = 0};
	assert_false(net_listen_unix(&second, place.path, 0660, 16, &error));
	assert_non_null(strstr(error.text, place.path));
	close(accept(listeners.sockets[0], NULL, NULL)); /* the question whether anybody listens */
	check_conversation(listeners.sockets[0], place.path, 0, false);
	/* stale: replaced */
	net_listen_close(&listeners);
	assert_int_equal(stat(place.path, &status), 0);
	assert_true(net_listen_unix(&listeners, place.path, 0600, 16, &error));
	check_conversation(listeners.sockets[0], place.path, 0, false);
	net_listen_close(&listeners);
	place_close(&place);
}

static void
test_unix_never_removes_a_file(void **state)
{
	struct place place;
	struct net_listeners listeners = {.count = 0};
	struct error error = {0};
	struct stat status;

	(void)state;
	place_open(&place);
	int fd = open(place.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_false(net_listen_unix(&listeners, place.path, 0660, 16, &error));
	assert_non_null(strstr(error.text, "no socket"));
	assert_int_equal(stat(place.path, &status), 0);
	assert_true(S_ISREG(status.st_mode));
	place_close(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_tcp_ipv6),
		cmocka_unit_test(test_tcp_everywhere),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_unix_never_removes_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
