/*
 * Where a message came from: the machine that gave it to ours.
 *
 * The first Received field tells who gave it to us, the next ones what that one says of its own way. So they are
 * read from the top, passing over addresses that are local or our own (LocalMX); the first other one is the source, and
 * what stands below it may be invented and is not looked at.
 */
#ifndef DSPAM_SCAN_SOURCE_H
#define DSPAM_SCAN_SOURCE_H

#include "scan/ip.h"

/* The address in the value of a Received field; false if it tells none. What the client says of itself (HELO) is not
 * it. */
bool source_of_field(struct span value, struct ip *ip);

/* Whether an address is one of ours. */
typedef bool source_is_own(const void *context, const struct ip *ip);

/* False: no field names an address of somebody else. At most SOURCE_FIELDS of them are looked at. */
#define SOURCE_FIELDS 50
bool source_of_message(struct span message, source_is_own *is_own, const void *context, struct ip *ip);

#endif
