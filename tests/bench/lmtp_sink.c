/* An LMTP server on a loopback port that takes every message and forgets it: lmtp_sink PORT. Ends on SIGTERM. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS 1000
#define ROOM 262144

struct client {
	bool in_data;
	unsigned recipients;
	size_t size;
	char *text;
};

struct replies {
	char text[ROOM];
	size_t size;
};

static void
say(struct replies *replies, const char *text)
{
	size_t size = strlen(text);

	if (replies->size + size < sizeof replies->text) {
		memcpy(replies->text + replies->size, text, size);
		replies->size += size;
	}
}

static const char *
answer(struct client *client, const char *line)
{
	if (strncasecmp(line, "LHLO", 4) == 0)
		return "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n";
	if (strncasecmp(line, "DATA", 4) == 0) {
		client->in_data = true;
		return "354 go on\r\n";
	}
	if (strncasecmp(line, "RCPT", 4) == 0)
		client->recipients++;
	else if (strncasecmp(line, "MAIL", 4) == 0 || strncasecmp(line, "RSET", 4) == 0)
		client->recipients = 0;
	return "250 2.0.0 yes\r\n";
}

/* Take what is complete off the front of the text; what is left of a message can be forgotten but for its end. */
static void
work(struct client *client, struct replies *replies)
{
	char *at = client->text, *end = client->text + client->size;

	while (at < end) {
		if (client->in_data) {
			bool empty = end - at >= 3 && memcmp(at, ".\r\n", 3) == 0;
			char *dot = empty ? at : memmem(at, (size_t)(end - at), "\r\n.\r\n", 5);
			if (dot == NULL) {
				if (end - at > 4)
					at = end - 4;
				break;
			}
			at = dot + (empty ? 3 : 5);
			client->in_data = false;
			for (; client->recipients > 0; client->recipients--)
				say(replies, "250 2.0.0 taken\r\n");
			continue;
		}
		char *line = memchr(at, '\n', (size_t)(end - at));
		if (line == NULL)
			break;
		say(replies, answer(client, at));
		at = line + 1;
	}
	client->size = (size_t)(end - at);
	memmove(client->text, at, client->size);
}

static int
listen_at(unsigned port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 100) < 0) {
		perror("lmtp_sink");
		exit(1);
	}
	return fd;
}

static struct pollfd polls[CLIENTS + 1];
static struct client clients[CLIENTS + 1];
static struct replies replies;

static void
serve(nfds_t i)
{
	struct client *client = &clients[i];
	ssize_t got = recv(polls[i].fd, client->text + client->size, ROOM - client->size, 0);

	if (got > 0) {
		client->size += (size_t)got;
		replies.size = 0;
		work(client, &replies);
		if (replies.size == 0 || send(polls[i].fd, replies.text, replies.size, MSG_NOSIGNAL) > 0)
			return;
	}
	close(polls[i].fd);
	free(client->text);
	polls[i].fd = -1;
}

static void
take(int fd)
{
	nfds_t i = 1;

	while (i <= CLIENTS && polls[i].fd >= 0)
		i++;
	if (fd < 0 || i > CLIENTS)
		return;
	polls[i] = (struct pollfd){.fd = fd, .events = POLLIN};
	clients[i] = (struct client){.text = malloc(ROOM)};
	if (clients[i].text == NULL)
		abort();
	if (send(fd, "220 sink LMTP\r\n", 15, MSG_NOSIGNAL) < 0)
		return; /* the next recv will tell */
}

int
main(int argc, char **argv)
{
	polls[0] =
		(struct pollfd){.fd = listen_at(argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0), .events = POLLIN};
	for (nfds_t i = 1; i <= CLIENTS; i++)
		polls[i].fd = -1;
	for (;;) {
		if (poll(polls, CLIENTS + 1, -1) < 0)
			continue;
		if (polls[0].revents & POLLIN)
			take(accept(polls[0].fd, NULL, NULL));
		for (nfds_t i = 1; i <= CLIENTS; i++)
			if (polls[i].fd >= 0 && polls[i].revents != 0)
				serve(i);
	}
}
