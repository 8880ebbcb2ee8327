/*
 * Inside of a struct config: its values and what was found while reading them.
 * Private to src/config.
 */
#ifndef DSPAM_CONFIG_VALUE_H
#define DSPAM_CONFIG_VALUE_H

#include "base/arena.h"
#include "config/config.h"
#include "config/directive.h"

/* Bounds of a configuration. */
enum {
	CONFIG_PIECE = 1023,          /* bytes of a line that are read as one */
	CONFIG_FILE_SIZE = 4 << 20,   /* bytes of one file */
	CONFIG_TOTAL_SIZE = 16 << 20, /* bytes of all files */
	CONFIG_FILES = 256,
	CONFIG_DEPTH = 8, /* files that include each other */
	CONFIG_VALUES = 100000,
	CONFIG_FINDINGS = 1000,
	CONFIG_HOME = 700, /* bytes of Home, so that paths below it fit in a line */
};

/* Where something stands. `sequence` numbers the lines of all files in reading order. */
struct config_place {
	const char *file;
	unsigned line; /* 0: the file as a whole */
	unsigned sequence;
};

struct config_value {
	const struct directive *directive;
	const char *suffix; /* "" if there is none */
	const char *text;
	struct config_place place;
	unsigned order; /* position among all values */
};

/* Values sorted by directive, suffix (without case) and order. */
struct config_values {
	struct config_value *items;
	size_t count;
	size_t capacity;
};

struct config_found {
	enum config_severity severity;
	struct config_place place;
	unsigned number; /* among all findings */
	const char *text;
};

struct config {
	struct arena *arena;
	const char *name; /* the file that was loaded */
	struct config_values values;
	struct config_values defaults; /* those of the table, also sorted */
	const char *profile;           /* the active one, or NULL */
	struct config_found *findings; /* only until they are reported */
	size_t finding_count;
};

/* The order of sorted values, for qsort and searching. */
int config_value_order(const void *left, const void *right);

/* Some of the sorted values. */
struct config_range {
	const struct config_value *items;
	size_t count;
};

/* The values of the file for a directive and exactly this suffix. */
struct config_range config_range(const struct config *config, const struct directive *directive, const char *suffix);
/* The values in force: profile and defaults applied. `row` may not be NULL. */
struct config_range config_in_force(const struct config *config, const struct directive *row);
/* Whether a profile of that name was declared, or has settings. */
bool config_has_profile(const struct config *config, const char *name);

/* Whether a suffix, or the name of a profile, can be written behind a dot: printable, without space, quote and comment.
 */
bool config_suffix_valid(struct span suffix);

/* Add a value; `name` of the suffix and text are copied. False when there are too many. */
bool config_add(struct config *config, const struct directive *directive, struct span suffix, struct span text,
		struct config_place place);

/* Note a finding, up to CONFIG_FINDINGS of them. */
void config_note(struct config *config, enum config_severity severity, struct config_place place, const char *format,
		 ...) __attribute__((format(printf, 4, 5)));
/* The place of what concerns the file as a whole; sorted behind all lines. */
struct config_place config_whole(const struct config *config);

/* reader.c and parse.c: read a file with what it includes, or text, into `config`. */
bool config_read_file(struct config *config, const char *path, struct error *error);
bool config_read_text(struct config *config, struct span text, const char *name, struct error *error);

/* check.c: note what is wrong with the values; they are sorted. */
void config_check(struct config *config);

#endif
