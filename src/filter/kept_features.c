#include "filter/kept_features.h"

#include <endian.h>

#include "base/varint.h"

enum {
	FORMAT = 2,
	FORMAT_BEFORE = 1, /* without the last of the views */
	HEAD_FIXED = 8 + 4 + 8,
	HEAD = HEAD_FIXED + 2 * FEATURE_VIEWS,
	HEAD_BEFORE = HEAD - 2,
	COUNT_MAX = FEATURES_MAX + 1, /* with an advice */
	ID_SIZE = 8
};

enum { COUNTED = 1, SURPRISES = 2, SAID = 4 };

static const struct span magic = {"adaptive", 8};

bool
kept_features_are(struct span data)
{
	return span_starts(data, magic);
}

/* ---- writing ---------------------------------------------------------------------- */

static char *
write_word(char *out, uint64_t number)
{
	uint64_t bytes = htole64(number);

	memcpy(out, &bytes, sizeof bytes);
	return out + sizeof bytes;
}

static char *
write_head(char *out, const struct kept_features *kept, const size_t counts[static FEATURE_VIEWS])
{
	memcpy(out, magic.data, magic.size);
	out += magic.size;
	*out++ = FORMAT;
	*out++ = (char)kept->verdict;
	*out++ = (char)kept->lesson;
	*out++ = 0;
	for (size_t view = 0; view < FEATURE_VIEWS; view++) {
		*out++ = (char)(unsigned char)(counts[view] & 255);
		*out++ = (char)(unsigned char)(counts[view] >> 8);
	}
	return write_word(out, kept->sender);
}

/* Those of the first view, then those of the second and so on. */
static char *
write_ids(char *out, const struct feature_set *set, const size_t counts[static FEATURE_VIEWS])
{
	char *at[FEATURE_VIEWS];

	for (size_t view = 0; view < FEATURE_VIEWS; out += counts[view++] * ID_SIZE)
		at[view] = out;
	for (size_t i = 0; i < set->count; i++) {
		unsigned view = set->features[i].view;
		at[view] = write_word(at[view], set->features[i].id);
	}
	return out;
}

static char *
write_lesson(char *out, const struct kept_features *kept)
{
	unsigned char *bytes = (unsigned char *)out;

	*bytes++ = (unsigned char)((kept->counted ? COUNTED : 0) | (kept->surprises ? SURPRISES : 0) |
				   (kept->said ? SAID : 0));
	for (unsigned view = 0; view < FEATURE_VIEWS; view++)
		for (size_t i = 0; i < kept->set->count; i++)
			if (kept->set->features[i].view == view) {
				bytes = varint_write(bytes, kept->changes[i].weight);
				bytes = varint_write(bytes, kept->changes[i].gradient);
			}
	return (char *)bytes;
}

struct span
kept_features_encode(struct arena *arena, const struct kept_features *kept)
{
	size_t count = kept->set->count, counts[FEATURE_VIEWS] = {0};
	char *data = arena_text(arena, HEAD + 1 + count * (ID_SIZE + 2 * VARINT_MAX_32));

	if (data == NULL)
		return (struct span){NULL, 0};
	for (size_t i = 0; i < count; i++)
		counts[kept->set->features[i].view]++;
	char *out = write_ids(write_head(data, kept, counts), kept->set, counts);
	if (kept->lesson != CLASS_NONE)
		out = write_lesson(out, kept);
	return span_of(data, (size_t)(out - data));
}

/* ---- reading ---------------------------------------------------------------------- */

static uint64_t
read_word(const char *data)
{
	uint64_t bytes;

	memcpy(&bytes, data, sizeof bytes);
	return le64toh(bytes);
}

static bool
read_number(struct span *rest, int32_t *number)
{
	const unsigned char *begin = (const unsigned char *)rest->data, *data = begin;
	int64_t value;

	if (rest->size == 0 || !varint_read(&data, begin + rest->size, &value) || value < INT32_MIN ||
	    value > INT32_MAX)
		return false;
	*number = (int32_t)value;
	*rest = span_skip(*rest, (size_t)(data - begin));
	return true;
}

static bool
read_head(struct span *rest, size_t counts[FEATURE_VIEWS], struct kept_features *kept)
{
	const unsigned char *bytes = (const unsigned char *)rest->data + magic.size;
	if (rest->size < HEAD_FIXED || (bytes[0] != FORMAT && bytes[0] != FORMAT_BEFORE))
		return false;
	size_t head = bytes[0] == FORMAT ? HEAD : HEAD_BEFORE, views = (head - HEAD_FIXED) / 2;
	if (rest->size < head)
		return false;
	for (size_t view = 0; view < FEATURE_VIEWS; view++)
		counts[view] = view < views ? bytes[4 + 2 * view] | (size_t)bytes[5 + 2 * view] << 8 : 0;
	*kept = (struct kept_features){
		.sender = read_word(rest->data + head - 8), .verdict = bytes[1], .lesson = bytes[2]};
	*rest = span_skip(*rest, head);
	return bytes[1] <= CLASS_INNOCENT && bytes[2] <= CLASS_INNOCENT && bytes[3] == 0;
}

static bool
read_set(struct arena *arena, struct span *rest, const size_t counts[FEATURE_VIEWS], struct kept_features *kept)
{
	struct feature_set *set = arena_calloc(arena, 1, sizeof *set);
	size_t count = 0, at = 0;

	for (size_t view = 0; view < FEATURE_VIEWS; view++)
		count += counts[view];
	if (set == NULL || count > COUNT_MAX || rest->size < count * ID_SIZE)
		return false;
	set->features = arena_calloc(arena, count + 1, sizeof *set->features);
	if (set->features == NULL)
		return false;
	for (unsigned view = 0; view < FEATURE_VIEWS; view++)
		for (size_t i = 0; i < counts[view]; i++, at++)
			set->features[at] =
				(struct feature){.id = read_word(rest->data + at * ID_SIZE), .view = (uint8_t)view};
	set->count = count;
	kept->set = set;
	*rest = span_skip(*rest, count * ID_SIZE);
	return true;
}

static bool
read_lesson(struct arena *arena, struct span *rest, struct kept_features *kept)
{
	size_t count = kept->set->count;
	struct adaptive_change *changes = arena_calloc(arena, count + 1, sizeof *changes);

	if (changes == NULL || rest->size < 1 || (unsigned char)rest->data[0] > (COUNTED | SURPRISES | SAID))
		return false;
	kept->counted = (rest->data[0] & COUNTED) != 0;
	kept->surprises = (rest->data[0] & SURPRISES) != 0;
	kept->said = (rest->data[0] & SAID) != 0;
	*rest = span_skip(*rest, 1);
	for (size_t i = 0; i < count; i++) {
		if (!read_number(rest, &changes[i].weight) || !read_number(rest, &changes[i].gradient))
			return false;
		changes[i].spam = kept->counted && kept->lesson == CLASS_SPAM;
		changes[i].innocent = kept->counted && kept->lesson == CLASS_INNOCENT;
	}
	kept->changes = changes;
	return true;
}

bool
kept_features_decode(struct arena *arena, struct span data, struct kept_features *kept, struct error *error)
{
	struct span rest = data;
	size_t counts[FEATURE_VIEWS];

	if (!read_head(&rest, counts, kept) || !read_set(arena, &rest, counts, kept) ||
	    (kept->lesson != CLASS_NONE && !read_lesson(arena, &rest, kept)) || rest.size > 0)
		return error_set(error, ERROR_DATA, "the signature is damaged: nothing can be learned from it");
	return true;
}
