#include "deliver/host.h"

#include <stdio.h>
#include <stdlib.h>

#include "net/stream.h"

#define READ_SIZE 4096
#define QUIT_TIME 100 /* milliseconds */

struct connection {
	struct connection *next;
	struct net_stream *stream;
	struct lmtp_client *client;
	int64_t until; /* when it has been idle for too long */
	enum lmtp_client_protocol protocol;
	unsigned int port;
	char host[300];
	char ident[256];
};

struct deliver_hosts {
	struct connection *idle; /* the last used comes first */
	size_t count;
	size_t most;
	int64_t time;
};

struct deliver_hosts *
deliver_hosts_new(size_t most, int64_t idle)
{
	struct deliver_hosts *hosts = calloc(1, sizeof *hosts);

	if (hosts == NULL)
		abort();
	hosts->most = most;
	hosts->time = idle;
	return hosts;
}

static void
connection_close(struct connection *connection)
{
	struct error ignored;

	if (net_is_quiet(connection->stream)) {
		lmtp_client_quit(connection->client);
		net_write(connection->stream, lmtp_client_output(connection->client), net_deadline(QUIT_TIME),
			  &ignored);
	}
	net_close(connection->stream);
	lmtp_client_free(connection->client);
	free(connection);
}

void
deliver_hosts_free(struct deliver_hosts *hosts)
{
	if (hosts == NULL)
		return;
	while (hosts->idle != NULL) {
		struct connection *next = hosts->idle->next;
		connection_close(hosts->idle);
		hosts->idle = next;
	}
	free(hosts);
}

static bool
is_for(const struct connection *connection, const struct deliver_route *route)
{
	return connection->protocol == route->protocol && connection->port == route->port &&
	       strcmp(connection->host, route->host) == 0 && strcmp(connection->ident, route->ident) == 0;
}

/* Take an idle connection for the route out of the list; close those that are of no use any more. */
static struct connection *
hosts_take(struct deliver_hosts *hosts, const struct deliver_route *route)
{
	struct connection *taken = NULL;

	for (struct connection **at = &hosts->idle; *at != NULL;) {
		struct connection *connection = *at;
		bool good = net_remaining(connection->until) > 0 && net_is_quiet(connection->stream);
		if (good && (taken != NULL || !is_for(connection, route))) {
			at = &connection->next;
			continue;
		}
		*at = connection->next;
		hosts->count--;
		if (good)
			taken = connection;
		else
			connection_close(connection);
	}
	return taken;
}

static void
hosts_keep(struct deliver_hosts *hosts, struct connection *connection)
{
	if (hosts->count >= hosts->most || !lmtp_client_reusable(connection->client)) {
		connection_close(connection);
		return;
	}
	connection->until = net_deadline(hosts->time);
	connection->next = hosts->idle;
	hosts->idle = connection;
	hosts->count++;
}

static struct connection *
connection_open(const struct deliver_route *route, int64_t deadline, struct error *error)
{
	struct connection *connection = calloc(1, sizeof *connection);

	if (connection == NULL)
		abort();
	if (strlen(route->host) >= sizeof connection->host || strlen(route->ident) >= sizeof connection->ident) {
		error_later(error, ERROR_CONFIG, "DeliveryHost or DeliveryIdent is too long");
	} else if (net_connect(route->host, route->port, deadline, &connection->stream, error)) {
		connection->protocol = route->protocol;
		connection->port = route->port;
		snprintf(connection->host, sizeof connection->host, "%s", route->host);
		snprintf(connection->ident, sizeof connection->ident, "%s", route->ident);
		connection->client = lmtp_client_new(route->protocol, connection->ident);
		return connection;
	}
	free(connection);
	return NULL;
}

/* Move bytes between the client and its stream until the transaction has a result. */
static void
connection_run(struct connection *connection, int64_t deadline)
{
	struct lmtp_client *client = connection->client;
	struct error error;
	char data[READ_SIZE];
	size_t got;

	for (;;) {
		enum lmtp_client_need need = lmtp_client_need(client);
		if (need == LMTP_CLIENT_DONE)
			return;
		if (need == LMTP_CLIENT_WRITE) {
			struct span output = lmtp_client_output(client);
			if (net_write(connection->stream, output, deadline, &error))
				lmtp_client_written(client, output.size);
			else
				lmtp_client_lost(client, error.text);
		} else if (!net_read(connection->stream, data, sizeof data, deadline, &got, &error)) {
			lmtp_client_lost(client, error.text);
		} else if (got == 0) {
			error_later(&error, ERROR_IO, "%s closed the connection", connection->host);
			lmtp_client_lost(client, error.text);
		} else {
			lmtp_client_push(client, span_of(data, got));
		}
	}
}

static bool
result_of(const struct lmtp_client *client, struct deliver_result *result)
{
	static const enum deliver_outcome outcomes[] = {
		[LMTP_CLIENT_ACCEPTED] = DELIVER_ACCEPTED,
		[LMTP_CLIENT_TEMPORARY] = DELIVER_TEMPORARY,
		[LMTP_CLIENT_PERMANENT] = DELIVER_PERMANENT,
		[LMTP_CLIENT_UNKNOWN] = DELIVER_TEMPORARY,
	};
	const struct lmtp_client_result *answer = lmtp_client_result(client, 0);

	return deliver_result_set(result, outcomes[answer->outcome], answer->enhanced, "%s", answer->text);
}

bool
deliver_host(struct deliver_hosts *hosts, const struct deliver_route *route, struct span sender, struct span recipient,
	     bool international, const struct deliver_message *message, struct deliver_result *result)
{
	const struct lmtp_client_envelope envelope = {.sender = sender,
						      .recipients = &recipient,
						      .count = 1,
						      .international = international,
						      .keep_cr = message->keep_cr};
	int64_t deadline = net_deadline(route->timeout);
	struct connection *connection = hosts_take(hosts, route);
	struct error error;

	if (connection != NULL) {
		lmtp_client_begin(connection->client, &envelope, message->pieces, message->count);
		connection_run(connection, deadline);
		if (lmtp_client_untouched(connection->client)) {
			connection_close(connection);
			connection = NULL;
		}
	}
	if (connection == NULL) {
		connection = connection_open(route, deadline, &error);
		if (connection == NULL)
			return deliver_result_error(result, &error);
		lmtp_client_begin(connection->client, &envelope, message->pieces, message->count);
		connection_run(connection, deadline);
	}
	bool accepted = result_of(connection->client, result);
	hosts_keep(hosts, connection);
	return accepted;
}
