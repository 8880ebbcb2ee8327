/* Numbers of users: from the table of the site, or, where there is none, from the system, as the original does. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/server/server.h"

enum { USERS_AT_ONCE = 1024, ENTRY_SIZE = 16384 };

/* ---- users of the system -------------------------------------------------------- */

bool
server_account(struct span name, store_uid *uid, struct error *error)
{
	char text[STORE_NAME_SIZE], *space = malloc(ENTRY_SIZE);
	struct passwd entry, *found = NULL;

	if (space == NULL)
		abort();
	snprintf(text, sizeof text, "%.*s", (int)name.size, name.data);
	int code = getpwnam_r(text, &entry, space, ENTRY_SIZE, &found);
	*uid = found != NULL && entry.pw_uid <= INT32_MAX ? (store_uid)entry.pw_uid : 0;
	free(space);
	return code == 0 ||
	       error_later(error, ERROR_OS, "user %s: the system cannot say who that is: %s", text, strerror(code));
}

/* The name of a number, in `name`; else false. */
static bool
name_account(store_uid uid, char name[static STORE_NAME_SIZE])
{
	char *space = malloc(ENTRY_SIZE);
	struct passwd entry, *found = NULL;

	if (space == NULL)
		abort();
	getpwuid_r((uid_t)uid, &entry, space, ENTRY_SIZE, &found);
	if (found != NULL)
		snprintf(name, STORE_NAME_SIZE, "%s", entry.pw_name);
	free(space);
	return found != NULL;
}

/* ---- one user --------------------------------------------------------------------- */

struct user_work {
	struct span name;
	int64_t number;
	bool create;
};

static bool
ask_user(struct server *server, void *context, struct error *error)
{
	struct user_work *work = context;
	struct server_value name = server_text(work->name);

	(void)error;
	work->number = 0;
	if (server->system_users)
		return true; /* found out when we connected */
	if (work->create)
		server_statement(server, STATEMENT_USER_ADD, &name, 1);
	server_statement(server, STATEMENT_USER_FIND, &name, 1);
	return true;
}

static void
see_user(void *context, const struct engine_row *row)
{
	struct user_work *work = context;

	work->number = server_integer(row->values[0]);
}

/* Numbers beyond 31 bits do not fit the columns of every database. */
bool
server_take_number(struct span name, int64_t number, store_uid *uid, struct error *error)
{
	bool good = number >= 0 && number <= INT32_MAX;

	if (good)
		*uid = (store_uid)number;
	return good || error_set(error, ERROR_DATA, "user %.*s has number %lld; numbers can be from 1 to %d",
				 (int)name.size, name.data, (long long)number, INT32_MAX);
}

/*
 * Who is not there and cannot be made stays unknown: users may stand in a table of the site's own, which we may only
 * read, or be read by way of a view, where it is for others to put them.
 */
static bool
is_for_others(const struct server *server, const struct error *error)
{
	return server->outcome == ENGINE_UNFILLED ||
	       (server->table_named && server->outcome == ENGINE_FAILED && error->code == ERROR_PERMISSION);
}

bool
server_user(struct store *store, struct span name, bool create, store_uid *uid, struct error *error)
{
	struct server *server = server_of(store);
	struct user_work work = {.name = name};

	*uid = 0;
	if (!server_query(server, SERVER_READ, ask_user, see_user, &work, error))
		return false;
	if (server->system_users)
		return server_account(name, uid, error);
	if (work.number == 0 && create) {
		work.create = true;
		if (!server_transaction(
			    server, &(struct server_transaction){SERVER_WRITE, ask_user, see_user, NULL, &work}, error))
			return is_for_others(server, error);
	}
	return server_take_number(name, work.number, uid, error);
}

/* ---- his name ----------------------------------------------------------------------- */

struct name_work {
	store_uid uid;
	char *name;
};

static bool
ask_name(struct server *server, void *context, struct error *error)
{
	const struct name_work *work = context;
	const struct server_value uid = server_number(work->uid);

	(void)error;
	if (!server->system_users)
		server_statement(server, STATEMENT_USER_NAME, &uid, 1);
	return true;
}

static void
see_name(void *context, const struct engine_row *row)
{
	const struct name_work *work = context;

	if (row->values[0].data != NULL)
		snprintf(work->name, STORE_NAME_SIZE, "%s", row->values[0].data);
}

bool
server_user_name(struct store *store, store_uid uid, char name[static STORE_NAME_SIZE], struct error *error)
{
	struct name_work work = {uid, name};

	name[0] = '\0';
	if (!server_query(server_of(store), SERVER_READ, ask_name, see_name, &work, error))
		return false;
	if (server_of(store)->system_users)
		name_account(uid, name);
	return true;
}

/* ---- all users -------------------------------------------------------------------- */

struct users_work {
	int64_t after;
	size_t count;
	int64_t numbers[USERS_AT_ONCE];
	char names[USERS_AT_ONCE][STORE_NAME_SIZE];
};

static bool
ask_users(struct server *server, void *context, struct error *error)
{
	struct users_work *work = context;
	const struct server_value values[] = {server_number(work->after), server_number(USERS_AT_ONCE)};

	(void)error;
	work->count = 0;
	server_statement(server, server->system_users ? STATEMENT_USERS_COUNTED : STATEMENT_USERS, values, 2);
	return true;
}

static void
see_users(void *context, const struct engine_row *row)
{
	struct users_work *work = context;
	char *name = work->names[work->count % USERS_AT_ONCE];

	work->numbers[work->count % USERS_AT_ONCE] = server_integer(row->values[0]);
	name[0] = '\0';
	if (row->count > 1 && row->values[1].data != NULL)
		snprintf(name, sizeof work->names[0], "%s", row->values[1].data);
	work->count++;
}

/* Who has a number that cannot be (server_take_number) has nothing here. False: `each` has had enough. */
static bool
tell_users(const struct server *server, struct users_work *work, store_user_callback *each, void *context)
{
	for (size_t i = 0; i < work->count; i++) {
		if (work->numbers[i] <= 0 || work->numbers[i] > INT32_MAX)
			continue;
		store_uid uid = (store_uid)work->numbers[i];
		bool known = !server->system_users || name_account(uid, work->names[i]);
		if (known && !each(context, uid, work->names[i]))
			return false;
	}
	return true;
}

bool
server_each_user(struct store *store, store_user_callback *each, void *context, struct error *error)
{
	struct server *server = server_of(store);
	struct users_work *work = calloc(1, sizeof *work);
	bool done, more = true;

	if (work == NULL)
		abort();
	/* Behind INT32_MAX, and where numbers of 64 bits without a sign become negative ones, is nobody of ours. */
	do {
		done = server_query(server, SERVER_READ, ask_users, see_users, work, error);
		if (!done || work->count == 0)
			break;
		work->after = work->numbers[work->count - 1];
		more = tell_users(server, work, each, context);
	} while (more && work->count == USERS_AT_ONCE && work->after > 0 && work->after < INT32_MAX);
	free(work);
	return done;
}
