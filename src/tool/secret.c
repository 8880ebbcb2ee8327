#include "tool/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

enum { INTERRUPT = 3 };

/* Byte by byte, so that nothing of the rest is taken. False: nothing came, or too much. */
static bool
read_line(int file, char secret[SECRET_SIZE_MAX])
{
	size_t used = 0;
	ssize_t got;
	char byte = '\0';

	while ((got = read(file, &byte, 1)) == 1 || (got < 0 && errno == EINTR)) {
		if (got < 0)
			continue;
		if (byte == '\n' || byte == '\r' || byte == INTERRUPT)
			break;
		if (used + 1 >= SECRET_SIZE_MAX)
			return false;
		secret[used++] = byte;
	}
	secret[used] = '\0';
	return used > 0 && byte != INTERRUPT;
}

static bool
from_file(const char *path, char secret[SECRET_SIZE_MAX], struct error *error)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (file < 0)
		return error_set(error, ERROR_INPUT, "%s: %s", path, strerror(errno));
	bool good = read_line(file, secret);
	close(file);
	return good || error_set(error, ERROR_DATA, "%s: its first line should be a password, of less than %d bytes",
				 path, SECRET_SIZE_MAX);
}

/* Without echo; and without signals, so that no Ctrl-C leaves the terminal so. */
static bool
ask(int terminal, const char *prompt, char secret[SECRET_SIZE_MAX])
{
	struct termios before, quiet;

	if (tcgetattr(terminal, &before) != 0)
		return false;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	if (tcsetattr(terminal, TCSAFLUSH, &quiet) != 0)
		return false;
	bool good = write(terminal, prompt, strlen(prompt)) > 0 && read_line(terminal, secret);
	tcsetattr(terminal, TCSAFLUSH, &before);
	return write(terminal, "\n", 1) == 1 && good;
}

static bool
from_terminal(const char *variable, const char *prompt, char secret[SECRET_SIZE_MAX], struct error *error)
{
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (terminal < 0)
		return error_set(error, ERROR_USAGE,
				 "there is no terminal to ask for the password; name a file with --password-file, or "
				 "set %s",
				 variable);
	bool good = ask(terminal, prompt, secret);
	close(terminal);
	return good || error_set(error, ERROR_USAGE, "no password was given");
}

bool
secret_read(const char *file, const char *variable, const char *prompt, char secret[SECRET_SIZE_MAX],
	    struct error *error)
{
	const char *value = getenv(variable);

	if (file != NULL)
		return from_file(file, secret, error);
	if (value == NULL || *value == '\0')
		return from_terminal(variable, prompt, secret, error);
	if (strlen(value) >= SECRET_SIZE_MAX)
		return error_set(error, ERROR_USAGE, "the password in %s is too long", variable);
	memcpy(secret, value, strlen(value) + 1);
	return true;
}
