/*
 * What went wrong, as a value.
 *
 * A function that can fail returns bool (or a pointer) and fills a struct error
 * that its caller owns. The text is for the administrator: it names the thing
 * (file, line, directive, address) and, where there is one, the way out.
 */
#ifndef DSPAM_BASE_ERROR_H
#define DSPAM_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

/* The codes are the exit statuses of <sysexits.h>, so that a program can end with one. */
enum error_code {
	ERROR_NONE = 0,
	ERROR_USAGE = 64,       /* wrong command line */
	ERROR_DATA = 65,        /* input is not what it should be */
	ERROR_INPUT = 66,       /* an input file cannot be read */
	ERROR_USER = 67,        /* no such user, or a name that cannot be one */
	ERROR_HOST = 68,        /* no such host */
	ERROR_UNAVAILABLE = 69, /* a service refused for good */
	ERROR_SOFTWARE = 70,    /* our own fault */
	ERROR_OS = 71,          /* the system refused: fork, pipe, memory */
	ERROR_FILE = 72,        /* a system file is missing or wrong */
	ERROR_CREATE = 73,      /* an output file cannot be made */
	ERROR_IO = 74,          /* reading or writing failed */
	ERROR_TEMPORARY = 75,   /* try again later */
	ERROR_PROTOCOL = 76,    /* the peer broke the protocol */
	ERROR_PERMISSION = 77,  /* not allowed */
	ERROR_CONFIG = 78,      /* the configuration is wrong */
};

struct error {
	enum error_code code;
	bool temporary; /* the same request may succeed later: 4xx, exit 75 */
	char text[500]; /* one line, without LF */
};

/*
 * Fill `error` and return false, so that `return error_set(...)` reads well.
 * error_set is for failures that stay, error_later for temporary ones.
 */
bool error_set(struct error *error, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool error_later(struct error *error, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "text: " in front of what the error says; returns false. */
bool error_prefix(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The exit status for an error: EX_TEMPFAIL if it is temporary, else its code. */
int error_exit_status(const struct error *error);

#endif
