/*
 * Who a message is for, in one way to the server and back.
 *
 * A question names one number, so that a database of many machines knows whom to ask; so the number that the name had
 * the last time is asked about together with the name, and what is said of it holds if the name still has it.
 */
#include "base/crc64.h"
#include "store/server/server.h"

enum { TEXTS = 3 /* at most: the second one is right but for who gets another number at this moment */ };

struct meet_work {
	const struct server *server;
	struct span name;
	store_uid guess; /* 0: none */
	int64_t number;
	struct buffer preferences;
	struct server_state state;
};

static bool
ask(struct server *server, void *context, struct error *error)
{
	struct meet_work *work = context;
	const struct server_value name = server_text(work->name);

	work->number = 0;
	buffer_clear(&work->preferences);
	if (!server->system_users) {
		server_statement(server, STATEMENT_USER_FIND, &name, 1);
	} else {
		if (!server_account(work->name, &work->guess, error))
			return false;
		work->number = work->guess;
	}
	if (work->guess == 0)
		return true;
	const struct server_value uid = server_number(work->guess);
	if (server->has_preferences)
		server_statement(server, STATEMENT_PREFERENCES, &uid, 1);
	server_ask_state(server, work->guess, &work->state);
	return true;
}

static void
see(void *context, const struct engine_row *row)
{
	struct meet_work *work = context;
	size_t preferences = work->server->system_users ? 0 : 1;
	size_t state = preferences + (work->server->has_preferences ? 1 : 0);

	if (row->result < preferences)
		work->number = server_integer(row->values[0]);
	else if (row->result < state)
		server_keep_preference(&work->preferences, row->values);
	else
		server_see_state(work->server, &work->state, row->result - state, row->values);
}

/* Until what was asked was asked of the right number. */
static bool
ask_all(struct server *server, struct meet_work *work, store_uid *uid, struct error *error)
{
	for (unsigned text = 0; text < TEXTS; text++) {
		if (!server_query(server, SERVER_READ, ask, see, work, error) ||
		    !server_take_number(work->name, work->number, uid, error))
			return false;
		if (*uid == work->guess || *uid == 0)
			return true;
		work->guess = *uid;
	}
	return error_later(error, ERROR_TEMPORARY, "%s: user %.*s gets one number after the other",
			   server->engine->name, (int)work->name.size, work->name.data);
}

bool
server_meet(struct store *store, struct span name, store_uid *uid, store_preference_callback *each, void *context,
	    struct error *error)
{
	struct server *server = server_of(store);
	uint64_t hash = crc64(0, name);
	struct server_name *known = &server->names[hash % SERVER_NAMES];
	struct meet_work work = {
		.server = server,
		.name = name,
		.guess = known->hash == hash ? known->uid : 0,
		.preferences = BUFFER_INIT(SERVER_TEXT_LIMIT),
	};
	bool done = ask_all(server, &work, uid, error);

	if (done && *uid != 0) {
		*known = (struct server_name){hash, *uid};
		server->met = *uid;
		server->met_state = work.state;
		server_tell_preferences(&work.preferences, each, context);
	}
	buffer_free(&work.preferences);
	return done;
}
