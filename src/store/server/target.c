/* The directives that say where the database is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/server/server.h"

enum { TIMEOUT = 10, DATA_FILE_SIZE = 4096 };

/* The value of PREFIX + part + name, such as MySQL + Write + Server; NULL: not set. */
static const char *
find(const struct server *server, const struct store_options *options, const char *part, const char *name)
{
	char directive[64];

	snprintf(directive, sizeof directive, "%s%s%s", server->engine->directive, part, name);
	return store_option(options, directive);
}

static bool
is_on(const char *value)
{
	return value != NULL &&
	       (span_equal_nocase(span_from(value), SPAN("on")) || span_equal_nocase(span_from(value), SPAN("true")));
}

/* ---- HOME/pgsql.data, HOME/mysql.data -------------------------------------------- */

/* Host, port, user, password and database, one a line. */
static bool
read_data_file(struct server *server, struct server_link *link, const struct store_options *options,
	       struct engine_target *target, struct error *error)
{
	const char *home = store_option(options, "Home");
	char path[4096], *lines[5] = {NULL}, *rest;

	snprintf(path, sizeof path, "%s/%s", home != NULL ? home : ".", server->engine->data_file);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return error_set(error, ERROR_CONFIG, "%sServer is not set, and %s cannot be read: %s; set %sServer",
				 server->engine->directive, path, strerror(errno), server->engine->directive);
	link->file = calloc(1, DATA_FILE_SIZE);
	if (link->file == NULL)
		abort();
	size_t size = fread(link->file, 1, DATA_FILE_SIZE - 1, file);
	fclose(file);
	rest = link->file;
	for (size_t i = 0; i < 5 && size > 0 && rest != NULL; i++) {
		lines[i] = strsep(&rest, "\n");
		lines[i][strcspn(lines[i], "\r")] = '\0';
	}
	if (lines[4] == NULL || lines[4][0] == '\0')
		return error_set(error, ERROR_CONFIG,
				 "%s: it should have host, port, user, password and database, one a line", path);
	target->host = lines[0];
	target->port = (unsigned)strtoul(lines[1], NULL, 10);
	target->user = lines[2];
	target->password = lines[3];
	target->database = lines[4];
	return true;
}

/* ---- directives --------------------------------------------------------------------- */

static unsigned
number(const char *text, unsigned otherwise)
{
	return text == NULL ? otherwise : (unsigned)strtoul(text, NULL, 10);
}

/* A word that is none must not mean less than its author wanted. */
static bool
read_tls(const struct server *server, const struct store_options *options, enum engine_tls *tls, struct error *error)
{
	static const char *const words[] = {
		[ENGINE_TLS_OFF] = "off",
		[ENGINE_TLS_OPPORTUNISTIC] = "opportunistic",
		[ENGINE_TLS_ON] = "on",
		[ENGINE_TLS_VERIFY] = "verify",
	};
	const char *value = find(server, options, "", "TLS");

	*tls = ENGINE_TLS_OPPORTUNISTIC;
	if (value == NULL)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (span_equal_nocase(span_from(value), span_from(words[i]))) {
			*tls = (enum engine_tls)i;
			return true;
		}
	return error_set(error, ERROR_CONFIG, "%sTLS %s: it must be one of: off opportunistic on verify",
			 server->engine->directive, value);
}

/* The libraries only say that some file is not there. */
static bool
check_file(const struct server *server, const char *name, const char *path, struct error *error)
{
	if (path == NULL || access(path, R_OK) == 0)
		return true;
	return error_later(error, ERROR_CONFIG, "%s%s %s: %s", server->engine->directive, name, path, strerror(errno));
}

static bool
check_files(const struct server *server, const struct engine_target *target, struct error *error)
{
	return target->tls == ENGINE_TLS_OFF || (check_file(server, "TLSCA", target->tls_ca, error) &&
						 check_file(server, "TLSCertificate", target->tls_certificate, error) &&
						 check_file(server, "TLSKey", target->tls_key, error));
}

/* What all servers of a link have in common. `part` is "", or "Write". */
static struct engine_target
read_target(const struct server *server, const struct store_options *options, const char *part)
{
	return (struct engine_target){
		.port = number(find(server, options, part, "Port"), 0),
		.user = find(server, options, part, "User"),
		.password = find(server, options, part, "Pass"),
		.database = find(server, options, part, "Db"),
		.compress = is_on(find(server, options, part, "Compress")),
		.tls_ca = find(server, options, "", "TLSCA"),
		.tls_certificate = find(server, options, "", "TLSCertificate"),
		.tls_key = find(server, options, "", "TLSKey"),
		.timeout = number(store_option(options, "StoreTimeout"), TIMEOUT),
		.connect_timeout = number(store_option(options, "StoreTimeout"), TIMEOUT),
	};
}

/*
 * HOST, HOST:PORT, [ADDRESS]:PORT, or the path of a socket; an address of IPv6 may stand alone as it is. *host is the
 * caller's to free; *port stays where none is named.
 */
static bool
split_server(const char *value, char **host, unsigned *port)
{
	struct span text = span_from(value), name = text, rest = {NULL, 0};
	size_t end = span_find_byte(text, ']');
	unsigned long long number;

	if (text.size > 0 && text.data[0] == '[' && end != SPAN_NONE) {
		name = span_of(text.data + 1, end - 1);
		rest = span_skip(text, end + 1);
	} else if (text.size > 0 && text.data[0] != '/' && (end = span_find_byte(text, ':')) != SPAN_NONE &&
		   span_find_byte(span_skip(text, end + 1), ':') == SPAN_NONE) {
		name = span_head(text, end);
		rest = span_skip(text, end);
	}
	*host = strndup(name.data, name.size);
	if (*host == NULL)
		abort();
	if (rest.size == 0)
		return name.size > 0;
	if (rest.data[0] != ':' || !span_to_number(span_skip(rest, 1), 65535, &number) || number == 0)
		return false;
	*port = (unsigned)number;
	return name.size > 0;
}

/* One target for each server that is named. */
static bool
add_hosts(struct server *server, struct server_link *link, const struct store_options *options, const char *part,
	  const struct engine_target *target, struct error *error)
{
	char directive[64];

	snprintf(directive, sizeof directive, "%s%sServer", server->engine->directive, part);
	for (size_t i = 0; i < options->count; i++) {
		const struct store_option *option = &options->options[i];
		size_t number = link->target_count;
		if (!span_equal_nocase(span_from(option->name), span_from(directive)))
			continue;
		if (number == SERVER_HOSTS)
			return error_set(error, ERROR_CONFIG, "%s: more than %d servers", directive, SERVER_HOSTS);
		link->targets[number] = *target;
		link->target_count++;
		if (!split_server(option->value, &link->hosts[number], &link->targets[number].port))
			return error_set(error, ERROR_CONFIG,
					 "%s %s: it should be HOST, HOST:PORT, [IPv6]:PORT, or the path of a socket",
					 directive, option->value);
		link->targets[number].host = link->hosts[number];
	}
	return true;
}

static bool
read_link(struct server *server, struct server_link *link, const struct store_options *options, const char *part,
	  bool writable, struct error *error)
{
	struct engine_target target = read_target(server, options, part);

	target.writable = writable;
	if (!read_tls(server, options, &target.tls, error) || !check_files(server, &target, error) ||
	    !add_hosts(server, link, options, part, &target, error))
		return false;
	if (link->target_count == 0) {
		if (!read_data_file(server, link, options, &target, error))
			return false;
		link->targets[link->target_count++] = target;
	}
	if (link->targets[0].database == NULL)
		return error_set(error, ERROR_CONFIG, "%s%sDb is not set: it names the database",
				 server->engine->directive, part);
	return true;
}

static void
read_users(struct server *server, const struct store_options *options)
{
	const char *table = find(server, options, "Virtual", "Table");
	const char *uid = find(server, options, "Virtual", "UIDField");
	const char *name = find(server, options, "Virtual", "UsernameField");

	server->dialect = *server->engine->dialect;
	server->table_named = table != NULL && strcmp(table, server->dialect.users) != 0;
	if (table != NULL)
		server->dialect.users = table;
	if (uid != NULL)
		server->dialect.users_uid = uid;
	if (name != NULL)
		server->dialect.users_name = name;
}

bool
server_configure(struct server *server, const struct store_options *options, struct error *error)
{
	bool two = find(server, options, "Write", "Server") != NULL;

	read_users(server, options);
	server->wanted_cache = options->cache;
	server->outages = options->outages;
	server->signatures_from_writer = is_on(find(server, options, "", "ReadSignaturesFromWriteDb"));
	server->by_mode[SERVER_READ] = &server->links[SERVER_READ];
	server->by_mode[SERVER_WRITE] = &server->links[two ? SERVER_WRITE : SERVER_READ];
	return read_link(server, &server->links[SERVER_READ], options, "", !two, error) &&
	       (!two || read_link(server, &server->links[SERVER_WRITE], options, "Write", true, error));
}
