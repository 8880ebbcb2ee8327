#define OPENSSL_LOADER
#include "net/openssl.h"

#include <pthread.h>

#include "base/library.h"

struct openssl openssl;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool loaded;
static struct error reason;

#define ROW(name) {#name, &openssl.name},

static void
load(void)
{
	static const struct library_function functions[] = {OPENSSL_FUNCTIONS(ROW)};

	loaded = library_load("libssl.so.3", "libssl3", functions, sizeof functions / sizeof functions[0], &reason);
}

bool
openssl_load(struct error *error)
{
	pthread_once(&once, load);
	if (!loaded)
		*error = reason;
	return loaded;
}
