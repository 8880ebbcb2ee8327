#include "scan/ip.h"

#include <arpa/inet.h>
#include <stdio.h>

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool
ip_parse(struct span text, struct ip *ip)
{
	char copy[IP_TEXT_SIZE];
	struct ip read = {.size = 4};

	if (text.size == 0 || text.size >= sizeof copy || span_find_byte(text, '\0') != SPAN_NONE)
		return false;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	if (inet_pton(AF_INET, copy, read.bytes) != 1) {
		read.size = 16;
		if (inet_pton(AF_INET6, copy, read.bytes) != 1)
			return false;
	}
	if (read.size == 16 && memcmp(read.bytes, mapped, sizeof mapped) == 0) {
		memmove(read.bytes, read.bytes + sizeof mapped, 4);
		memset(read.bytes + 4, 0, 12);
		read.size = 4;
	}
	*ip = read;
	return true;
}

void
ip_text(const struct ip *ip, char text[static IP_TEXT_SIZE])
{
	inet_ntop(ip->size == 4 ? AF_INET : AF_INET6, ip->bytes, text, IP_TEXT_SIZE);
}

static bool
same_bits(const unsigned char *a, const unsigned char *b, size_t bits)
{
	size_t whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

bool
ip_is_in(const struct ip *ip, struct span network)
{
	size_t slash = span_find_byte(network, '/');
	unsigned long long bits;
	struct ip first;

	if (!ip_parse(span_head(network, slash), &first) || first.size != ip->size)
		return false;
	bits = 8 * first.size;
	if (slash != SPAN_NONE && !span_to_number(span_skip(network, slash + 1), bits, &bits))
		return false;
	return same_bits(ip->bytes, first.bytes, (size_t)bits);
}

bool
ip_is_local(const struct ip *ip)
{
	static const char *const networks[] = {
		"0.0.0.0/8",      "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.168.0.0/16", "::/128",     "::1/128",       "fc00::/7",    "fe80::/10",
	};

	for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++)
		if (ip_is_in(ip, span_from(networks[i])))
			return true;
	return false;
}

bool
ip_question(const struct ip *ip, const char *zone, char name[static IP_QUESTION_SIZE])
{
	size_t used = 0;

	for (size_t i = ip->size; i-- > 0;)
		used += (size_t)(ip->size == 4 ? snprintf(name + used, IP_QUESTION_SIZE - used, "%u.", ip->bytes[i])
					       : snprintf(name + used, IP_QUESTION_SIZE - used, "%x.%x.",
							  ip->bytes[i] & 0xFU, (unsigned)ip->bytes[i] >> 4));
	int size = snprintf(name + used, IP_QUESTION_SIZE - used, "%s", zone);
	return size > 0 && (size_t)size < IP_QUESTION_SIZE - used;
}
