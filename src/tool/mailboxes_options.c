/* The options of dspam_train about mailboxes. */
#include <stdio.h>

#include "tool/mailboxes.h"

enum { PORT_TLS = 993, PORT_CLEAR = 143, SECONDS = 60, DAYS_MAX = 36500, LIMIT_MAX = TAKEN_MAX / 2 };

void
mailboxes_init(struct mailboxes *mailboxes)
{
	*mailboxes = (struct mailboxes){
		.limit = HARVEST_LIMIT,
		.account = {.seconds = SECONDS},
		.bytes = BUFFER_INIT(HARVEST_MESSAGE_MAX),
	};
}

/* ---- one option --------------------------------------------------------------------------------- */

static void
add_mailbox(struct mailboxes *mailboxes, struct program *program, enum mailboxes_option kind)
{
	if (mailboxes->count == MAILBOXES_MAX)
		program_usage(program, "more than %d mailboxes; call it for some after the others", MAILBOXES_MAX);
	mailboxes->items[mailboxes->count++] = (struct mailbox){kind, optarg};
}

static void
add_rule(struct mailboxes *mailboxes, struct program *program, enum folder_role role)
{
	if (mailboxes->rule_count == MAILBOXES_MAX)
		program_usage(program, "more than %d folders", MAILBOXES_MAX);
	mailboxes->rules[mailboxes->rule_count++] = (struct folder_rule){.folder = optarg, .role = role};
}

static unsigned
number(struct program *program, const char *option, unsigned maximum)
{
	unsigned long long value;

	if (!span_to_number(span_from(optarg), maximum, &value) || value == 0)
		program_usage(program, "%s %s: should be a number from 1 to %u", option, optarg, maximum);
	return (unsigned)value;
}

void
mailboxes_option(struct mailboxes *mailboxes, struct program *program, int option)
{
	mailboxes->given = true;
	switch ((enum mailboxes_option)option) {
	case MAILBOXES_MAILDIR:
	case MAILBOXES_MBOX:
	case MAILBOXES_SPAM_MBOX:
	case MAILBOXES_INNOCENT_MBOX:
		add_mailbox(mailboxes, program, (enum mailboxes_option)option);
		break;
	case MAILBOXES_IMAP:
		mailboxes->imap_host = optarg;
		break;
	case MAILBOXES_USER:
		mailboxes->account.user = optarg;
		break;
	case MAILBOXES_LOGIN:
		mailboxes->account.login = optarg;
		break;
	case MAILBOXES_PASSWORD_FILE:
		mailboxes->password_file = optarg;
		break;
	case MAILBOXES_STARTTLS:
		mailboxes->account.starttls = true;
		break;
	case MAILBOXES_CA:
		mailboxes->account.ca = optarg;
		break;
	case MAILBOXES_TIMEOUT:
		mailboxes->account.seconds = number(program, "--timeout", 3600);
		break;
	case MAILBOXES_SPAM:
		add_rule(mailboxes, program, FOLDER_SPAM);
		break;
	case MAILBOXES_INNOCENT:
		add_rule(mailboxes, program, FOLDER_INNOCENT);
		break;
	case MAILBOXES_SKIP:
		add_rule(mailboxes, program, FOLDER_LEFT_OUT);
		break;
	case MAILBOXES_LIMIT:
		mailboxes->limit = number(program, "--limit", LIMIT_MAX);
		break;
	case MAILBOXES_SINCE:
		mailboxes->days = number(program, "--since", DAYS_MAX);
		break;
	case MAILBOXES_DRY_RUN:
		mailboxes->dry_run = true;
		break;
	case MAILBOXES_AGAIN:
		mailboxes->again = true;
		break;
	case MAILBOXES_AS_IS:
		mailboxes->as_is = true;
		break;
	case MAILBOXES_VERBOSE:
		mailboxes->verbose = true;
		break;
	default:
		break;
	}
}

/* ---- all together ------------------------------------------------------------------------------- */

/* HOST, HOST:PORT, an IPv6 address with or without brackets, [IPv6]:PORT */
static bool
split_host(struct mailboxes *mailboxes)
{
	struct imap_account *account = &mailboxes->account;
	const char *text = mailboxes->imap_host, *colon = strrchr(text, ':'), *end = text + strlen(text);
	unsigned long long port;
	bool bracket = text[0] == '[';

	if (colon != NULL && (bracket ? colon[-1] == ']' : strchr(text, ':') == colon)) {
		if (!span_to_number(span_from(colon + 1), 65535, &port) || port == 0)
			return false;
		account->port = (unsigned)port;
		end = colon;
	}
	if (bracket && (end - text < 3 || end[-1] != ']'))
		return false;
	int size = snprintf(mailboxes->host, sizeof mailboxes->host, "%.*s", (int)(end - text) - 2 * bracket,
			    text + bracket);
	account->host = mailboxes->host;
	return size > 0 && (size_t)size < sizeof mailboxes->host && mailboxes->host[0] != '/';
}

static void
check_imap(struct mailboxes *mailboxes, struct program *program)
{
	struct imap_account *account = &mailboxes->account;

	if (!split_host(mailboxes))
		program_usage(program, "--imap %s: should be HOST or HOST:PORT", mailboxes->imap_host);
	if (account->user == NULL || account->user[0] == '\0')
		program_usage(program, "--imap %s: say whose mailbox, with --user NAME", mailboxes->imap_host);
	if (account->port == PORT_CLEAR)
		account->starttls = true;
	if (account->port == 0)
		account->port = account->starttls ? PORT_CLEAR : PORT_TLS;
}

void
mailboxes_check(struct mailboxes *mailboxes, struct program *program)
{
	const struct imap_account *account = &mailboxes->account;

	if (mailboxes->imap_host != NULL)
		check_imap(mailboxes, program);
	else if (account->user != NULL || account->login != NULL || account->ca != NULL || account->starttls ||
		 mailboxes->password_file != NULL)
		program_usage(program,
			      "--user, --imap-login, --password-file, --starttls and --ca go with --imap HOST");
	if (mailboxes->count == 0 && mailboxes->imap_host == NULL)
		program_usage(program, "with such an option say which mailbox: --maildir, --mbox, --spam-mbox, "
				       "--innocent-mbox or --imap");
}
