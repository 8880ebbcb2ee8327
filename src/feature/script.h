/*
 * Words of any script, and tricks with characters.
 *
 * Text beyond ASCII is brought to one form (Unicode: NFKC, with case folding on demand; characters without width are
 * taken out), so that a word is the same however it is written. Scripts that put no blanks between words (Chinese,
 * Japanese, Korean, Thai, Lao, Tibetan, Burmese, Khmer) give overlapping pairs of characters. Typographic apostrophes
 * and hyphens become those of ASCII; other punctuation parts words; a symbol is a word.
 */
#ifndef DSPAM_FEATURE_SCRIPT_H
#define DSPAM_FEATURE_SCRIPT_H

#include "base/span.h"

enum { SCRIPT_STRETCH = 400 }; /* bytes that are brought into form at once */

/* What a reader does not see: how many words had it. */
struct script_tricks {
	size_t hidden;    /* a character without width within a word */
	size_t mixed;     /* letters of two scripts that look alike: Latin, Greek, Cyrillic and the like */
	size_t disguised; /* letters of mathematics, in circles, of full width for those of ASCII */
};

/*
 * Cut the words of a stretch, at most SCRIPT_STRETCH bytes in UTF-8, and give them to `take`; they live until it
 * returns. What is not UTF-8 is one word as it is. `tricks` may be NULL.
 */
typedef void script_take(void *context, struct span word);
void script_cut(struct span stretch, bool fold_case, struct script_tricks *tricks, script_take *take, void *context);

/* The whole stretch in that form, into `out` of SCRIPT_FORM bytes; its size. */
enum { SCRIPT_FORM = 8 * SCRIPT_STRETCH };
size_t script_form(struct span stretch, char *out);

/* Bytes of the character at the beginning of a text that is not empty; 1 where there is none. */
size_t script_size(struct span text);
/* At most the first `count` bytes, without half a character at the end. */
struct span script_head(struct span text, size_t count);

/* Whether the character at the beginning of `text`, of `size` bytes, belongs to a script without blanks. */
bool script_runs_on(struct span text, size_t size);

#endif
