/*
 * A library of the system that only some runs need.
 *
 * dspam is started for one message as often as not, and a library that is linked costs every start what it takes to
 * load it with all that it needs itself: 1 millisecond for OpenSSL, 2 for OpenLDAP. So these are loaded when
 * they are first asked for. Once loaded they stay.
 */
#ifndef DSPAM_BASE_LIBRARY_H
#define DSPAM_BASE_LIBRARY_H

#include <stddef.h>

#include "base/error.h"

struct library_function {
	const char *name;
	void *pointer; /* to the pointer that is to point to it */
};

/*
 * Load the library of the file `name`, as the system's loader finds it, and find its functions. `package` is what the
 * administrator installs when it is missing. Not for two threads at once with the same functions.
 */
bool library_load(const char *name, const char *package, const struct library_function *functions, size_t count,
		  struct error *error);

#endif
