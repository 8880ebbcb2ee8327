#include "filter/signature.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/ascii.h"
#include "filter/signature_state.h"
#include "mail/embedded.h"
#include "mail/part.h"

#define RECORD_SIZE 16
#define DUMMY_SIZE 8     /* what the original kept of a virus: nothing to learn */
#define SEPARATOR '\x01' /* between the texts of an sbph signature */

const char *
signature_new_id(struct arena *arena, store_uid uid)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char random[SIGNATURE_ID_SIZE / 2];
	char *id = arena_text(arena, SIGNATURE_ID_SIZE + 1);

	if (id == NULL)
		return NULL;
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		abort(); /* cannot happen: at most 256 bytes, no signal interrupts them */
	size_t begin = uid != 0 ? (size_t)snprintf(id, SIGNATURE_ID_SIZE + 1, "%u,", uid) : 0;
	for (size_t i = begin; i < SIGNATURE_ID_SIZE; i++)
		id[i] = digits[random[i / 2] >> (4 * (i % 2)) & 15];
	id[SIGNATURE_ID_SIZE] = '\0';
	return id;
}

store_uid
signature_uid(struct span id)
{
	size_t comma = span_find_byte(id, ',');
	unsigned long long number;

	return comma != SPAN_NONE && span_to_number(span_head(id, comma), INT32_MAX, &number) ? (store_uid)number : 0;
}

bool
signature_id_valid(struct span id)
{
	for (size_t i = 0; i < id.size; i++)
		if (!ascii_is_letter(id.data[i]) && !ascii_is_digit(id.data[i]) && id.data[i] != ',')
			return false;
	return id.size > 0 && id.size <= EMBEDDED_SIGNATURE_SIZE;
}

/* ---- content --------------------------------------------------------------- */

static struct span
encode_texts(struct arena *arena, const struct flat *flat)
{
	size_t size = flat->header.size + flat->body.size + 2;
	char *out = arena_text(arena, size);

	if (out == NULL)
		return (struct span){NULL, 0};
	memcpy(out, flat->header.data, flat->header.size);
	out[flat->header.size] = SEPARATOR;
	memcpy(out + flat->header.size + 1, flat->body.data, flat->body.size);
	out[size - 1] = '\0';
	return (struct span){out, size};
}

static char *
put_record(char *out, uint64_t id, uint32_t frequency)
{
	for (int byte = 0; byte < 8; byte++)
		out[byte] = (char)(id >> (8 * byte));
	out[8] = (char)frequency;
	return out + RECORD_SIZE;
}

struct span
signature_encode(struct arena *arena, enum tokenizer tokenizer, const struct flat *flat, const struct token_set *set,
		 const struct noise_pattern *patterns, size_t pattern_count)
{
	if (tokenizer == TOKENIZER_SBPH)
		return encode_texts(arena, flat);
	size_t count = set->count + pattern_count;
	char *data = arena_calloc(arena, count, RECORD_SIZE), *out = data;
	if (data == NULL)
		return (struct span){NULL, 0};
	for (size_t i = 0; i < set->count; i++)
		out = put_record(out, set->tokens[set->order[i]].id, set->tokens[set->order[i]].frequency);
	for (size_t i = 0; i < pattern_count; i++)
		out = put_record(out, patterns[i].id, 1);
	return (struct span){data, count * RECORD_SIZE};
}

static struct token_set *
decode_texts(struct arena *arena, struct span data, const struct tokenize_options *options, struct error *error)
{
	data = signature_texts(data);
	size_t separator = span_find_byte(data, SEPARATOR);

	if (separator == SPAN_NONE || data.data[data.size - 1] != '\0') {
		error_set(error, ERROR_DATA, "the signature was not made with Tokenizer sbph");
		return NULL;
	}
	struct flat flat = {span_head(data, separator), span_skip(data, separator + 1)};
	flat.body.size--;
	struct token_set *set = tokenize(arena, &flat, options);
	if (set == NULL)
		error_set(error, ERROR_DATA, "the signature is too large");
	return set;
}

static struct token_set *
decode_records(struct arena *arena, struct span data, struct error *error)
{
	struct token_set *set = token_set_new(arena);

	for (size_t at = 0; set != NULL && at + RECORD_SIZE <= data.size; at += RECORD_SIZE) {
		uint64_t id = 0;
		for (int byte = 7; byte >= 0; byte--)
			id = id << 8 | (unsigned char)data.data[at + (size_t)byte];
		uint32_t index = token_set_add(set, id, SPAN(""));
		if (index != TOKEN_NONE)
			set->tokens[index].frequency = (unsigned char)data.data[at + 8];
	}
	if (set == NULL || set->truncated || !token_set_finish(set)) {
		error_set(error, ERROR_DATA, "the signature is too large");
		return NULL;
	}
	return set;
}

struct span
signature_dummy(void)
{
	static const char zeros[DUMMY_SIZE];

	return span_of(zeros, sizeof zeros);
}

bool
signature_is_dummy(struct span data)
{
	return span_equal(data, signature_dummy());
}

struct token_set *
signature_decode(struct arena *arena, struct span data, const struct tokenize_options *options, struct error *error)
{
	bool is_dummy = data.size == DUMMY_SIZE && span_find_byte(data, SEPARATOR) == SPAN_NONE;

	if (options->tokenizer == TOKENIZER_SBPH && !is_dummy)
		return decode_texts(arena, data, options, error);
	if (data.size % RECORD_SIZE != 0 && !is_dummy) {
		error_set(error, ERROR_DATA, "the signature was not made with Tokenizer %s",
			  tokenizer_name(options->tokenizer));
		return NULL;
	}
	return decode_records(arena, data, error);
}

/* ---- search ---------------------------------------------------------------- */

struct candidates {
	struct span *ids; /* SIGNATURE_CANDIDATES of them */
	size_t count;
};

static void
add_candidate(struct candidates *candidates, struct span id)
{
	if (!signature_id_valid(id) || candidates->count == SIGNATURE_CANDIDATES)
		return;
	for (size_t i = 0; i < candidates->count; i++)
		if (span_equal(candidates->ids[i], id))
			return;
	candidates->ids[candidates->count++] = id;
}

/*
 * The signatures in the headers of each part, the last one first: ours, where those that the mail brought are kept. An
 * embedded mark may stand in the value, too.
 */
static void
search_headers(const struct message *message, struct candidates *candidates)
{
	struct span id, mark;

	for (size_t i = 0; i < message->part_count; i++) {
		const struct mail_part *part = &message->parts[i];
		for (size_t k = part->header_count; k-- > 0;) {
			if (!span_equal_nocase(part->headers[k].name, SPAN("X-DSPAM-Signature")))
				continue;
			if (!embedded_find(part->headers[k].value, &id, &mark))
				id = span_trim(part->headers[k].value);
			add_candidate(candidates, id);
		}
	}
}

/* The last marks of a text, backwards. */
static void
search_marks(struct span text, struct candidates *candidates)
{
	struct span last[SIGNATURE_CANDIDATES], id, mark;
	size_t count = 0;

	while (embedded_find(text, &id, &mark)) {
		last[count++ % SIGNATURE_CANDIDATES] = id;
		text = span_skip(text, (size_t)(mark.data - text.data) + mark.size);
	}
	for (size_t i = 0; i < count && i < SIGNATURE_CANDIDATES; i++)
		add_candidate(candidates, last[(count - 1 - i) % SIGNATURE_CANDIDATES]);
}

/* Forwarded mail often carries the header in its text. */
static void
search_header_lines(struct span text, struct candidates *candidates)
{
	size_t at = span_find(text, SPAN("X-DSPAM-Signature: "));
	struct span id;

	if (at == SPAN_NONE)
		return;
	struct span rest = span_skip(text, at + strlen("X-DSPAM-Signature: "));
	if (span_next_word(&rest, " \t\r\n<>", &id))
		add_candidate(candidates, id);
}

static void
search_texts(struct message *message, struct candidates *candidates)
{
	bool full = false;

	for (size_t i = message->part_count; i-- > 0;) {
		if (!mail_part_is_read(message, i))
			continue;
		struct span text = mail_part_decode(message, &message->parts[i], &full);
		search_marks(text, candidates);
		search_header_lines(text, candidates);
	}
}

size_t
signature_find(struct message *message, bool headers_first, struct span ids[static SIGNATURE_CANDIDATES])
{
	struct candidates candidates = {.ids = ids};

	if (headers_first)
		search_headers(message, &candidates);
	search_texts(message, &candidates);
	if (!headers_first)
		search_headers(message, &candidates);
	return candidates.count;
}
