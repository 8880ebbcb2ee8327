/* dspam_admin export-user, reset-user, delete-user, list-users. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "move/store_source.h"
#include "move/user_file.h"
#include "tool/admin.h"
#include "tool/json.h"
#include "tool/progress.h"
#include "tool/user_files.h"
#include "tool/user_list.h"

#define ARENA_CEILING ((size_t)1 * 1024 * 1024)

/* ---- export-user -------------------------------------------------------------- */

static bool
unknown(const char *user, struct error *error)
{
	return error_set(error, ERROR_USER, "there is no user %s in the store", user);
}

static bool
export_to(struct store *store, const char *user, FILE *out, struct error *error)
{
	struct store_source source = {.store = store};
	struct person person;
	size_t ballots;

	if (!store_user(store, span_from(user), false, &source.uid, error))
		return false;
	if (source.uid == 0)
		return unknown(user, error);
	person_init(&person);
	bool done = store_source_read(&source, user, &person, error) && user_file_write(&person, out, &ballots, error);
	person_free(&person);
	if (done)
		admin_tell_ballots(user, ballots);
	return done;
}

void
admin_tell_ballots(const char *user, size_t count)
{
	if (count > 0)
		log_notice("%s: %zu ballots (SiteModelQuorum) stay behind: they name those who voted by numbers of the "
			   "store that they are in",
			   user, count);
}

/* Nobody else's business: mode 0600. What is there is not written over. */
static bool
export_to_file(struct store *store, const char *user, const char *path, struct error *error)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *out = file < 0 ? NULL : fdopen(file, "w");

	if (out == NULL)
		return error_set(error, ERROR_CREATE, "%s: %s", path, strerror(errno));
	bool done = export_to(store, user, out, error);
	if (done && fsync(file) != 0)
		done = error_set(error, ERROR_IO, "%s: %s", path, strerror(errno));
	if (fclose(out) != 0 && done)
		done = error_set(error, ERROR_IO, "%s: %s", path, strerror(errno));
	if (!done)
		unlink(path);
	return done;
}

bool
admin_export_user(struct admin_call *call, struct error *error)
{
	const char *path = admin_value(call, ADMIN_OUTPUT);
	struct store *store;

	if (!store_open(&call->program->settings->store, &store, error))
		return false;
	bool done = path != NULL ? export_to_file(store, call->words[0], path, error)
				 : export_to(store, call->words[0], stdout, error);
	store_close(store);
	return done;
}

/* ---- reset-user, delete-user --------------------------------------------------- */

struct removing {
	struct admin_call *call;
	const char *user;
	enum store_removal what;
	struct store *store;
	store_uid uid; /* 0: the store does not know him */
	struct store_size size;
	struct store_remove_walk walk;
};

/* What is removed is overwritten in the file, where it otherwise stays until something else needs the place. */
static bool
open_store(struct removing *removing, struct error *error)
{
	struct store_options options = removing->call->program->settings->store;
	struct store_option *more = calloc(options.count + 1, sizeof *more);

	if (more == NULL)
		abort();
	if (options.count > 0)
		memcpy(more, options.options, options.count * sizeof *more);
	more[options.count++] = (struct store_option){"SQLitePragma", "secure_delete = ON"};
	options.options = more;
	bool done = store_open(&options, &removing->store, error);
	free(more);
	return done;
}

static bool
is_yes(const char *line)
{
	return span_equal_nocase(span_trim(span_from(line)), SPAN("y")) ||
	       span_equal_nocase(span_trim(span_from(line)), SPAN("yes"));
}

static bool
ask(const struct removing *removing, struct error *error)
{
	bool whole = removing->what == STORE_REMOVE_USER;
	const char *name = store_users_elsewhere(removing->store) != NULL ? "" : " and name";
	char line[64];

	if (admin_value(removing->call, ADMIN_YES) != NULL)
		return true;
	fprintf(stderr, "%s: remove %" PRIu64 " tokens, %" PRIu64 " signatures and all totals%s%s%s? [y/N] ",
		removing->user, removing->size.rows, removing->size.signatures, whole ? ", his preferences" : "",
		whole ? name : "", whole ? ", his quarantine, logs and other files" : "");
	if (fgets(line, sizeof line, stdin) != NULL && is_yes(line))
		return true;
	return error_set(error, ERROR_USAGE, "nothing was removed: answer y, or give --yes");
}

static bool
remove_stored(struct removing *removing, struct error *error)
{
	struct store_remove_walk *walk = &removing->walk;
	struct progress progress;

	progress_begin(&progress, "tokens", (size_t)removing->size.rows);
	while (!walk->done) {
		if (!store_remove(removing->store, removing->uid, removing->what, walk, error)) {
			progress_clear(&progress);
			return error_prefix(error, "%s: only a part is removed; call it again", removing->user);
		}
		if (walk->rows.removed <= removing->size.rows)
			progress_step(&progress, walk->rows.removed);
	}
	progress_clear(&progress);
	return admin_value(removing->call, ADMIN_OPTIMIZE) == NULL || store_optimize(removing->store, error);
}

static bool
remove_all(struct removing *removing, struct arena *arena, struct error *error)
{
	const struct home *home = &removing->call->program->settings->files;
	size_t files = 0;

	if (!store_user(removing->store, span_from(removing->user), false, &removing->uid, error))
		return false;
	if (removing->uid == 0 &&
	    (removing->what != STORE_REMOVE_USER || !user_files_exist(home, arena, removing->user)))
		return unknown(removing->user, error);
	if (removing->uid != 0 && !store_size(removing->store, removing->uid, &removing->size, error))
		return false;
	if (!ask(removing, error) || (removing->uid != 0 && !remove_stored(removing, error)))
		return false;
	if (removing->what == STORE_REMOVE_USER ? !user_files_remove(home, arena, removing->user, &files, error)
						: !user_files_remove_totals(home, arena, removing->user, &files, error))
		return false;
	printf("%s: %zu tokens, %zu signatures, %zu files removed\n", removing->user, removing->walk.rows.removed,
	       removing->walk.signatures, files);
	const char *elsewhere = store_users_elsewhere(removing->store);
	if (removing->what == STORE_REMOVE_USER && removing->uid != 0 && elsewhere != NULL)
		printf("%s: the name stays in %s, for others to remove\n", removing->user, elsewhere);
	return true;
}

static bool
remove_user(struct admin_call *call, enum store_removal what, struct error *error)
{
	struct removing removing = {.call = call, .user = call->words[0], .what = what};

	if (!open_store(&removing, error))
		return false;
	struct arena *arena = arena_new(ARENA_CEILING);
	bool done = remove_all(&removing, arena, error);
	arena_free(arena);
	store_close(removing.store);
	return done;
}

bool
admin_reset_user(struct admin_call *call, struct error *error)
{
	return remove_user(call, STORE_REMOVE_LEARNED, error);
}

bool
admin_delete_user(struct admin_call *call, struct error *error)
{
	return remove_user(call, STORE_REMOVE_USER, error);
}

/* ---- list-users --------------------------------------------------------------- */

struct listing {
	bool is_json;
	struct json json;
	struct store_size sum;
};

static void
list_one(struct listing *listing, store_uid uid, const char *name, const struct store_size *size)
{
	struct json *json = &listing->json;

	listing->sum.rows += size->rows;
	listing->sum.signatures += size->signatures;
	listing->sum.bytes += size->bytes;
	if (!listing->is_json) {
		printf("%10" PRIu64 " %10" PRIu64 " %14" PRIu64 " %s\n", size->rows, size->signatures, size->bytes,
		       name);
		return;
	}
	json_put_object(json, NULL);
	json_put_text(json, "user", span_from(name));
	json_put_integer(json, "uid", uid);
	json_put_integer(json, "tokens", (int64_t)size->rows);
	json_put_integer(json, "signatures", (int64_t)size->signatures);
	json_put_integer(json, "bytes", (int64_t)size->bytes);
	json_put_object_end(json);
}

static bool
list_all(struct listing *listing, struct store *store, const struct user_list *users, struct error *error)
{
	struct store_size size;

	for (size_t i = 0; i < users->count; i++) {
		if (!store_size(store, users->uids[i], &size, error))
			return error_prefix(error, "%s", users->names[i]);
		list_one(listing, users->uids[i], users->names[i], &size);
	}
	return true;
}

static bool
list_with_frame(struct listing *listing, struct store *store, const struct user_list *users, struct error *error)
{
	struct json *json = &listing->json;

	if (!listing->is_json) {
		puts("    TOKENS SIGNATURES          BYTES USER");
		bool done = list_all(listing, store, users, error);
		if (done && users->count != 1)
			printf("%10" PRIu64 " %10" PRIu64 " %14" PRIu64 " (%zu users)\n", listing->sum.rows,
			       listing->sum.signatures, listing->sum.bytes, users->count);
		return done;
	}
	json_begin(json, stdout);
	json_put_object(json, NULL);
	json_put_array(json, "users");
	bool done = list_all(listing, store, users, error);
	json_put_array_end(json);
	json_put_integer(json, "tokens", (int64_t)listing->sum.rows);
	json_put_integer(json, "signatures", (int64_t)listing->sum.signatures);
	json_put_integer(json, "bytes", (int64_t)listing->sum.bytes);
	json_put_boolean(json, "complete", done);
	json_put_object_end(json);
	json_end(json);
	return done;
}

static bool
choose_users(const struct admin_call *call, struct store *store, struct user_list *users, struct error *error)
{
	store_uid uid;

	if (call->count == 0)
		return user_list_read(users, store, error);
	for (int i = 0; i < call->count; i++) {
		if (!store_user(store, span_from(call->words[i]), false, &uid, error))
			return false;
		if (uid == 0)
			return unknown(call->words[i], error);
		user_list_add(users, uid, call->words[i]);
	}
	return true;
}

bool
admin_list_users(struct admin_call *call, struct error *error)
{
	struct listing listing = {.is_json = call->program->json};
	struct user_list users = {.names = NULL};
	struct store *store;

	if (!store_open(&call->program->settings->store, &store, error))
		return false;
	bool done = choose_users(call, store, &users, error) && list_with_frame(&listing, store, &users, error);
	user_list_free(&users);
	store_close(store);
	return done;
}
