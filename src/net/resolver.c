#include "net/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <poll.h>

#include "net/stream.h"

#define TRIES 3

/* ---- answers ---------------------------------------------------------------- */

static void
take_addresses(struct net_question *question, const unsigned char *reply, int size)
{
	struct ares_addrttl found[NET_ADDRESSES_MAX];
	int count = NET_ADDRESSES_MAX;
	int status = ares_parse_a_reply(reply, size, NULL, found, &count);

	question->answered = status == ARES_SUCCESS || status == ARES_ENODATA;
	question->why = ares_strerror(status);
	for (int i = 0; status == ARES_SUCCESS && i < count; i++)
		question->addresses[question->count++] = ntohl(found[i].ipaddr.s_addr);
}

static void
on_answer(void *context, int status, int timeouts, unsigned char *reply, int size)
{
	struct net_question *question = context;

	(void)timeouts;
	if (status == ARES_SUCCESS) {
		take_addresses(question, reply, size);
		return;
	}
	question->answered = status == ARES_ENOTFOUND || status == ARES_ENODATA;
	question->why =
		status == ARES_ECANCELLED || status == ARES_ETIMEOUT ? "no answer in time" : ares_strerror(status);
}

/* ---- asking ------------------------------------------------------------------ */

/* Wait for one of the sockets, or for the time of the next try, and let c-ares see to it; false: nothing is open. */
static bool
wait_and_process(ares_channel channel, int64_t deadline)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	struct pollfd polls[ARES_GETSOCK_MAXNUM];
	/* a bit for each socket that is to be read, then a bit for each that is to be written */
	unsigned mask = (unsigned)ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
	nfds_t count = 0;
	int left = net_remaining(deadline);
	struct timeval rest = {.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000}, next;
	const struct timeval *wait; /* `next` is filled only when it comes before `rest` */

	for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		short events =
			(short)((mask >> i & 1 ? POLLIN : 0) | (mask >> (i + ARES_GETSOCK_MAXNUM) & 1 ? POLLOUT : 0));
		if (events != 0)
			polls[count++] = (struct pollfd){.fd = sockets[i], .events = events};
	}
	if (count == 0)
		return false;
	wait = ares_timeout(channel, &rest, &next);
	/* rounded up, or it would spin through the last millisecond */
	if (poll(polls, count, (int)(wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000)) <= 0)
		ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	else
		for (nfds_t i = 0; i < count; i++)
			if (polls[i].revents != 0)
				ares_process_fd(channel, polls[i].fd,
						polls[i].events & POLLOUT ? polls[i].fd : ARES_SOCKET_BAD);
	return true;
}

/* A channel of its own for each call: no locks, and resolv.conf is read as it is now. */
static bool
open_channel(const char *server, int64_t deadline, ares_channel *channel, struct error *error)
{
	struct ares_options options = {
		.flags = ARES_FLAG_NOALIASES | ARES_FLAG_IGNTC, /* few addresses are enough, and UDP gives no SIGPIPE */
		.timeout = net_remaining(deadline) / (2 * TRIES) + 1,
		.tries = TRIES,
	};
	int status = ares_init_options(channel, &options, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);

	if (status != ARES_SUCCESS)
		return error_later(error, ERROR_OS, "cannot ask DNS: %s", ares_strerror(status));
	if (server == NULL)
		return true;
	status = ares_set_servers_ports_csv(*channel, server);
	if (status == ARES_SUCCESS)
		return true;
	ares_destroy(*channel);
	return error_set(error, ERROR_CONFIG, "%s is no address of a DNS server: %s", server, ares_strerror(status));
}

bool
net_ask(const char *server, struct net_question *questions, size_t count, int64_t deadline, struct error *error)
{
	ares_channel channel; /* c-ares needs ares_library_init on Windows only */

	if (!open_channel(server, deadline, &channel, error))
		return false;
	for (size_t i = 0; i < count; i++) {
		questions[i].answered = false;
		questions[i].count = 0;
		questions[i].why = "not asked";
		ares_query(channel, questions[i].name, 1 /* IN */, 1 /* A */, on_answer, &questions[i]);
	}
	while (net_remaining(deadline) > 0 && wait_and_process(channel, deadline))
		;
	ares_cancel(channel);
	ares_destroy(channel);
	return true;
}
