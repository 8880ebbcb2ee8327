/*
 * Arguments on their way from one of our programs to another: options as words again, and words as one text.
 *
 * The text is that of DSPAMPROCESSMODE with DSPAMEXTENDED: words stand between blanks; one that is empty, or has
 * blanks, quotes or backslashes, stands in quotes, with \ before a quote and a backslash inside it.
 */
#ifndef DSPAM_AGENT_OPTIONS_WORDS_H
#define DSPAM_AGENT_OPTIONS_WORDS_H

#include "agent/options.h"
#include "base/buffer.h"

/* Split such a text. A quote without an end reaches to the end. False: arena full. */
bool agent_words_split(struct arena *arena, const char *text, const char *const **words, size_t *count);

/* Append one word, quoted where that is needed, behind a blank unless it is the first. */
void agent_words_append(struct buffer *text, struct span word);

/* The same for who does not know quotes: false when the word cannot be written, because there is a blank in it. */
bool agent_words_append_plain(struct buffer *text, struct span word);

/*
 * The words that make checked options what they are, without users: all that another dspam needs to do the same. Those
 * for the delivery agent only if the caller may pass them. False: arena full.
 */
bool agent_options_words(struct arena *arena, const struct agent_options *options, struct agent_list *words);

#endif
