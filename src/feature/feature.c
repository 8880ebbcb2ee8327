#include "feature/feature.h"

#include "feature/content.h"
#include "feature/header.h"
#include "feature/set.h"
#include "feature/structure.h"

struct feature_set *
feature_extract(struct message *message, struct arena *arena)
{
	struct feature_filler *filler = feature_filler_new(arena);
	const struct feature_text *text = feature_text_read(message, arena);
	const struct mail_part *first = &message->parts[0];

	if (filler == NULL || text == NULL)
		return NULL;
	feature_header_words(filler, first);
	feature_received_pairs(filler, first);
	feature_header_names(filler, first);
	feature_windows(filler, first);
	feature_urls(filler, text);
	feature_relations(filler, first);
	feature_hops(filler, first);
	feature_mime(filler, message);
	feature_counts(filler, first, text);
	feature_line_shapes(filler, text);
	feature_words(filler, text);
	return feature_filler_set(filler);
}
