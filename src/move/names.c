#include "move/names.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>

#include "move/line.h"

enum { LINE_MAX_SIZE = 4096 };

/* "1000 anna" or "anna:x:1000:1000::/home/anna:/bin/sh"; also of who has a number that is nobody's here. */
static bool
cut(struct span line, unsigned long long *uid, struct span *name)
{
	struct span rest = line, word;

	if (span_find_byte(line, ':') != SPAN_NONE)
		return span_next_word(&rest, ":", name) && span_next_word(&rest, ":", &word) &&
		       span_next_word(&rest, ":", &word) && span_to_number(word, PEOPLE_UNNUMBERED - 1, uid);
	if (!span_next_word(&rest, " \t\r", &word) || !span_to_number(word, PEOPLE_UNNUMBERED - 1, uid))
		return false;
	*name = span_trim(rest);
	return true;
}

static void
give(struct people *people, unsigned long long uid, struct span name)
{
	for (size_t i = 0; i < people->count; i++)
		if (people->list[i]->uid == uid && people->list[i]->name == NULL)
			person_name(people->list[i], name);
}

static bool
read_names(struct people *people, FILE *in, const char *path, struct error *error)
{
	struct line_reader reader;
	unsigned long long uid;
	struct span line, name;
	bool done = true;

	line_begin(&reader, in, path, LINE_MAX_SIZE);
	while (done && line_next(&reader, &line, error)) {
		if (span_trim(line).size == 0 || line.data[0] == '#')
			continue;
		done = (cut(line, &uid, &name) && store_name_valid(name)) ||
		       line_fail(&reader, error, "should be a number and a name, or a line of passwd");
		if (done)
			give(people, uid, name);
	}
	done = done && !reader.failed;
	line_end(&reader);
	return done;
}

static bool
read_file(struct people *people, const char *path, struct error *error)
{
	FILE *in = fopen(path, "re");

	if (in == NULL)
		return error_set(error, ERROR_INPUT, "--names %s: %s", path, strerror(errno));
	bool done = read_names(people, in, path, error);
	fclose(in);
	return done;
}

static bool
ask_system(struct person *person, struct error *error)
{
	char text[4096];
	struct passwd entry, *found = NULL;

	if (person->uid == PEOPLE_UNNUMBERED)
		return error_set(error, ERROR_USAGE, "it does not say whose it is: say so with --user");
	if (getpwuid_r(person->uid, &entry, text, sizeof text, &found) == 0 && found != NULL) {
		person_name(person, span_from(entry.pw_name));
		return true;
	}
	return error_set(
		error, ERROR_USER,
		"nobody knows the name of user %u of the dump: name a file of lines \"%u NAME\" with --names, or"
		" passwd of the old machine",
		(unsigned)person->uid, (unsigned)person->uid);
}

static bool
is_named(const struct person *person, const void *name)
{
	return person->name != NULL && strcmp(person->name, name) == 0;
}

/* Keep `user` alone, as whom one without any other counts. */
static bool
choose(struct people *people, const char *user, struct error *error)
{
	if (people->count == 1)
		person_name(people->list[0], span_from(user));
	people_keep(people, is_named, user);
	return people->count > 0 || error_set(error, ERROR_USER, "there is no user %s in the dump", user);
}

bool
names_find(struct people *people, const char *names, const char *user, struct error *error)
{
	if (names != NULL && !read_file(people, names, error))
		return false;
	if (user != NULL)
		return choose(people, user, error);
	for (size_t i = 0; i < people->count; i++) {
		struct person *person = people->list[i];
		if (person->site && person->name == NULL)
			person_name(person, SPAN("default"));
		if (person->name == NULL && !ask_system(person, error))
			return false;
	}
	return true;
}
