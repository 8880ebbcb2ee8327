#include "tool/quarantine_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/locked_file.h"
#include "filter/signature.h"
#include "mail/header_text.h"
#include "mail/message.h"
#include "tool/mbox.h"

#define PIECE_SIZE ((size_t)256 * 1024)
#define HEAD_MAX ((size_t)64 * 1024) /* bytes of a message in which its headers are looked for */
#define FIELD_MAX 200
#define SCRATCH_MAX ((size_t)4 * 1024 * 1024)
#define PATIENCE 60000 /* milliseconds to wait for the lock */

/* ---- one message --------------------------------------------------------------------- */

/* The time in "From QUARANTINE Sun Nov 22 06:08:29 2026". */
static bool
parse_from_line(struct span line, time_t *time)
{
	static const struct span start = {"From QUARANTINE ", 16};
	char text[64];
	struct tm local = {.tm_isdst = -1};

	if (!span_starts(line, start) || line.size - start.size >= sizeof text)
		return false;
	memcpy(text, line.data + start.size, line.size - start.size);
	text[line.size - start.size] = '\0';
	if (strptime(text, "%a %b %d %H:%M:%S %Y", &local) == NULL)
		return false;
	*time = mktime(&local);
	return *time != (time_t)-1;
}

static struct span
head_of(struct span text)
{
	struct span rest = text, line;
	size_t size = 0;

	while (span_next_line(&rest, &line) && span_trim(line).size > 0)
		size += line.size;
	return span_head(text, size);
}

static const char *
field_of(const struct message *message, struct arena *arena, const char *name)
{
	const struct mail_header *header = mail_part_header(&message->parts[0], span_from(name));

	return header != NULL ? header_text(arena, header->value, FIELD_MAX) : "";
}

/* The last one: ours, where incoming ones are kept. */
static const char *
signature_of(const struct message *message, struct arena *arena)
{
	const struct mail_part *part = &message->parts[0];

	for (size_t i = part->header_count; i > 0; i--) {
		const struct mail_header *header = &part->headers[i - 1];
		struct span value = span_trim(header->value);

		if (span_equal_nocase(header->name, SPAN("X-DSPAM-Signature")) && signature_id_valid(value))
			return arena_copy(arena, value);
	}
	return "";
}

/* Fill in what the headers say; texts live in `arena`, all else in `scratch`. */
static bool
parse_head(struct span head, struct arena *scratch, struct arena *arena, struct quarantine_item *item)
{
	const struct message *message = message_parse(scratch, head);

	if (message == NULL)
		return false;
	item->from = field_of(message, arena, "From");
	item->subject = field_of(message, arena, "Subject");
	item->signature = signature_of(message, arena);
	item->user = field_of(message, arena, "X-DSPAM-User");
	if (item->from == NULL || item->subject == NULL || item->signature == NULL || item->user == NULL)
		return false;
	if (*item->user == '\0')
		item->user = NULL;
	return true;
}

bool
quarantine_item_parse(struct span text, struct arena *arena, struct quarantine_item *item)
{
	struct span line;

	*item = (struct quarantine_item){.from = "", .subject = "", .signature = ""};
	if (!span_next_line(&text, &line) || !parse_from_line(line, &item->time))
		return false;
	return parse_head(head_of(text), arena, arena, item);
}

/* ---- all of them ------------------------------------------------------------------------ */

struct reading {
	const struct quarantine_query *query;
	struct arena *arena;
	struct arena *scratch;
	struct mbox_scan scan;
	int fd;
	char *head;
	struct quarantine_list *list; /* a ring until it is read to the end */
	bool full;                    /* of the arena */
};

static bool
is_wanted(const struct quarantine_query *query, const struct quarantine_item *item)
{
	return item->time >= query->since &&
	       (query->user == NULL || (item->user != NULL && strcmp(query->user, item->user) == 0));
}

/* Copies, since what was parsed goes with the scratch arena. */
static bool
keep(struct reading *reading, const struct quarantine_item *item)
{
	struct quarantine_list *list = reading->list;
	struct quarantine_item copy = {
		.time = item->time,
		.from = arena_copy(reading->arena, span_from(item->from)),
		.subject = arena_copy(reading->arena, span_from(item->subject)),
		.signature = arena_copy(reading->arena, span_from(item->signature)),
	};

	if (copy.from == NULL || copy.subject == NULL || copy.signature == NULL)
		return false;
	list->items[list->found++ % reading->query->most] = copy;
	return true;
}

static bool
each_message(void *context, uint64_t offset, uint64_t size)
{
	struct reading *reading = context;
	struct quarantine_item item;
	uint64_t start = reading->scan.from_line;
	size_t wanted = offset + size - start < HEAD_MAX ? (size_t)(offset + size - start) : HEAD_MAX;
	ssize_t got = pread(reading->fd, reading->head, wanted, (off_t)start);

	if (got <= 0)
		return true;
	arena_reset(reading->scratch);
	if (quarantine_item_parse(span_of(reading->head, (size_t)got), reading->scratch, &item) &&
	    is_wanted(reading->query, &item))
		reading->full = !keep(reading, &item);
	return !reading->full;
}

/* Read up to `size`: what is appended meanwhile is for the next time. */
static bool
scan(struct reading *reading, uint64_t size)
{
	char *piece = malloc(PIECE_SIZE);
	ssize_t count = 1;

	if (piece == NULL)
		abort();
	mbox_begin(&reading->scan, each_message, reading);
	while (size > 0 && !reading->full && count > 0) {
		count = read(reading->fd, piece, size < PIECE_SIZE ? (size_t)size : PIECE_SIZE);
		if (count > 0) {
			mbox_push(&reading->scan, span_of(piece, (size_t)count));
			size -= (uint64_t)count;
		} else if (count < 0 && errno == EINTR) {
			count = 1;
		}
	}
	mbox_end(&reading->scan);
	free(piece);
	return count >= 0;
}

/* The ring as a list, oldest first. */
static bool
straighten(struct quarantine_list *list, size_t most, struct arena *arena)
{
	list->count = list->found < most ? list->found : most;
	struct quarantine_item *items = arena_calloc(arena, list->count + 1, sizeof *items);

	if (items == NULL)
		return false;
	for (size_t i = 0; i < list->count; i++)
		items[i] = list->items[(list->found - list->count + i) % most];
	list->items = items;
	return true;
}

/* The size of the mbox at a time when nobody writes to it; -1 with errno. */
static off_t
settled_size(const char *path)
{
	int fd = locked_file_open(path, false, PATIENCE);
	struct stat status;
	off_t size = fd >= 0 && fstat(fd, &status) == 0 ? status.st_size : -1;
	int code = errno;

	if (fd >= 0)
		close(fd);
	errno = code;
	return size;
}

bool
quarantine_list_read(const char *path, const struct quarantine_query *query, struct arena *arena,
		     struct quarantine_list *list, struct error *error)
{
	off_t size = settled_size(path);
	struct reading reading = {.query = query, .arena = arena, .list = list, .fd = -1};

	*list = (struct quarantine_list){.items = NULL};
	if (size < 0 && (errno == ENOENT || errno == ENOTDIR))
		return true;
	reading.fd = size >= 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (reading.fd < 0)
		return error_later(error, ERROR_INPUT, "%s: cannot be read: %s", path, strerror(errno));
	list->items = arena_calloc(arena, query->most, sizeof *list->items);
	reading.scratch = arena_new(SCRATCH_MAX);
	reading.head = malloc(HEAD_MAX);
	if (reading.head == NULL)
		abort();
	bool good = list->items != NULL && scan(&reading, (uint64_t)size);
	int code = errno;
	reading.full = reading.full || list->items == NULL || !straighten(list, query->most, arena);
	free(reading.head);
	arena_free(reading.scratch);
	close(reading.fd);
	if (reading.full)
		return error_set(error, ERROR_DATA, "%s: there is too much in it for one list", path);
	return good || error_later(error, ERROR_IO, "%s: cannot be read: %s", path, strerror(code));
}
