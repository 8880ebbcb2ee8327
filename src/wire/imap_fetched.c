#include "wire/imap_fetched.h"

static bool
read_flags(struct imap_reader *reader, struct imap_fetched *fetched)
{
	struct imap_word word = imap_next(reader);

	if (word.kind != IMAP_OPEN)
		return false;
	fetched->unread = true;
	while ((word = imap_next(reader)).kind == IMAP_ATOM) {
		if (imap_is(word, "\\Seen"))
			fetched->unread = false;
		if (imap_is(word, "\\Deleted") || imap_is(word, "\\Draft"))
			fetched->deleted = true;
	}
	fetched->has_flags = true;
	return word.kind == IMAP_CLOSE;
}

static bool
read_item(struct imap_reader *reader, struct imap_word name, struct imap_fetched *fetched)
{
	if (imap_is(name, "UID"))
		return imap_number(reader, UINT32_MAX, &fetched->uid);
	if (imap_is(name, "RFC822.SIZE"))
		return imap_number(reader, INT64_MAX, &fetched->size);
	if (imap_is(name, "FLAGS"))
		return read_flags(reader, fetched);
	struct imap_word value = imap_next(reader);
	if (imap_is(name, "INTERNALDATE")) {
		fetched->has_date = value.kind == IMAP_STRING && imap_date(value.text, &fetched->date);
		return value.kind == IMAP_STRING;
	}
	if (name.kind == IMAP_ATOM && span_starts_nocase(name.text, SPAN("BODY[]")) && value.kind == IMAP_STRING) {
		fetched->body = value.text;
		fetched->has_body = true;
		return true;
	}
	return imap_pass(reader, value);
}

bool
imap_fetched_read(struct span response, struct imap_fetched *fetched, bool *is_fetch)
{
	struct imap_reader reader = {response};
	uint64_t number;

	*fetched = (struct imap_fetched){0};
	*is_fetch = imap_number(&reader, UINT32_MAX, &number) && imap_is(imap_next(&reader), "FETCH");
	if (!*is_fetch)
		return true;
	if (imap_next(&reader).kind != IMAP_OPEN)
		return false;
	for (struct imap_word name = imap_next(&reader); name.kind != IMAP_CLOSE; name = imap_next(&reader))
		if (name.kind != IMAP_ATOM || !read_item(&reader, name, fetched))
			return false;
	return true;
}
