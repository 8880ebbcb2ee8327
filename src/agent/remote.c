#include "agent/remote.h"

#include "agent/options_words.h"
#include "agent/secure.h"
#include "wire/dlmtp_client.h"

#define READ_SIZE 16384
#define QUIT_TIME 100                         /* milliseconds */
#define MARKS_MAX ((size_t)64 * 1024)         /* what the daemon may add for one user */
#define TEXT_MAX ((size_t)1024 * 1024 * 1024) /* whatever is asked */

struct remote {
	struct net_secure secure;
	struct net_stream *stream;
	struct dlmtp_client *client;
	const char *host;
	int64_t deadline;
};

static const char *
host_of(const struct config *config)
{
	const char *host = config_get(config, "ClientHost");

	return host != NULL ? host : config_get(config, "ServerDomainSocketPath");
}

bool
agent_remote_known(const struct config *config, struct error *error)
{
	const char *ident = config_get(config, "ClientIdent");

	if (ident == NULL || strchr(ident, '@') == NULL)
		return error_set(error, ERROR_CONFIG,
				 "dspam.conf does not say who we are towards the daemon; set ClientIdent "
				 "\"password@name\", as in ServerPass.name \"password\" over there");
	if (host_of(config) == NULL)
		return error_set(error, ERROR_CONFIG,
				 "dspam.conf does not say where the daemon is; set ClientHost to its name, its address "
				 "or the path of its socket");
	return true;
}

/* ---- the session ------------------------------------------------------------------------ */

static void
read_some(struct remote *remote)
{
	char data[READ_SIZE];
	struct error error;
	size_t got;

	if (!net_read(remote->stream, data, sizeof data, remote->deadline, &got, &error))
		dlmtp_client_lost(remote->client, error.text);
	else if (got == 0)
		dlmtp_client_lost(remote->client, "it closed the connection");
	else
		dlmtp_client_push(remote->client, span_of(data, got));
}

static void
write_all(struct remote *remote)
{
	struct span output = dlmtp_client_output(remote->client);
	struct error error;

	if (net_write(remote->stream, output, remote->deadline, &error))
		dlmtp_client_written(remote->client, output.size);
	else
		dlmtp_client_lost(remote->client, error.text);
}

static void
shake_hands(struct remote *remote)
{
	struct error error;

	if (net_secure_start(remote->stream, &remote->secure, remote->deadline, &error))
		dlmtp_client_secured(remote->client);
	else
		dlmtp_client_lost(remote->client, error.text);
}

static void
talk(struct remote *remote)
{
	struct error ignored;
	enum lmtp_client_need need;

	while ((need = dlmtp_client_need(remote->client)) != LMTP_CLIENT_DONE) {
		if (need == LMTP_CLIENT_WRITE)
			write_all(remote);
		else if (need == LMTP_CLIENT_HANDSHAKE)
			shake_hands(remote);
		else
			read_some(remote);
	}
	dlmtp_client_quit(remote->client);
	net_write(remote->stream, dlmtp_client_output(remote->client), net_deadline(QUIT_TIME), &ignored);
}

/* What failed as a whole. A wrong password is for the administrator to mend; until then the mail has to wait. */
static bool
session_failed(const struct remote *remote, struct error *error)
{
	const char *text;

	switch (dlmtp_client_failure(remote->client, &text)) {
	case DLMTP_FAILURE_NONE:
		return false;
	case DLMTP_FAILURE_TEMPORARY:
	case DLMTP_FAILURE_LOGIN:
		error_later(error, ERROR_UNAVAILABLE, "the daemon at %s: %s", remote->host, text);
		return true;
	case DLMTP_FAILURE_REFUSED:
	case DLMTP_FAILURE_IMPOSSIBLE:
		break;
	}
	error_set(error, ERROR_USAGE, "the daemon at %s: %s", remote->host, text);
	return true;
}

/* ---- the request ---------------------------------------------------------------------------- */

static bool
no_room(struct error *error)
{
	return error_later(error, ERROR_TEMPORARY, "there is no memory for the arguments");
}

static struct span *
spans_of(struct arena *arena, const struct agent_list *list)
{
	struct span *spans = arena_calloc(arena, list->count + 1, sizeof *spans);

	for (size_t i = 0; spans != NULL && i < list->count; i++)
		spans[i] = span_from(list->items[i]);
	return spans;
}

static bool
make_request(const struct config *config, struct arena *arena, const struct agent_options *options, struct span message,
	     struct dlmtp_request *request, struct error *error)
{
	struct span ident = span_from(config_get(config, "ClientIdent"));
	size_t at = span_find_byte(ident, '@');
	struct agent_list words = {.items = NULL};
	bool summary = options->request.classify || (options->deliver & AGENT_WANT_SUMMARY) != 0;

	*request = (struct dlmtp_request){
		.password = span_head(ident, at),
		.login = span_skip(ident, at + 1),
		.user_count = options->users.count,
		.deliveries = agent_options_deliveries(options),
		.wants_text = summary || options->to_stdout,
		.wants_messages = options->to_stdout && !summary,
		/* where there is only a signature, LMTP still wants a message */
		.message = message.size > 0 ? message : SPAN("\n"),
	};
	if (!agent_options_words(arena, options, &words))
		return no_room(error);
	size_t one = message.size + message.size / 8 + MARKS_MAX;
	request->text_max = one > TEXT_MAX / request->deliveries ? TEXT_MAX : one * request->deliveries;
	request->words = spans_of(arena, &words);
	request->word_count = words.count;
	request->users = spans_of(arena, &options->users);
	return (request->words != NULL && request->users != NULL) || no_room(error);
}

/* ---- the result ------------------------------------------------------------------------------ */

static bool
take_result(const struct remote *remote, struct arena *arena, size_t count, struct agent_remote_result *result,
	    struct error *error)
{
	struct lmtp_client_result *deliveries = arena_calloc(arena, count, sizeof *deliveries);
	struct span text;

	if (deliveries == NULL)
		return no_room(error);
	for (size_t i = 0; i < count; i++)
		deliveries[i] = *dlmtp_client_result(remote->client, i);
	result->deliveries = deliveries;
	result->count = count;
	result->spam = dlmtp_client_spam(remote->client);
	result->has_text = dlmtp_client_text(remote->client, &text);
	result->text = BUFFER_INIT((size_t)-1);
	if (!result->has_text || buffer_append_span(&result->text, text))
		return true;
	buffer_free(&result->text);
	return no_room(error);
}

/* With everything that there is to say. A connection that cannot be had as dspam.conf wants it may be had later. */
static bool
run(struct remote *remote, const struct config *config, struct arena *arena, const struct dlmtp_request *request,
    struct agent_remote_result *result, struct error *error)
{
	if (!net_connect_secure(remote->host, (unsigned)config_number(config, "ClientPort"), &remote->secure,
				remote->deadline, &remote->stream, error))
		return false;
	remote->client = dlmtp_client_new(request);
	talk(remote);
	bool good = !session_failed(remote, error) && take_result(remote, arena, request->deliveries, result, error);
	dlmtp_client_free(remote->client);
	net_close(remote->stream);
	return good;
}

bool
agent_remote(const struct config *config, struct arena *arena, const struct agent_options *options, struct span message,
	     struct agent_remote_result *result, struct error *error)
{
	struct remote remote = {.host = host_of(config)};
	struct agent_secure *secure = agent_secure_new(config);
	struct dlmtp_request request;

	remote.deadline = net_deadline((int64_t)config_number(config, "ClientTimeout") * 1000);
	bool good = make_request(config, arena, options, message, &request, error) &&
		    agent_secure_find(secure, "Client", span_of(NULL, 0), remote.host, &remote.secure, error);
	request.starttls = good && remote.secure.mode == NET_STARTTLS;
	good = good && run(&remote, config, arena, &request, result, error);
	agent_secure_free(secure);
	return good;
}
