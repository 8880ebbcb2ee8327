#include "tool/imap_harvest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/imap_fetched.h"

enum { WINDOW = 1000, NAME_SIZE = 1024, NUMBER_SIZE = 24 };

/* A folder as LIST tells of it. */
struct listed {
	const char *raw, *name;
	struct span use;
	bool closed; /* \Noselect */
};

struct ahead {
	size_t index; /* of the message in the harvest */
	bool here;
	struct buffer bytes;
};

struct imap_harvest {
	struct harvest *harvest;
	struct imap *imap;
	const struct imap_account *account;
	struct listed *listed;
	size_t listed_count;
	struct harvest_folder *open; /* NULL: none */
	uint64_t exists, validity;   /* of the folder that was opened last */
	struct ahead ahead[IMAP_AHEAD];
	size_t ahead_count;
};

static bool
strange(const struct imap_harvest *from, const char *what, struct error *error)
{
	return error_set(error, ERROR_PROTOCOL, "%s: what it says to %s is not IMAP", from->account->host, what);
}

/* ---- folders ----------------------------------------------------------------------------------- */

static bool
read_attributes(struct imap_reader *reader, struct listed *listed, struct imap_harvest *from)
{
	struct imap_word word = imap_next(reader);

	if (word.kind != IMAP_OPEN)
		return false;
	while ((word = imap_next(reader)).kind == IMAP_ATOM) {
		listed->closed |= imap_is(word, "\\Noselect") || imap_is(word, "\\NonExistent");
		if (folder_is_use(word.text)) {
			const char *use = arena_copy(from->harvest->arena, word.text);
			listed->use = use != NULL ? span_from(use) : SPAN("");
		}
	}
	return word.kind == IMAP_CLOSE;
}

/* "LIST (\HasNoChildren \Junk) "." INBOX.Junk" */
static bool
take_listed(void *context, struct span response, struct error *error)
{
	struct imap_harvest *from = context;
	struct imap_reader reader = {response};
	struct listed listed = {.use = SPAN("")};
	char separator[8], raw[NAME_SIZE];

	if (!imap_is(imap_next(&reader), "LIST"))
		return true;
	if (!read_attributes(&reader, &listed, from) || !imap_text(imap_next(&reader), separator, sizeof separator))
		return strange(from, "LIST", error);
	if (!imap_text(imap_next(&reader), raw, sizeof raw) || from->listed_count == HARVEST_FOLDERS_MAX)
		return strange(from, "LIST", error);
	char *name = (char *)(uintptr_t)folder_name_decode(from->harvest->arena, span_from(raw));
	listed.raw = harvest_text(from->harvest, span_from(raw), error);
	if (listed.raw == NULL || name == NULL)
		return harvest_is_full(error);
	for (char *c = name; strlen(separator) == 1 && *c != '\0'; c++)
		if (*c == separator[0])
			*c = '/';
	listed.name = name;
	from->listed[from->listed_count++] = listed;
	return true;
}

/* That of the folder, or of the nearest one above it that has one. */
static struct span
use_of(const struct imap_harvest *from, const struct listed *listed)
{
	struct span use = listed->use;
	size_t best = 0;

	for (size_t i = 0; listed->use.size == 0 && i < from->listed_count; i++) {
		struct span above = span_from(from->listed[i].name);
		if (from->listed[i].use.size > 0 && above.size > best && listed->name[0] != '\0' &&
		    span_starts(span_from(listed->name), above) && listed->name[above.size] == '/') {
			best = above.size;
			use = from->listed[i].use;
		}
	}
	return use;
}

static int
compare_listed(const void *a, const void *b)
{
	const struct listed *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static bool
list_folders(struct imap_harvest *from, struct error *error)
{
	bool uses = imap_can(from->imap, "SPECIAL-USE") && imap_can(from->imap, "LIST-EXTENDED");

	if (!imap_command(from->imap, take_listed, from, error, "LIST \"\" \"*\"%s",
			  uses ? " RETURN (SPECIAL-USE)" : ""))
		return false;
	qsort(from->listed, from->listed_count, sizeof *from->listed, compare_listed);
	return true;
}

/* ---- opening one ----------------------------------------------------------------------------- */

static bool
take_opened(void *context, struct span response, struct error *error)
{
	struct imap_harvest *from = context;
	struct imap_reader reader = {response};
	struct imap_word word = imap_next(&reader);
	unsigned long long number;

	(void)error;
	if (imap_is(word, "OK")) {
		struct span code = imap_status_of(reader.rest).code;
		if (span_starts_nocase(code, SPAN("UIDVALIDITY ")) &&
		    span_to_number(span_skip(code, sizeof "UIDVALIDITY " - 1), UINT32_MAX, &number))
			from->validity = number;
	} else if (word.kind == IMAP_ATOM && imap_is(imap_next(&reader), "EXISTS") &&
		   span_to_number(word.text, UINT32_MAX, &number)) {
		from->exists = number;
	}
	return true;
}

/* Read only. False with imap_failed: this folder cannot be opened. */
static bool
open_folder(struct imap_harvest *from, struct harvest_folder *folder, struct error *error)
{
	char quoted[2 * NAME_SIZE + 3];

	from->exists = from->validity = 0;
	from->open = NULL;
	if (!imap_quote(folder->place, quoted, sizeof quoted))
		return error_set(error, ERROR_PROTOCOL, "%s: the name of the folder %s cannot be said",
				 from->account->host, folder->name);
	if (!imap_command(from->imap, take_opened, from, error, "EXAMINE %s", quoted))
		return error_prefix(error, "%s", folder->name);
	from->open = folder;
	return true;
}

/* ---- messages ------------------------------------------------------------------------------- */

static uint64_t
key_of(const struct imap_harvest *from, const struct harvest_folder *folder, uint32_t uid)
{
	char validity[NUMBER_SIZE], number[NUMBER_SIZE];
	const char *const words[] = {from->account->host, from->account->user, folder->place, validity, number};

	snprintf(validity, sizeof validity, "%u", folder->validity);
	snprintf(number, sizeof number, "%u", uid);
	return harvest_key("imap", words, sizeof words / sizeof words[0]);
}

static bool
take_message(void *context, struct span response, struct error *error)
{
	struct imap_harvest *from = context;
	struct imap_fetched fetched;
	bool is_fetch;

	if (!imap_fetched_read(response, &fetched, &is_fetch))
		return strange(from, "FETCH", error);
	if (!is_fetch || fetched.uid == 0 || !fetched.has_flags || !fetched.has_date)
		return true; /* somebody has changed flags meanwhile */
	const struct harvest_message message = {
		.folder = (uint32_t)(from->open - from->harvest->folders),
		.number = (uint32_t)fetched.uid,
		.date = fetched.date,
		.size = fetched.size,
		.key = key_of(from, from->open, (uint32_t)fetched.uid),
	};
	return harvest_add(from->harvest, &message, (struct harvest_flags){fetched.unread, fetched.deleted}, error);
}

/* The last ones first, until there are as many as can be taken; those before are no younger, as a rule. */
static bool
list_messages(struct imap_harvest *from, struct harvest_folder *folder, struct error *error)
{
	size_t before = from->harvest->count;
	uint64_t last = from->exists;

	while (last > 0 && from->harvest->count - before < from->harvest->each) {
		uint64_t first = last > WINDOW ? last - WINDOW + 1 : 1;
		size_t old = folder->old;
		if (!imap_command(from->imap, take_message, from, error,
				  "FETCH %" PRIu64 ":%" PRIu64 " (UID FLAGS INTERNALDATE RFC822.SIZE)", first, last))
			return error_prefix(error, "%s", folder->name);
		last = first - 1;
		if (folder->old - old == WINDOW)
			break; /* a thousand that are too old: so are those before */
	}
	folder->messages += last;
	*(from->harvest->count - before < from->harvest->each ? &folder->old : &folder->beyond) += last;
	return true;
}

static bool
list_folder(struct imap_harvest *from, const struct listed *listed, struct error *error)
{
	const struct folder_view view = {.name = listed->name, .raw = listed->raw, .use = use_of(from, listed)};
	struct folder_opinion opinion = folder_judge(&view, &from->harvest->rules);
	const struct harvest_folder made = {
		.name = listed->name,
		.place = listed->raw,
		.source = HARVEST_IMAP,
		.role = opinion.role,
		.why = opinion.why,
	};
	struct harvest_folder *folder = listed->closed ? NULL : harvest_folder_add(from->harvest, &made, error);

	if (folder == NULL || folder->role == FOLDER_LEFT_OUT)
		return listed->closed || folder != NULL;
	if (!open_folder(from, folder, error)) {
		if (!imap_failed(from->imap))
			return false;
		folder->role = FOLDER_LEFT_OUT;
		folder->why = "the server does not open it";
		return true;
	}
	folder->validity = (uint32_t)from->validity;
	return list_messages(from, folder, error);
}

bool
imap_harvest_list(struct harvest *harvest, struct imap *imap, const struct imap_account *account,
		  struct imap_harvest **out, struct error *error)
{
	struct imap_harvest *from = calloc(1, sizeof *from);

	if (from == NULL)
		abort();
	*from = (struct imap_harvest){.harvest = harvest, .imap = imap, .account = account};
	from->listed = calloc(HARVEST_FOLDERS_MAX, sizeof *from->listed);
	if (from->listed == NULL)
		abort();
	for (size_t i = 0; i < IMAP_AHEAD; i++)
		from->ahead[i].bytes = BUFFER_INIT(HARVEST_MESSAGE_MAX);
	bool good = list_folders(from, error);
	for (size_t i = 0; good && i < from->listed_count; i++)
		good = list_folder(from, &from->listed[i], error);
	if (good)
		*out = from;
	else
		imap_harvest_end(from);
	return good;
}

void
imap_harvest_end(struct imap_harvest *from)
{
	if (from == NULL)
		return;
	for (size_t i = 0; i < IMAP_AHEAD; i++)
		buffer_free(&from->ahead[i].bytes);
	free(from->listed);
	free(from);
}

/* ---- reading ahead --------------------------------------------------------------------------- */

static struct harvest_folder *
folder_at(const struct imap_harvest *from, size_t index)
{
	return &from->harvest->folders[from->harvest->messages[index].folder];
}

/* Which messages are read together, beginning with `index`. */
static void
choose(struct imap_harvest *from, size_t index)
{
	uint64_t bytes = 0;

	from->ahead_count = 0;
	for (; index < from->harvest->count && from->ahead_count < IMAP_AHEAD; index++) {
		const struct harvest_message *message = &from->harvest->messages[index];
		if (folder_at(from, index)->source != HARVEST_IMAP)
			continue;
		bytes += message->size < HARVEST_MESSAGE_MAX ? message->size : HARVEST_MESSAGE_MAX;
		if (from->ahead_count > 0 && bytes > IMAP_AHEAD_BYTES)
			break;
		struct ahead *ahead = &from->ahead[from->ahead_count++];
		ahead->index = index;
		ahead->here = false;
		buffer_clear(&ahead->bytes);
	}
}

static bool
take_body(void *context, struct span response, struct error *error)
{
	struct imap_harvest *from = context;
	struct imap_fetched fetched;
	bool is_fetch;

	if (!imap_fetched_read(response, &fetched, &is_fetch))
		return strange(from, "UID FETCH", error);
	for (size_t i = 0; is_fetch && fetched.has_body && i < from->ahead_count; i++) {
		struct ahead *ahead = &from->ahead[i];
		if (folder_at(from, ahead->index) != from->open ||
		    from->harvest->messages[ahead->index].number != fetched.uid)
			continue;
		buffer_clear(&ahead->bytes);
		ahead->here = buffer_append_span(&ahead->bytes, span_head(fetched.body, HARVEST_MESSAGE_MAX));
	}
	return true;
}

/* Those of one folder. Numbers of a folder that was made anew mean other messages: then all are gone. */
static bool
fetch_folder(struct imap_harvest *from, struct harvest_folder *folder, struct error *error)
{
	char set[IMAP_AHEAD * 12 + 1];
	size_t used = 0;

	if (from->open != folder && !open_folder(from, folder, error))
		return imap_failed(from->imap);
	if (from->validity != folder->validity)
		return true;
	for (size_t i = 0; i < from->ahead_count; i++)
		if (folder_at(from, from->ahead[i].index) == folder)
			used += (size_t)snprintf(set + used, sizeof set - used, "%s%u", used > 0 ? "," : "",
						 from->harvest->messages[from->ahead[i].index].number);
	if (imap_command(from->imap, take_body, from, error, "UID FETCH %s (UID BODY.PEEK[]<0.%zu>)", set,
			 HARVEST_MESSAGE_MAX))
		return true;
	/* a NO: one of them has vanished, and the others may have come */
	return imap_failed(from->imap) || error_prefix(error, "%s", folder->name);
}

static bool
read_ahead(struct imap_harvest *from, size_t index, struct error *error)
{
	choose(from, index);
	for (size_t i = 0; i < from->ahead_count; i++) {
		struct harvest_folder *folder = folder_at(from, from->ahead[i].index);
		bool done = false;
		for (size_t j = 0; j < i; j++)
			done |= folder_at(from, from->ahead[j].index) == folder;
		if (!done && !fetch_folder(from, folder, error))
			return false;
	}
	return true;
}

bool
imap_harvest_read(struct imap_harvest *from, size_t index, struct buffer *bytes, bool *gone, struct error *error)
{
	struct ahead *found = NULL;

	for (int round = 0; found == NULL && round < 2; round++) {
		if (round > 0 && !read_ahead(from, index, error))
			return false;
		for (size_t i = 0; i < from->ahead_count; i++)
			if (from->ahead[i].index == index)
				found = &from->ahead[i];
	}
	*gone = found == NULL || !found->here;
	buffer_clear(bytes);
	return *gone || buffer_append_span(bytes, buffer_span(&found->bytes)) ||
	       error_set(error, ERROR_DATA, "a message of %zu bytes has no room", found->bytes.size);
}
