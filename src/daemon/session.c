#include "daemon/session.h"

#include <stdlib.h>

#include "base/log.h"
#include "daemon/channel.h"
#include "daemon/dialogue.h"
#include "net/stream.h"

#define READ_SIZE ((size_t)16 * 1024) /* lmtp_server_push takes that much */
#define STEP_SIZE ((size_t)64 * 1024) /* of a message, in the time that a command may take */
#define LINGER 1000                   /* milliseconds for the client to see the last reply and close */
#define ARENA_SIZE ((size_t)64 * 1024)

struct session {
	LIST_ENTRY(session) link;
	struct session_host *host;
	struct generation *generation; /* of the settings of `lmtp` */
	struct channel channel;
	struct event *input, *output;
	bool reading, writing; /* which of them is added */
	struct lmtp_server *lmtp;
	struct job *job;
	struct order *order; /* of the message that is coming, by DLMTP */
	const char *refusal; /* what a client that is not served is told once TLS is there */
	bool greeted;
	bool starting;  /* TLS, as soon as the reply to STARTTLS is written */
	bool stopping;  /* no further message */
	bool closing;   /* nothing more to say */
	bool lingering; /* all is said, the client may close */
	bool broken;    /* the client is gone, but its job is not done yet */
	int64_t deadline;
	size_t taken; /* bytes since the deadline was set */
};

void
session_close(struct session *session)
{
	struct session_host *host = session->host;

	LIST_REMOVE(session, link);
	event_free(session->input);
	event_free(session->output);
	channel_close(&session->channel);
	lmtp_server_free(session->lmtp);
	order_free(session->order);
	generation_drop(session->generation);
	free(session);
	host->ended(host->context);
}

/* ---- what the client asks -------------------------------------------------------- */

/* Whether the recipient can be a user; with --user in ServerParameters it need not be one. */
static void
answer_recipient(struct session *session, const struct generation *generation)
{
	const struct lmtp_envelope *envelope = lmtp_server_envelope(session->lmtp);
	struct arena *arena = arena_new(ARENA_SIZE);
	const char *recipient = arena_copy(arena, envelope->candidate);
	struct agent_user user;
	struct error error;

	if ((generation->options.users.count > 0 && !envelope->dlmtp) ||
	    (recipient != NULL && agent_user_of_recipient(&generation->site, arena, recipient, &user, &error)))
		lmtp_server_reply(session->lmtp, 250, "2.1.5", "OK");
	else if (recipient == NULL || error.temporary)
		lmtp_server_reply(session->lmtp, 451, "4.3.0", "There is no memory for this recipient");
	else
		lmtp_server_reply(session->lmtp, 553, "5.1.3", error.text);
	arena_free(arena);
}

static void
submit(struct session *session, struct generation *generation)
{
	const struct lmtp_envelope *envelope = lmtp_server_envelope(session->lmtp);
	struct order *order = session->order;
	const struct span *names = order != NULL ? order->names : envelope->recipients;
	struct buffer message;

	lmtp_server_take(session->lmtp, &message);
	session->job =
		job_new(generation, envelope->sender, names, order != NULL ? order->count : envelope->count, &message);
	session->job->order = order;
	session->order = NULL;
	session->job->owner = session;
	session->host->submit(session->host->context, session->job);
}

/* Answer what has come, until more is needed, or a message is under way. */
static void
serve(struct session *session)
{
	struct session_host *host = session->host;

	/* who was told to begin TLS understands nothing more in clear text */
	session->closing |= session->stopping && session->starting;
	while (!session->closing) {
		if (session->stopping && session->job == NULL && !lmtp_server_receiving(session->lmtp))
			lmtp_server_stop(session->lmtp, "4.3.2", "Shutting down, try again later");
		switch (lmtp_server_next(session->lmtp)) {
		case LMTP_SERVER_RECIPIENT:
			answer_recipient(session, host->generation(host->context));
			break;
		case LMTP_SERVER_LOGIN:
			dialogue_login(session->lmtp, host->generation(host->context)->config, session->channel.peer);
			break;
		case LMTP_SERVER_DATA:
			dialogue_data(session->lmtp, host->generation(host->context), &session->order);
			break;
		case LMTP_SERVER_MESSAGE:
			submit(session, host->generation(host->context));
			return;
		case LMTP_SERVER_STARTTLS:
			session->starting = !session->channel.shaking;
			return;
		case LMTP_SERVER_CLOSE:
			session->closing = true;
			return;
		case LMTP_SERVER_MORE:
		case LMTP_SERVER_WAIT:
			return;
		}
	}
}

/* ---- bytes --------------------------------------------------------------------------- */

/* Write as much as the socket takes; false when the client is gone. */
static bool
flush(struct session *session)
{
	enum channel_status status = channel_flush(&session->channel);
	struct span output;

	while (status == CHANNEL_GOOD && (output = lmtp_server_output(session->lmtp)).size > 0) {
		size_t count;
		status = channel_write(&session->channel, output, &count);
		lmtp_server_written(session->lmtp, count);
	}
	return status != CHANNEL_GONE;
}

/* Whether something waits for the socket to take it. */
static bool
has_output(const struct session *session)
{
	return channel_has_output(&session->channel) ||
	       (!session->channel.shaking && lmtp_server_output(session->lmtp).size > 0);
}

static struct timeval
milliseconds(int64_t count)
{
	return (struct timeval){.tv_sec = count / 1000, .tv_usec = count % 1000 * 1000};
}

static void
watch_one(struct event *event, bool wanted, bool *added, int64_t timeout)
{
	struct timeval time = milliseconds(timeout);

	if (wanted && !*added)
		event_add(event, &time);
	else if (!wanted && *added)
		event_del(event);
	*added = wanted;
}

/* Wait for what comes next: that the client reads, that it writes, or that the job is done. */
static void
watch(struct session *session)
{
	bool write = !session->broken && has_output(session);
	bool read = !session->broken && !write && session->job == NULL;

	if (session->closing && !write && !session->lingering) {
		channel_end(&session->channel);
		session->lingering = true;
		session->deadline = net_deadline(LINGER);
		watch_one(session->input, false, &session->reading, 0);
	}
	watch_one(session->output, write, &session->writing, session->generation->timeout);
	watch_one(session->input, read, &session->reading, session->lingering ? LINGER : session->generation->timeout);
	if (read && channel_has_input(&session->channel))
		event_active(session->input, EV_READ, 0);
}

/* The client is gone. What it has given us to do is done all the same. */
static void
lose(struct session *session)
{
	if (session->job == NULL) {
		session_close(session);
		return;
	}
	session->broken = true;
	watch(session);
}

static void
go_on(struct session *session)
{
	serve(session);
	if (lmtp_server_output(session->lmtp).size > 0 || session->taken >= STEP_SIZE) {
		session->deadline = net_deadline(session->generation->timeout);
		session->taken = 0;
	}
	if (!flush(session)) {
		lose(session);
		return;
	}
	if (session->starting && !session->closing && !has_output(session)) {
		session->starting = false;
		channel_secure(&session->channel, session->generation->tls);
	}
	watch(session);
}

/* ---- events ---------------------------------------------------------------------------- */

static void
take(struct session *session, struct span bytes)
{
	session->taken += bytes.size;
	if (lmtp_server_push(session->lmtp, bytes) != bytes.size)
		abort();
	if (net_remaining(session->deadline) == 0)
		lmtp_server_stop(session->lmtp, "4.4.2", "You are too slow, closing the connection");
	go_on(session);
}

/* Something has come, but no word for us: TLS may have something to say for itself. It takes no longer for that. */
static void
wait_on(struct session *session)
{
	if (net_remaining(session->deadline) == 0)
		lmtp_server_stop(session->lmtp, "4.4.2", "You are too slow, closing the connection");
	go_on(session);
}

/* Say who we are, or that there is no room. */
static void
begin(struct session *session)
{
	if (session->refusal == NULL)
		lmtp_server_greet(session->lmtp);
	else
		lmtp_server_stop(session->lmtp, "4.3.2", session->refusal);
}

static void
shake_hands(struct session *session, enum channel_status status)
{
	if (status == CHANNEL_SECURE) {
		lmtp_server_secured(session->lmtp);
		if (!session->greeted)
			begin(session);
		session->greeted = true;
		go_on(session);
	} else if (net_remaining(session->deadline) == 0) {
		log_warning("client %s: no TLS handshake in time", session->channel.peer);
		session_close(session);
	} else {
		watch(session);
	}
}

static void
on_timeout(struct session *session)
{
	if (session->lingering || session->channel.shaking) {
		session_close(session);
		return;
	}
	lmtp_server_stop(session->lmtp, "4.4.2", "Nothing has come for too long, closing the connection");
	go_on(session);
}

static void
on_input(evutil_socket_t socket, short what, void *context)
{
	struct session *session = context;
	char data[READ_SIZE];
	size_t count;

	(void)socket;
	if (what & EV_TIMEOUT) {
		on_timeout(session);
		return;
	}
	bool shaking = session->channel.shaking;
	enum channel_status status = channel_read(&session->channel, data, sizeof data, &count);
	if (status == CHANNEL_GONE || (session->lingering && net_remaining(session->deadline) == 0))
		session_close(session);
	else if (session->lingering)
		watch(session); /* whatever it says, nobody listens any more */
	else if (shaking)
		shake_hands(session, status);
	else if (status == CHANNEL_GOOD)
		take(session, span_of(data, count));
	else
		wait_on(session);
}

static void
on_output(evutil_socket_t socket, short what, void *context)
{
	(void)socket;
	if (what & EV_TIMEOUT)
		lose(context);
	else
		go_on(context);
}

/* ---- for the host ------------------------------------------------------------------------ */

static struct lmtp_server *
lmtp_new(const struct generation *generation, enum listener_kind kind)
{
	struct lmtp_server_settings settings = generation->lmtp;

	if (kind == LISTENER_UNIX || generation->tls == NULL)
		settings.tls = LMTP_SERVER_TLS_NONE; /* what does not leave the machine needs none */
	return lmtp_server_new(&settings);
}

void
session_new(struct session_host *host, int socket, enum listener_kind kind, const char *refusal)
{
	struct session *session = calloc(1, sizeof *session);

	if (session == NULL)
		abort();
	session->host = host;
	session->generation = generation_hold(host->generation(host->context));
	channel_open(&session->channel, socket);
	session->refusal = refusal;
	session->deadline = net_deadline(session->generation->timeout);
	session->lmtp = lmtp_new(session->generation, kind);
	session->input = event_new(host->base, socket, EV_READ | EV_PERSIST, on_input, session);
	session->output = event_new(host->base, socket, EV_WRITE | EV_PERSIST, on_output, session);
	if (session->input == NULL || session->output == NULL)
		abort();
	LIST_INSERT_HEAD(&host->sessions, session, link);
	if (kind != LISTENER_TLS) {
		session->greeted = true;
		begin(session);
		go_on(session);
	} else if (session->generation->tls != NULL) {
		channel_secure(&session->channel, session->generation->tls);
		watch(session);
	} else {
		log_error("a client is sent away: there is no ServerTLSCertificate any more; restart the daemon to "
			  "close the port");
		session_close(session);
	}
}

void
session_finish(struct job *job)
{
	struct session *session = job->owner;

	dialogue_finish(session->lmtp, job);
	job_free(job);
	session->job = NULL;
	if (session->broken) {
		log_warning("a client left before it was told what became of its message; it may send it again");
		session_close(session);
	} else {
		go_on(session);
	}
}

void
session_stop(struct session *session)
{
	session->stopping = true;
	if (session->channel.shaking) {
		session_close(session);
		return;
	}
	if (!session->broken && !session->closing)
		go_on(session);
}

void
session_each(struct session_list *list, void (*each)(struct session *session))
{
	struct session *session = LIST_FIRST(list);

	while (session != NULL) {
		struct session *next = LIST_NEXT(session, link);
		each(session);
		session = next;
	}
}
