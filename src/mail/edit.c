#include "mail/edit.h"

#include <stdlib.h>

void
edit_add(struct edit_list *list, size_t at, size_t remove, struct span insert)
{
	if (list->count == list->capacity && !list->failed) {
		size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
		struct edit *edits = arena_alloc(list->arena, capacity * sizeof *edits);
		if (edits == NULL) {
			list->failed = true;
			return;
		}
		if (list->count > 0)
			memcpy(edits, list->edits, list->count * sizeof *edits);
		list->edits = edits;
		list->capacity = capacity;
	}
	if (list->failed)
		return;
	list->edits[list->count] = (struct edit){.at = at, .remove = remove, .insert = insert, .order = list->count};
	list->count++;
}

static int
compare(const void *a, const void *b)
{
	const struct edit *left = a, *right = b;

	if (left->at != right->at)
		return left->at < right->at ? -1 : 1;
	return left->order < right->order ? -1 : 1;
}

bool
edit_apply(struct edit_list *list, struct span message, struct span **pieces, size_t *count)
{
	size_t at = 0, used = 0;
	struct span *out = arena_alloc(list->arena, (2 * list->count + 1) * sizeof *out);

	if (out == NULL || list->failed)
		return false;
	if (list->count > 1)
		qsort(list->edits, list->count, sizeof *list->edits, compare);
	for (size_t i = 0; i < list->count; i++) {
		const struct edit *edit = &list->edits[i];
		if (edit->at > at)
			out[used++] = span_of(message.data + at, edit->at - at);
		if (edit->insert.size > 0)
			out[used++] = edit->insert;
		if (edit->at + edit->remove > at)
			at = edit->at + edit->remove;
	}
	if (message.size > at)
		out[used++] = span_skip(message, at);
	*pieces = out;
	*count = used;
	return true;
}
