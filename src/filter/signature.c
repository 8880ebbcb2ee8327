#include "filter/signature.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/ascii.h"
#include "mail/embedded.h"
#include "mail/part.h"

#define RECORD_SIZE 16
#define DUMMY_SIZE 8     /* what the original kept of a virus: nothing to learn */
#define SEPARATOR '\x01' /* between the texts of an sbph signature */

const char *
signature_new_id(struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char random[SIGNATURE_ID_SIZE / 2];
	char *id = arena_text(arena, SIGNATURE_ID_SIZE + 1);

	if (id == NULL)
		return NULL;
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		abort(); /* cannot happen: at most 256 bytes, no signal interrupts them */
	for (size_t i = 0; i < sizeof random; i++) {
		id[2 * i] = digits[random[i] >> 4];
		id[2 * i + 1] = digits[random[i] & 15];
	}
	id[SIGNATURE_ID_SIZE] = '\0';
	return id;
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

struct span
signature_encode(struct arena *arena, enum tokenizer tokenizer, const struct flat *flat, const struct token_set *set)
{
	if (tokenizer == TOKENIZER_SBPH)
		return encode_texts(arena, flat);
	char *out = arena_calloc(arena, set->count, RECORD_SIZE);
	if (out == NULL)
		return (struct span){NULL, 0};
	for (size_t i = 0; i < set->count; i++) {
		const struct token *token = &set->tokens[set->order[i]];
		char *record = out + i * RECORD_SIZE;
		for (int byte = 0; byte < 8; byte++)
			record[byte] = (char)(token->id >> (8 * byte));
		record[8] = (char)token->frequency;
	}
	return (struct span){out, set->count * RECORD_SIZE};
}

static struct token_set *
decode_texts(struct arena *arena, struct span data, const struct tokenize_options *options, struct error *error)
{
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

/* The signature in the headers of a part; an embedded mark may stand in the value, too. */
static struct span
find_in_headers(const struct mail_part *part)
{
	const struct mail_header *header = mail_part_header(part, SPAN("X-DSPAM-Signature"));
	struct span id, mark;

	if (header == NULL)
		return (struct span){NULL, 0};
	if (!embedded_find(header->value, &id, &mark))
		id = span_trim(header->value);
	return signature_id_valid(id) ? id : (struct span){NULL, 0};
}

/* Forwarded mail often carries the header in its text. */
static struct span
find_header_in_text(struct span text)
{
	size_t at = span_find(text, SPAN("X-DSPAM-Signature: "));

	if (at == SPAN_NONE)
		return (struct span){NULL, 0};
	struct span rest = span_skip(text, at + strlen("X-DSPAM-Signature: ")), id;
	if (!span_next_word(&rest, " \t\r\n<>", &id) || !signature_id_valid(id))
		return (struct span){NULL, 0};
	return id;
}

static struct span
find_in_text(struct span text)
{
	struct span id, mark;

	if (embedded_find(text, &id, &mark) && signature_id_valid(id))
		return id;
	return find_header_in_text(text);
}

struct span
signature_find(struct message *message, bool headers_first)
{
	struct span found = {NULL, 0};
	bool full = false;

	for (size_t i = 0; i < message->part_count && headers_first; i++) {
		found = find_in_headers(&message->parts[i]);
		if (found.size > 0)
			return found;
	}
	/* the last part that has one wins: what is quoted in a reply stands behind */
	for (size_t i = 0; i < message->part_count; i++) {
		if (!mail_part_is_read(message, i))
			continue;
		struct span text = mail_part_decode(message, &message->parts[i], &full);
		struct span id = find_in_text(text);
		if (id.size > 0)
			found = id;
	}
	for (size_t i = 0; i < message->part_count && found.size == 0; i++)
		found = find_in_headers(&message->parts[i]);
	return found;
}
