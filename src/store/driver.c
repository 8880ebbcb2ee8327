#include "store/driver.h"

/* Our own names. */
static const struct store_driver *const drivers[] = {
	&store_driver_sqlite,
	&store_driver_memory,
};

/*
 * The original's drivers were libraries, named with or without a path and a version:
 * "/usr/lib/dspam/libsqlite3_drv.so". The beginning of the file name says which.
 */
static const struct library {
	const char *prefix;
	const struct store_driver *driver; /* NULL: refused, for the reason in `refusal` */
	const char *refusal;
} libraries[] = {
	{"libsqlite3_drv", &store_driver_sqlite, NULL},
	{"libsqlite_drv", &store_driver_sqlite, NULL},
	{"libhash_drv", NULL,
	 "the files of the hash driver are imported, not used; set StorageDriver sqlite and import them"},
	{"libpgsql_drv", NULL, "this build has no PostgreSQL driver; set StorageDriver sqlite"},
	{"libmysql_drv", NULL, "this build has no MySQL driver; set StorageDriver sqlite"},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct span
file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return span_from(slash != NULL ? slash + 1 : path);
}

static const struct store_driver *
find_library(const char *name, struct error *error)
{
	for (size_t i = 0; i < COUNT(libraries); i++) {
		if (!span_starts(file_name(name), span_from(libraries[i].prefix)))
			continue;
		if (libraries[i].driver == NULL)
			error_set(error, ERROR_CONFIG, "StorageDriver %s: %s", name, libraries[i].refusal);
		return libraries[i].driver;
	}
	error_set(error, ERROR_CONFIG, "StorageDriver %s: there is no such driver; set StorageDriver sqlite", name);
	return NULL;
}

const struct store_driver *
store_driver_find(const char *name, struct error *error)
{
	for (size_t i = 0; i < COUNT(drivers); i++)
		if (span_equal_nocase(span_from(name), span_from(drivers[i]->name)))
			return drivers[i];
	return find_library(name, error);
}
