#include "tool/old_copies.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "filter/signature.h"

struct sweep {
	const struct purge_ages *ages;
	int64_t now;
	struct old_copies *gone;
	struct error *error;
	size_t failures;
};

/* ---- which files they are ----------------------------------------------------- */

static struct span
name_of(const FTSENT *entry)
{
	return span_of(entry->fts_name, entry->fts_namelen);
}

static bool
ends_in(struct span name, struct span ending)
{
	return name.size > ending.size && span_equal(span_skip(name, name.size - ending.size), ending);
}

/* ID.ending, with an ID as signatures have it. */
static bool
is_named(struct span name, struct span ending)
{
	return ends_in(name, ending) && signature_id_valid(span_head(name, name.size - ending.size));
}

static bool
is_fragment(const FTSENT *entry)
{
	return is_named(name_of(entry), SPAN(".frag")) && ends_in(name_of(entry->fts_parent), SPAN(".frag"));
}

static bool
is_corpus(const FTSENT *entry)
{
	const FTSENT *kind = entry->fts_parent;

	return is_named(name_of(entry), SPAN(".msg")) && kind->fts_level > FTS_ROOTLEVEL &&
	       (span_equal(name_of(kind), SPAN("spam")) || span_equal(name_of(kind), SPAN("nonspam"))) &&
	       ends_in(name_of(kind->fts_parent), SPAN(".corpus"));
}

/* ---- how they go -------------------------------------------------------------- */

static void
note(struct sweep *sweep, const char *path, int code)
{
	if (sweep->failures++ == 0)
		error_set(sweep->error, ERROR_IO, "%.300s is not cleaned: %s", path, strerror(code));
}

static bool
is_older(const struct sweep *sweep, const struct stat *status, int32_t age)
{
	if (age == PURGE_OFF || age == 0)
		return age == 0;
	return status->st_mtime < sweep->now - (int64_t)age * CLOCK_DAY;
}

/* By its name in the directory that fts has entered, so that nobody can put another directory in between. */
static void
remove_file(struct sweep *sweep, const FTSENT *entry, size_t *count)
{
	if (unlink(entry->fts_accpath) == 0)
		*count += 1;
	else if (errno != ENOENT) /* somebody else was faster */
		note(sweep, entry->fts_path, errno);
}

static void
look_at(struct sweep *sweep, const FTSENT *entry)
{
	if (is_fragment(entry) && is_older(sweep, entry->fts_statp, sweep->ages->fragments))
		remove_file(sweep, entry, &sweep->gone->fragments);
	else if (is_corpus(entry) && is_older(sweep, entry->fts_statp, sweep->ages->corpus))
		remove_file(sweep, entry, &sweep->gone->messages);
}

static void
walk(struct sweep *sweep, FTS *tree)
{
	const FTSENT *entry;

	while ((entry = fts_read(tree)) != NULL) {
		bool broken = entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS;
		if (broken && entry->fts_errno != ENOENT)
			note(sweep, entry->fts_path, entry->fts_errno);
		else if (entry->fts_info == FTS_F)
			look_at(sweep, entry);
	}
}

bool
old_copies_remove(const char *directory, const struct purge_ages *ages, int64_t now, struct old_copies *gone,
		  struct error *error)
{
	struct sweep sweep = {ages, now, gone, error, 0};
	char *roots[] = {(char *)(uintptr_t)directory, NULL}; /* which fts_open does not change */
	FTS *tree = fts_open(roots, FTS_PHYSICAL, NULL);

	if (tree == NULL)
		return error_set(error, ERROR_OS, "%s is not cleaned: %s", directory, strerror(errno));
	walk(&sweep, tree);
	fts_close(tree);
	if (sweep.failures > 1) {
		size_t size = strlen(error->text);
		snprintf(error->text + size, sizeof error->text - size, ", and %zu more", sweep.failures - 1);
	}
	return sweep.failures == 0;
}
