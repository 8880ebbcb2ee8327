#include "agent/connect.h"

#include "wire/reply.h"

#define READ_SIZE 4096

/* One reply, and not a byte more: what follows it in clear text may be anybody's. */
static bool
read_reply(struct net_stream *stream, struct reply *reply, int64_t deadline, struct error *error)
{
	enum reply_status status = REPLY_MORE;
	char data[READ_SIZE];
	size_t got;

	reply_clear(reply);
	while (status == REPLY_MORE) {
		if (!net_read(stream, data, sizeof data, deadline, &got, error))
			return false;
		if (got == 0)
			return error_later(error, ERROR_IO, "the daemon closed the connection before STARTTLS");
		struct span rest = span_of(data, got);
		status = reply_push(reply, &rest);
		if (status == REPLY_BAD || rest.size > 0)
			return error_later(error, ERROR_PROTOCOL, "the daemon sent an answer that is none");
	}
	return true;
}

/* Say something, if there is something to say, and expect an answer of this code. */
static bool
expect(struct net_stream *stream, const char *command, unsigned code, struct reply *reply, int64_t deadline,
       struct error *error)
{
	if (*command != '\0' && !net_write(stream, span_from(command), deadline, error))
		return false;
	if (!read_reply(stream, reply, deadline, error))
		return false;
	if (reply->code == code)
		return true;
	struct span text = span_head(span_trim(buffer_span(&reply->text)), 200);
	return error_later(error, ERROR_UNAVAILABLE, "the daemon does not let us say STARTTLS: %u %.*s", reply->code,
			   (int)text.size, text.data != NULL ? text.data : "");
}

static bool
offers_starttls(const struct reply *reply, struct error *error)
{
	struct span rest = buffer_span(&reply->text), line;

	while (span_next_line(&rest, &line))
		if (span_equal_nocase(span_trim(line), SPAN("STARTTLS")))
			return true;
	return error_later(error, ERROR_UNAVAILABLE,
			   "ClientTLS is starttls, and the daemon does not offer it; set ServerTLS over there");
}

static bool
say_starttls(struct net_stream *stream, struct span ident, int64_t deadline, struct error *error)
{
	struct reply reply = reply_new();
	struct buffer hello = BUFFER_INIT(READ_SIZE);

	buffer_printf(&hello, "LHLO %.*s\r\n", (int)ident.size, ident.data);
	bool good = expect(stream, "", 220, &reply, deadline, error) &&
		    expect(stream, buffer_string(&hello), 250, &reply, deadline, error) &&
		    offers_starttls(&reply, error) && expect(stream, "STARTTLS\r\n", 220, &reply, deadline, error);
	buffer_free(&hello);
	reply_free(&reply);
	return good;
}

bool
agent_connect(const struct config *config, const char *host, unsigned port, struct span ident, int64_t deadline,
	      struct agent_connection *connection, struct error *error)
{
	struct net_secure secure;

	*connection = (struct agent_connection){.secure = agent_secure_new(config)};
	bool good = agent_secure_find(connection->secure, "Client", SPAN(""), host, &secure, error) &&
		    net_connect_secure(host, port, &secure, deadline, &connection->stream, error);
	if (good && secure.mode == NET_STARTTLS) {
		connection->greeted = true;
		good = say_starttls(connection->stream, ident, deadline, error) &&
		       net_secure_start(connection->stream, &secure, deadline, error);
	}
	if (!good)
		agent_disconnect(connection);
	return good;
}

void
agent_disconnect(struct agent_connection *connection)
{
	net_close(connection->stream);
	agent_secure_free(connection->secure);
	*connection = (struct agent_connection){.stream = NULL};
}
