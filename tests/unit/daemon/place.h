/* A directory for a test, and a generation whose configuration stands there. */
#ifndef DSPAM_TESTS_DAEMON_PLACE_H
#define DSPAM_TESTS_DAEMON_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/log.h"
#include "daemon/generation.h"

struct place {
	char directory[40];
	char config[80];
};

static inline void
place_make(struct place *place)
{
	snprintf(place->directory, sizeof place->directory, "/tmp/dspam-daemon-XXXXXX");
	log_open("test", false, false, LOG_LEVEL_ERROR); /* what is wrong here is so on purpose */
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->config, sizeof place->config, "%s/dspam.conf", place->directory);
}

static inline void
place_write(const struct place *place, const char *lines)
{
	FILE *file = fopen(place->config, "we");

	assert_non_null(file);
	assert_true(fprintf(file, "Home %s\n%s\nStorageDriver memory\n", place->directory, lines) > 0);
	assert_int_equal(fclose(file), 0);
}

static inline void
place_remove(const struct place *place)
{
	unlink(place->config);
	rmdir(place->directory);
}

static inline bool
place_load(const struct place *place, bool replaces, struct generation **generation, struct error *error)
{
	const struct generation_source source = {.path = place->config, .replaces = replaces};

	return generation_load(&source, generation, error);
}

static inline struct generation *
place_generation(const char *lines)
{
	struct place place;
	struct generation *generation;
	struct error error;

	place_make(&place);
	place_write(&place, lines);
	if (!place_load(&place, false, &generation, &error))
		fail_msg("%s", error.text);
	place_remove(&place);
	return generation;
}

#endif
