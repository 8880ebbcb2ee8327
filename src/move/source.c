#include "move/source.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "move/css.h"
#include "move/names.h"
#include "move/sdb.h"
#include "move/sql_dump.h"
#include "move/user_file.h"

enum { HEAD_SIZE = 4096 };

/* ---- texts ------------------------------------------------------------------ */

static bool
read_sql(struct source *source, FILE *in, const char *path, struct error *error)
{
	const struct sql_dump_options options = {.pgsql = source->options->pgsql, .today = source->options->today};

	return sql_dump_read(in, path, &options, &source->people, error);
}

static bool
read_dump(struct source *source, FILE *in, const char *path, struct error *error)
{
	struct person *person = people_numbered(&source->people, PEOPLE_UNNUMBERED);
	const struct totals *totals = &source->options->totals;

	person->totals = *totals;
	source->guessed = totals->spam_learned == 0 && totals->innocent_learned == 0;
	return token_dump_read(in, path, person, error);
}

static bool
read_bogofilter(struct source *source, FILE *in, const char *path, struct error *error)
{
	return token_dump_bogofilter(in, path, source->options->tokenizer,
				     people_numbered(&source->people, PEOPLE_UNNUMBERED), &source->share, error);
}

static bool
read_spamassassin(struct source *source, FILE *in, const char *path, struct error *error)
{
	(void)source;
	(void)in;
	return token_dump_spamassassin(path, error);
}

static bool
read_user_file(struct source *source, FILE *in, const char *path, struct error *error)
{
	return user_file_read(in, path, people_numbered(&source->people, PEOPLE_UNNUMBERED), error);
}

static bool
is_sql(struct span line)
{
	(void)line;
	return true;
}

static const struct format {
	const char *name;
	bool (*is)(struct span line); /* the first one that is not empty */
	bool (*read)(struct source *, FILE *, const char *path, struct error *);
} formats[] = {
	{"user", user_file_is, read_user_file},
	{"dump", token_dump_is, read_dump},
	{"spamassassin", token_dump_is_spamassassin, read_spamassassin},
	{"bogofilter", token_dump_is_bogofilter, read_bogofilter},
	{"sql", is_sql, read_sql},
};

static bool
read_text(struct source *source, FILE *in, const char *path, const struct format *format, struct error *error)
{
	if (!format->read(source, in, path, error))
		return false;
	for (size_t i = 0; i < source->people.count; i++)
		person_finish(source->people.list[i]);
	if (source->people.count == 0)
		return error_set(error, ERROR_DATA, "%s: holds nothing of DSPAM's tables", path);
	if (!names_find(&source->people, source->options->names, source->options->user, error))
		return false;
	source->count = source->people.count;
	return true;
}

/* ---- what a file is --------------------------------------------------------------- */

static bool
ends_with(const char *path, const char *ending)
{
	size_t size = strlen(path), tail = strlen(ending);

	return size > tail && strcmp(path + size - tail, ending) == 0;
}

/* The file's own name, without its ending. */
static void
add_one(struct source *source, const char *path, enum tree_kind kind)
{
	const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
	char name[1024];

	snprintf(name, sizeof name, "%s", base);
	if (ends_with(name, ".css") || ends_with(name, ".sdb"))
		name[strlen(name) - 4] = '\0';
	tree_add(&source->tree, source->options->user != NULL ? source->options->user : name, path, kind);
	source->count = 1;
}

static const struct format *
find_format(struct span head)
{
	struct span line = SPAN("");

	while (span_trim(line).size == 0 && span_next_line(&head, &line))
		continue;
	line = span_trim(line);
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (formats[i].is(line))
			return &formats[i];
	return NULL;
}

static const struct format *
named_format(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(name, formats[i].name) == 0)
			return &formats[i];
	return NULL;
}

static bool
open_stream(struct source *source, FILE *in, const char *path, struct error *error)
{
	const char *given = source->options->format;
	char head[HEAD_SIZE];
	size_t size = fread(head, 1, sizeof head, in);
	const struct format *format = given != NULL ? named_format(given) : find_format(span_of(head, size));

	if (ferror(in) || fseek(in, 0, SEEK_SET) != 0)
		return error_set(error, ERROR_INPUT, "%s: %s", path, strerror(errno));
	if (size == 0)
		return error_set(error, ERROR_DATA, "%s: is empty", path);
	if (given == NULL && span_starts(span_of(head, size), SPAN("SQLite format 3"))) {
		add_one(source, path, TREE_SDB);
		return true;
	}
	if (given == NULL && (memchr(head, '\0', size) != NULL || span_starts(span_of(head, size), SPAN("** This"))))
		return error_set(error, ERROR_DATA,
				 "%s: is no file that can be imported: not SQLite 3, not text, and not named .css",
				 path);
	return read_text(source, in, path, format, error);
}

static bool
open_file(struct source *source, const char *path, struct error *error)
{
	const char *given = source->options->format;
	FILE *in;

	if (given != NULL ? strcmp(given, "css") == 0 : ends_with(path, ".css")) {
		add_one(source, path, TREE_CSS);
		return true;
	}
	if (given != NULL && strcmp(given, "sdb") == 0) {
		add_one(source, path, TREE_SDB);
		return true;
	}
	in = fopen(path, "re");
	if (in == NULL)
		return error_set(error, errno == EACCES ? ERROR_PERMISSION : ERROR_INPUT, "%s: %s", path,
				 strerror(errno));
	bool done = open_stream(source, in, path, error);
	fclose(in);
	return done;
}

static bool
is_format(const char *name)
{
	return strcmp(name, "css") == 0 || strcmp(name, "sdb") == 0 || named_format(name) != NULL;
}

bool
source_open(struct source *source, const char *path, const struct source_options *options, struct error *error)
{
	struct stat status;

	*source = (struct source){.options = options};
	if (options->format != NULL && !is_format(options->format))
		return error_set(error, ERROR_USAGE,
				 "--format=%s: write css, sdb, sql, dump, user, bogofilter or spamassassin",
				 options->format);
	if (strcmp(path, "-") == 0) {
		const struct format *format = options->format != NULL ? named_format(options->format) : NULL;
		return format != NULL ? read_text(source, stdin, "standard input", format, error)
				      : error_set(error, ERROR_USAGE,
						  "what comes on standard input must be said with --format, such as"
						  " --format=sql");
	}
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
		if (!tree_find(&source->tree, path, options->user, error))
			return false;
		source->count = source->tree.count;
		return true;
	}
	return open_file(source, path, error);
}

/* ---- a store ---------------------------------------------------------------- */

static bool
add_user(void *context, store_uid uid, const char *name)
{
	struct source *source = context;

	if (source->options->user != NULL && (name == NULL || strcmp(name, source->options->user) != 0))
		return true;
	source->users = reallocarray(source->users, source->count + 1, sizeof(char *));
	source->uids = reallocarray(source->uids, source->count + 1, sizeof *source->uids);
	if (source->users == NULL || source->uids == NULL)
		abort();
	source->uids[source->count] = uid;
	source->users[source->count] = name != NULL ? strdup(name) : NULL;
	if (name != NULL && source->users[source->count] == NULL)
		abort();
	source->count++;
	return true;
}

bool
source_open_store(struct source *source, struct store *store, const struct source_options *options, struct error *error)
{
	*source = (struct source){.options = options, .store = store};
	add_user(source, 0, NULL);
	if (!store_each_user(store, add_user, source, error))
		return false;
	return source->count > 0 || error_set(error, ERROR_USER, "there is no user %s in that store", options->user);
}

void
source_close(struct source *source)
{
	for (size_t i = 0; source->users != NULL && i < source->count; i++)
		free(source->users[i]);
	free(source->users);
	free(source->uids);
	tree_free(&source->tree);
	people_free(&source->people);
	*source = (struct source){0};
}

/* ---- one after the other ---------------------------------------------------------- */

static bool
read_file(const struct tree_file *file, struct person *person, struct error *error)
{
	bool css = file->kind == TREE_CSS;

	person_name(person, span_from(file->name));
	if (!(css ? css_read : sdb_read)(file->path, person, error))
		return false;
	person->walk = css ? css_each_signature : sdb_each_signature;
	person->source = file->path;
	person_finish(person);
	return true;
}

static bool
read_stored(struct source *source, size_t index, struct person *person, struct error *error)
{
	const char *name = source->users[index];

	source->store_source = (struct store_source){source->store, source->uids[index]};
	return store_source_read(&source->store_source, name != NULL ? name : "default", person, error) ||
	       error_prefix(error, "%s", name != NULL ? name : "the defaults of the site");
}

bool
source_next(struct source *source, struct person *person, bool *more, struct error *error)
{
	size_t index = source->next;

	*more = index < source->count;
	if (!*more)
		return true;
	source->next++;
	person_free(person);
	if (source->store != NULL)
		return read_stored(source, index, person, error);
	if (source->tree.count > 0)
		return read_file(&source->tree.files[index], person, error);
	*person = *source->people.list[index];
	*source->people.list[index] = (struct person){0};
	return true;
}
