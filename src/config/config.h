/*
 * dspam.conf: the whole file, read, checked and held.
 *
 * A struct config does not change after it is loaded, so that all threads may
 * read it. Values stay text; those who need numbers and switches ask for them
 * once, when they start (filter/settings.h, daemon/settings.h).
 */
#ifndef DSPAM_CONFIG_CONFIG_H
#define DSPAM_CONFIG_CONFIG_H

#include "base/error.h"
#include "base/span.h"

struct config;

/* What the check has to say about a line. */
enum config_severity { CONFIG_WARNING, CONFIG_ERROR };

/* Called for each finding, in the order of the lines; `text` says what would be right. */
typedef void config_finding(void *context, enum config_severity severity, const char *file, unsigned line,
			    const char *text);

/*
 * Read the file `path`, including what it includes. `finding` may be NULL; findings come
 * in the order of the lines, those about the file as a whole (line 0) last.
 * Fails only when a file cannot be read or is beyond all bounds, so that files that the
 * original accepted load as they are; what is missing or wrong in them is a finding.
 */
bool config_load(const char *path, config_finding *finding, void *context, struct config **config, struct error *error);
/*
 * The same with some directives changed: each that stands in the lines `changes` has their values in place of the
 * file's. Findings about these lines have `name` for a file.
 */
bool config_load_changed(const char *path, struct span changes, const char *name, config_finding *finding,
			 void *context, struct config **config, struct error *error);
/* The same from memory; `name` stands for the file in findings. Include is not followed. */
bool config_parse(struct span text, const char *name, config_finding *finding, void *context, struct config **config,
		  struct error *error);
void config_free(struct config *config);

/*
 * The path that a program reads: the argument of --config if given, else
 * $DSPAM_CONFIG, else the path fixed when the program was built.
 */
const char *config_path(const char *argument);

/*
 * Values of a directive in the order of the file, or those that the table gives when the file
 * has none. Names must stand in the table of directives (config/directive.h); asking for
 * another is a bug and aborts. `name` may carry a suffix ("ServerPass.Relay1"); names compare
 * without case. config_at beyond the last value gives NULL.
 */
size_t config_count(const struct config *config, const char *name);
const char *config_at(const struct config *config, const char *name, size_t index);

/* The first value; else the default of the table; else NULL. A default HOME/x is given as a whole path. */
const char *config_get(const struct config *config, const char *name);

/* The same where there must be one, such as Home: NULL and an error that says what to write. */
const char *config_require(const struct config *config, const char *name, struct error *error);

/* Whether the file itself, and not only the table, has a value. */
bool config_is_set(const struct config *config, const char *name);

/* Whether any value of the directive is `value`, compared without case; its default counts when it is absent. */
bool config_has(const struct config *config, const char *name, const char *value);
static inline bool
config_is_on(const struct config *config, const char *name)
{
	return config_has(config, name, "on");
}

/*
 * The first value as a number (sizes in bytes, days with 0 for off, octal file modes), always within
 * the bounds of the table; its default if absent or no number; 0 if there is neither.
 */
unsigned long long config_number(const struct config *config, const char *name);

/* Directives that have a suffix, such as ServerPass: call `each` with the suffix and the first value. */
typedef void config_suffix_callback(void *context, const char *suffix, const char *value);
void config_each_suffix(const struct config *config, const char *name, config_suffix_callback *each, void *context);

/*
 * Make profile `name` the active one (config.md section 4): storage directives are
 * then taken from their suffixed forms only. NULL: DefaultProfile, or none.
 */
bool config_use_profile(struct config *config, const char *name, struct error *error);
/* The active profile, or NULL. Loading activates DefaultProfile. */
const char *config_profile(const struct config *config);

/*
 * Call `each` for all directives of the storage drivers and Home, as they are in force: profile
 * and defaults applied, names without suffix.
 */
typedef void config_value_callback(void *context, const char *name, const char *value);
void config_each_storage(const struct config *config, config_value_callback *each, void *context);

#endif
