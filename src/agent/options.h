/*
 * What a caller wants for a message: dspam's command line, and the same words in the daemon's
 * ServerParameters and DSPAMPROCESSMODE (dspam-behaviour: cli 1, protocol 4).
 *
 * Reading looks at the words alone; checking holds them against dspam.conf and against who
 * asks. The words must outlive the options; lists live in the arena.
 */
#ifndef DSPAM_AGENT_OPTIONS_H
#define DSPAM_AGENT_OPTIONS_H

#include "agent/site.h"
#include "base/arena.h"
#include "base/error.h"
#include "filter/request.h"

/* What --deliver names. */
enum agent_wanted { AGENT_WANT_INNOCENT = 1, AGENT_WANT_SPAM = 2, AGENT_WANT_SUMMARY = 4 };

/* Who gives the options: for the daemon its clients, who are trusted. */
struct agent_caller {
	const char *login; /* empty: has no name */
	bool trusted;      /* may act for others, and pass arguments to the delivery agent */
};

/* A growing list in an arena. */
struct agent_list {
	const char **items;
	size_t count;
	size_t capacity;
};

struct agent_options {
	struct agent_list users;
	struct agent_list recipients; /* paired with users by position; users are used again when they are fewer */
	const char *sender;           /* --mail-from without <>; empty: none */

	struct request request;
	const char *class_word; /* --class as given; agent_options_check makes the class of it */

	unsigned deliver; /* enum agent_wanted */
	bool to_stdout;
	struct span *arguments; /* for the delivery agent */
	size_t argument_count;
	bool trusted; /* set by agent_options_check: the caller may pass arguments */

	const char *profile; /* NULL: none was named, and so on */
	const char *config;
	bool client, daemon, foreground, debug;
	bool help, version, check_config, print_config;
};

/*
 * Read `count` words. Unknown words are arguments of the delivery agent. Unknown features are
 * logged and ignored. Fails with ERROR_USAGE.
 */
bool agent_options_read(struct arena *arena, const char *const *words, size_t count, struct agent_options *options,
			struct error *error);

/* Split `text` at blanks, without quoting, as the daemon does with its parameters. False: arena full. */
bool agent_options_split(struct arena *arena, const char *text, const char *const **words, size_t *count);

/*
 * Settle the class; refuse what does not fit together (ERROR_USAGE), what `caller` may not do
 * (ERROR_PERMISSION), and delivery that dspam.conf gives no way for (ERROR_CONFIG). Users may
 * still be missing when ParseToHeaders will name them.
 */
bool agent_options_check(struct arena *arena, const struct agent_site *site, const struct agent_caller *caller,
			 struct agent_options *options, struct error *error);

/* False when the arena is full. */
bool agent_list_add(struct arena *arena, struct agent_list *list, const char *item);

/*
 * How often the message is handed on, and for whom in turn; `index` is below the count. *recipient
 * is NULL when none is named.
 */
size_t agent_options_deliveries(const struct agent_options *options);
void agent_options_delivery(const struct agent_options *options, size_t index, const char **user,
			    const char **recipient);

/* Whether a person teaches the filter, as opposed to mail that arrives. */
static inline bool
agent_is_training(const struct agent_options *options)
{
	return options->request.training_class != CLASS_NONE || options->request.mode == TRAINING_UNLEARN;
}

#endif
