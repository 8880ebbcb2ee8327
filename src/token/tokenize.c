#include "token/tokenize.h"

#include "token/lines.h"

static const struct {
	struct span name;
	enum tokenizer tokenizer;
} names[] = {
	{{"word", 4}, TOKENIZER_WORD}, {{"chain", 5}, TOKENIZER_CHAIN},   {{"sbph", 4}, TOKENIZER_SBPH},
	{{"osb", 3}, TOKENIZER_OSB},   {{"chained", 7}, TOKENIZER_CHAIN},
};

bool
tokenizer_named(struct span name, enum tokenizer *tokenizer)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_equal_nocase(names[i].name, name)) {
			*tokenizer = names[i].tokenizer;
			return true;
		}
	return false;
}

const char *
tokenizer_name(enum tokenizer tokenizer)
{
	return names[tokenizer].name.data;
}

void
text_order_add(struct token_set *set, bool pair, uint32_t index)
{
	uint32_t **items = pair ? &set->pairs : &set->words;
	size_t *count = pair ? &set->pair_count : &set->word_count;
	size_t *capacity = pair ? &set->pair_capacity : &set->word_capacity;

	if (index == TOKEN_NONE)
		return;
	if (*count == *capacity) {
		size_t larger = *capacity == 0 ? 512 : *capacity * 2;
		uint32_t *grown = arena_alloc(set->arena, larger * sizeof *grown);
		if (grown == NULL) {
			set->truncated = true;
			return;
		}
		if (*count > 0)
			memcpy(grown, *items, *count * sizeof *grown);
		*items = grown;
		*capacity = larger;
	}
	(*items)[(*count)++] = index;
}

struct context {
	struct token_set *set;
	const struct tokenize_options *options;
	struct span heading; /* of the current header line; empty before the first */
	bool ignored;
};

static void
tokenize_text(struct context *context, struct span text, const struct key *prefix, bool is_header)
{
	const struct tokenize_options *options = context->options;
	bool text_order = options->text_order;

	switch (options->tokenizer) {
	case TOKENIZER_WORD:
	case TOKENIZER_CHAIN:
		chain_tokenize(context->set, text, prefix, is_header, options->tokenizer == TOKENIZER_CHAIN,
			       text_order);
		break;
	case TOKENIZER_SBPH:
	case TOKENIZER_OSB:
		sparse_tokenize(context->set, text, prefix, is_header, options->tokenizer == TOKENIZER_SBPH,
				text_order);
		break;
	}
}

static struct key
sender_key(struct span line)
{
	struct span text = span_skip(line, strlen("From:"));
	struct key key = {.size = 0};

	if (text.size > 0 && text.data[0] == ' ')
		text = span_skip(text, 1);
	key_append(&key, SPAN("From*"));
	if (text.size > 0)
		key_append(&key, text);
	return key;
}

uint64_t
tokenize_sender(struct span line)
{
	return sender_key(line).id;
}

/* The whole From line is one token; the last one made is the message's whitelist token. */
static void
add_whitelist_token(struct context *context, struct span line)
{
	struct key key = sender_key(line);

	if (key_add(&key, context->set) != TOKEN_NONE)
		context->set->whitelist = key.id;
}

static void
tokenize_header_line(struct context *context, struct span line)
{
	size_t colon = span_find_byte(line, ':');
	struct span before = span_head(line, colon == SPAN_NONE ? line.size : colon);
	struct span text = before; /* a continuation counts up to its first colon */

	if (before.size > 0 && before.data[0] != '\t' && span_find_byte(before, ' ') == SPAN_NONE) {
		context->heading = span_head(before, HEADING_SIZE_MAX);
		context->ignored = span_starts(context->heading, SPAN("X-DSPAM-")) ||
				   (context->options->ignored != NULL &&
				    header_set_has(context->options->ignored, context->heading));
		text = span_skip(line, before.size + 1);
		before = line;
	}
	if (context->options->whitelist && span_equal(context->heading, SPAN("From")))
		add_whitelist_token(context, before);
	if (context->ignored || text.size == 0)
		return;
	struct key prefix = {.size = 0};
	if (context->heading.size > 0)
		key_append(&prefix, context->heading);
	key_append(&prefix, SPAN("*"));
	tokenize_text(context, text, &prefix, true);
}

static void
tokenize_header(struct context *context, struct span header)
{
	struct span line;

	while (span_next_line(&header, &line)) {
		if (line.data[line.size - 1] == '\n')
			line.size--;
		if (line.size > 0)
			tokenize_header_line(context, line);
	}
}

struct token_set *
tokenize(struct arena *arena, const struct flat *flat, const struct tokenize_options *options)
{
	struct context context = {.set = token_set_new(arena), .options = options};
	struct key no_prefix = {.size = 0};
	struct span body = flat->body;

	if (context.set == NULL)
		return NULL;
	if (options->url_context) {
		char *copy = arena_copy(arena, body);
		if (copy == NULL)
			return NULL;
		body = (struct span){copy, body.size};
		url_tokenize(context.set, copy, body.size);
	}
	tokenize_header(&context, flat->header);
	tokenize_text(&context, body, &no_prefix, false);
	return token_set_finish(context.set) ? context.set : NULL;
}
