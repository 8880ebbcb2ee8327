#include "tool/caller.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

/* Unlike directives, login names are exact. */
static bool
is_listed(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config_count(config, "Trust"); i++)
		if (strcmp(config_at(config, "Trust", i), name) == 0)
			return true;
	return false;
}

bool
caller_find(const struct config *config, struct caller *caller, struct error *error)
{
	char text[4096];
	struct passwd entry, *found = NULL;
	uid_t uid = getuid();
	bool known = getpwuid_r(uid, &entry, text, sizeof text, &found) == 0 && found != NULL;

	if (known && strlen(entry.pw_name) >= sizeof caller->name)
		known = false;
	if (!known && uid != 0)
		return error_set(error, ERROR_USER, "the user with number %lu, who called this program, has no name",
				 (unsigned long)uid);
	snprintf(caller->name, sizeof caller->name, "%s", known ? entry.pw_name : "root");
	caller->trusted = uid == 0 || is_listed(config, caller->name);
	return true;
}

bool
caller_may(const struct caller *caller, const char *user, struct error *error)
{
	if (caller->trusted || strcmp(caller->name, user) == 0)
		return true;
	return error_set(error, ERROR_PERMISSION,
			 "%s may not act for %s: add \"Trust %s\" to dspam.conf, or call this as root", caller->name,
			 user, caller->name);
}
