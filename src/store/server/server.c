#include "store/server/server.h"

#include <stdlib.h>

struct server *
server_new(const struct engine *engine)
{
	struct server *server = calloc(1, sizeof *server);

	if (server == NULL)
		abort();
	server->engine = engine;
	server->dialect = *engine->dialect;
	server->text = server->literal = BUFFER_INIT(SERVER_TEXT_LIMIT);
	return server;
}

bool
server_open(const struct engine *engine, const struct store_options *options, struct store **store, struct error *error)
{
	struct server *server = server_new(engine);

	/* The first connection is made at once, so that what is wrong with it is said when a program starts. */
	if (!server_configure(server, options, error) || !server_connect(server, SERVER_READ, error)) {
		server_close(&server->store);
		return false;
	}
	*store = &server->store;
	return true;
}

void
server_close(struct store *store)
{
	struct server *server = server_of(store);

	for (size_t i = 0; i < 2; i++) {
		server_disconnect(&server->links[i], server->engine);
		free(server->links[i].file);
		for (size_t k = 0; k < SERVER_HOSTS; k++)
			free(server->links[i].hosts[k]);
	}
	buffer_free(&server->text);
	buffer_free(&server->literal);
	free(server);
}
