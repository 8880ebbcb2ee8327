/* The certificates that tests/certificates.py makes, in a directory of their own, which becomes the current one. */
#ifndef DSPAM_TESTS_NET_CERTIFICATES_H
#define DSPAM_TESTS_NET_CERTIFICATES_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "../remove_tree.h"

struct certificates {
	char directory[40];
};

static inline void
certificates_make(struct certificates *certificates)
{
	int status = -1;

	snprintf(certificates->directory, sizeof certificates->directory, "/tmp/dspam-tls-XXXXXX");
	assert_non_null(mkdtemp(certificates->directory));
	pid_t pid = fork();
	if (pid == 0) {
		execlp("python3", "python3", CERTIFICATES, certificates->directory, (char *)NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(chdir(certificates->directory), 0);
}

static inline void
certificates_remove(const struct certificates *certificates)
{
	assert_int_equal(chdir("/"), 0);
	remove_tree(certificates->directory);
}

#endif
