/*
 * The part of dspam_train that teaches a user from the mailboxes that he has: its options, the list of what is taken
 *from where, before and after, and the teaching.
 *
 *	mailboxes_option for each option -> mailboxes_list -> mailboxes_teach -> mailboxes_print
 */
#ifndef DSPAM_TOOL_MAILBOXES_H
#define DSPAM_TOOL_MAILBOXES_H

#include "tool/imap_harvest.h"
#include "tool/json.h"
#include "tool/program.h"
#include "tool/taken.h"
#include "tool/training.h"

enum mailboxes_option {
	MAILBOXES_MAILDIR = PROGRAM_OWN,
	MAILBOXES_MBOX,
	MAILBOXES_SPAM_MBOX,
	MAILBOXES_INNOCENT_MBOX,
	MAILBOXES_IMAP,
	MAILBOXES_USER,
	MAILBOXES_LOGIN,
	MAILBOXES_PASSWORD_FILE,
	MAILBOXES_STARTTLS,
	MAILBOXES_CA,
	MAILBOXES_TIMEOUT,
	MAILBOXES_SPAM,
	MAILBOXES_INNOCENT,
	MAILBOXES_SKIP,
	MAILBOXES_LIMIT,
	MAILBOXES_SINCE,
	MAILBOXES_DRY_RUN,
	MAILBOXES_AGAIN,
	MAILBOXES_AS_IS,
	MAILBOXES_VERBOSE,
	MAILBOXES_END,
};

/* clang-format off */
#define MAILBOXES_OPTIONS \
	{"maildir", required_argument, NULL, MAILBOXES_MAILDIR}, \
	{"mbox", required_argument, NULL, MAILBOXES_MBOX}, \
	{"spam-mbox", required_argument, NULL, MAILBOXES_SPAM_MBOX}, \
	{"innocent-mbox", required_argument, NULL, MAILBOXES_INNOCENT_MBOX}, \
	{"imap", required_argument, NULL, MAILBOXES_IMAP}, \
	{"user", required_argument, NULL, MAILBOXES_USER}, \
	{"imap-login", required_argument, NULL, MAILBOXES_LOGIN}, \
	{"password-file", required_argument, NULL, MAILBOXES_PASSWORD_FILE}, \
	{"starttls", no_argument, NULL, MAILBOXES_STARTTLS}, \
	{"ca", required_argument, NULL, MAILBOXES_CA}, \
	{"timeout", required_argument, NULL, MAILBOXES_TIMEOUT}, \
	{"spam", required_argument, NULL, MAILBOXES_SPAM}, \
	{"innocent", required_argument, NULL, MAILBOXES_INNOCENT}, \
	{"skip", required_argument, NULL, MAILBOXES_SKIP}, \
	{"limit", required_argument, NULL, MAILBOXES_LIMIT}, \
	{"since", required_argument, NULL, MAILBOXES_SINCE}, \
	{"dry-run", no_argument, NULL, MAILBOXES_DRY_RUN}, \
	{"again", no_argument, NULL, MAILBOXES_AGAIN}, \
	{"as-is", no_argument, NULL, MAILBOXES_AS_IS}, \
	{"verbose", no_argument, NULL, MAILBOXES_VERBOSE}
/* clang-format on */

#define MAILBOXES_MAX 1000 /* mailboxes that are named, and folders */

struct mailbox {
	enum mailboxes_option kind;
	const char *path;
};

struct mailboxes {
	struct mailbox items[MAILBOXES_MAX];
	struct folder_rule rules[MAILBOXES_MAX];
	size_t count, rule_count;
	const char *imap_host, *password_file;
	struct imap_account account;
	char host[260], password[1000];
	size_t limit;
	unsigned days;
	bool given; /* an option of them was */
	bool dry_run, again, as_is, verbose;

	struct harvest harvest;
	struct imap *imap;
	struct imap_harvest *from;
	size_t known; /* taught before */
	struct buffer bytes;
	struct arena *arena;
};

void mailboxes_init(struct mailboxes *mailboxes);
void mailboxes_free(struct mailboxes *mailboxes);

/* Take an option with its argument in `optarg`; ends the program when that is wrong. */
void mailboxes_option(struct mailboxes *mailboxes, struct program *program, int option);
/* What the options say together; ends the program when that is wrong. */
void mailboxes_check(struct mailboxes *mailboxes, struct program *program);

/* Find the mail, without what `user` was taught before. */
bool mailboxes_list(struct mailboxes *mailboxes, const struct home *home, const char *user, struct error *error);

/* Which folders there are, and what is, or was, taken from each. */
void mailboxes_print_before(const struct mailboxes *mailboxes, FILE *out);
void mailboxes_print_after(const struct mailboxes *mailboxes, FILE *out);
void mailboxes_print_json(const struct mailboxes *mailboxes, struct json *json);

/* Teach it. What is interrupted goes on with the next call. */
bool mailboxes_teach(struct mailboxes *mailboxes, const struct home *home, struct training *training,
		     struct error *error);

#endif
