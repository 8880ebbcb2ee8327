/* What the tests of the configuration share: parsing text and collecting findings. */
#ifndef TESTS_CONFIG_HELP_H
#define TESTS_CONFIG_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "config/config.h"

/* All findings as lines "W 12 text" or "E 12 text". */
struct found {
	struct buffer text;
};

static inline void
found_add(void *context, enum config_severity severity, const char *file, unsigned line, const char *text)
{
	struct found *found = context;

	assert_non_null(file);
	buffer_printf(&found->text, "%c %u %s\n", severity == CONFIG_ERROR ? 'E' : 'W', line, text);
}

static inline struct config *
parse(struct span text, struct found *found)
{
	struct config *config;
	struct error error;

	*found = (struct found){BUFFER_INIT(1 << 20)};
	if (!config_parse(text, "test.conf", found_add, found, &config, &error))
		fail_msg("%s", error.text);
	return config;
}

static inline const char *
found_text(struct found *found)
{
	return buffer_string(&found->text);
}

static inline void
finish(struct config *config, struct found *found)
{
	config_free(config);
	buffer_free(&found->text);
}

#endif
