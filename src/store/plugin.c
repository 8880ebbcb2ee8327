/*
 * Plugins are found beside no program and by no variable of the environment, but where the programs were installed with
 * them: the loader looks into the DT_RUNPATH that the build gives to each program.
 */
#include <dlfcn.h>
#include <stdio.h>

#include "store/driver.h"

const struct store_driver *
store_plugin(const char *name, const char *package, struct error *error)
{
	char text[64];
	const struct store_driver *driver;

	snprintf(text, sizeof text, "store_%s.so", name);
	void *library = dlopen(text, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		error_set(error, ERROR_UNAVAILABLE,
			  "StorageDriver %s: %s; install the plugin, and the package %s that it needs", name, dlerror(),
			  package);
		return NULL;
	}
	snprintf(text, sizeof text, "store_driver_%s", name);
	driver = dlsym(library, text);
	if (driver == NULL || driver->version == NULL || strcmp(driver->version, DSPAM_VERSION) != 0) {
		error_set(error, ERROR_UNAVAILABLE,
			  "StorageDriver %s: the plugin store_%s.so is of another version than this "
			  "program, " DSPAM_VERSION "; install both anew",
			  name, name);
		return NULL;
	}
	return driver;
}
