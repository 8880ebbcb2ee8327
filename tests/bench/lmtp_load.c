/*
 * Measures an LMTP server: sends messages over several connections at once, as a mail server does.
 *
 *	lmtp_load PORT CONNECTIONS SECONDS FILE...	prints "messages SECONDS p50-ms p99-ms"
 *	lmtp_load --idle PORT COUNT	opens so many connections, says "open" when all have been greeted, and keeps
 *					them until its standard input ends
 *
 * Every message goes to one recipient, and its time runs from MAIL FROM to the reply to its final dot. MAIL, RCPT and
 * DATA go out in one write, as PIPELINING allows.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REPLY_MAX 8192
#define SAMPLES_MAX 4000000

enum step { GREETING, HELLO, ENVELOPE, END };

struct message {
	char *data; /* as on the wire, with its final dot */
	size_t size;
};

struct connection {
	int socket;
	enum step step;
	unsigned replies; /* that are still awaited in this step */
	size_t next;      /* message */
	size_t sent;      /* bytes of it */
	double began;
	char text[REPLY_MAX];
	size_t size;
};

struct load {
	struct message *messages;
	size_t count, taken;
	double *times;
	double until;
};

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1000 + (double)time.tv_nsec / 1e6;
}

static void
fail(const char *what, const char *text)
{
	fprintf(stderr, "lmtp_load: %s: %s\n", what, text);
	exit(1);
}

/* CR LF, stuffed dots, and the dot that ends it. */
static struct message
read_message(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t capacity = 65536;
	struct message message = {.data = malloc(capacity)};
	int byte, last = '\n';

	if (file == NULL || message.data == NULL)
		fail(path, "cannot be read");
	while ((byte = getc(file)) != EOF) {
		if (message.size + 16 > capacity && (message.data = realloc(message.data, capacity *= 2)) == NULL)
			abort();
		if (last == '\n' && byte == '.')
			message.data[message.size++] = '.';
		if (byte == '\n' && last != '\r')
			message.data[message.size++] = '\r';
		message.data[message.size++] = (char)byte;
		last = byte;
	}
	fclose(file);
	memcpy(message.data + message.size, last == '\n' ? ".\r\n" : "\r\n.\r\n", last == '\n' ? 3 : 5);
	message.size += last == '\n' ? 3 : 5;
	return message;
}

static int
dial(unsigned port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		fail("connect", "refused");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

static void
say(struct connection *connection, const char *text, enum step step, unsigned replies)
{
	size_t size = strlen(text);

	if (send(connection->socket, text, size, MSG_NOSIGNAL) != (ssize_t)size)
		fail("send", "failed");
	connection->step = step;
	connection->replies = replies;
}

static void
send_some(struct connection *connection, const struct load *load)
{
	const struct message *message = &load->messages[connection->next];
	ssize_t count = send(connection->socket, message->data + connection->sent, message->size - connection->sent,
			     MSG_NOSIGNAL | MSG_DONTWAIT);

	if (count > 0)
		connection->sent += (size_t)count;
}

static bool
sending(const struct connection *connection, const struct load *load)
{
	return connection->step == END && connection->sent < load->messages[connection->next].size;
}

/* All replies of a step are there. False: this connection is done. */
static bool
go_on(struct connection *connection, struct load *load, size_t connections)
{
	if (connection->step == GREETING) {
		say(connection, "LHLO load.example\r\n", HELLO, 1);
		return true;
	}
	if (connection->step == ENVELOPE) {
		connection->step = END;
		connection->replies = 1;
		connection->sent = 0;
		send_some(connection, load);
		return true;
	}
	if (connection->step == END) {
		if (load->taken < SAMPLES_MAX)
			load->times[load->taken] = now() - connection->began;
		load->taken++;
		connection->next = (connection->next + connections) % load->count;
	}
	if (now() >= load->until)
		return false;
	connection->began = now();
	say(connection, "MAIL FROM:<load@load.example>\r\nRCPT TO:<bench>\r\nDATA\r\n", ENVELOPE, 3);
	return true;
}

/* False: done. */
static bool
receive(struct connection *connection, struct load *load, size_t connections)
{
	ssize_t got =
		recv(connection->socket, connection->text + connection->size, REPLY_MAX - connection->size - 1, 0);

	if (got <= 0)
		fail("the server", "closed the connection");
	connection->size += (size_t)got;
	char *line = connection->text, *end;
	connection->text[connection->size] = '\0';
	while ((end = strchr(line, '\n')) != NULL) {
		bool last = end - line > 3 && line[3] != '-';
		if (*line != '2' && *line != '3')
			fail("the server", line);
		line = end + 1;
		if (last && --connection->replies == 0 && !go_on(connection, load, connections))
			return false;
	}
	connection->size -= (size_t)(line - connection->text);
	memmove(connection->text, line, connection->size);
	return true;
}

static int
compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return difference < 0 ? -1 : difference > 0;
}

static void
report(const struct load *load, double seconds)
{
	size_t count = load->taken < SAMPLES_MAX ? load->taken : SAMPLES_MAX;

	qsort(load->times, count, sizeof *load->times, compare);
	printf("%zu %.3f %.3f %.3f\n", load->taken, seconds, count > 0 ? load->times[count / 2] : 0,
	       count > 0 ? load->times[count * 99 / 100] : 0);
}

static void
run(struct load *load, unsigned port, size_t count)
{
	struct connection *all = calloc(count, sizeof *all);
	struct pollfd *polls = calloc(count, sizeof *polls);
	size_t open = count;

	if (all == NULL || polls == NULL)
		abort();
	for (size_t i = 0; i < count; i++) {
		all[i] = (struct connection){.socket = dial(port), .replies = 1, .next = i % load->count};
		polls[i].fd = all[i].socket;
	}
	while (open > 0) {
		for (size_t i = 0; i < count; i++)
			polls[i].events = POLLIN | (sending(&all[i], load) ? POLLOUT : 0);
		if (poll(polls, count, 60000) <= 0)
			fail("the server", "does not answer");
		for (size_t i = 0; i < count; i++) {
			if (polls[i].revents & POLLOUT)
				send_some(&all[i], load);
			if ((polls[i].revents & ~POLLOUT) == 0 || receive(&all[i], load, count))
				continue;
			close(all[i].socket);
			polls[i].fd = -1;
			open--;
		}
	}
	free(all);
	free(polls);
}

static int
idle(unsigned port, size_t count)
{
	char text[REPLY_MAX];
	int *sockets = calloc(count, sizeof *sockets);

	if (sockets == NULL)
		abort();
	for (size_t i = 0; i < count; i++) {
		sockets[i] = dial(port);
		if (recv(sockets[i], text, sizeof text, 0) <= 0 || text[0] != '2')
			fail("the server", "sends us away");
		if (send(sockets[i], "LHLO idle\r\n", 11, MSG_NOSIGNAL) != 11 ||
		    recv(sockets[i], text, sizeof text, 0) <= 0)
			fail("the server", "does not answer");
	}
	puts("open");
	fflush(stdout);
	while (getchar() != EOF)
		;
	free(sockets);
	return 0;
}

int
main(int argc, char **argv)
{
	struct load load = {.count = (size_t)(argc > 4 ? argc - 4 : 0)};

	if (argc == 4 && strcmp(argv[1], "--idle") == 0)
		return idle((unsigned)strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
	if (argc < 5)
		fail("usage", "lmtp_load PORT CONNECTIONS SECONDS FILE...");
	load.messages = calloc(load.count, sizeof *load.messages);
	load.times = calloc(SAMPLES_MAX, sizeof *load.times);
	if (load.messages == NULL || load.times == NULL)
		abort();
	for (size_t i = 0; i < load.count; i++)
		load.messages[i] = read_message(argv[4 + i]);
	double began = now();
	load.until = began + strtod(argv[3], NULL) * 1000;
	run(&load, (unsigned)strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10));
	report(&load, (now() - began) / 1000);
	for (size_t i = 0; i < load.count; i++)
		free(load.messages[i].data);
	free(load.messages);
	free(load.times);
	return 0;
}
