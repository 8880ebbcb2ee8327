/* Of which folders how much is, or was, taken. */
#include <stdio.h>

#include "tool/mailboxes.h"

/* "3 unread, 2 deleted", in the order of this table. */
static void
print_counts(FILE *out, const struct harvest_folder *folder, bool after)
{
	const struct {
		size_t count;
		const char *what;
		bool after;
	} counts[] = {
		{folder->unread, "unread", false},       {folder->deleted, "deleted or drafts", false},
		{folder->old, "too old", false},         {folder->beyond, "beyond the limit", false},
		{folder->known, "taught before", false}, {folder->same, "the same as another", true},
		{folder->gone, "gone meanwhile", true},  {folder->bad, "that could not be read or judged", true},
	};
	const char *before = "; left out: ";

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		if (counts[i].count > 0 && counts[i].after == after) {
			fprintf(out, "%s%zu %s", before, counts[i].count, counts[i].what);
			before = ", ";
		}
}

struct sums {
	size_t folders, messages, spam, innocent, taught_spam, taught_innocent, right;
};

static struct sums
sums_of(const struct mailboxes *mailboxes)
{
	struct sums sums = {0};

	for (size_t i = 0; i < mailboxes->harvest.folder_count; i++) {
		const struct harvest_folder *folder = &mailboxes->harvest.folders[i];
		bool spam = folder->role == FOLDER_SPAM;
		sums.folders++;
		sums.messages += folder->messages;
		*(spam ? &sums.spam : &sums.innocent) += folder->taken - folder->known;
		*(spam ? &sums.taught_spam : &sums.taught_innocent) += folder->taught;
		sums.right += folder->right;
	}
	return sums;
}

void
mailboxes_print_before(const struct mailboxes *mailboxes, FILE *out)
{
	const struct harvest *harvest = &mailboxes->harvest;

	fprintf(out, "Folders:\n");
	for (size_t i = 0; i < harvest->folder_count; i++) {
		const struct harvest_folder *folder = &harvest->folders[i];
		fprintf(out, "  %-8s  %s (%s)", folder_role_name(folder->role), folder->name, folder->why);
		if (folder->role != FOLDER_LEFT_OUT) {
			fprintf(out, ": %zu of %zu messages", folder->taken - folder->known, folder->messages);
			print_counts(out, folder, false);
		}
		fputc('\n', out);
	}
	struct sums sums = sums_of(mailboxes);
	fprintf(out, "To be taught: %zu spam and %zu innocent; %zu were taught before\n", sums.spam, sums.innocent,
		mailboxes->known);
}

void
mailboxes_print_after(const struct mailboxes *mailboxes, FILE *out)
{
	const struct harvest *harvest = &mailboxes->harvest;
	struct sums sums = sums_of(mailboxes);

	fprintf(out, "Taught:\n");
	for (size_t i = 0; i < harvest->folder_count; i++) {
		const struct harvest_folder *folder = &harvest->folders[i];
		if (folder->role == FOLDER_LEFT_OUT || folder->taken == folder->known)
			continue;
		fprintf(out, "  %-8s  %s: %zu, of which %zu were judged right before", folder_role_name(folder->role),
			folder->name, folder->taught, folder->right);
		print_counts(out, folder, true);
		fputc('\n', out);
	}
	fprintf(out, "In all %zu spam and %zu innocent, of which %zu were judged right before\n", sums.taught_spam,
		sums.taught_innocent, sums.right);
}

void
mailboxes_print_json(const struct mailboxes *mailboxes, struct json *json)
{
	json_put_array(json, "folders");
	for (size_t i = 0; i < mailboxes->harvest.folder_count; i++) {
		const struct harvest_folder *folder = &mailboxes->harvest.folders[i];
		const struct {
			const char *key;
			size_t count;
		} counts[] = {
			{"messages", folder->messages}, {"unread", folder->unread}, {"deleted", folder->deleted},
			{"old", folder->old},           {"beyond", folder->beyond}, {"known", folder->known},
			{"taken", folder->taken},       {"taught", folder->taught}, {"right", folder->right},
			{"same", folder->same},         {"gone", folder->gone},     {"bad", folder->bad},
		};
		json_put_object(json, NULL);
		json_put_text(json, "name", span_from(folder->name));
		json_put_text(json, "role", span_from(folder_role_name(folder->role)));
		json_put_text(json, "why", span_from(folder->why));
		for (size_t j = 0; j < sizeof counts / sizeof counts[0]; j++)
			json_put_integer(json, counts[j].key, (int64_t)counts[j].count);
		json_put_object_end(json);
	}
	json_put_array_end(json);
}
