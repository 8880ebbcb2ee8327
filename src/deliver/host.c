#include "deliver/host.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

#define READ_SIZE 4096
#define QUIT_TIME 100 /* milliseconds */

struct connection {
	struct connection *next;
	struct net_stream *stream;
	struct lmtp_client *client;
	int64_t until; /* when it has been idle for too long */
	enum lmtp_client_protocol protocol;
	enum net_secure_mode mode;
	bool tls_failed; /* after STARTTLS */
	unsigned int port;
	char host[300];
	char name[300]; /* that was checked, or empty */
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

static const char *
name_of(const struct deliver_route *route)
{
	return route->secure.name != NULL ? route->secure.name : "";
}

/* What was made by other certificates, or with less caution, will not do. */
static bool
is_as_secure(const struct connection *connection, const struct net_secure *secure)
{
	const struct tls *tls = net_tls(connection->stream);

	return connection->mode == secure->mode && (tls == NULL || tls_is_of(tls, secure->context));
}

static bool
is_for(const struct connection *connection, const struct deliver_route *route)
{
	return is_as_secure(connection, &route->secure) && strcmp(connection->name, name_of(route)) == 0 &&
	       connection->protocol == route->protocol && connection->port == route->port &&
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

/* What the route asks of STARTTLS. */
static enum lmtp_client_tls
starttls_of(enum net_secure_mode mode)
{
	static const enum lmtp_client_tls table[] = {[NET_CLEAR] = LMTP_CLIENT_TLS_NONE,
						     [NET_OPPORTUNISTIC] = LMTP_CLIENT_TLS_OFFERED,
						     [NET_STARTTLS] = LMTP_CLIENT_TLS_REQUIRED,
						     [NET_IMPLICIT] = LMTP_CLIENT_TLS_NONE};

	return table[mode];
}

static bool
is_too_long(const struct deliver_route *route)
{
	const struct connection *connection = NULL;

	return strlen(route->host) >= sizeof connection->host || strlen(route->ident) >= sizeof connection->ident ||
	       strlen(name_of(route)) >= sizeof connection->name;
}

static struct connection *
connection_open(const struct deliver_route *route, int64_t deadline, struct error *error)
{
	struct connection *connection = calloc(1, sizeof *connection);

	if (connection == NULL)
		abort();
	if (is_too_long(route)) {
		error_later(error, ERROR_CONFIG, "DeliveryHost, DeliveryTLSName or DeliveryIdent is too long");
	} else if (net_connect_secure(route->host, route->port, &route->secure, deadline, &connection->stream, error)) {
		connection->protocol = route->protocol;
		connection->mode = route->secure.mode;
		connection->port = route->port;
		snprintf(connection->host, sizeof connection->host, "%s", route->host);
		snprintf(connection->name, sizeof connection->name, "%s", name_of(route));
		snprintf(connection->ident, sizeof connection->ident, "%s", route->ident);
		connection->client = lmtp_client_new(route->protocol, connection->ident);
		lmtp_client_starttls(connection->client, starttls_of(route->secure.mode));
		return connection;
	}
	free(connection);
	return NULL;
}

/* The peer takes no more of it. It may have said why before it closed. */
static void
hear_last_words(struct connection *connection, const struct error *error)
{
	struct error ignored;
	char data[READ_SIZE];
	size_t got;

	if (net_read(connection->stream, data, sizeof data, net_deadline(0), &got, &ignored))
		lmtp_client_push(connection->client, span_of(data, got));
	if (lmtp_client_need(connection->client) != LMTP_CLIENT_DONE)
		lmtp_client_lost(connection->client, error->text);
}

/* One step: write, read, or shake hands. */
static void
connection_step(struct connection *connection, const struct net_secure *secure, int64_t deadline)
{
	struct lmtp_client *client = connection->client;
	struct error error;
	char data[READ_SIZE];
	size_t got;

	if (lmtp_client_need(client) == LMTP_CLIENT_WRITE) {
		struct span output = lmtp_client_output(client);
		if (net_write(connection->stream, output, deadline, &error))
			lmtp_client_written(client, output.size);
		else
			hear_last_words(connection, &error);
	} else if (lmtp_client_need(client) == LMTP_CLIENT_HANDSHAKE) {
		connection->tls_failed = !net_secure_start(connection->stream, secure, deadline, &error);
		if (connection->tls_failed)
			lmtp_client_lost(client, error.text);
		else
			lmtp_client_secured(client);
	} else if (!net_read(connection->stream, data, sizeof data, deadline, &got, &error)) {
		lmtp_client_lost(client, error.text);
	} else if (got == 0) {
		error_later(&error, ERROR_IO, "%s closed the connection", connection->host);
		lmtp_client_lost(client, error.text);
	} else {
		lmtp_client_push(client, span_of(data, got));
	}
}

/* Move bytes between the client and its stream until the transaction has a result. */
static void
connection_run(struct connection *connection, const struct net_secure *secure, int64_t deadline)
{
	while (lmtp_client_need(connection->client) != LMTP_CLIENT_DONE)
		connection_step(connection, secure, deadline);
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

/* A message for one connection after the other. */
struct transaction {
	struct deliver_route route;
	struct lmtp_client_envelope envelope;
	const struct deliver_message *message;
	int64_t deadline;
};

static void
transaction_run(const struct transaction *transaction, struct connection *connection)
{
	lmtp_client_begin(connection->client, &transaction->envelope, transaction->message->pieces,
			  transaction->message->count);
	connection_run(connection, &transaction->route.secure, transaction->deadline);
}

/* On a connection that was kept; NULL: there is none that has taken a word of it. */
static struct connection *
run_kept(struct deliver_hosts *hosts, const struct transaction *transaction)
{
	struct connection *connection = hosts_take(hosts, &transaction->route);

	if (connection == NULL)
		return NULL;
	transaction_run(transaction, connection);
	if (!lmtp_client_untouched(connection->client))
		return connection;
	connection_close(connection);
	return NULL;
}

/* On a new one; NULL: it cannot be made. */
static struct connection *
run_new(const struct transaction *transaction, struct error *error)
{
	struct connection *connection = connection_open(&transaction->route, transaction->deadline, error);

	if (connection != NULL)
		transaction_run(transaction, connection);
	return connection;
}

static struct connection *
run_without_tls(struct transaction *transaction, struct connection *failed, struct error *error)
{
	log_warning("%s; going on in clear text, because DeliveryTLS is opportunistic",
		    lmtp_client_result(failed->client, 0)->text);
	connection_close(failed);
	transaction->route.secure = (struct net_secure){.mode = NET_CLEAR};
	return run_new(transaction, error);
}

static bool
no_connection(struct deliver_result *result, const struct error *error)
{
	if (error->code == ERROR_PERMISSION || error->code == ERROR_PROTOCOL) /* TLS says so */
		return deliver_result_set(result, DELIVER_TEMPORARY, "4.7.5", "%s", error->text);
	return deliver_result_error(result, error);
}

bool
deliver_host(struct deliver_hosts *hosts, const struct deliver_route *route, struct span sender, struct span recipient,
	     bool international, const struct deliver_message *message, struct deliver_result *result)
{
	struct transaction transaction = {.route = *route,
					  .envelope = {.sender = sender,
						       .recipients = &recipient,
						       .count = 1,
						       .international = international,
						       .keep_cr = message->keep_cr},
					  .message = message,
					  .deadline = net_deadline(route->timeout)};
	struct error error;
	struct connection *connection = run_kept(hosts, &transaction);

	if (connection == NULL)
		connection = run_new(&transaction, &error);
	if (connection != NULL && connection->tls_failed && route->secure.mode == NET_OPPORTUNISTIC)
		connection = run_without_tls(&transaction, connection, &error);
	if (connection == NULL)
		return no_connection(result, &error);
	bool accepted = result_of(connection->client, result);
	hosts_keep(hosts, connection);
	return accepted;
}
