/* What the administrator is told when a store does not work: for the tests of SQLite. */
#ifndef TESTS_STORE_REFUSAL_H
#define TESTS_STORE_REFUSAL_H

#include "fixture.h"

#include <string.h>

static inline void
assert_says(const struct error *error, const char *text)
{
	if (strstr(error->text, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error->text, text);
}

static inline void
assert_refused(const struct fixture *fixture, const char *text, enum error_code code)
{
	struct store *store;
	struct error error;

	assert_false(fixture_try(fixture, NULL, &store, &error));
	assert_null(store);
	assert_says(&error, fixture->file);
	assert_says(&error, text);
	assert_int_equal(error.code, code);
	assert_false(error.temporary);
}

#endif
