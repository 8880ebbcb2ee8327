/* Statements with their values, and values that came back. */
#include <stdlib.h>

#include "store/server/server.h"

/* So much goes to the server at once; all of them take that, and it is more than most messages need. */
enum { PIECE = 1 << 20 };

static void
spell(struct server *server, const struct server_value *value)
{
	if (value->type == VALUE_NUMBER)
		buffer_printf(&server->literal, "%lld", (long long)value->number);
	else if (value->type == VALUE_UNSIGNED)
		buffer_printf(&server->literal, "%llu", (unsigned long long)value->number);
	else if (value->type == VALUE_TEXT)
		server->engine->quote(server->link->connection, value->bytes, &server->literal);
	else
		server->engine->quote_bytes(value->bytes, &server->literal);
}

/* A statement whose rows or keys, if it has any, begin in server->literal at `special`. */
static void
write_statement(struct server *server, enum statement statement, const struct server_value *values, size_t count,
		size_t special)
{
	struct span parameters[SERVER_PARAMETERS];
	size_t ends[SERVER_PARAMETERS];
	size_t begin = server->literal.size;

	for (size_t i = 0; i < count; i++) {
		spell(server, &values[i]);
		ends[i] = server->literal.size;
	}
	if (server->literal.failed)
		return;
	for (size_t i = 0; i < count; i++) {
		size_t from = i == 0 ? begin : ends[i - 1];
		parameters[i] = span_of(server->literal.data + from, ends[i] - from);
	}
	struct span rest = span_of(server->literal.data + special, begin - special);
	statement_write(statement, &server->dialect,
			&(struct statement_values){.parameters = parameters, .keys = rest, .rows = rest},
			&server->text);
	buffer_append_string(&server->text, ENGINE_END);
}

void
server_spell_weights(struct server *server, bool weights)
{
	server->dialect.weights_open = weights ? "" : "/* ";
	server->dialect.weights_close = weights ? "" : " */";
}

void
server_statement(struct server *server, enum statement statement, const struct server_value *values, size_t count)
{
	buffer_clear(&server->literal);
	write_statement(server, statement, values, count, 0);
}

void
server_keys(struct server *server, enum statement statement, const struct server_value *values, size_t value_count,
	    const struct store_row *rows, size_t count)
{
	while (count > 0) {
		size_t some = count < SERVER_ROWS_AT_ONCE ? count : SERVER_ROWS_AT_ONCE;
		buffer_clear(&server->literal);
		server->engine->keys(rows, some, server->tokens_unsigned, &server->literal);
		write_statement(server, statement, values, value_count, 0);
		rows += some;
		count -= some;
	}
}

static bool
have_weights(const struct store_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].weight != 0 || rows[i].gradient != 0)
			return true;
	return false;
}

/* Tokens, which are most rows, have no weights: their columns stay NULL. */
static void
write_rows(struct server *server, enum statement statement, store_uid uid, const struct store_row *rows, size_t count)
{
	bool weights = have_weights(rows, count);

	buffer_clear(&server->literal);
	server->engine->rows(uid, rows, count, server->tokens_unsigned, weights, &server->literal);
	server_spell_weights(server, weights);
	write_statement(server, statement, NULL, 0, 0);
	server_spell_weights(server, server->store.has_weights);
}

bool
server_make_room(struct server *server, size_t size, struct error *error)
{
	return server->text.size + size < PIECE || server_send(server, NULL, NULL, NULL, error);
}

bool
server_insert(struct server *server, enum statement statement, store_uid uid, const struct store_row *rows,
	      size_t count, struct error *error)
{
	while (count > 0) {
		size_t some = count < SERVER_ROWS_AT_ONCE ? count : SERVER_ROWS_AT_ONCE;
		write_rows(server, statement, uid, rows, some);
		rows += some;
		count -= some;
		if (!server_make_room(server, 0, error))
			return false;
	}
	return true;
}

/* ---- values that came back ------------------------------------------------------- */

int64_t
server_integer(struct span value)
{
	if (value.data == NULL)
		return 0;
	return value.data[0] == '-' ? strtoll(value.data, NULL, 10) : (int64_t)strtoull(value.data, NULL, 10);
}

uint32_t
server_hits(struct span value)
{
	int64_t hits = server_integer(value);

	return hits < 0 ? 0 : hits > UINT32_MAX ? UINT32_MAX : (uint32_t)hits;
}

void
server_row(const struct engine_row *row, struct store_row *result)
{
	*result = (struct store_row){.token = (uint64_t)server_integer(row->values[0]),
				     .spam = server_hits(row->values[1]),
				     .innocent = server_hits(row->values[2]),
				     .day = (int32_t)server_integer(row->values[3])};
	if (row->count > 5) {
		result->weight = store_narrow(server_integer(row->values[4]));
		result->gradient = server_integer(row->values[5]);
	}
}

struct totals
server_totals(const struct span *values)
{
	return (struct totals){
		server_integer(values[0]), server_integer(values[1]), server_integer(values[2]),
		server_integer(values[3]), server_integer(values[4]), server_integer(values[5]),
		server_integer(values[6]), server_integer(values[7]),
	};
}
