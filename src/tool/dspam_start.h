/* What dspam and dspamc begin and end with: the configuration, the log, complaints. For the main thread. */
#ifndef DSPAM_TOOL_DSPAM_START_H
#define DSPAM_TOOL_DSPAM_START_H

#include "base/log.h"
#include "tool/dspam_run.h"

/* What is wrong in dspam.conf: printed for --check-config, or said on standard error if it is an error. */
struct dspam_findings {
	const char *name; /* of the program; set by dspam_load_config */
	bool print, say;
	size_t count, errors;
};

/* For config_load; `context` is the findings. */
void dspam_note_finding(void *context, enum config_severity severity, const char *file, unsigned line,
			const char *text);

/* Read the configuration that the options name. */
bool dspam_load_config(struct dspam_run *run, struct dspam_findings *findings, struct error *error);

/* By LogLevel and --debug. */
enum log_level dspam_log_level(const struct dspam_run *run);

/* To syslog, and to standard error where somebody looks. */
void dspam_open_log(struct dspam_run *run);

/* Say an error in the log, and on standard error in any case. */
void dspam_complain(const struct dspam_run *run, const char *text);

/* The exit status for an error that ended the run. The original ended with 1 whatever was wrong (Compat exitCodes). */
int dspam_failure_status(struct dspam_run *run, const struct error *error);

/* What a program does when its options are read: its exit status, or -1 after filling `error`. */
typedef int dspam_work(struct dspam_run *run, struct error *error);

/* The whole of main: read the words, do the work, say what went wrong. Returns the exit status. */
int dspam_start(const char *name, int argc, char **argv, dspam_work *work);

#endif
