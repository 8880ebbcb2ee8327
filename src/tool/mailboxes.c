#include "tool/mailboxes.h"

#include <stdio.h>

#include "base/log.h"
#include "mail/spamassassin.h"
#include "tool/secret.h"

#define PASSWORD_VARIABLE "DSPAM_IMAP_PASSWORD"

void
mailboxes_free(struct mailboxes *mailboxes)
{
	explicit_bzero(mailboxes->password, sizeof mailboxes->password);
	imap_harvest_end(mailboxes->from);
	imap_close(mailboxes->imap);
	if (mailboxes->harvest.arena != NULL)
		harvest_end(&mailboxes->harvest);
	if (mailboxes->arena != NULL)
		arena_free(mailboxes->arena);
	buffer_free(&mailboxes->bytes);
}

/* ---- finding it ------------------------------------------------------------------------------------ */

static bool
list_imap(struct mailboxes *mailboxes, struct error *error)
{
	struct imap_account *account = &mailboxes->account;
	char prompt[400];

	snprintf(prompt, sizeof prompt,
		 "Password of %.100s at %.200s: ", account->login != NULL ? account->login : account->user,
		 account->host);
	if (!secret_read(mailboxes->password_file, PASSWORD_VARIABLE, prompt, mailboxes->password, error))
		return false;
	account->password = mailboxes->password;
	bool good = imap_open(account, &mailboxes->imap, error);
	explicit_bzero(mailboxes->password, sizeof mailboxes->password);
	return good && imap_harvest_list(&mailboxes->harvest, mailboxes->imap, account, &mailboxes->from, error);
}

static bool
list_one(struct mailboxes *mailboxes, const struct mailbox *mailbox, struct error *error)
{
	if (mailbox->kind == MAILBOXES_MAILDIR)
		return harvest_maildir(&mailboxes->harvest, mailbox->path, error);
	return harvest_mbox(&mailboxes->harvest, mailbox->path, mailbox->kind == MAILBOXES_MBOX,
			    mailbox->kind == MAILBOXES_SPAM_MBOX ? FOLDER_SPAM : FOLDER_INNOCENT, error);
}

/* What was taught by an earlier call is not read again. */
static void
leave_known(struct mailboxes *mailboxes, const struct taken *taken)
{
	struct harvest *harvest = &mailboxes->harvest;
	size_t kept = 0;

	for (size_t i = 0; i < harvest->count; i++) {
		const struct harvest_message *message = &harvest->messages[i];
		struct harvest_folder *folder = &harvest->folders[message->folder];
		if (taken_has(taken, message->key, folder->role == FOLDER_SPAM)) {
			folder->known++;
			mailboxes->known++;
		} else {
			harvest->messages[kept++] = *message;
		}
	}
	harvest->count = kept;
}

bool
mailboxes_list(struct mailboxes *mailboxes, const struct home *home, const char *user, struct error *error)
{
	struct folder_rules rules = {mailboxes->rules, mailboxes->rule_count};
	struct taken *taken = NULL;

	harvest_begin(&mailboxes->harvest, rules, mailboxes->limit, mailboxes->days);
	for (size_t i = 0; i < mailboxes->count; i++)
		if (!list_one(mailboxes, &mailboxes->items[i], error))
			return false;
	if (mailboxes->imap_host != NULL && !list_imap(mailboxes, error))
		return false;
	if (!harvest_settle(&mailboxes->harvest, error))
		return false;
	if (mailboxes->again)
		return true;
	if (!taken_look(home, user, &taken, error))
		return false;
	leave_known(mailboxes, taken);
	taken_close(taken);
	return true;
}

/* ---- teaching it ---------------------------------------------------------------------------------------- */

static bool
read_message(struct mailboxes *mailboxes, size_t index, bool *gone, struct error *error)
{
	const struct harvest_message *message = &mailboxes->harvest.messages[index];

	if (mailboxes->harvest.folders[message->folder].source == HARVEST_IMAP)
		return imap_harvest_read(mailboxes->from, index, &mailboxes->bytes, gone, error);
	return harvest_read(&mailboxes->harvest, message, &mailboxes->bytes, gone, error);
}

/* As the lines and warnings of training call it. */
static struct corpus_message
name_of(struct mailboxes *mailboxes, const struct harvest_message *message, const struct harvest_folder *folder)
{
	const char *path = folder->source == HARVEST_MAILDIR
				   ? arena_printf(mailboxes->arena, "%s/%s", folder->place, message->path)
				   : folder->name;

	return (struct corpus_message){
		.path = path != NULL ? path : folder->name,
		.spam = folder->role == FOLDER_SPAM,
		.number = message->number,
	};
}

/* So that it is not read again. What the content was taught as, another copy has said. */
static bool
note_copy(struct taken *taken, uint64_t place, bool spam, struct error *error)
{
	if (!taken_note(taken, place, 0, spam, error))
		return false;
	taken_keep(taken);
	return true;
}

static bool
teach_bytes(struct mailboxes *mailboxes, struct training *training, struct taken *taken,
	    const struct harvest_message *message, struct error *error)
{
	struct harvest_folder *folder = &mailboxes->harvest.folders[message->folder];
	struct span text = buffer_span(&mailboxes->bytes);
	struct corpus_message named = name_of(mailboxes, message, folder);
	uint64_t content = taken_content(text);
	struct opinion opinion;
	struct error ignored;

	if (taken_has(taken, content, named.spam) || taken_has_now(taken, content)) {
		folder->same++;
		training_pass(training);
		return message->key == 0 || note_copy(taken, message->key, named.spam, error);
	}
	if (!mailboxes->as_is)
		text = spamassassin_unwrap(mailboxes->arena, text);
	if (!taken_note(taken, message->key, content, named.spam, error))
		return false;
	if (!training_teach(training, &named, text, &opinion, error)) {
		taken_take_back(taken, &ignored);
		return false;
	}
	folder->taught += opinion.judged;
	folder->right += opinion.judged && opinion.spam == named.spam;
	folder->bad += !opinion.judged;
	if (!opinion.judged)
		return taken_take_back(taken, error);
	taken_keep(taken);
	return true;
}

static bool
teach_one(struct mailboxes *mailboxes, struct training *training, struct taken *taken, size_t index,
	  struct error *error)
{
	const struct harvest_message *message = &mailboxes->harvest.messages[index];
	struct harvest_folder *folder = &mailboxes->harvest.folders[message->folder];
	bool gone = false;

	arena_reset(mailboxes->arena);
	if (!read_message(mailboxes, index, &gone, error)) {
		if (folder->source == HARVEST_IMAP)
			return false;
		log_error("%s", error->text);
		folder->bad++;
		training->unreadable++;
		training_pass(training);
		return true;
	}
	if (!gone)
		return teach_bytes(mailboxes, training, taken, message, error);
	folder->gone++;
	training_pass(training);
	return true;
}

bool
mailboxes_teach(struct mailboxes *mailboxes, const struct home *home, struct training *training, struct error *error)
{
	struct taken *taken;
	bool good = true;

	if (!taken_open(home, training->teacher->user, mailboxes->again, &taken, error))
		return false;
	mailboxes->arena = arena_new(2 * filter_arena_ceiling(HARVEST_MESSAGE_MAX));
	for (size_t i = 0; good && i < mailboxes->harvest.count; i++)
		good = teach_one(mailboxes, training, taken, i, error);
	taken_close(taken);
	if (good)
		return true;
	return error_prefix(error, "after %zu of %zu messages, which stay learned; call it again and it goes on",
			    training->done, mailboxes->harvest.count);
}
