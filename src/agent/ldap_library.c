#define LDAP_LIBRARY_LOADER
#include "agent/ldap_library.h"

#include <pthread.h>

#include "base/library.h"

struct ldap_library ldap_library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool loaded;
static struct error reason;

#define ROW(name) {#name, &ldap_library.name},

static void
load(void)
{
	static const struct library_function functions[] = {LDAP_LIBRARY_FUNCTIONS(ROW)};

	loaded = library_load("libldap-2.5.so.0", "libldap-2.5-0", functions, sizeof functions / sizeof functions[0],
			      &reason);
}

bool
ldap_library_load(struct error *error)
{
	pthread_once(&once, load);
	if (!loaded)
		*error = reason;
	return loaded;
}
