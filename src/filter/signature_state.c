#include "filter/signature_state.h"

#define PLACE 9         /* in the first record */
#define RECORD_SIZE 16  /* signature.h */
#define TRAILER_SIZE 2U /* sbph: state and NUL */

/* Whether `data` ends with NUL, state, NUL. */
static bool
has_trailer(struct span data)
{
	if (data.size <= TRAILER_SIZE || data.data[data.size - 1] != '\0' || data.data[data.size - 3] != '\0')
		return false;
	unsigned char state = (unsigned char)data.data[data.size - 2];
	return state > SIGNATURE_UNMARKED && state < SIGNATURE_STATES;
}

struct span
signature_texts(struct span data)
{
	return has_trailer(data) ? span_head(data, data.size - TRAILER_SIZE) : data;
}

enum signature_state
signature_state(struct span data, enum tokenizer tokenizer)
{
	unsigned char state = SIGNATURE_UNMARKED;

	if (tokenizer == TOKENIZER_SBPH)
		state = has_trailer(data) ? (unsigned char)data.data[data.size - 2] : SIGNATURE_UNMARKED;
	else if (data.size >= RECORD_SIZE)
		state = (unsigned char)data.data[PLACE];
	return state < SIGNATURE_STATES ? (enum signature_state)state : SIGNATURE_UNMARKED;
}

struct span
signature_with_state(struct arena *arena, struct span data, enum tokenizer tokenizer, enum signature_state state)
{
	struct span texts = tokenizer == TOKENIZER_SBPH ? signature_texts(data) : data;
	char *copy = arena_text(arena, texts.size + TRAILER_SIZE + 1);

	if (copy == NULL)
		return (struct span){NULL, 0};
	if (texts.size > 0)
		memcpy(copy, texts.data, texts.size);
	if (tokenizer == TOKENIZER_SBPH) {
		copy[texts.size++] = (char)state;
		copy[texts.size++] = '\0';
	} else if (texts.size >= RECORD_SIZE) {
		copy[PLACE] = (char)state;
	}
	return (struct span){copy, texts.size};
}
