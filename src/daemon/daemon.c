#include "daemon/daemon.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/background.h"
#include "daemon/pid_file.h"
#include "daemon/server.h"

#define HEAPS 2         /* of malloc; one for each thread, as is usual, costs memory and saves no time here */
#define SPARE (1 << 20) /* free bytes that a heap keeps, which the next message finds at hand */

/* Write ServerPID. Where the file stands by default it may be missing; where dspam.conf wants it, it must not. */
static bool
write_pid(const struct config *config, struct error *error)
{
	const char *path = config_get(config, "ServerPID");

	if (pid_file_write(path, error))
		return true;
	if (config_is_set(config, "ServerPID"))
		return false;
	log_warning("%s; set ServerPID to another path, or make this one writable", error->text);
	return true;
}

/* What comes before the server can answer it waits: mail servers and administrators see us listen earlier. */
static void
hold_signals(int how)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(how, &signals, NULL);
}

/* Everything that can fail before anybody is served: then the terminal is told, also from the background. */
static bool
prepare(const struct generation_source *source, const struct net_inherited *inherited, struct server **server,
	char **pid, struct error *error)
{
	struct generation *generation;
	struct listener *listener;

	if (!generation_load(source, &generation, error))
		return false;
	if (!listener_new(generation->config, inherited, &listener, error)) {
		generation_drop(generation);
		return false;
	}
	*pid = strdup(config_get(generation->config, "ServerPID"));
	if (*pid == NULL)
		abort();
	if (!write_pid(generation->config, error)) {
		listener_free(listener);
		generation_drop(generation);
		return false;
	}
	log_notice("dspam " DSPAM_VERSION " listens on %s", listener_text(listener));
	return server_new(source, generation, listener, server, error);
}

static int
serve(const struct generation_source *source, struct background *background, struct supervisor *supervisor,
      const struct net_inherited *inherited, bool terminal, struct error *error)
{
	struct server *server;
	char *pid = NULL;
	int status = 0;

	if (!prepare(source, inherited, &server, &pid, error)) {
		log_error("%s", error->text);
		status = error_exit_status(error);
	} else {
		background_ready(background);
		server_supervise(server, supervisor);
		supervisor_ready(supervisor, "serving");
		hold_signals(SIG_UNBLOCK);
		bool done = server_run(server, terminal);
		if (done)
			server_free(server);
		else
			status = ERROR_TEMPORARY;
		log_notice("ended");
	}
	if (pid != NULL)
		pid_file_remove(pid);
	free(pid);
	return status;
}

int
daemon_run(const struct daemon_options *options)
{
	struct background background = {.ready = -1};
	bool terminal = options->foreground && isatty(STDERR_FILENO);
	struct supervisor supervisor;
	struct net_inherited inherited;
	struct error error;
	const struct generation_source source = {
		.path = options->config, .profile = options->profile, .debug = options->debug};

	mallopt(M_ARENA_MAX, HEAPS);
	mallopt(M_TRIM_THRESHOLD, SPARE);
	mallopt(M_MMAP_THRESHOLD, SPARE);
	signal(SIGPIPE, SIG_IGN);
	log_open("dspam", true, !options->foreground, options->lowest);
	supervisor_open(&supervisor);
	if (!net_inherit(&inherited, &error)) {
		log_error("%s", error.text);
		return error_exit_status(&error);
	}
	if (!options->foreground && !background_enter(&background, &error)) {
		log_error("%s", error.text);
		return error_exit_status(&error);
	}
	hold_signals(SIG_BLOCK);
	int status = serve(&source, &background, &supervisor, &inherited, terminal, &error);
	supervisor_close(&supervisor);
	if (status == ERROR_TEMPORARY)
		_exit(status); /* threads still work on messages that nobody will hear of */
	return status;
}
