#include "tool/dspam_start.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define ARENA_MAX ((size_t)16 * 1024 * 1024)
#define STATUS_ORIGINAL 1 /* Compat exitCodes: whatever was wrong */

/* ---- the configuration ---------------------------------------------------------------------------- */

void
dspam_note_finding(void *context, enum config_severity severity, const char *file, unsigned line, const char *text)
{
	struct dspam_findings *findings = context;

	findings->count++;
	findings->errors += severity == CONFIG_ERROR;
	if (findings->print)
		printf("%s:%u: %s: %s\n", file, line, severity == CONFIG_ERROR ? "error" : "warning", text);
	else if (findings->say && severity == CONFIG_ERROR)
		fprintf(stderr, "%s: %s:%u: %s\n", findings->name, file, line, text);
}

bool
dspam_load_config(struct dspam_run *run, struct dspam_findings *findings, struct error *error)
{
	if (run->options.config != NULL && getauxval(AT_SECURE) != 0)
		return error_set(error, ERROR_PERMISSION,
				 "--config is refused, because %s is installed set-user-id or set-group-id", run->name);
	findings->name = run->name;
	return config_load(config_path(run->options.config), dspam_note_finding, findings, &run->config, error);
}

/* ---- the log ---------------------------------------------------------------------------------------- */

enum log_level
dspam_log_level(const struct dspam_run *run)
{
	static const char *const names[] = {
		[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_NOTICE] = "notice",
		[LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
	};
	const char *wanted = run->config != NULL ? config_get(run->config, "LogLevel") : "notice";
	enum log_level level = LOG_LEVEL_NOTICE;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (span_equal_nocase(span_from(wanted), span_from(names[i])))
			level = (enum log_level)i;
	return run->options.debug ? LOG_LEVEL_DEBUG : level;
}

/* A mail server gets no text that it might send to strangers; who looks, or named a configuration, does. */
void
dspam_open_log(struct dspam_run *run)
{
	run->to_stderr = isatty(STDERR_FILENO) || run->options.debug || run->options.config != NULL ||
			 secure_getenv("DSPAM_CONFIG") != NULL;
	log_open(run->name, run->to_stderr, true, dspam_log_level(run));
}

/* ---- complaints --------------------------------------------------------------------------------------- */

/*
 * A message waits on standard input. A mail server bounces it at 78 (Postfix, pipe(8)), and all mail of the site with
 * it, while somebody mends a word in dspam.conf; with 75 it keeps it and tries again.
 */
static bool
has_message(const struct agent_options *options)
{
	return !options->daemon && !options->check_config && !options->print_config;
}

/* The original ended with 1 whatever was wrong. */
int
dspam_failure_status(struct dspam_run *run, const struct error *error)
{
	struct dspam_findings findings = {.print = false};
	struct error ignored;

	if (run->config == NULL)
		dspam_load_config(run, &findings, &ignored);
	if (run->config != NULL && config_has(run->config, "Compat", "exitCodes"))
		return STATUS_ORIGINAL;
	if (error->code == ERROR_CONFIG && has_message(&run->options))
		return ERROR_TEMPORARY;
	return error_exit_status(error);
}

void
dspam_complain(const struct dspam_run *run, const char *text)
{
	log_error("%s", text);
	if (!run->to_stderr)
		fprintf(stderr, "%s: error: %s\n", run->name, text);
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

static int
read_and_work(struct dspam_run *run, const char *const *words, size_t count, dspam_work *work, struct error *error)
{
	log_open(run->name, true, true, LOG_LEVEL_NOTICE);
	run->to_stderr = true;
	if (!agent_options_read(run->arena, words, count, &run->options, error))
		return -1;
	dspam_open_log(run);
	return work(run, error);
}

int
dspam_start(const char *name, int argc, char **argv, dspam_work *work)
{
	struct dspam_run run = {.name = name, .arena = arena_new(ARENA_MAX)};
	struct error error;

	file_hold_standard();
	umask(006); /* the group may read what we write, as it always could */
	int status =
		read_and_work(&run, (const char *const *)(argv + 1), argc > 0 ? (size_t)argc - 1 : 0, work, &error);
	if (status < 0) {
		dspam_complain(&run, error.text);
		status = dspam_failure_status(&run, &error);
	}
	config_free(run.config);
	arena_free(run.arena);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "%s: cannot write to standard output: %m\n", name);
		return ERROR_IO;
	}
	return status;
}
