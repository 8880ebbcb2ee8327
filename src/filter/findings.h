/*
 * What is known of a message from elsewhere, before it is judged: from a virus scanner, from lists of senders of spam,
 * from its Received fields. Plain values, found once for a message (scan/scanner.h), then held against the preferences
 * of each of its users.
 */
#ifndef DSPAM_FILTER_FINDINGS_H
#define DSPAM_FILTER_FINDINGS_H

enum virus_finding {
	VIRUS_NOT_SOUGHT,
	VIRUS_NONE,
	VIRUS_FOUND,
	VIRUS_UNKNOWN, /* the scanner could not be asked, or could not tell */
};

struct scan_findings {
	enum virus_finding virus;
	char virus_text[256];            /* the name of the virus, or why none could be sought; one line */
	char zone[256];                  /* the DNS list in which the source stands; "": in none */
	char source[46];                 /* the address that the message came from; "": not known, or nobody asked */
	unsigned scan_time, lookup_time; /* milliseconds */
};

#endif
