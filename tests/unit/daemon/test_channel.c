/* A channel over a pair of sockets: clear text, TLS in pieces of any size, and what happens when one side stops. */
#include "../net/certificates.h"

#include <sys/socket.h>

#include "base/log.h"
#include "daemon/channel.h"

static struct certificates files;

/* A channel, and a client that keeps its TLS in memory. */
struct line {
	struct tls_context *server, *client;
	struct tls *tls;
	struct channel channel;
	int socket;
};

static void
line_open(struct line *line)
{
	const struct tls_settings server = {
		.directives = "ServerTLS", .certificate = "server.pem", .key = "server.key"};
	const struct tls_settings client = {.directives = "ClientTLS", .ca = "ca.pem"};
	struct error error;
	int ends[2];

	assert_true(tls_context_new_server(&server, TLS_CLIENT_CERTIFICATE_OFF, &line->server, &error));
	assert_true(tls_context_new_client(&client, true, &line->client, &error));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
	line->socket = ends[0];
	line->tls = tls_new_client(line->client, "localhost");
	channel_open(&line->channel, ends[1]);
	channel_secure(&line->channel, line->server);
}

static void
line_close(struct line *line)
{
	channel_close(&line->channel);
	tls_free(line->tls);
	tls_context_free(line->server);
	tls_context_free(line->client);
	if (line->socket >= 0)
		close(line->socket);
}

/* The client sends at most `step` bytes, and takes what there is. */
static void
client_turn(struct line *line, size_t step)
{
	struct span output = span_head(tls_output(line->tls), step);
	char data[4096];

	if (output.size > 0) {
		ssize_t count = send(line->socket, output.data, output.size, MSG_NOSIGNAL);
		tls_written(line->tls, count > 0 ? (size_t)count : 0);
	}
	ssize_t count = recv(line->socket, data, sizeof data, MSG_DONTWAIT);
	if (count > 0)
		tls_push(line->tls, span_of(data, (size_t)count));
}

static void
shake_hands(struct line *line, size_t step)
{
	enum channel_status status = CHANNEL_LATER;
	enum tls_status client = TLS_MORE;
	struct error error;
	char data[100];
	size_t got;

	while (status != CHANNEL_SECURE || client != TLS_GOOD) {
		if (client == TLS_MORE)
			client = tls_handshake(line->tls, &error);
		assert_int_not_equal(client, TLS_FAILED);
		client_turn(line, step);
		if (status == CHANNEL_SECURE)
			continue;
		assert_true(line->channel.shaking);
		status = channel_read(&line->channel, data, sizeof data, &got);
		assert_true(status == CHANNEL_LATER || status == CHANNEL_SECURE);
		assert_int_equal(got, 0);
	}
	assert_false(line->channel.shaking);
}

static void
test_handshake_and_text(void **state)
{
	static const size_t steps[] = {1, 100, 10000};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct line line;
		struct error error;
		char data[100];
		size_t got, taken;
		line_open(&line);
		/* nothing goes out in clear text while hands are shaken */
		assert_int_equal(channel_write(&line.channel, SPAN("220 x\r\n"), &taken), CHANNEL_LATER);
		assert_int_equal(taken, 0);
		shake_hands(&line, steps[i]);
		assert_int_equal(channel_write(&line.channel, SPAN("220 x\r\n"), &taken), CHANNEL_GOOD);
		assert_int_equal(taken, 7);
		while (tls_read(line.tls, data, sizeof data, &got, &error) == TLS_MORE)
			client_turn(&line, steps[i]);
		assert_true(span_equal(span_of(data, got), SPAN("220 x\r\n")));
		assert_int_equal(tls_write(line.tls, SPAN("LHLO x\r\n"), &taken, &error), TLS_GOOD);
		do
			client_turn(&line, steps[i]);
		while (channel_read(&line.channel, data, sizeof data, &got) == CHANNEL_LATER);
		assert_true(span_equal(span_of(data, got), SPAN("LHLO x\r\n")));
		line_close(&line);
	}
}

/* What one piece of the wire holds is given in as many pieces as the owner wants, without the socket. */
static void
test_input_that_waits_inside(void **state)
{
	struct line line;
	struct error error;
	char data[100];
	size_t got, taken, sum = 0;

	(void)state;
	line_open(&line);
	shake_hands(&line, 10000);
	memset(data, 'x', sizeof data);
	for (int i = 0; i < 10; i++)
		assert_int_equal(tls_write(line.tls, span_of(data, 100), &taken, &error), TLS_GOOD);
	/* behind the handshake something may have come; it has not */
	assert_int_equal(channel_read(&line.channel, data, 30, &got), CHANNEL_LATER);
	assert_false(channel_has_input(&line.channel));
	client_turn(&line, 10000);
	while (channel_read(&line.channel, data, 30, &got) == CHANNEL_GOOD) {
		assert_true(channel_has_input(&line.channel));
		sum += got;
	}
	assert_int_equal(sum, 1000);
	assert_false(channel_has_input(&line.channel));
	line_close(&line);
}

/* A client that reads nothing: what is taken of us ends soon, and goes on when it reads. */
static void
test_output_is_bounded(void **state)
{
	static char block[100000];
	struct line line;
	struct error error;
	size_t taken, got, sent = 0, received = 0;
	enum channel_status status;

	(void)state;
	line_open(&line);
	shake_hands(&line, 10000);
	while ((status = channel_write(&line.channel, span_of(block, sizeof block), &taken)) == CHANNEL_GOOD) {
		sent += taken;
		assert_true(sent < (size_t)64 << 20);
	}
	assert_int_equal(status, CHANNEL_LATER);
	assert_true(channel_has_output(&line.channel));
	assert_true(tls_output(line.channel.tls).size <= TLS_WRITE_MOST + 100);
	while (received < sent) {
		client_turn(&line, 10000);
		channel_flush(&line.channel);
		while (tls_read(line.tls, block, sizeof block, &got, &error) == TLS_GOOD)
			received += got;
	}
	assert_int_equal(received, sent);
	assert_false(channel_has_output(&line.channel));
	line_close(&line);
}

static void
test_ends(void **state)
{
	struct line line;
	struct error error;
	char data[100];
	size_t got, taken;

	(void)state;
	/* we end it properly */
	line_open(&line);
	shake_hands(&line, 10000);
	channel_end(&line.channel);
	enum tls_status status;
	while ((status = tls_read(line.tls, data, sizeof data, &got, &error)) == TLS_MORE)
		client_turn(&line, 10000);
	assert_int_equal(status, TLS_CLOSED);
	line_close(&line);
	/* the client ends it properly */
	line_open(&line);
	shake_hands(&line, 10000);
	tls_shutdown(line.tls);
	client_turn(&line, 10000);
	enum channel_status end;
	while ((end = channel_read(&line.channel, data, sizeof data, &got)) == CHANNEL_LATER)
		;
	assert_int_equal(end, CHANNEL_GONE);
	line_close(&line);
	/* the client is gone */
	line_open(&line);
	shake_hands(&line, 10000);
	close(line.socket);
	line.socket = -1;
	assert_int_equal(channel_write(&line.channel, SPAN("x"), &taken), CHANNEL_GONE);
	line_close(&line);
}

static void
test_no_tls_at_all(void **state)
{
	struct line line;
	char data[100];
	size_t got;

	(void)state;
	line_open(&line);
	assert_int_equal(send(line.socket, "LHLO x\r\n", 8, MSG_NOSIGNAL), 8);
	assert_int_equal(channel_read(&line.channel, data, sizeof data, &got), CHANNEL_GONE);
	/* and gets no answer in clear text */
	assert_true(recv(line.socket, data, sizeof data, MSG_DONTWAIT) < 0 || data[0] == 21);
	line_close(&line);
}

static void
test_clear_text(void **state)
{
	struct channel channel;
	char data[100];
	size_t got, taken;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
	channel_open(&channel, ends[1]);
	assert_int_equal(channel_read(&channel, data, sizeof data, &got), CHANNEL_LATER);
	assert_int_equal(channel_write(&channel, SPAN("220 x\r\n"), &taken), CHANNEL_GOOD);
	assert_int_equal(taken, 7);
	assert_int_equal(recv(ends[0], data, sizeof data, 0), 7);
	assert_int_equal(channel_flush(&channel), CHANNEL_GOOD);
	assert_false(channel_has_output(&channel) || channel_has_input(&channel));
	channel_end(&channel);
	assert_int_equal(recv(ends[0], data, sizeof data, 0), 0);
	close(ends[0]);
	assert_int_equal(channel_read(&channel, data, sizeof data, &got), CHANNEL_GONE);
	channel_close(&channel);
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

/* Who is at the other end is known without TLS, too: wrong passwords are logged with it. */
static void
the_peer_has_a_name(void **state)
{
	struct channel channel;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	channel_open(&channel, ends[1]);
	assert_string_equal(channel.peer, "a local program");
	channel_close(&channel);
	close(ends[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_peer_has_a_name),
		cmocka_unit_test(test_handshake_and_text),
		cmocka_unit_test(test_input_that_waits_inside),
		cmocka_unit_test(test_output_is_bounded),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_no_tls_at_all),
		cmocka_unit_test(test_clear_text),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
