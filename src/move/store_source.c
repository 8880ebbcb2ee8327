#include "move/store_source.h"

#include <stdio.h>

#include "move/import.h"

static bool
add_row(void *person, const struct store_row *row)
{
	person_add_row(person, row);
	return true;
}

static bool
add_preference(void *person, const char *name, const char *value)
{
	person_add_preference(person, span_from(name), span_from(value));
	return true;
}

struct relay {
	store_signature_callback *each;
	void *context;
	bool stopped;
	char last[256];
};

static bool
relay(void *context, const struct store_signature *signature)
{
	struct relay *to = context;

	snprintf(to->last, sizeof to->last, "%s", signature->id);
	if (import_is_mark(signature->id))
		return true;
	to->stopped = !to->each(to->context, signature);
	return !to->stopped;
}

static bool
walk(void *context, store_signature_callback *each, void *each_context, struct error *error)
{
	const struct store_source *source = context;
	struct relay to = {.each = each, .context = each_context};
	size_t count;

	do {
		char after[sizeof to.last];
		memcpy(after, to.last, sizeof after);
		if (!store_each_signature(source->store, source->uid, after, relay, &to, &count, error))
			return false;
	} while (count > 0 && !to.stopped);
	return true;
}

bool
store_source_read(struct store_source *source, const char *name, struct person *person, struct error *error)
{
	person_name(person, span_from(name));
	person->uid = source->uid;
	person->site = source->uid == 0;
	person->walk = walk;
	person->source = source;
	if (!store_each_preference(source->store, source->uid, add_preference, person, error))
		return false;
	if (!person->site && (!store_read(source->store, source->uid, &person->totals, NULL, 0, error) ||
			      !store_each_row(source->store, source->uid, add_row, person, error)))
		return false;
	person_finish(person);
	return true;
}
