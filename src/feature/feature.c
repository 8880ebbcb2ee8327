#include "feature/feature.h"

#include "feature/content.h"
#include "feature/header.h"
#include "feature/set.h"
#include "feature/structure.h"

/*
 * How many features there may be when each family is done: so that what a sender fills at will, headers, addresses and
 * text, leaves room for what comes then. Only words are cut off in mail that anybody would write.
 */
enum {
	WITH_HEADERS = 2000,
	WITH_URLS = 2600,
	WITH_STRUCTURE = 3000,
	WITH_WORDS = FEATURES_MAX - 100,
};

struct feature_set *
feature_extract(struct message *message, struct arena *arena)
{
	struct feature_filler *filler = feature_filler_new(arena);
	struct feature_text *text = feature_text_read(message, arena);
	const struct mail_part *first = &message->parts[0];

	if (filler == NULL || text == NULL)
		return NULL;
	feature_filler_limit(filler, WITH_HEADERS);
	feature_windows(filler, first);
	feature_header_names(filler, first);
	feature_header_words(filler, first);
	feature_filler_limit(filler, WITH_URLS);
	feature_urls(filler, text);
	feature_filler_limit(filler, WITH_STRUCTURE);
	feature_relations(filler, first);
	feature_hops(filler, first);
	feature_mime(filler, message);
	feature_line_shapes(filler, text);
	feature_filler_limit(filler, WITH_WORDS);
	feature_words(filler, text);
	feature_filler_limit(filler, FEATURES_MAX);
	feature_counts(filler, first, text);
	return feature_filler_set(filler);
}
