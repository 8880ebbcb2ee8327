/* Several persons, as a file with all of them gives them, in any order: found by number. It owns them. */
#ifndef DSPAM_MOVE_PEOPLE_H
#define DSPAM_MOVE_PEOPLE_H

#include "move/person.h"

struct people {
	struct person **list; /* in the order in which they came */
	size_t count, capacity;
	size_t *places; /* a hash table by number: positions in the list plus one; 0: free */
	size_t place_count;
};

/* The number of the one whom a file without numbers is about; 0 are the defaults of the site. */
#define PEOPLE_UNNUMBERED UINT32_MAX

void people_free(struct people *people);

/* The person of this number, made if need be. */
struct person *people_numbered(struct people *people, store_uid uid);

/* Give up those for whom `stays` is false. */
void people_keep(struct people *people, bool (*stays)(const struct person *person, const void *context),
		 const void *context);

#endif
