#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

bool
library_load(const char *name, const char *package, const struct library_function *functions, size_t count,
	     struct error *error)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL)
		return error_set(error, ERROR_UNAVAILABLE,
				 "the library %s cannot be loaded: %s; install the package %s", name, dlerror(),
				 package);
	for (size_t i = 0; i < count; i++) {
		void *function = dlsym(library, functions[i].name);
		if (function == NULL)
			return error_set(error, ERROR_UNAVAILABLE,
					 "the library %s has no %s: it is of another version than this program wants",
					 name, functions[i].name);
		memcpy(functions[i].pointer, &function, sizeof function);
	}
	return true;
}
