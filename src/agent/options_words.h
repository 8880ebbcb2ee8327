/* Arguments on their way from one of our programs to another: a text as words (wire/words.h), options as words. */
#ifndef DSPAM_AGENT_OPTIONS_WORDS_H
#define DSPAM_AGENT_OPTIONS_WORDS_H

#include "agent/options.h"

/* Split the text of DSPAMPROCESSMODE, with its quotes. A quote without an end reaches to the end. False: arena full. */
bool agent_words_split(struct arena *arena, const char *text, const char *const **words, size_t *count);

/*
 * The words that make checked options what they are, without users: all that another dspam needs to do the same. Those
 * for the delivery agent only if the caller may pass them. False: arena full.
 */
bool agent_options_words(struct arena *arena, const struct agent_options *options, struct agent_list *words);

#endif
