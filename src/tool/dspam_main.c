/* dspam: the agent that a mail server or a person calls for one message. */
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "config/print.h"
#include "daemon/daemon.h"
#include "daemon/generation.h"
#include "filter/groups.h"
#include "tool/caller.h"
#include "agent/remote.h"
#include "tool/dspam_client.h"
#include "tool/dspam_run.h"
#include "tool/dspam_start.h"
#include "tool/dspam_text.h"
#include "tool/tls_check.h"

#define PRINT_MAX ((size_t)16 * 1024 * 1024)

/* ---- the configuration ---------------------------------------------------------------------------- */

static bool
check_store(const struct dspam_run *run, struct error *error)
{
	struct settings *settings;

	if (!settings_new(run->config, &settings, error))
		return false;
	bool good = filter_check_store(settings, error);
	settings_free(settings);
	return good;
}

/* Without ServerParameters the file may be for the agent alone. */
static bool
check_daemon(const struct dspam_run *run, struct error *error)
{
	return config_get(run->config, "ServerParameters") == NULL || generation_check(run->config, error);
}

static int
check_config(struct dspam_run *run, struct error *error)
{
	struct dspam_findings findings = {.print = true};

	if (!dspam_load_config(run, &findings, error) ||
	    !groups_check(run->config, dspam_note_finding, &findings, error))
		return -1;
	if (findings.errors == 0 &&
	    (!tls_check(run->config, error) || !check_store(run, error) || !check_daemon(run, error))) {
		printf("%s: error: %s\n", config_path(run->options.config), error->text);
		return ERROR_CONFIG;
	}
	if (findings.count == 0)
		printf("%s: good\n", config_path(run->options.config));
	return findings.errors > 0 ? ERROR_CONFIG : 0;
}

static int
print_config(struct dspam_run *run, struct error *error)
{
	struct buffer text = BUFFER_INIT(PRINT_MAX);
	struct dspam_findings findings = {.say = true};
	int status = -1;

	if (dspam_load_config(run, &findings, error)) {
		if (config_print(run->config, false, &text))
			status = fwrite(text.data, 1, text.size, stdout) == text.size ? 0 : ERROR_IO;
		else
			error_set(error, ERROR_SOFTWARE, "the configuration is too long to be printed");
	}
	buffer_free(&text);
	return status;
}

static int
print_version(struct dspam_run *run)
{
	struct dspam_findings findings = {.print = false};
	struct caller caller;
	struct home home = {.layout = HOME_USER};
	struct error error;
	bool known = dspam_load_config(run, &findings, &error) && caller_find(run->config, &caller, &error);

	if (run->config != NULL)
		home_init(&home, run->config);
	dspam_print_version(known ? caller.trusted : getuid() == 0, home.layout);
	return 0;
}

/* ---- the run ------------------------------------------------------------------------------------------ */

static bool
prepare(struct dspam_run *run, struct error *error)
{
	struct dspam_findings findings = {.say = run->to_stderr && !run->options.daemon};
	struct caller caller;

	if (!dspam_load_config(run, &findings, error))
		return false;
	dspam_open_log(run);
	if (config_require(run->config, "Home", error) == NULL || !caller_find(run->config, &caller, error))
		return false;
	/* it works without the daemon where dspam.conf names none, as it always did */
	run->options.client = run->options.client && agent_remote_known(run->config, error);
	if (run->options.profile != NULL && caller.trusted &&
	    !config_use_profile(run->config, run->options.profile, error))
		return false;
	agent_site_init(&run->site, run->config);
	struct agent_caller who = {.login = caller.name, .trusted = caller.trusted};
	return agent_options_check(run->arena, &run->site, &who, &run->options, error);
}

/* It reads the configuration itself, again and again. Unless LogLevel says something else, it logs every message. */
static int
start_daemon(const struct dspam_run *run)
{
	const struct daemon_options options = {
		.config = config_path(run->options.config),
		.profile = run->options.profile,
		.foreground = run->options.foreground,
		.debug = run->options.debug,
		.lowest = config_is_set(run->config, "LogLevel") || run->options.debug ? dspam_log_level(run)
										       : LOG_LEVEL_INFO,
	};

	return daemon_run(&options);
}

static int
run_dspam(struct dspam_run *run, struct error *error)
{
	int status = -1;

	if (run->options.help)
		return fputs(dspam_help, stdout) < 0 ? ERROR_IO : 0;
	if (run->options.version)
		return print_version(run);
	if (run->options.check_config)
		return check_config(run, error);
	if (run->options.print_config)
		return print_config(run, error);
	if (!prepare(run, error))
		return -1;
	if (run->options.daemon)
		return start_daemon(run);
	if (run->options.client)
		return dspam_client(run, &status, error) ? status : -1;
	return dspam_run(run, &status, error) ? status : -1;
}

int
main(int argc, char **argv)
{
	return dspam_start("dspam", argc, argv, run_dspam);
}
