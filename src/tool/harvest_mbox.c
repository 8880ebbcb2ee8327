/* Messages of mbox files, and the bytes of messages of all files. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/ascii.h"
#include "mail/from_line.h"
#include "tool/file.h"
#include "tool/harvest.h"
#include "tool/mbox.h"

#define READ_SIZE ((size_t)256 * 1024)
#define HEAD_SIZE ((size_t)16 * 1024)

/* ---- listing ---------------------------------------------------------------------------- */

struct listing {
	struct harvest *harvest;
	struct mbox_scan scan;
	int file;
	const char *path;
	struct harvest_message message;
	struct buffer head;
	struct error *error;
};

/* "From anna@example.org Mon Jan  1 10:00:00 2024"; who writes no date is older than what follows. */
static int64_t
date_of(struct span line, int64_t before)
{
	struct tm time = {0};
	char copy[200];
	size_t size = line.size < sizeof copy - 1 ? line.size : sizeof copy - 1;

	memcpy(copy, line.data, size);
	copy[size] = '\0';
	for (const char *at = strchr(copy, ' '); at != NULL; at = strchr(at + 1, ' ')) {
		const char *rest = strptime(at, " %a %b %d %H:%M:%S %Y", &time);
		if (rest != NULL)
			return (int64_t)timegm(&time);
	}
	return before;
}

/* The value of a header of the programs that keep flags in the message; empty: there is none. */
static struct span
value_of(struct span head, struct span name)
{
	struct span line;

	while (span_next_line(&head, &line) && span_trim(line).size > 0)
		if (span_starts_nocase(line, name))
			return span_trim(span_skip(line, name.size));
	return SPAN("");
}

/* Status and X-Status of mutt and Dovecot, X-Mozilla-Status of Thunderbird. Without them it counts as read. */
static struct harvest_flags
flags_of(struct span head)
{
	struct span status = value_of(head, SPAN("Status:")), mark = value_of(head, SPAN("X-Status:"));
	struct span mozilla = value_of(head, SPAN("X-Mozilla-Status:"));
	unsigned bits = 0;

	for (size_t i = 0; i < mozilla.size && i < 4 && ascii_hex(mozilla.data[i]) >= 0; i++)
		bits = bits * 16 + (unsigned)ascii_hex(mozilla.data[i]);
	return (struct harvest_flags){
		.unread = mozilla.size > 0 ? (bits & 1) == 0
					   : status.size > 0 && span_find_byte(status, 'R') == SPAN_NONE,
		.deleted = (bits & 8) != 0 || span_find_byte(mark, 'D') != SPAN_NONE,
	};
}

static bool
add_message(void *context, uint64_t offset, uint64_t size)
{
	struct listing *listing = context;
	struct harvest_message *message = &listing->message;
	uint64_t whole = offset + size - listing->scan.from_line;
	struct span head, line = SPAN("");

	buffer_clear(&listing->head);
	if (!file_read_at(listing->file, listing->path, listing->scan.from_line, whole < HEAD_SIZE ? whole : HEAD_SIZE,
			  &listing->head, listing->error))
		return false;
	head = buffer_span(&listing->head);
	span_next_line(&head, &line);
	message->date = date_of(line, message->date);
	message->number++;
	message->offset = offset;
	message->size = size;
	return harvest_add(listing->harvest, message, flags_of(head), listing->error);
}

static bool
scan_file(struct listing *listing, struct error *error)
{
	struct buffer bytes = BUFFER_INIT(READ_SIZE);
	bool done;

	mbox_begin(&listing->scan, add_message, listing);
	do {
		buffer_clear(&bytes);
		done = file_read_at(listing->file, listing->path, listing->scan.position, READ_SIZE, &bytes, error);
		mbox_push(&listing->scan, buffer_span(&bytes));
	} while (done && bytes.size > 0 && !listing->scan.stopped);
	buffer_free(&bytes);
	done = done && mbox_end(&listing->scan);
	if (done && listing->message.number == 0 && listing->scan.position > 0)
		return error_set(error, ERROR_DATA, "%s is no mbox file: no line in it begins with \"From \"",
				 listing->path);
	return done;
}

/* ---- folders -------------------------------------------------------------------------------- */

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static bool
add_folder(struct harvest *harvest, const char *path, bool by_name, enum folder_role role, struct error *error)
{
	struct folder_view view = {.name = folder_name_decode(harvest->arena, span_from(name_of(path))), .raw = path};
	struct harvest_folder folder = {
		.name = harvest_text(harvest, span_from(path), error),
		.place = harvest_text(harvest, span_from(path), error),
		.source = HARVEST_MBOX,
		.role = role,
		.why = role == FOLDER_SPAM ? "--spam-mbox" : "--innocent-mbox",
	};

	if (folder.name == NULL || folder.place == NULL || view.name == NULL)
		return harvest_is_full(error);
	if (by_name) {
		struct folder_opinion opinion = folder_judge(&view, &harvest->rules);
		folder.role = opinion.role;
		folder.why = opinion.why;
	}
	return harvest_folder_add(harvest, &folder, error) != NULL;
}

static int
open_mbox(const char *path, struct error *error)
{
	struct stat status;

	if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
		return file_open(path, error);
	error_set(error, ERROR_INPUT, "%s is a directory, and no mbox file; a Maildir goes with --maildir", path);
	return -1;
}

bool
harvest_mbox(struct harvest *harvest, const char *path, bool by_name, enum folder_role role, struct error *error)
{
	struct listing listing = {
		.harvest = harvest,
		.file = open_mbox(path, error),
		.head = BUFFER_INIT(HEAD_SIZE),
		.error = error,
	};

	if (listing.file < 0)
		return false;
	bool good = add_folder(harvest, path, by_name, role, error);
	if (good) {
		listing.message.folder = (uint32_t)harvest->folder_count - 1;
		listing.path = harvest->folders[listing.message.folder].place;
		good = scan_file(&listing, error);
	}
	buffer_free(&listing.head);
	close(listing.file);
	return good;
}

/* ---- bytes ------------------------------------------------------------------------------------- */

static bool
read_part(const char *path, bool follow, uint64_t offset, uint64_t size, struct buffer *bytes, bool *gone,
	  struct error *error)
{
	*gone = access(path, F_OK) != 0 && errno == ENOENT;
	int file = *gone ? -1 : (follow ? file_open : file_open_itself)(path, error);

	if (file < 0)
		return *gone;
	bool done = file_read_at(file, path, offset, size, bytes, error);
	close(file);
	return done;
}

bool
harvest_read(const struct harvest *harvest, const struct harvest_message *message, struct buffer *bytes, bool *gone,
	     struct error *error)
{
	const char *place = harvest->folders[message->folder].place;
	char path[PATH_MAX];

	buffer_clear(bytes);
	if (message->path != NULL) {
		if ((size_t)snprintf(path, sizeof path, "%s/%s", place, message->path) >= sizeof path)
			return error_set(error, ERROR_INPUT, "%s/%s: the path is too long", place, message->path);
		return read_part(path, false, 0, HARVEST_MESSAGE_MAX, bytes, gone, error);
	}
	uint64_t size = message->size < HARVEST_MESSAGE_MAX ? message->size : HARVEST_MESSAGE_MAX;
	if (!read_part(place, true, message->offset, size, bytes, gone, error))
		return false;
	bytes->size = from_line_unquote(buffer_span(bytes), bytes->data);
	return true;
}
