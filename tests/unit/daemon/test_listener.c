/* A listener when the system has no more descriptors: it rests, goes on, and can be closed at any time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/listener.h"
#include "net/address.h"

#define SOCKETS 2

struct house {
	char directory[40];
	char paths[SOCKETS][60];
	struct config *config;
	struct event_base *base;
	struct listener *listener;
	size_t accepted;
	struct rlimit before;
};

static void
on_accepted(void *context, int socket, enum listener_kind kind)
{
	struct house *house = context;

	assert_int_equal(kind, LISTENER_UNIX);
	close(socket);
	house->accepted++;
}

/* Two sockets, as most daemons have: here ones that it was given. */
static void
house_open(struct house *house)
{
	struct net_inherited inherited = {.sockets = {.count = 0}};
	struct error error;

	*house = (struct house){.directory = "/tmp/listener.XXXXXX", .base = event_base_new()};
	assert_non_null(house->base);
	assert_non_null(mkdtemp(house->directory));
	for (size_t i = 0; i < SOCKETS; i++) {
		snprintf(house->paths[i], sizeof house->paths[i], "%s/%zu", house->directory, i);
		assert_true(net_listen_unix(&inherited.sockets, house->paths[i], 0600, 10, &error));
	}
	assert_true(config_parse(SPAN(""), "test.conf", NULL, NULL, &house->config, &error));
	assert_true(listener_new(house->config, &inherited, &house->listener, &error));
	listener_start(house->listener, house->base, on_accepted, house);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &house->before), 0);
}

static void
house_close(struct house *house)
{
	event_base_free(house->base);
	config_free(house->config);
	for (size_t i = 0; i < SOCKETS; i++)
		unlink(house->paths[i]);
	assert_int_equal(rmdir(house->directory), 0);
}

static void
allow_descriptors(const struct house *house, rlim_t most)
{
	const struct rlimit limit = {.rlim_cur = most, .rlim_max = house->before.rlim_max};

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* A client of socket `index` that waits. */
static int
call(const struct house *house, size_t index)
{
	struct sockaddr_un address;
	struct error error;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(net_unix_address(house->paths[index], &address, &error));
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void
it_rests_and_goes_on(void **state)
{
	struct house house;

	(void)state;
	house_open(&house);
	int client = call(&house, 0);
	allow_descriptors(&house, 0);
	event_base_loop(house.base, EVLOOP_ONCE);
	assert_int_equal(house.accepted, 0);
	allow_descriptors(&house, house.before.rlim_cur);
	while (house.accepted == 0)
		event_base_loop(house.base, EVLOOP_ONCE);
	close(client);
	listener_free(house.listener);
	house_close(&house);
}

/* None is left for the last clients when it ends: nothing is touched that is gone already. */
static void
it_ends_without_descriptors(void **state)
{
	struct house house;

	(void)state;
	house_open(&house);
	int clients[SOCKETS] = {call(&house, 0), call(&house, 1)};
	allow_descriptors(&house, 0);
	listener_free(house.listener);
	allow_descriptors(&house, house.before.rlim_cur);
	assert_int_equal(house.accepted, 0);
	for (size_t i = 0; i < SOCKETS; i++)
		close(clients[i]);
	house_close(&house);
}

static void
it_ends_with_the_last_clients(void **state)
{
	struct house house;

	(void)state;
	house_open(&house);
	int clients[SOCKETS] = {call(&house, 0), call(&house, 1)};
	listener_free(house.listener);
	assert_int_equal(house.accepted, 2);
	for (size_t i = 0; i < SOCKETS; i++)
		close(clients[i]);
	house_close(&house);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_rests_and_goes_on),
		cmocka_unit_test(it_ends_without_descriptors),
		cmocka_unit_test(it_ends_with_the_last_clients),
	};

	event_enable_debug_mode(); /* an event that is used after it was freed ends the test */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
