#include "tool/program.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "config/directive.h"
#include "tool/caller.h"

/* A program that was given rights must not take from its caller whom to trust. */
static void
take_config(struct program *program)
{
	if (getauxval(AT_SECURE) != 0)
		program_usage(program,
			      "--config is refused, because this program is installed set-user-id or set-group-id");
	program->config_path = optarg;
}

/* The original's statuses where dspam.conf asks for them; it is not read yet when the command line is wrong. */
static int
status_of(struct program *program, int status, int original)
{
	struct error ignored;

	if (program->config == NULL)
		config_load(config_path(program->config_path), NULL, NULL, &program->config, &ignored);
	return program->config != NULL && config_has(program->config, "Compat", "exitCodes") ? original : status;
}

static void end_with_usage(struct program *program) __attribute__((noreturn));

static void
end_with_usage(struct program *program)
{
	exit(program_end(program,
			 status_of(program, ERROR_USAGE, program->usage_status != 0 ? program->usage_status : 1)));
}

void
program_option(struct program *program, int option)
{
	switch (option) {
	case PROGRAM_HELP:
		fputs(program->help, stdout);
		exit(program_end(program, EXIT_SUCCESS));
	case PROGRAM_VERSION:
		printf("%s (dspam) %s\n", program->name, DSPAM_VERSION);
		exit(program_end(program, EXIT_SUCCESS));
	case PROGRAM_CONFIG:
		take_config(program);
		break;
	case PROGRAM_JSON:
		program->json = true;
		break;
	case PROGRAM_PROFILE:
		program->profile = optarg;
		break;
	default: /* getopt_long has said what is wrong */
		fprintf(stderr, "Try `%s --help'.\n", program->name);
		end_with_usage(program);
	}
}

void
program_usage(struct program *program, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "%s: ", program->name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\nTry `%s --help'.\n", program->name);
	end_with_usage(program);
}

void
program_syntax(struct program *program, const char *text)
{
	fputs(text, stderr);
	end_with_usage(program);
}

/* Warnings are for dspam --check-config: a tool that runs every night should not repeat them. */
static void
report_finding(void *context, enum config_severity severity, const char *file, unsigned line, const char *text)
{
	(void)context;
	if (severity != CONFIG_ERROR)
		return;
	if (line > 0)
		log_warning("%s:%u: %s", file, line, text);
	else
		log_warning("%s: %s", file, text);
}

#define CHANGES "the setting"

/* What somebody has just typed: the first error in it. */
struct typed {
	char wrong[300]; /* empty: none */
};

static void
note_typed(void *context, enum config_severity severity, const char *file, unsigned line, const char *text)
{
	struct typed *typed = context;

	if (strcmp(file, CHANGES) != 0)
		report_finding(NULL, severity, file, line, text);
	else if (severity == CONFIG_WARNING)
		log_warning("%s: %s", file, text);
	else if (typed->wrong[0] == '\0')
		snprintf(typed->wrong, sizeof typed->wrong, "%s", text);
}

/* In a file an unknown line is passed over; here it would compare a configuration with itself. */
static bool
knows_directives(const char *changes, struct error *error)
{
	struct span rest = span_from(changes), line, name, suffix;

	while (span_next_line(&rest, &line)) {
		if (!span_next_word(&line, " \t\r", &name))
			continue;
		if (directive_find(name, &suffix) != NULL)
			continue;
		const char *nearest = directive_nearest(name);
		return error_set(error, ERROR_USAGE, "%.*s: there is no such directive%s%s%s", (int)name.size,
				 name.data, nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "",
				 nearest != NULL ? "?" : "");
	}
	return true;
}

static bool
read_changed(const char *path, const char *changes, struct config **config, struct error *error)
{
	struct typed typed = {.wrong = ""};

	if (!knows_directives(changes, error) ||
	    !config_load_changed(path, span_from(changes), CHANGES, note_typed, &typed, config, error))
		return false;
	if (typed.wrong[0] == '\0')
		return true;
	config_free(*config);
	*config = NULL;
	return error_set(error, ERROR_USAGE, "%s", typed.wrong);
}

void
program_start(const struct program *program)
{
	file_hold_standard();
	umask(006); /* as dspam does: a store that a tool happens to make first is the group's as well */
	log_open(program->name, true, false, LOG_LEVEL_NOTICE);
}

bool
program_read(const struct program *program, const char *path, const char *changes, struct config **config,
	     struct settings **settings, struct error *error)
{
	bool read = changes == NULL ? config_load(config_path(path), report_finding, NULL, config, error)
				    : read_changed(config_path(path), changes, config, error);

	return read && (program->profile == NULL || config_use_profile(*config, program->profile, error)) &&
	       settings_new(*config, settings, error);
}

bool
program_load(struct program *program, struct error *error)
{
	program_start(program);
	return program_read(program, program->config_path, NULL, &program->config, &program->settings, error);
}

bool
program_load_trusted(struct program *program, struct error *error)
{
	struct caller caller;

	if (!program_load(program, error) || !caller_find(program->config, &caller, error))
		return false;
	return caller.trusted || error_set(error, ERROR_PERMISSION,
					   "%s may not call %s: add \"Trust %s\" to dspam.conf, or call this as root",
					   caller.name, program->name, caller.name);
}

int
program_status(const struct program *program, int status)
{
	bool original = program->config != NULL && config_has(program->config, "Compat", "exitCodes");

	return status != 0 && original ? 1 : status;
}

int
program_fail(const struct program *program, const struct error *error)
{
	fflush(stdout);
	log_open(program->name, true, false, LOG_LEVEL_NOTICE);
	log_error("%s", error->text);
	return program_status(program, error_exit_status(error));
}

int
program_end(struct program *program, int status)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "%s: cannot write to standard output: %s\n", program->name, strerror(errno));
		status = program_status(program, ERROR_IO);
	}
	settings_free(program->settings);
	config_free(program->config);
	return status;
}
