/*
 * libdspam: a statistical mail filter that learns from each person.
 *
 * This header is the whole interface of the library, and its manual.
 *
 * A program that filters mail does four things:
 *
 *	dspam_configuration_load("/etc/dspam.conf", &configuration, &error);
 *	dspam_open(configuration, &filter, &error);
 *	dspam_process(filter, "alice", message, size, &result, &error);
 *	... hand on what dspam_result_piece() gives, then ...
 *	dspam_commit(filter, result, &error);
 *
 * and, when alice says that the filter was wrong, with the X-DSPAM-Signature of that message:
 *
 *	dspam_train(filter, "alice", DSPAM_SPAM, DSPAM_ERROR, NULL, 0, signature, &result, &error);
 *	dspam_commit(filter, result, &error);
 *
 * Threads. A configuration may be shared by all threads once it is loaded. A filter is one
 * connection to the store: each thread opens its own. A result may move from one thread to
 * another. There is no global state.
 *
 * Memory. What a function gives through a pointer to a pointer belongs to the caller, who ends it with
 * the function named ..._free or ..._close. Text and bytes that an accessor returns belong
 * to the object and live as long as it does. A message must live as long as its result.
 *
 * Errors. Functions that can fail return false and fill *error, which must not be NULL. When the
 * machine has no memory left the program is aborted; a hostile message cannot cause that, because
 * everything it can make grow has a bound.
 *
 * Warnings. What an administrator should know, but is no error of a call, is written to standard error, a line each
 * that begins with "dspam: warning: ".
 */
#ifndef DSPAM_H
#define DSPAM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DSPAM_API __attribute__((visibility("default")))
#else
#define DSPAM_API
#endif

/* "4.0.0" */
DSPAM_API const char *dspam_version(void);

struct dspam_error {
	int code;       /* a status of <sysexits.h> */
	bool temporary; /* the same call may succeed later */
	char text[500]; /* one line for the administrator */
};

/* ---- configuration --------------------------------------------------------- */

struct dspam_configuration;

/* Read a dspam.conf. */
DSPAM_API bool dspam_configuration_load(const char *path, struct dspam_configuration **configuration,
					struct dspam_error *error);
/* The same from memory, for instance "Home /var/lib/dspam\nStorageDriver memory\n". */
DSPAM_API bool dspam_configuration_parse(const char *text, size_t size, struct dspam_configuration **configuration,
					 struct dspam_error *error);
/* After all filters that were opened with it are closed. NULL is allowed. */
DSPAM_API void dspam_configuration_free(struct dspam_configuration *configuration);

/* ---- the filter ------------------------------------------------------------- */

struct dspam;
struct dspam_result;

/* Connect to the store that the configuration names; an embedded store is made if there is none. */
DSPAM_API bool dspam_open(const struct dspam_configuration *configuration, struct dspam **filter,
			  struct dspam_error *error);
DSPAM_API void dspam_close(struct dspam *filter);

enum dspam_class { DSPAM_INNOCENT, DSPAM_SPAM };

enum dspam_source {
	DSPAM_ERROR,       /* the filter was wrong about this message */
	DSPAM_CORPUS,      /* mail kept from earlier times */
	DSPAM_INOCULATION, /* somebody else's spam */
};

/* Judge a message for `user`. Nothing is learned or stored. */
DSPAM_API bool dspam_classify(struct dspam *filter, const char *user, const char *message, size_t size,
			      struct dspam_result **result, struct dspam_error *error);

/*
 * Judge a message that has come for `user`, and mark it as the configuration says: the
 * result holds the message to hand on. It is learned by dspam_commit, not before.
 */
DSPAM_API bool dspam_process(struct dspam *filter, const char *user, const char *message, size_t size,
			     struct dspam_result **result, struct dspam_error *error);

/*
 * Teach that a message is of a class. With `signature` the message may be NULL, and what was kept when it
 * came is used; without, a signature is looked for in the message (not for DSPAM_CORPUS). Whether
 * there is something to learn dspam_result_training says; it is learned by dspam_commit.
 */
DSPAM_API bool dspam_train(struct dspam *filter, const char *user, enum dspam_class message_class,
			   enum dspam_source source, const char *message, size_t size, const char *signature,
			   struct dspam_result **result, struct dspam_error *error);

/* Learn: one transaction, whole or not at all. To be called once for a result, after the message was handed on. */
DSPAM_API bool dspam_commit(struct dspam *filter, const struct dspam_result *result, struct dspam_error *error);

/* ---- results ----------------------------------------------------------------- */

/* False: the message was not looked at (opted out, too large, without words) and is to go on as it came. */
DSPAM_API bool dspam_result_is_judged(const struct dspam_result *result);
DSPAM_API bool dspam_result_is_spam(const struct dspam_result *result);
/* "Innocent", "Spam", "Whitelisted" */
DSPAM_API const char *dspam_result_class(const struct dspam_result *result);
/* 0 to 1 */
DSPAM_API double dspam_result_probability(const struct dspam_result *result);
DSPAM_API double dspam_result_confidence(const struct dspam_result *result);
/* Log odds: the higher the spammier, 0 between the classes, finite. For ranking messages. */
DSPAM_API double dspam_result_score(const struct dspam_result *result);
/* By which the message can be trained later; NULL if none was made. */
DSPAM_API const char *dspam_result_signature(const struct dspam_result *result);
/* Whether a training found something to learn. */
DSPAM_API bool dspam_result_is_trained(const struct dspam_result *result);
/* Why a message was not judged or a training found nothing; NULL if there is nothing to say. */
DSPAM_API const char *dspam_result_note(const struct dspam_result *result);

/* The tokens that decided, the most significant first: false beyond the last one. */
DSPAM_API bool dspam_result_factor(const struct dspam_result *result, size_t index, const char **token, double *value);

/* The message to hand on, in pieces: false beyond the last one. */
DSPAM_API bool dspam_result_piece(const struct dspam_result *result, size_t index, const char **data, size_t *size);

/* NULL is allowed. */
DSPAM_API void dspam_result_free(struct dspam_result *result);

#ifdef __cplusplus
}
#endif

#endif
