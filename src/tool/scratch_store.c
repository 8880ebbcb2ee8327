#include "tool/scratch_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_NAME "/dspam.sqlite"

static bool
make_directory(struct scratch_store *scratch, struct error *error)
{
	const char *temporary = secure_getenv("TMPDIR");

	if (temporary == NULL || *temporary == '\0')
		temporary = P_tmpdir;
	int size = snprintf(scratch->directory, sizeof scratch->directory, "%s/dspam_eval.XXXXXX", temporary);
	if (size < 0 || (size_t)size + sizeof FILE_NAME + sizeof "-wal" > sizeof scratch->directory) {
		scratch->directory[0] = '\0';
		return error_set(error, ERROR_CREATE, "the path in TMPDIR is too long");
	}
	if (mkdtemp(scratch->directory) == NULL) {
		int reason = errno;
		scratch->directory[0] = '\0';
		return error_set(error, ERROR_CREATE,
				 "cannot make a directory in %s: %s; set TMPDIR to one that can be written", temporary,
				 strerror(reason));
	}
	memcpy(scratch->file, scratch->directory, (size_t)size);
	memcpy(scratch->file + size, FILE_NAME, sizeof FILE_NAME);
	return true;
}

/* The site's own options, but for the file: the first of a name counts. */
static void
make_options(struct scratch_store *scratch, struct settings *settings)
{
	size_t count = scratch->site.count;

	scratch->options = calloc(count + 1, sizeof *scratch->options);
	if (scratch->options == NULL)
		abort();
	scratch->options[0] = (struct store_option){.name = "SQLiteFile", .value = scratch->file};
	if (count > 0)
		memcpy(scratch->options + 1, scratch->site.options, count * sizeof *scratch->options);
	settings->store.options = scratch->options;
	settings->store.count = count + 1;
}

bool
scratch_store_begin(struct scratch_store *scratch, struct settings *settings, const char *driver, struct error *error)
{
	bool in_memory = strcmp(driver, "memory") == 0;

	*scratch = (struct scratch_store){.site = settings->store};
	if (!in_memory && strcmp(driver, "sqlite") != 0)
		return error_set(error, ERROR_USAGE, "--store %s: should be memory or sqlite", driver);
	if (!in_memory && !make_directory(scratch, error))
		return false;
	settings->store.driver = in_memory ? "memory" : "sqlite";
	make_options(scratch, settings);
	return true;
}

void
scratch_store_end(struct scratch_store *scratch, struct settings *settings)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
	char path[PATH_MAX + 16];

	settings->store = scratch->site;
	free(scratch->options);
	if (scratch->directory[0] == '\0')
		return;
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		snprintf(path, sizeof path, "%s%s", scratch->file, endings[i]);
		unlink(path);
	}
	rmdir(scratch->directory);
}
