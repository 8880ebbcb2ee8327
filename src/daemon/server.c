#include "daemon/server.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/session.h"
#include "daemon/worker.h"

#define GRACE 60 /* seconds for messages to be done with after SIGTERM; a second SIGTERM cuts it short */

#define REFUSED 50 /* clients beyond ServerMaxConnections that are told so; further ones just find it closed */

enum { SIGNALS = 3 };

struct server {
	const struct generation_source *source;
	struct generation *generation; /* in force */
	struct listener *listener;     /* NULL: ending */
	struct event_base *base;
	struct session_host host;
	size_t connections, most; /* now, and at most */
	size_t jobs;              /* under way */
	bool terminal;            /* it was started in one, and stays there */
	struct outbox outbox;
	struct job_route route;
	const struct supervisor *supervisor;
	struct event *finished, *grace, *watchdog, *signals[SIGNALS];
};

/* ---- sessions --------------------------------------------------------------------- */

static struct generation *
current_generation(void *context)
{
	return ((struct server *)context)->generation;
}

static void
submit(void *context, struct job *job)
{
	struct server *server = context;

	server->jobs++;
	job_submit(&server->route, job);
}

static void
end_when_empty(const struct server *server)
{
	if (server->listener == NULL && server->connections == 0)
		event_base_loopexit(server->base, NULL);
}

static void
ended(void *context)
{
	struct server *server = context;

	server->connections--;
	end_when_empty(server);
}

static void
accepted(void *context, int socket, enum listener_kind kind)
{
	struct server *server = context;
	const char *refusal = NULL;

	if (server->connections >= server->most + REFUSED) {
		close(socket);
		return;
	}
	if (server->connections >= server->most) {
		log_warning("a client is sent away: there are %zu connections (ServerMaxConnections)",
			    server->connections);
		refusal = "Too many connections, try again later";
	}
	server->connections++;
	session_new(&server->host, socket, kind, refusal);
}

static void
on_finished(evutil_socket_t descriptor, short what, void *context)
{
	struct server *server = context;
	struct pool_task *task = outbox_take(&server->outbox);

	(void)descriptor;
	(void)what;
	while (task != NULL) {
		struct pool_task *next = task->next;
		server->jobs--;
		session_finish(job_of(task));
		task = next;
	}
}

/* ---- signals ------------------------------------------------------------------------ */

static void
on_end(evutil_socket_t number, short what, void *context)
{
	const struct timeval grace = {.tv_sec = GRACE};
	struct server *server = context;
	struct listener *listener = server->listener;

	(void)number;
	(void)what;
	if (listener == NULL) {
		event_base_loopexit(server->base, NULL); /* the second time */
		return;
	}
	supervisor_stopping(server->supervisor);
	log_notice("ending; %zu connections, %zu messages under way", server->connections, server->jobs);
	listener_free(listener); /* accepts the last ones */
	server->listener = NULL;
	event_add(server->grace, &grace);
	session_each(&server->host.sessions, session_stop);
	end_when_empty(server);
}

static void
on_reload(evutil_socket_t number, short what, void *context)
{
	struct server *server = context;
	struct generation_source source = *server->source;
	struct generation *generation;
	struct error error;

	if (server->terminal && !isatty(STDERR_FILENO)) {
		on_end(number, what, context); /* the terminal that it was started in is gone */
		return;
	}
	source.replaces = true;
	supervisor_reloading(server->supervisor);
	if (!generation_load(&source, &generation, &error)) {
		log_error("%s; the configuration stays as it was", error.text);
		supervisor_ready(server->supervisor,
				 "serving, by a configuration older than dspam.conf, which has errors");
		return;
	}
	generation_drop(server->generation);
	server->generation = generation;
	log_notice("%s is read again and in force", server->source->path);
	supervisor_ready(server->supervisor, "serving");
}

static void
on_watchdog(evutil_socket_t descriptor, short what, void *context)
{
	(void)descriptor;
	(void)what;
	supervisor_alive(((struct server *)context)->supervisor);
}

static void
on_grace_over(evutil_socket_t descriptor, short what, void *context)
{
	struct server *server = context;

	(void)descriptor;
	(void)what;
	event_base_loopexit(server->base, NULL);
}

static void
watch_signals(struct server *server)
{
	static const struct {
		int number;
		event_callback_fn call;
	} signals[SIGNALS] = {{SIGTERM, on_end}, {SIGINT, on_end}, {SIGHUP, on_reload}};

	for (size_t i = 0; i < SIGNALS; i++) {
		server->signals[i] = evsignal_new(server->base, signals[i].number, signals[i].call, server);
		if (server->signals[i] == NULL || event_add(server->signals[i], NULL) < 0)
			abort();
	}
}

/* ---- making and ending ------------------------------------------------------------------ */

static bool
start_pools(struct server *server, struct error *error)
{
	struct pool_plan scanners = worker_scan_plan;
	struct pool_plan filters = worker_filter_plan;
	struct pool_plan deliveries = worker_delivery_plan;

	server->route = (struct job_route){.steps = &worker_steps, .outbox = &server->outbox};
	filters.workers = server->generation->workers;
	scanners.workers = deliveries.workers = server->generation->deliveries;
	/* each connection has one message under way at most */
	scanners.capacity = filters.capacity = deliveries.capacity = server->most;
	scanners.context = filters.context = deliveries.context = &server->route;
	server->route.scanners = pool_new(&scanners, error);
	if (server->route.scanners == NULL)
		return false;
	server->route.filters = pool_new(&filters, error);
	if (server->route.filters == NULL)
		return false;
	if (store_has_one_writer(&server->generation->settings->store)) {
		struct pool_plan learners = filters;
		learners.name = "learner";
		learners.workers = 1;
		server->route.learners = pool_new(&learners, error);
		if (server->route.learners == NULL)
			return false;
	}
	server->route.deliveries = pool_new(&deliveries, error);
	return server->route.deliveries != NULL && notices_new(&server->route.notices, error);
}

static bool
start_loop(struct server *server, struct error *error)
{
	server->base = event_base_new();
	if (server->base == NULL)
		return error_set(error, ERROR_OS, "cannot make an event loop: %m");
	server->host = (struct session_host){
		.base = server->base,
		.generation = current_generation,
		.submit = submit,
		.ended = ended,
		.context = server,
	};
	LIST_INIT(&server->host.sessions);
	server->finished = event_new(server->base, server->outbox.wake, EV_READ | EV_PERSIST, on_finished, server);
	server->grace = evtimer_new(server->base, on_grace_over, server);
	if (server->finished == NULL || server->grace == NULL)
		abort();
	event_add(server->finished, NULL);
	watch_signals(server);
	return true;
}

bool
server_new(const struct generation_source *source, struct generation *generation, struct listener *listener,
	   struct server **made, struct error *error)
{
	struct server *server = calloc(1, sizeof *server);

	if (server == NULL)
		abort();
	server->source = source;
	server->generation = generation;
	server->listener = listener;
	server->most = generation->connections;
	server->outbox.wake = -1;
	if (!outbox_init(&server->outbox, error) || !start_loop(server, error) || !start_pools(server, error)) {
		server_free(server);
		return false;
	}
	listener_start(listener, server->base, accepted, server);
	*made = server;
	return true;
}

void
server_supervise(struct server *server, const struct supervisor *supervisor)
{
	struct timeval time = {.tv_sec = supervisor->watchdog / 1000, .tv_usec = supervisor->watchdog % 1000 * 1000};

	server->supervisor = supervisor;
	if (supervisor->watchdog == 0)
		return;
	server->watchdog = event_new(server->base, -1, EV_PERSIST, on_watchdog, server);
	if (server->watchdog == NULL || event_add(server->watchdog, &time) < 0)
		abort();
}

bool
server_run(struct server *server, bool terminal)
{
	server->terminal = terminal;
	event_base_dispatch(server->base);
	if (server->jobs > 0)
		log_error("ending with %zu messages under way; their mail servers will send them again", server->jobs);
	return server->jobs == 0;
}

static void
free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

/* In the order in which a message visits them, and none goes before all have ended: deliveries push to the others. */
static void
end_pools(const struct job_route *route)
{
	struct pool *const pools[] = {route->scanners, route->filters, route->deliveries, route->learners};
	enum { COUNT = sizeof pools / sizeof *pools };

	for (size_t i = 0; i < COUNT; i++)
		pool_end(pools[i]);
	for (size_t i = 0; i < COUNT; i++)
		pool_free(pools[i]);
}

void
server_free(struct server *server)
{
	listener_free(server->listener);
	session_each(&server->host.sessions, session_close);
	end_pools(&server->route);
	notices_free(server->route.notices);
	for (size_t i = 0; i < SIGNALS; i++)
		free_event(server->signals[i]);
	free_event(server->finished);
	free_event(server->grace);
	free_event(server->watchdog);
	if (server->base != NULL)
		event_base_free(server->base);
	if (server->outbox.wake >= 0)
		outbox_end(&server->outbox);
	generation_drop(server->generation);
	free(server);
}
