/* Tokens of other filters: bogofilter's words, and SpamAssassin's, which are lost. */
#include "base/crc64.h"
#include "move/foreign.h"
#include "move/line.h"
#include "move/token_dump.h"
#include "token/words.h"

enum { LINE_MAX_SIZE = 65536 };

/* ---- bogofilter's words as our tokens --------------------------------------------- */

static const struct heading {
	const char *theirs, *ours;
} headings[] = {
	{"subj:", "Subject*"}, {"from:", "From*"}, {"to:", "To*"}, {"rtrn:", "Return-Path*"}, {"rcvd:", "Received*"},
};

/* Those whose words could stand in any header, or in parts that we cut otherwise. */
static const char *const lost[] = {"head:", "mime:", "url:", "ip:"};

/* Whether the tokenizer would leave the word whole. */
static bool
is_whole(struct span word, enum tokenizer tokenizer, bool header)
{
	const struct delimiters *sparse = header ? &delimiters_sparse_header : &delimiters_sparse_body;
	const struct delimiters *plain = header ? &delimiters_header : &delimiters_body;
	const struct delimiters *delimiters = tokenizer == TOKENIZER_SBPH ? sparse : plain;

	if (word.size == 0 || word.size > WORD_SIZE_MAX)
		return false;
	for (size_t i = 0; i < word.size; i++)
		if (delimiters->is[(unsigned char)word.data[i]])
			return false;
	return true;
}

/* "now!!!" is "now!" for word and chain (dspam-behaviour: tokenizer 7). */
static struct span
trim(struct span word, enum tokenizer tokenizer)
{
	while (tokenizer != TOKENIZER_SBPH && word.size >= 2 && word.data[word.size - 2] == '!')
		word.size--;
	return word;
}

static bool
map(struct span word, enum tokenizer tokenizer, uint64_t *token)
{
	struct span ours = SPAN("");

	for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++)
		if (span_starts(word, span_from(lost[i])))
			return false;
	for (size_t i = 0; ours.size == 0 && i < sizeof headings / sizeof headings[0]; i++)
		if (span_starts(word, span_from(headings[i].theirs))) {
			ours = span_from(headings[i].ours);
			word = span_skip(word, strlen(headings[i].theirs));
		}
	if (!is_whole(word, tokenizer, ours.size > 0))
		return false;
	*token = crc64(crc64(0, ours), trim(word, tokenizer));
	return true;
}

/* ---- bogoutil -d ------------------------------------------------------------ */

struct entry {
	struct span word;
	unsigned long long spam, ham;
	int32_t day;
};

/* "word 3 0 20261125"; a word may hold what looks like a space. */
static bool
cut(struct span line, struct entry *entry)
{
	struct span field[3];
	char date[16];

	line = span_trim(line);
	for (size_t i = 3; i-- > 0;) {
		size_t start = line.size;
		while (start > 0 && line.data[start - 1] != ' ')
			start--;
		if (start < 2)
			return false;
		field[i] = span_skip(line, start);
		line.size = start - 1;
	}
	entry->word = line;
	if (!span_to_number(field[0], INT32_MAX, &entry->spam) || !span_to_number(field[1], INT32_MAX, &entry->ham))
		return false;
	entry->day = 0;
	if (field[2].size == 8) {
		snprintf(date, sizeof date, "%.4s-%.2s-%.2s", field[2].data, field[2].data + 4, field[2].data + 6);
		return foreign_day(span_from(date), &entry->day);
	}
	return span_equal(field[2], SPAN("0"));
}

bool
token_dump_is_bogofilter(struct span line)
{
	struct entry entry;

	return cut(line, &entry);
}

static void
take(const struct entry *entry, enum tokenizer tokenizer, struct person *person, struct token_dump_share *share)
{
	struct store_row row = {.spam = (uint32_t)entry->spam, .innocent = (uint32_t)entry->ham, .day = entry->day};

	if (entry->word.data[0] == '.') { /* of the word list itself */
		if (span_equal(entry->word, SPAN(".MSG_COUNT"))) {
			person->totals.spam_learned = row.spam;
			person->totals.innocent_learned = row.innocent;
		}
		return;
	}
	share->words++;
	if (!map(entry->word, tokenizer, &row.token))
		return;
	share->used++;
	person_add_row(person, &row);
}

static bool
check_totals(const struct person *person, const char *path, struct error *error)
{
	return person->totals.spam_learned > 0 || person->totals.innocent_learned > 0 ||
	       error_set(error, ERROR_DATA,
			 "%s: has no line .MSG_COUNT, without which hits mean nothing; write all of the word list with"
			 " bogoutil -d",
			 path);
}

bool
token_dump_bogofilter(FILE *in, const char *path, enum tokenizer tokenizer, struct person *person,
		      struct token_dump_share *share, struct error *error)
{
	struct line_reader reader;
	struct entry entry;
	struct span line;
	bool done = true;

	*share = (struct token_dump_share){0};
	if (tokenizer == TOKENIZER_OSB)
		return error_set(error, ERROR_CONFIG,
				 "%s: words of bogofilter are no tokens of Tokenizer osb, which makes pairs only; set"
				 " Tokenizer chain, or train with dspam_train instead",
				 path);
	line_begin(&reader, in, path, LINE_MAX_SIZE);
	while (done && line_next(&reader, &line, error)) {
		done = cut(line, &entry) ||
		       line_fail(&reader, error, "is no line of bogoutil -d, such as \"word 3 0 20261125\"");
		if (done)
			take(&entry, tokenizer, person, share);
	}
	done = done && !reader.failed && check_totals(person, path, error);
	line_end(&reader);
	return done;
}

/* ---- SpamAssassin ----------------------------------------------------------- */

bool
token_dump_is_spamassassin(struct span line)
{
	return span_starts(line, SPAN("v\t")) && span_find(line, SPAN("db_version")) != SPAN_NONE;
}

bool
token_dump_spamassassin(const char *path, struct error *error)
{
	return error_set(
		error, ERROR_DATA,
		"%s: SpamAssassin's backups hold 40 bits of a SHA-1 sum of each word, not the word: they cannot"
		" become tokens of ours, and its totals without tokens would do harm; train with the mail itself"
		" (dspam_train, see docs/moving.md)",
		path);
}
