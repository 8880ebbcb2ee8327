#include "token/lines.h"

/* How far the URL reaches that begins at the start of `text` with a key of `key_size` bytes. */
static size_t
url_size(struct span text, size_t key_size)
{
	size_t size = 0;

	for (; size < text.size; size++) {
		unsigned char byte = (unsigned char)text.data[size];
		if (byte <= ' ' || byte >= 128 || byte == '>')
			break;
		if ((byte == '"' || byte == '\'') && size > key_size)
			break;
	}
	return size;
}

static void
url_add(struct token_set *set, struct span url)
{
	struct key prefix = {.size = 0};
	struct span piece;

	key_append(&prefix, SPAN("Url*"));
	while (words_next(&url, &delimiters_body, &piece)) {
		struct key key;
		key_copy(&key, &prefix);
		key_append(&key, piece);
		key_add(&key, set);
	}
}

void
url_tokenize(struct token_set *set, char *body, size_t size)
{
	static const struct span keys[] = {{"http://", 7}, {"www.", 4}, {"href=", 5}};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		size_t at = 0, hit;
		while ((hit = span_find_nocase(span_of(body + at, size - at), keys[i])) != SPAN_NONE) {
			at += hit;
			struct span url = {body + at, url_size(span_of(body + at, size - at), keys[i].size)};
			url_add(set, url);
			memset(body + at, ' ', url.size);
			at += url.size;
		}
	}
}
