/*
 * The table of directives: everything that dspam.conf may say.
 *
 * One row for each directive. The parser, --check-config, --print-config and the manual
 * page dspam.conf(5) all come from it, so that a new directive is one new row.
 * The table is constant; any thread may read it.
 */
#ifndef DSPAM_CONFIG_DIRECTIVE_H
#define DSPAM_CONFIG_DIRECTIVE_H

#include "base/span.h"

enum directive_type {
	DIRECTIVE_HEADING, /* not a directive: its name begins a group of them */
	DIRECTIVE_WRONG,   /* not read: the documentation says what to write instead */
	DIRECTIVE_SWITCH,  /* on or off */
	DIRECTIVE_WORD,    /* one of `words` */
	DIRECTIVE_NUMBER,  /* minimum to maximum */
	DIRECTIVE_SIZE,    /* bytes; K, M and G multiply by 1024 */
	DIRECTIVE_DAYS,    /* a number, or off (0) */
	DIRECTIVE_MODE,    /* rights of a file, octal */
	DIRECTIVE_PORT,
	DIRECTIVE_PATH,
	DIRECTIVE_COMMAND,
	DIRECTIVE_HOST,   /* name, address, or path of a UNIX socket */
	DIRECTIVE_SERVER, /* the same, perhaps with :PORT behind it */
	DIRECTIVE_TEXT,
	DIRECTIVE_HEADER,          /* name of a header */
	DIRECTIVE_FEATURE,         /* noise, whitelist, tb=N */
	DIRECTIVE_DRIVER,          /* a storage driver by name, or the original's library */
	DIRECTIVE_PREFERENCE,      /* name=value */
	DIRECTIVE_PREFERENCE_NAME, /* name of a preference */
	DIRECTIVE_INCLUDE,         /* a directory or a file, read in its place */
};

enum directive_flags {
	DIRECTIVE_REPEATABLE = 1,  /* all values count; otherwise the first one wins */
	DIRECTIVE_SUFFIX = 2,      /* Name.suffix stands beside Name */
	DIRECTIVE_ONLY_SUFFIX = 4, /* only Name.suffix means something */
	DIRECTIVE_PROFILED = 8,    /* Name.profile replaces Name while that profile is active */
	DIRECTIVE_STORAGE = 16,    /* told to the storage driver */
	DIRECTIVE_SECRET = 32,     /* printed as asterisks unless asked for */
	DIRECTIVE_EXACT = 64,      /* words compare with case */
	DIRECTIVE_NEW = 128,       /* the original does not know it */
};

struct directive {
	const char *name;
	enum directive_type type;
	unsigned flags;
	const char *initial; /* the default; NULL: none; several words for a repeatable one; HOME/ stands for Home */
	const char *words;   /* allowed, separated by spaces; NULL: any */
	unsigned long long minimum;
	unsigned long long maximum;
	const char *documentation; /* one sentence */
};

/* All rows in the order in which they are printed; a heading comes before its group. */
extern const struct directive directive_table[];
extern const size_t directive_count;

/* Longest suffix, in bytes. */
enum { DIRECTIVE_SUFFIX_MAXIMUM = 255 };

/*
 * The row for `name`, compared without case: the whole name, or Name.suffix where the row
 * allows one; *suffix is then what follows the dot, else empty. NULL if there is none.
 */
const struct directive *directive_find(struct span name, struct span *suffix);

/* The known name that `name` was most likely meant to be, or NULL. */
const char *directive_nearest(struct span name);

/*
 * The number that `value` stands for. False if it is not a clean number within the bounds;
 * *number is then the one that is used instead: the digits at its beginning brought within the
 * bounds, or the default if there are none.
 */
bool directive_number(const struct directive *directive, const char *value, unsigned long long *number);

/* Whether `words` (separated by spaces) holds `word`. */
bool directive_has_word(const char *words, struct span word, bool exact);

/* How many bytes must change to make `b` from `a`, without case; counts up to `limit`, then gives limit + 1. */
size_t directive_distance(struct span a, struct span b, size_t limit);

#endif
