/* The grammar of dspam.conf: pieces of lines, comments, words. */
#include "config/reader.h"

/* One piece of a line. */
struct piece {
	struct reader *reader;
	struct config_place place;
	struct span rest; /* not yet cut into words */
	const char *cut;  /* "#" or ";" if a comment was removed inside quotes */
	bool unclosed;    /* the last word began with a quote that did not end */
};

/* ---- words ---------------------------------------------------------------- */

static const char separators[] = " \t\r\n";

/* The next word: bare up to a separator, quoted up to the next quote or the end. */
static bool
next_word(struct piece *piece, struct span *word)
{
	struct span rest = piece->rest;
	size_t skipped = 0;

	while (skipped < rest.size && memchr(separators, rest.data[skipped], sizeof separators - 1) != NULL)
		skipped++;
	rest = span_skip(rest, skipped);
	piece->rest = rest;
	if (rest.size == 0)
		return false;
	if (rest.data[0] != '"')
		return span_next_word(&piece->rest, separators, word);
	rest = span_skip(rest, 1);
	size_t end = span_find_byte(rest, '"');
	piece->unclosed = end == SPAN_NONE;
	*word = span_head(rest, end);
	piece->rest = piece->unclosed ? span_of(NULL, 0) : span_skip(rest, end + 1);
	return true;
}

/*
 * Remove the comment: from the first # or, only when there is none, from the first ;
 * This holds inside quotes too, as it always did.
 */
static void
cut_comment(struct piece *piece)
{
	size_t at = span_find_byte(piece->rest, '#');

	if (at == SPAN_NONE)
		at = span_find_byte(piece->rest, ';');
	if (at == SPAN_NONE)
		return;
	piece->cut = piece->rest.data[at] == '#' ? "#" : ";";
	piece->rest = span_head(piece->rest, at);
}

static void
report_quotes(const struct piece *piece, const struct directive *row)
{
	if (!piece->unclosed)
		return;
	if (piece->cut != NULL)
		config_note(
			piece->reader->config, CONFIG_WARNING, piece->place,
			"%s: the value is cut at %s, which begins a comment also inside quotes; write it without %s",
			row->name, piece->cut, piece->cut);
	else
		config_note(piece->reader->config, CONFIG_WARNING, piece->place,
			    "%s: the closing quote is missing; the value ends with the line", row->name);
}

/* ---- directives -------------------------------------------------------------- */

static void
report_unknown(const struct piece *piece, struct span name)
{
	bool full = piece->reader->config->finding_count >= CONFIG_FINDINGS; /* a file of something else */
	const char *nearest = full ? NULL : directive_nearest(name);
	struct span shown = span_head(name, 80);

	if (nearest != NULL)
		config_note(piece->reader->config, CONFIG_WARNING, piece->place,
			    "%.*s: there is no such directive, the line is ignored; did you mean %s?", (int)shown.size,
			    shown.data, nearest);
	else
		config_note(piece->reader->config, CONFIG_WARNING, piece->place,
			    "%.*s: there is no such directive, the line is ignored; dspam.conf(5) lists them all",
			    (int)shown.size, shown.data);
}

/* The row of a name that may be used; otherwise what is wrong with it is noted. */
static const struct directive *
known_directive(const struct piece *piece, struct span name, struct span *suffix)
{
	struct config *config = piece->reader->config;
	const struct directive *row = directive_find(name, suffix);
	const char *wrong = NULL;

	if (row == NULL) {
		report_unknown(piece, name);
		return NULL;
	}
	if (row->type == DIRECTIVE_WRONG)
		wrong = row->documentation;
	else if (!config_suffix_valid(*suffix))
		wrong = "behind the dot stand at most 255 printable characters without space and quote";
	else if (row->type == DIRECTIVE_INCLUDE && !span_equal(name, SPAN("Include")))
		wrong = "write Include with a capital I";
	if (wrong == NULL)
		return row;
	config_note(config, CONFIG_WARNING, piece->place, "%s: the line is ignored; %s", row->name, wrong);
	return NULL;
}

static bool
take_value(struct piece *piece, const struct directive *row, struct span suffix, struct span value)
{
	struct reader *reader = piece->reader;

	if (row->type == DIRECTIVE_INCLUDE)
		return reader_include(reader, piece->place, value);
	if (config_add(reader->config, row, suffix, value, piece->place))
		return true;
	return error_set(reader->error, ERROR_CONFIG, "%s:%u: %s: more than %d values in all; make the file shorter",
			 piece->place.file, piece->place.line, row->name, CONFIG_VALUES);
}

static bool
read_piece(struct piece *piece)
{
	struct span name, suffix, value;
	size_t values = 0;

	cut_comment(piece);
	if (!next_word(piece, &name))
		return true;
	const struct directive *row = known_directive(piece, name, &suffix);
	if (row == NULL)
		return true;
	for (; next_word(piece, &value); values++)
		if (!take_value(piece, row, suffix, value))
			return false;
	if (values == 0)
		config_note(piece->reader->config, CONFIG_WARNING, piece->place,
			    "%s: there is no value, the line is ignored", row->name);
	report_quotes(piece, row);
	return true;
}

/* ---- lines --------------------------------------------------------------------- */

/* A line as pieces: what is beyond 1023 bytes counts as a line of its own; a NUL ends a piece. */
static bool
read_line(struct reader *reader, struct config_place place, struct span line)
{
	while (line.size > 0 && strchr("\r\n", line.data[line.size - 1]) != NULL)
		line.size--;
	if (line.size > CONFIG_PIECE)
		config_note(reader->config, CONFIG_WARNING, place,
			    "the line has more than %d bytes; what follows counts as a new line", CONFIG_PIECE);
	while (line.size > 0) {
		struct piece piece = {.reader = reader, .place = place, .rest = span_head(line, CONFIG_PIECE)};

		line = span_skip(line, CONFIG_PIECE);
		piece.rest = span_head(piece.rest, span_find_byte(piece.rest, '\0'));
		if (!read_piece(&piece))
			return false;
	}
	return true;
}

bool
reader_text(struct reader *reader, const char *name, struct span text)
{
	struct span line;

	for (unsigned number = 1; span_next_line(&text, &line); number++) {
		struct config_place place = {name, number, reader->sequence++};

		if (!read_line(reader, place, line))
			return false;
	}
	return true;
}

bool
config_read_text(struct config *config, struct span text, const char *name, struct error *error)
{
	const char *copy = arena_copy(config->arena, span_from(name));                            /* findings keep it */
	struct reader reader = {.config = config, .error = error, .sequence = CONFIG_TOTAL_SIZE}; /* behind any file */

	if (text.size > CONFIG_FILE_SIZE)
		return error_set(error, ERROR_CONFIG, "%s: more than %d bytes", name, CONFIG_FILE_SIZE);
	return reader_text(&reader, copy != NULL ? copy : config->name, text);
}
