#include "store/driver.h"

/* A driver that is built in, or a plugin. */
struct choice {
	const char
		*name; /* as it may stand in StorageDriver; of a library of the original, how its file's name begins */
	const struct store_driver *driver;
	const char *plugin, *package;
	const char *refusal; /* why it is neither */
};

static const struct choice names[] = {
	{.name = "sqlite", .driver = &store_driver_sqlite},
	{.name = "memory", .driver = &store_driver_memory},
	{.name = "pgsql", .plugin = "pgsql", .package = "libpq5"},
	{.name = "postgresql", .plugin = "pgsql", .package = "libpq5"},
	{.name = "mysql", .plugin = "mysql", .package = "libmariadb3"},
	{.name = "mariadb", .plugin = "mysql", .package = "libmariadb3"},
};

/*
 * The original's drivers were libraries, named with or without a path and a version:
 * "/usr/lib/dspam/libsqlite3_drv.so". The beginning of the file name says which.
 */
static const struct choice libraries[] = {
	{.name = "libsqlite3_drv", .driver = &store_driver_sqlite},
	{.name = "libsqlite_drv", .driver = &store_driver_sqlite},
	{.name = "libpgsql_drv", .plugin = "pgsql", .package = "libpq5"},
	{.name = "libmysql_drv", .plugin = "mysql", .package = "libmariadb3"},
	{.name = "libhash_drv",
	 .refusal = "the files of the hash driver are imported, not used; set StorageDriver sqlite and import them"},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct span
file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return span_from(slash != NULL ? slash + 1 : path);
}

static const struct choice *
find_choice(const char *name)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (span_equal_nocase(span_from(name), span_from(names[i].name)))
			return &names[i];
	for (size_t i = 0; i < COUNT(libraries); i++)
		if (span_starts(file_name(name), span_from(libraries[i].name)))
			return &libraries[i];
	return NULL;
}

const struct store_driver *
store_driver_find(const char *name, struct error *error)
{
	const struct choice *choice = find_choice(name);

	if (choice == NULL) {
		error_set(error, ERROR_CONFIG, "StorageDriver %s: there is no such driver; set sqlite, pgsql or mysql",
			  name);
		return NULL;
	}
	if (choice->refusal != NULL)
		error_set(error, ERROR_CONFIG, "StorageDriver %s: %s", name, choice->refusal);
	return choice->plugin != NULL ? store_plugin(choice->plugin, choice->package, error) : choice->driver;
}
