/* Addresses of the internet as values: read from text, compared, and asked about in lists. */
#ifndef DSPAM_SCAN_IP_H
#define DSPAM_SCAN_IP_H

#include "base/span.h"

struct ip {
	unsigned char bytes[16]; /* network order; of IPv4 the first 4 */
	size_t size;             /* 4 or 16 */
};

#define IP_TEXT_SIZE 46 /* room for any, with NUL */

/* An address and nothing else; an IPv4 address in IPv6 clothes (::ffff:192.0.2.1) is IPv4. */
bool ip_parse(struct span text, struct ip *ip);

/* The one way to write it: digits, a to f, dots and colons, so that it may name a file. */
void ip_text(const struct ip *ip, char text[static IP_TEXT_SIZE]);

/*
 * Whether nobody out there has it: this machine, its link and private nets (RFC 1122, 1918, 3927, 4193, 4291), and
 * those of providers (RFC 6598).
 */
bool ip_is_local(const struct ip *ip);

/* Whether it is `network`: an address, or one with /BITS. False for text that is neither. */
bool ip_is_in(const struct ip *ip, struct span network);

#define IP_QUESTION_SIZE 256 /* room for a name in DNS, with NUL */

/* The name to ask a list about it (RFC 5782): "1.2.0.192.ZONE", with IPv6 32 digits. False when it is too long. */
bool ip_question(const struct ip *ip, const char *zone, char name[static IP_QUESTION_SIZE]);

#endif
