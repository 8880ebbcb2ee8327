/*
 * Asking others about a message: clamd for viruses, DNS for lists of its source.
 *
 * Waits for the network, for as long as ClamAVTimeout and LookupTimeout allow, and so is not for the threads that
 * judge. A scanner borrows the configuration and does not change; all threads may use it.
 */
#ifndef DSPAM_SCAN_SCANNER_H
#define DSPAM_SCAN_SCANNER_H

#include <stdint.h>

#include "base/span.h"
#include "config/config.h"
#include "filter/findings.h"
#include "net/secure.h"

struct scanner {
	const struct config *config;
	const char *clamd; /* host, or path of its socket; NULL: no scan */
	unsigned clamd_port;
	int64_t clamd_timeout; /* milliseconds */
	bool looks_up;
	const char *resolver; /* NULL: those of resolv.conf */
	int64_t lookup_timeout;
	bool wants_source;              /* for lists or for TrackSources and RABLQueue */
	unsigned long long message_max; /* MaxMessageSize; 0: none */
};

void scanner_init(struct scanner *scanner, const struct config *config);

/* Whether there is anything to ask about a message of that size. */
bool scanner_is_needed(const struct scanner *scanner, size_t size);

/* What is wanted to know. */
enum scanner_question { SCANNER_VIRUS = 1, SCANNER_SOURCE = 2 };

/*
 * Find out; `findings` is filled whatever happens. What could not be found out is logged. A
 * message with a virus is not looked up any more. `secure` is how clamd is called: in clear text or NET_IMPLICIT.
 */
void scanner_look(const struct scanner *scanner, const struct net_secure *secure, struct span message,
		  unsigned questions, struct scan_findings *findings);

/* clamd was not asked, and that is said in `findings` and in the log. */
void scanner_note_unscanned(const struct scanner *scanner, const char *why, struct scan_findings *findings);

#endif
