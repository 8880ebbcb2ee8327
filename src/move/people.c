#include "move/people.h"

#include <stdlib.h>

void
people_free(struct people *people)
{
	for (size_t i = 0; i < people->count; i++) {
		person_free(people->list[i]);
		free(people->list[i]);
	}
	free(people->list);
	*people = (struct people){0};
}

static struct person *
add(struct people *people, store_uid uid)
{
	struct person *person = calloc(1, sizeof *person);

	if (people->count == people->capacity) {
		people->capacity = people->capacity == 0 ? 64 : people->capacity * 2;
		people->list = reallocarray(people->list, people->capacity, sizeof(struct person *));
	}
	if (person == NULL || people->list == NULL)
		abort();
	person_init(person);
	person->uid = uid;
	person->site = uid == 0;
	people->last = people->count;
	people->list[people->count++] = person;
	return person;
}

/* Dumps are sorted by number, mostly, so that the last one is asked for again and again. */
struct person *
people_numbered(struct people *people, store_uid uid)
{
	if (people->last < people->count && people->list[people->last]->uid == uid)
		return people->list[people->last];
	for (size_t i = 0; i < people->count; i++)
		if (people->list[i]->uid == uid) {
			people->last = i;
			return people->list[i];
		}
	return add(people, uid);
}
