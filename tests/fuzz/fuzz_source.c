/* The source of a message: whatever its headers say, an address that is not local, and can be written, read and asked
 * about. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/field.h"
#include "scan/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_own(const void *context, const struct ip *ip)
{
	(void)context;
	return ip_is_in(ip, SPAN("198.51.100.0/24"));
}

static void
check(const struct ip *ip)
{
	char text[IP_TEXT_SIZE], name[IP_QUESTION_SIZE];
	struct ip again;

	ip_text(ip, text);
	if (!ip_parse(span_from(text), &again) || again.size != ip->size ||
	    memcmp(again.bytes, ip->bytes, ip->size) != 0)
		abort();
	/* it names a file */
	if (strspn(text, "0123456789abcdef.:") != strlen(text) || strlen(text) < 2)
		abort();
	if (!ip_question(ip, "list.example", name))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = {(const char *)data, size}, rest = text, field;
	size_t fields = 0;
	struct ip ip;

	while (mail_field_next(&rest, &field)) {
		struct span domain = mail_field_domain(field);
		fields += field.size;
		if (domain.size > field.size || span_find_byte(domain, '@') != SPAN_NONE)
			abort();
	}
	if (fields > size)
		abort();
	if (source_of_field(text, &ip))
		check(&ip);
	if (source_of_message(text, is_own, NULL, &ip)) {
		check(&ip);
		if (ip_is_local(&ip) || is_own(NULL, &ip))
			abort();
	}
	ip_is_in(&(struct ip){.size = 4}, text);
	return 0;
}
