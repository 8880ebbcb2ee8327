/* Streams with TLS on a UNIX socket: against a peer in a process of its own that does one thing right or wrong. */
#include "certificates.h"
#include "tls_end.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include "base/log.h"
#include "net/listen.h"
#include "net/secure.h"

#define SECOND ((int64_t)1000)

static struct certificates files;

/* ---- the peer -------------------------------------------------------------------------- */

static void
echo(int socket)
{
	struct end end;
	char data[30000];
	size_t got;

	end_open(&end, socket);
	while ((got = end_read(&end, data, sizeof data)) > 0)
		end_write(&end, span_of(data, got));
}

/* Says a word, and closes as TLS wants it. */
static void
say_and_close(int socket)
{
	struct end end;

	end_open(&end, socket);
	end_write(&end, SPAN("bye"));
	tls_shutdown(end.tls);
	end_flush(&end);
}

/* Says a word nobody asked for, and stays. */
static void
say_and_stay(int socket)
{
	struct end end;

	end_open(&end, socket);
	end_write(&end, SPAN("?"));
	end_fill(&end);
}

static void
cut_off(int socket)
{
	struct end end;

	end_open(&end, socket);
}

static void
silence(int socket)
{
	char byte;

	while (recv(socket, &byte, 1, 0) > 0)
		;
}

static void
clear_text(int socket)
{
	if (send(socket, "220 hello\r\n", 11, MSG_NOSIGNAL) > 0)
		silence(socket);
}

static void
close_at_once(int socket)
{
	char byte;

	if (recv(socket, &byte, 1, 0) < 0)
		_exit(1);
}

/* Has enough after a few bytes, says so, and closes while more is on its way. */
static void
last_words(int socket)
{
	struct end end;
	char data[10];

	end_open(&end, socket);
	end_read(&end, data, sizeof data);
	end_write(&end, SPAN("too much"));
}

/* ---- meeting it -------------------------------------------------------------------------- */

struct meeting {
	struct net_listeners listeners;
	pid_t pid;
	struct tls_context *context;
	struct net_secure secure;
	struct net_stream *stream;
	struct error error;
};

static bool
meet(struct meeting *meeting, void (*peer)(int socket), const char *name, int64_t timeout)
{
	const struct tls_settings settings = {.directives = "DeliveryTLS", .ca = "ca.pem"};
	struct error *error = &meeting->error;

	*meeting = (struct meeting){.listeners.count = 0};
	assert_true(net_listen_unix(&meeting->listeners, "peer", 0600, 4, error));
	meeting->pid = fork();
	if (meeting->pid == 0) {
		struct pollfd ready = {.fd = meeting->listeners.sockets[0], .events = POLLIN};
		alarm(60); /* whatever happens to the test */
		poll(&ready, 1, -1);
		int fd = accept4(meeting->listeners.sockets[0], NULL, NULL, SOCK_CLOEXEC);
		peer(fd);
		close(fd);
		_exit(0);
	}
	assert_true(meeting->pid > 0);
	net_listen_close(&meeting->listeners);
	assert_true(tls_context_new_client(&settings, true, &meeting->context, error));
	meeting->secure = (struct net_secure){NET_IMPLICIT, meeting->context, name, "DeliveryTLS"};
	char path[60];
	snprintf(path, sizeof path, "%s/peer", files.directory);
	return net_connect_secure(path, 0, &meeting->secure, net_deadline(timeout), &meeting->stream, error);
}

static void
part(struct meeting *meeting)
{
	int status;

	net_close(meeting->stream);
	tls_context_free(meeting->context);
	assert_int_equal(waitpid(meeting->pid, &status, 0), meeting->pid);
	assert_int_equal(status, 0);
}

static void
test_a_conversation(void **state)
{
	struct meeting meeting;
	char data[100];
	size_t got;

	(void)state;
	if (!meet(&meeting, echo, "localhost", 30 * SECOND))
		fail_msg("%s", meeting.error.text);
	assert_non_null(net_tls(meeting.stream));
	for (int i = 0; i < 3; i++) {
		assert_true(net_write(meeting.stream, SPAN("hello"), net_deadline(30 * SECOND), &meeting.error));
		assert_true(
			net_read(meeting.stream, data, sizeof data, net_deadline(30 * SECOND), &got, &meeting.error));
		assert_true(span_equal(span_of(data, got), SPAN("hello")));
		assert_true(net_is_quiet(meeting.stream)); /* tickets are no words */
	}
	part(&meeting);
}

/* Writing fails, and what the peer has said before is there. */
static void
test_last_words(void **state)
{
	static const char much[100000];
	struct meeting meeting;
	char data[100];
	size_t got;

	(void)state;
	assert_true(meet(&meeting, last_words, "localhost", 30 * SECOND));
	while (net_write(meeting.stream, span_of(much, sizeof much), net_deadline(30 * SECOND), &meeting.error))
		;
	assert_true(net_read(meeting.stream, data, sizeof data, net_deadline(30 * SECOND), &got, &meeting.error));
	assert_true(span_equal(span_of(data, got), SPAN("too much")));
	part(&meeting);
}

/* More than the sockets hold: what is written must be read at the same time by the peer alone. */
static void
test_much(void **state)
{
	struct meeting meeting;
	char *sent = malloc(100000), data[9000];
	size_t got, received = 0;

	(void)state;
	assert_non_null(sent);
	for (size_t i = 0; i < 100000; i++)
		sent[i] = (char)(i >> 4);
	assert_true(meet(&meeting, echo, "localhost", 30 * SECOND));
	assert_true(net_write(meeting.stream, span_of(sent, 100000), net_deadline(30 * SECOND), &meeting.error));
	while (received < 100000) {
		assert_true(
			net_read(meeting.stream, data, sizeof data, net_deadline(30 * SECOND), &got, &meeting.error));
		assert_true(got > 0);
		assert_memory_equal(data, sent + received, got);
		received += got;
	}
	part(&meeting);
	free(sent);
}

/* Poll until the stream is no longer quiet. */
static void
wait_for_noise(const struct meeting *meeting)
{
	for (int i = 0; i < 30000 && net_is_quiet(meeting->stream); i++)
		poll(NULL, 0, 1);
	assert_false(net_is_quiet(meeting->stream));
}

static void
test_the_end(void **state)
{
	struct meeting meeting;
	char data[100];
	size_t got;

	(void)state;
	assert_true(meet(&meeting, say_and_close, "localhost", 30 * SECOND));
	assert_true(net_read(meeting.stream, data, sizeof data, net_deadline(30 * SECOND), &got, &meeting.error));
	assert_true(span_equal(span_of(data, got), SPAN("bye")));
	assert_true(net_read(meeting.stream, data, sizeof data, net_deadline(30 * SECOND), &got, &meeting.error));
	assert_int_equal(got, 0);
	wait_for_noise(&meeting);
	part(&meeting);

	assert_true(meet(&meeting, cut_off, "localhost", 30 * SECOND));
	assert_true(net_read(meeting.stream, data, sizeof data, net_deadline(30 * SECOND), &got, &meeting.error));
	assert_int_equal(got, 0);
	/* and writing to it is an error, no signal */
	bool good = true;
	for (int i = 0; i < 100 && good; i++)
		good = net_write(meeting.stream, SPAN("x"), net_deadline(30 * SECOND), &meeting.error);
	assert_false(good);
	assert_true(meeting.error.temporary);
	part(&meeting);

	assert_true(meet(&meeting, say_and_stay, "localhost", 30 * SECOND));
	wait_for_noise(&meeting);
	part(&meeting);
}

static void
test_handshakes_that_fail(void **state)
{
	static const struct {
		void (*peer)(int socket);
		const char *name;
		int64_t timeout;
		const char *complaint;
	} table[] = {
		{silence, "localhost", 50, "no answer in time"},
		{clear_text, "localhost", 30 * SECOND, "the other side speaks no TLS here"},
		{close_at_once, "localhost", 30 * SECOND, "peer"},
		{echo, "mx.example", 30 * SECOND,
		 "hostname mismatch; it is not one of mx.example (see DeliveryTLSCA, DeliveryTLSName, "
		 "DeliveryTLSVerify)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct meeting meeting;
		assert_false(meet(&meeting, table[i].peer, table[i].name, table[i].timeout));
		assert_null(meeting.stream);
		assert_true(meeting.error.temporary);
		if (strstr(meeting.error.text, table[i].complaint) == NULL)
			fail_msg("row %zu: %s", i, meeting.error.text);
		part(&meeting);
	}
}

static void
test_silence_afterwards(void **state)
{
	struct meeting meeting;
	char data[100];
	size_t got;

	(void)state;
	assert_true(meet(&meeting, echo, "localhost", 30 * SECOND));
	assert_false(net_read(meeting.stream, data, sizeof data, net_deadline(50), &got, &meeting.error));
	assert_non_null(strstr(meeting.error.text, "no answer in time"));
	part(&meeting);
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_conversation),
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_much),
		cmocka_unit_test(test_the_end),
		cmocka_unit_test(test_handshakes_that_fail),
		cmocka_unit_test(test_silence_afterwards),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
