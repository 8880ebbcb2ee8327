/* Questions to a DNS server on loopback that lives in a thread of the test. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "net/resolver.h"
#include "net/stream.h"

#define SECONDS ((int64_t)1000)

/*
 * What the server does is the first letter of the name: l two addresses, n there is no such name, e an empty answer, f
 * failure, m twenty addresses, c a reply cut off in the middle, g garbage, w the reply to another question, s nothing.
 * q ends it.
 */
struct server {
	int socket;
	char address[64];
	pthread_t thread;
};

static size_t
put_addresses(unsigned char *reply, size_t size, unsigned count)
{
	reply[7] = (unsigned char)count;
	for (unsigned i = 0; i < count; i++) {
		const unsigned char record[] = {0xC0, 12, 0, 1, 0,   1, 0, 0,
						0,    60, 0, 4, 127, 0, 0, (unsigned char)(i + 2)};
		memcpy(reply + size, record, sizeof record);
		size += sizeof record;
	}
	return size;
}

static size_t
make_reply(unsigned char *reply, size_t size, char kind)
{
	reply[2] = 0x81;
	reply[3] = kind == 'n' ? 0x83 : kind == 'f' ? 0x82 : 0x80;
	reply[10] = reply[11] = 0; /* no EDNS */
	switch (kind) {
	case 'l':
		return put_addresses(reply, size, 2);
	case 'm':
		return put_addresses(reply, size, 20);
	case 'c':
		return put_addresses(reply, size, 2) - 7;
	case 'g':
		memset(reply + 2, 0xC0, size - 2);
		return size;
	case 'w':
		reply[0] ^= 0xFF;
		return put_addresses(reply, size, 1);
	default:
		return size;
	}
}

static void *
serve(void *context)
{
	const struct server *server = context;
	unsigned char packet[2048];

	for (;;) {
		struct sockaddr_in peer;
		socklen_t peer_size = sizeof peer;
		ssize_t size = recvfrom(server->socket, packet, 1000, 0, (struct sockaddr *)&peer, &peer_size);
		if (size < 14 || packet[13] == 'q')
			return NULL;
		if (packet[13] == 's')
			continue;
		size_t reply = make_reply(packet, (size_t)size, (char)packet[13]);
		sendto(server->socket, packet, reply, 0, (struct sockaddr *)&peer, peer_size);
	}
}

static int
set_up(void **state)
{
	struct server *server = calloc(1, sizeof *server);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;

	server->socket = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(server->socket, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(server->socket, (struct sockaddr *)&address, &size), 0);
	snprintf(server->address, sizeof server->address, "127.0.0.1:%u", ntohs(address.sin_port));
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
	*state = server;
	return 0;
}

static int
tear_down(void **state)
{
	struct server *server = *state;
	struct sockaddr_in address;
	socklen_t size = sizeof address;

	assert_int_equal(getsockname(server->socket, (struct sockaddr *)&address, &size), 0);
	assert_int_equal(sendto(server->socket, "0123456789ab\1q", 14, 0, (struct sockaddr *)&address, size), 14);
	pthread_join(server->thread, NULL);
	close(server->socket);
	free(server);
	return 0;
}

static void
asks_all_at_once(void **state)
{
	struct server *server = *state;
	struct net_question questions[] = {{.name = "l.example"}, {.name = "n.example"}, {.name = "e.example"},
					   {.name = "f.example"}, {.name = "m.example"}, {.name = "l2.example"}};
	struct error error;

	assert_true(net_ask(server->address, questions, 6, net_deadline(60 * SECONDS), &error));
	assert_true(questions[0].answered);
	assert_int_equal(questions[0].count, 2);
	assert_int_equal(questions[0].addresses[0], 0x7F000002);
	assert_int_equal(questions[0].addresses[1], 0x7F000003);
	assert_true(questions[1].answered);
	assert_int_equal(questions[1].count, 0);
	assert_true(questions[2].answered);
	assert_int_equal(questions[2].count, 0);
	assert_false(questions[3].answered);
	assert_non_null(questions[3].why);
	assert_int_equal(questions[4].count, NET_ADDRESSES_MAX);
	assert_int_equal(questions[5].count, 2);
}

/* Broken replies are none, and the deadline holds for all questions together. */
static void
the_deadline_holds(void **state)
{
	struct server *server = *state;
	struct net_question questions[] = {
		{.name = "s.example"}, {.name = "w.example"}, {.name = "g.example"}, {.name = "c.example"}};
	struct error error;
	int64_t deadline = net_deadline(300);

	assert_true(net_ask(server->address, questions, 4, deadline, &error));
	for (size_t i = 0; i < 4; i++) {
		assert_false(questions[i].answered);
		assert_int_equal(questions[i].count, 0);
		assert_non_null(questions[i].why);
	}
	assert_string_equal(questions[0].why, "no answer in time");
}

static void
what_cannot_be_asked(void **state)
{
	struct server *server = *state;
	char name[400];
	struct net_question question = {.name = name};
	struct error error;

	memset(name, 'l', sizeof name);
	name[sizeof name - 1] = '\0';
	assert_true(net_ask(server->address, &question, 1, net_deadline(60 * SECONDS), &error));
	assert_false(question.answered);
	question.name = "l..example";
	assert_true(net_ask(server->address, &question, 1, net_deadline(60 * SECONDS), &error));
	assert_false(question.answered);
	question.name = "l.example";
	assert_false(net_ask("dns.example", &question, 1, net_deadline(60 * SECONDS), &error));
	assert_non_null(strstr(error.text, "dns.example"));
	assert_true(net_ask(server->address, NULL, 0, net_deadline(60 * SECONDS), &error));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(asks_all_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_deadline_holds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_asked, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
