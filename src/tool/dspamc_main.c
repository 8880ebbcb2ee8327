/* dspamc: dspam, with the work done by the daemon. */
#include <stdio.h>
#include <sys/stat.h>

#include "agent/remote.h"
#include "tool/caller.h"
#include "tool/dspam_client.h"
#include "tool/dspam_start.h"
#include "tool/dspamc_text.h"

#define ARENA_MAX ((size_t)16 * 1024 * 1024)

static bool
prepare(struct dspam_run *run, struct error *error)
{
	struct dspam_findings findings = {.say = run->to_stderr};
	struct caller caller;

	if (!dspam_load_config(run, &findings, error))
		return false;
	dspam_open_log(run);
	if (!agent_remote_known(run->config, error) || !caller_find(run->config, &caller, error))
		return false;
	agent_site_init(&run->site, run->config);
	struct agent_caller who = {.login = caller.name, .trusted = caller.trusted};
	return agent_options_check(run->arena, &run->site, &who, &run->options, error);
}

/* What only dspam itself can do. */
static bool
check_options(const struct agent_options *options, struct error *error)
{
	if (options->daemon || options->check_config || options->print_config)
		return error_set(error, ERROR_USAGE, "--%s is for dspam, not for dspamc",
				 options->daemon         ? "daemon"
				 : options->check_config ? "check-config"
							 : "print-config");
	return true;
}

/* -1 after filling `error`, else the exit status. */
static int
run_dspamc(struct dspam_run *run, const char *const *words, size_t count, struct error *error)
{
	int status = -1;

	log_open(run->name, true, true, LOG_LEVEL_NOTICE);
	run->to_stderr = true;
	if (!agent_options_read(run->arena, words, count, &run->options, error))
		return -1;
	dspam_open_log(run);
	if (run->options.help)
		return fputs(dspamc_help, stdout) < 0 ? ERROR_IO : 0;
	if (run->options.version)
		return printf("\nDSPAM Anti-Spam Suite %s (client)\n\n", DSPAM_VERSION) < 0 ? ERROR_IO : 0;
	run->options.client = true;
	if (!check_options(&run->options, error) || !prepare(run, error) || !dspam_client(run, &status, error))
		return -1;
	return status;
}

int
main(int argc, char **argv)
{
	struct dspam_run run = {.name = "dspamc", .arena = arena_new(ARENA_MAX)};
	struct error error;

	umask(006);
	int status = run_dspamc(&run, (const char *const *)(argv + 1), argc > 0 ? (size_t)argc - 1 : 0, &error);
	if (status < 0) {
		dspam_complain(&run, error.text);
		status = dspam_failure_status(&run, &error);
	}
	config_free(run.config);
	arena_free(run.arena);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "dspamc: standard output: %m\n");
		return ERROR_IO;
	}
	return status;
}
