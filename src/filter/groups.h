/*
 * Groups of users: the file that GroupConfig names (dspam-behaviour: statistics 12).
 *
 * A line is "name:type:member,member,...". Empty lines and lines that begin with # or ; are comments; space is not
 * trimmed; types and members compare without case (ASCII). A user is in the first group of a type that has
 * him, and
 *   - who is in a shared group is in no other, and who is in another first is in no shared one;
 *   - of classification and global groups the first one counts;
 *   - nobody is in a merged group of his own name.
 * Of shared and merged groups a member may be "*" or "*@domain"; of merged ones "-member" takes out who was put in
 * before him on the line.
 *
 * Made once when the configuration is read and then only read, by all threads. Finding the groups of a user
 * takes the same time however many members there are.
 */
#ifndef DSPAM_FILTER_GROUPS_H
#define DSPAM_FILTER_GROUPS_H

#include "config/config.h"

#define GROUPS_SIZE ((size_t)16 << 20)   /* bytes of the file */
#define GROUPS_MAXIMUM 10000             /* groups */
#define GROUPS_MEMBERS ((size_t)1000000) /* members of all of them */
#define GROUP_ASKED 32                   /* members of a classification group who are asked about one message */
#define GROUP_TAUGHT 1000                /* members of an inoculation group who are taught by one report */

enum group_type {
	GROUP_SHARED,         /* one store for all members */
	GROUP_MERGED,         /* the group's store is read with that of the member, who alone is written to */
	GROUP_INOCULATION,    /* spam that one reports is taught to the others */
	GROUP_CLASSIFICATION, /* members are asked when one is unsure */
	GROUP_GLOBAL,         /* a classification group "*user": he is asked for everybody who knows little */
};

struct group {
	const char *name;
	enum group_type type;
	bool managed;       /* shared,managed: log and quarantine are those of the user named like the group */
	unsigned line;      /* of the file */
	size_t number;      /* among all groups */
	const char **users; /* of the types from inoculation on: who is asked or taught, in the order of the line */
	size_t user_count;
};

/* The groups of one user; NULL: none of that kind. With `shared` all others are NULL. */
struct membership {
	const struct group *shared;
	const struct group *merged;
	const struct group *inoculation;
	const struct group *classification; /* or a global one */
};

struct groups;

/*
 * Read the file `path`. What is wrong in it is a finding with its line (`finding` may be NULL), and has no effect; so
 * is a file that does not exist, since old configurations name one that was never made. Fails
 * when the file cannot be read, and beyond the bounds above.
 */
bool groups_load(const char *path, config_finding *finding, void *context, struct groups **groups, struct error *error);
/* The same from memory; `name` stands for the file. */
bool groups_parse(struct span text, const char *name, config_finding *finding, void *context, struct groups **groups,
		  struct error *error);
void groups_free(struct groups *groups);

/* Only tell what is wrong in the file that `config` names, if it names one. */
bool groups_check(const struct config *config, config_finding *finding, void *context, struct error *error);

/* How many groups there are, and how many lines (or members of lines) were passed over as wrong. */
size_t groups_count(const struct groups *groups);
size_t groups_wrong(const struct groups *groups);

/* The groups of `user`; `groups` may be NULL. */
struct membership groups_of(const struct groups *groups, struct span user);

#endif
