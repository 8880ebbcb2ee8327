/*
 * Which servers have not answered lately, shared by all connections of a process to one store: what one of them has
 * found out by waiting, the others need not find out for themselves.
 *
 * It only says in which order to try: a server that is out comes last, until somebody has reached it again. Of those
 * who ask, one is told to try it now and then, after 1 second, 2, 4 and so on up to 30.
 *
 * Thread safe. Bounded: no more servers than dspam.conf may name; of others nothing is known. Times are those of
 * clock_milliseconds. Without a table (NULL) all servers are well.
 */
#ifndef DSPAM_STORE_OUTAGES_H
#define DSPAM_STORE_OUTAGES_H

#include <stdbool.h>
#include <stdint.h>

enum { OUTAGES_SERVERS = 16 };

struct outages *outages_new(void);
void outages_free(struct outages *outages); /* NULL is allowed */

/* A server, by a number that is not 0, did not do what it is for; or has been reached. */
void outages_begin(struct outages *outages, uint64_t server, int64_t now);
void outages_end(struct outages *outages, uint64_t server);

/* Whether it is out. */
bool outages_has(struct outages *outages, uint64_t server);
/* The same for somebody who is about to connect: false also for the one whose turn it is to try. */
bool outages_avoid(struct outages *outages, uint64_t server, int64_t now);

#endif
