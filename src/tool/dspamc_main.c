/* dspamc: dspam, with the work done by the daemon. */
#include <stdio.h>

#include "agent/remote.h"
#include "tool/caller.h"
#include "tool/dspam_client.h"
#include "tool/dspam_start.h"
#include "tool/dspam_text.h"

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

static int
run_dspamc(struct dspam_run *run, struct error *error)
{
	int status = -1;

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
	return dspam_start("dspamc", argc, argv, run_dspamc);
}
