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
	free(people->places);
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
	people->list[people->count++] = person;
	return person;
}

/* The place of this number, or the free one where it belongs. */
static size_t *
seek(const struct people *people, store_uid uid)
{
	size_t mask = people->place_count - 1, at = (size_t)(uid * UINT32_C(0x9E3779B1)) & mask;

	while (people->places[at] != 0 && people->list[people->places[at] - 1]->uid != uid)
		at = (at + 1) & mask;
	return &people->places[at];
}

/* At least half of the places stay free. */
static void
grow(struct people *people)
{
	if (people->count < people->place_count / 2)
		return;
	free(people->places);
	for (people->place_count = 256; people->place_count / 2 <= people->count;)
		people->place_count *= 2;
	people->places = calloc(people->place_count, sizeof *people->places);
	if (people->places == NULL)
		abort();
	for (size_t i = 0; i < people->count; i++)
		*seek(people, people->list[i]->uid) = i + 1;
}

struct person *
people_numbered(struct people *people, store_uid uid)
{
	grow(people);
	size_t *place = seek(people, uid);
	if (*place != 0)
		return people->list[*place - 1];
	struct person *person = add(people, uid);
	*place = people->count;
	return person;
}

void
people_keep(struct people *people, bool (*stays)(const struct person *person, const void *context), const void *context)
{
	size_t used = 0;

	for (size_t i = 0; i < people->count; i++) {
		struct person *person = people->list[i];
		if (stays(person, context)) {
			people->list[used++] = person;
			continue;
		}
		person_free(person);
		free(person);
	}
	people->count = used;
	free(people->places); /* made anew when somebody is asked for */
	people->places = NULL;
	people->place_count = 0;
}
