#include "deliver/command.h"

#include <stdlib.h>

#define COMMAND_WORDS ((size_t)1024)

struct value {
	const char *word;
	const char *name;
	struct span text;
};

/* The argument for a word; NULL after filling `result`. */
static char *
command_word(const struct deliver_agent *agent, struct span word, struct arena *arena, struct deliver_result *result)
{
	const struct value values[] = {
		{"%u", "user", agent->user},
		{"$u", "user", agent->user},
		{"%r", "recipient", agent->recipient},
		{"%s", "sender", agent->sender},
	};
	struct span plain = span_starts(word, SPAN("\\")) ? span_skip(word, 1) : word;

	if (span_equal(word, SPAN("\"\"")))
		word = SPAN("");
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		if (!span_equal(plain, span_from(values[i].word)))
			continue;
		word = values[i].text;
		if (span_starts(word, SPAN("-")) || span_find_byte(word, '\0') != SPAN_NONE) {
			deliver_result_set(result, DELIVER_PERMANENT, "5.1.3",
					   "The %s \"%.*s\" cannot be given to the delivery agent", values[i].name,
					   (int)span_head(word, 200).size, word.data);
			return NULL;
		}
	}
	char *copy = arena_copy(arena, word);
	if (copy == NULL)
		deliver_result_set(result, DELIVER_TEMPORARY, "4.3.0", "Delivery agent: the command line is too long");
	return copy;
}

char **
command_arguments(const struct deliver_agent *agent, struct arena *arena, struct deliver_result *result)
{
	char **list = arena_calloc(arena, COMMAND_WORDS + 1, sizeof *list);
	struct span rest = span_from(agent->command), word;
	size_t count = 0, further = 0;

	if (list == NULL)
		abort();
	for (;;) {
		if (!span_next_word(&rest, " \t", &word)) {
			if (further == agent->count)
				break;
			word = agent->arguments[further++];
		}
		if (count == COMMAND_WORDS) {
			deliver_result_set(result, DELIVER_TEMPORARY, "4.3.5",
					   "Delivery agent: more than %zu arguments", COMMAND_WORDS);
			return NULL;
		}
		list[count] = command_word(agent, word, arena, result);
		if (list[count++] == NULL)
			return NULL;
	}
	if (count > 0 && list[0][0] != '\0')
		return list;
	deliver_result_set(result, DELIVER_TEMPORARY, "4.3.5", "Delivery agent: no program is named");
	return NULL;
}
