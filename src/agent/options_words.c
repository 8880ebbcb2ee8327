#include "agent/options_words.h"

#define SCRATCH ((size_t)4 * 1024 * 1024) /* for one word at a time */

static bool
is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* ---- words of a text ------------------------------------------------------------ */

/* The next word, its quotes undone; *rest is behind it. NULL: arena full. */
static const char *
next_word(struct arena *arena, struct span *rest)
{
	char *word = arena_text(arena, rest->size + 1);
	bool quoted = false;
	size_t i = 0, used = 0;

	if (word == NULL)
		return NULL;
	for (; i < rest->size && (quoted || !is_blank(rest->data[i])); i++) {
		char byte = rest->data[i];
		if (byte == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && byte == '\\' && i + 1 < rest->size)
			byte = rest->data[++i];
		word[used++] = byte;
	}
	word[used] = '\0';
	*rest = span_skip(*rest, i);
	return arena_copy(arena, span_of(word, used));
}

bool
agent_words_split(struct arena *arena, const char *text, const char *const **words, size_t *count)
{
	struct arena *scratch = arena_new(SCRATCH);
	struct span rest = span_from(text);
	struct agent_list list = {.items = NULL};
	bool good = true;

	while (good) {
		while (rest.size > 0 && is_blank(rest.data[0]))
			rest = span_skip(rest, 1);
		if (rest.size == 0)
			break;
		arena_reset(scratch);
		const char *word = next_word(scratch, &rest);
		const char *kept = word != NULL ? arena_copy(arena, span_from(word)) : NULL;
		good = kept != NULL && agent_list_add(arena, &list, kept);
	}
	arena_free(scratch);
	*words = list.items;
	*count = list.count;
	return good;
}

/* ---- options as words ------------------------------------------------------------------------ */

struct writing {
	struct arena *arena;
	struct agent_list *words;
	bool good;
};

static void
add(struct writing *writing, const char *word)
{
	writing->good = writing->good && word != NULL && agent_list_add(writing->arena, writing->words, word);
}

static void
add_if(struct writing *writing, bool wanted, const char *word)
{
	if (wanted)
		add(writing, word);
}

static void
add_value(struct writing *writing, const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		add(writing, arena_printf(writing->arena, "%s%s", name, value));
}

static void
add_request(struct writing *writing, const struct request *request)
{
	static const char *const modes[] = {
		[TRAINING_TOE] = "toe",         [TRAINING_TUM] = "tum",         [TRAINING_TEFT] = "teft",
		[TRAINING_NOTRAIN] = "notrain", [TRAINING_UNLEARN] = "unlearn",
	};
	static const char *const classes[] = {[CLASS_SPAM] = "spam", [CLASS_INNOCENT] = "innocent"};
	static const char *const sources[] = {
		[SOURCE_ERROR] = "error",
		[SOURCE_CORPUS] = "corpus",
		[SOURCE_INOCULATION] = "inoculation",
	};

	if (request->mode != TRAINING_MODE_UNSET)
		add_value(writing, "--mode=", modes[request->mode]);
	if (request->training_class != CLASS_NONE)
		add_value(writing, "--class=", classes[request->training_class]);
	if (request->source != SOURCE_NONE)
		add_value(writing, "--source=", sources[request->source]);
	add_value(writing, "--signature=", request->signature);
	add_if(writing, request->classify, "--classify");
	add_if(writing, request->explain, "--explain");
	if (request->has_features)
		add(writing, arena_printf(writing->arena, "--feature=%s%stb=%u", request->noise ? "noise," : "",
					  request->whitelist ? "whitelist," : "", request->sedation));
}

static void
add_delivery(struct writing *writing, const struct agent_options *options)
{
	unsigned deliver = options->deliver;

	/* words of seven combinations, with commas between them */
	if (deliver != 0)
		add(writing, arena_printf(writing->arena, "--deliver=%s%s%s%s%s",
					  deliver & AGENT_WANT_INNOCENT ? "innocent" : "",
					  deliver > AGENT_WANT_INNOCENT && (deliver & AGENT_WANT_INNOCENT) ? "," : "",
					  deliver & AGENT_WANT_SPAM ? "spam" : "",
					  deliver >= (AGENT_WANT_SPAM | AGENT_WANT_SUMMARY) ? "," : "",
					  deliver & AGENT_WANT_SUMMARY ? "summary" : ""));
	add_if(writing, options->to_stdout, "--stdout");
	add_value(writing, "--mail-from=", options->sender);
	add_value(writing, "--profile=", options->profile);
}

bool
agent_options_words(struct arena *arena, const struct agent_options *options, struct agent_list *words)
{
	struct writing writing = {.arena = arena, .words = words, .good = true};

	add_request(&writing, &options->request);
	add_delivery(&writing, options);
	for (size_t i = 0; options->trusted && i < options->argument_count; i++)
		add(&writing, arena_copy(arena, options->arguments[i]));
	add_if(&writing, options->recipients.count > 0, "--rcpt-to");
	for (size_t i = 0; i < options->recipients.count; i++)
		add(&writing, options->recipients.items[i]);
	return writing.good;
}
