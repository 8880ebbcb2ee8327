#include "daemon/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RIGHTS 0644
#define DIRECTORY_RIGHTS 0755

static void
make_directory(const char *path)
{
	char directory[PATH_MAX];
	const char *end = strrchr(path, '/');

	if (end == NULL || end == path)
		return;
	snprintf(directory, sizeof directory, "%.*s", (int)(end - path), path);
	mkdir(directory, DIRECTORY_RIGHTS); /* if that fails, so does what comes next */
}

static bool
write_new(const char *path, struct error *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, RIGHTS);
	/* whatever the umask is: those who watch the daemon are no members of its group */
	bool good = fd >= 0 && fchmod(fd, RIGHTS) == 0 && dprintf(fd, "%ld\n", (long)getpid()) > 0;
	int code = errno;

	if (fd >= 0 && close(fd) < 0 && good) {
		good = false;
		code = errno;
	}
	errno = code;
	return good || error_set(error, ERROR_CREATE, "ServerPID: cannot write %s: %m", path);
}

bool
pid_file_write(const char *path, struct error *error)
{
	char new[PATH_MAX];

	if (snprintf(new, sizeof new, "%s.new", path) >= (int)sizeof new)
		return error_set(error, ERROR_CONFIG, "ServerPID: the path is too long");
	make_directory(path);
	if (!write_new(new, error))
		return false;
	if (rename(new, path) == 0)
		return true;
	error_set(error, ERROR_CREATE, "ServerPID: cannot write %s: %m", path);
	unlink(new);
	return false;
}

void
pid_file_remove(const char *path)
{
	long number = 0;
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return;
	if (fscanf(file, "%ld", &number) != 1)
		number = 0;
	fclose(file);
	if (number == (long)getpid())
		unlink(path);
}
