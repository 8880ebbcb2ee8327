#include "agent/directory.h"

#include <stdio.h>

#include "base/buffer.h"

/* RFC 4515: what has a meaning in a filter, and every byte that is no plain ASCII, as \xx. */
static void
append_escaped(struct buffer *text, const char *user)
{
	for (; *user != '\0'; user++) {
		unsigned char byte = (unsigned char)*user;
		if (byte < 0x20 || byte > 0x7E || strchr("*()\\", byte) != NULL)
			buffer_printf(text, "\\%02x", byte);
		else
			buffer_append_byte(text, *user);
	}
}

char *
directory_filter(struct arena *arena, const char *query, const char *user)
{
	struct buffer text = BUFFER_INIT((size_t)16 * 1024);

	for (; *query != '\0'; query++) {
		if (query[0] != '%' || (query[1] != 'u' && query[1] != '%'))
			buffer_append_byte(&text, *query);
		else if (*++query == 'u')
			append_escaped(&text, user);
		else
			buffer_append_byte(&text, '%');
	}
	char *filter = text.failed ? NULL : arena_copy(arena, buffer_span(&text));
	buffer_free(&text);
	return filter;
}

#ifndef DSPAM_WITH_LDAP

bool
directory_ask(const struct directory *directory, struct arena *arena, const char *user, int64_t timeout, char *answer,
	      size_t size, struct error *error)
{
	(void)directory;
	(void)arena;
	(void)user;
	(void)timeout;
	(void)size;
	answer[0] = '\0';
	return error_later(error, ERROR_CONFIG,
			   "this program was built without LDAP; write \"ExtLookupDriver program\", and an "
			   "ExtLookupServer that calls ldapsearch");
}

bool
directory_is_built(void)
{
	return false;
}

#else

#include "agent/ldap_library.h"

bool
directory_is_built(void)
{
	return true;
}

/* A question under way. */
struct inquiry {
	const struct directory *directory;
	struct arena *arena;
	struct timeval limit;
	LDAP *session;
	LDAPMessage *result;
};

static bool
failed(const struct inquiry *inquiry, const char *what, int code, struct error *error)
{
	return error_later(error, ERROR_UNAVAILABLE, "%s: %s: %s", inquiry->directory->server, what,
			   ldap_err2string(code));
}

static bool
no_room(struct error *error)
{
	return error_later(error, ERROR_TEMPORARY, "there is no memory for a question to the directory");
}

static bool
open_session(struct inquiry *inquiry, struct error *error)
{
	const struct directory *directory = inquiry->directory;
	int version = directory->version == 0 ? LDAP_VERSION3 : (int)directory->version;
	const char *address = directory->server;

	if (strstr(address, "://") == NULL)
		address = arena_printf(inquiry->arena, strchr(address, ':') != NULL ? "ldap://[%s]:%u" : "ldap://%s:%u",
				       address, directory->port == 0 ? LDAP_PORT : directory->port);
	if (address == NULL)
		return no_room(error);
	int code = ldap_initialize(&inquiry->session, address);
	if (code != LDAP_SUCCESS)
		return failed(inquiry, "no such directory", code, error);
	ldap_set_option(inquiry->session, LDAP_OPT_PROTOCOL_VERSION, &version);
	ldap_set_option(inquiry->session, LDAP_OPT_NETWORK_TIMEOUT, &inquiry->limit);
	ldap_set_option(inquiry->session, LDAP_OPT_TIMEOUT, &inquiry->limit);
	ldap_set_option(inquiry->session, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
	return true;
}

static bool
log_in(struct inquiry *inquiry, struct error *error)
{
	const struct directory *directory = inquiry->directory;
	const char *password = directory->password != NULL ? directory->password : "";
	struct berval secret = {.bv_len = strlen(password)};
	int code = directory->tls ? ldap_start_tls_s(inquiry->session, NULL, NULL) : LDAP_SUCCESS;

	if (code != LDAP_SUCCESS)
		return failed(inquiry, "TLS", code, error);
	if (directory->login == NULL)
		return true;
	secret.bv_val = arena_copy(inquiry->arena, span_from(password));
	if (secret.bv_val == NULL)
		return no_room(error);
	code = ldap_sasl_bind_s(inquiry->session, directory->login, LDAP_SASL_SIMPLE, &secret, NULL, NULL, NULL);
	return code == LDAP_SUCCESS || failed(inquiry, "logging in", code, error);
}

static int
scope_of(const struct directory *directory)
{
	if (directory->scope != NULL && strcmp(directory->scope, "base") == 0)
		return LDAP_SCOPE_BASE;
	return directory->scope != NULL && strcmp(directory->scope, "one") == 0 ? LDAP_SCOPE_ONELEVEL
										: LDAP_SCOPE_SUBTREE;
}

/* Two entries are as good as more: neither is one. */
static bool
search(struct inquiry *inquiry, const char *user, struct error *error)
{
	const struct directory *directory = inquiry->directory;
	char *filter = directory_filter(inquiry->arena, directory->query, user);
	char *attributes[] = {arena_copy(inquiry->arena, span_from(directory->attribute != NULL ? directory->attribute
												: LDAP_NO_ATTRS)),
			      NULL};

	if (filter == NULL || attributes[0] == NULL)
		return no_room(error);
	int code = ldap_search_ext_s(inquiry->session, directory->base, scope_of(directory), filter, attributes, 0,
				     NULL, NULL, &inquiry->limit, 2, &inquiry->result);
	if (code == LDAP_SUCCESS || code == LDAP_SIZELIMIT_EXCEEDED || code == LDAP_NO_SUCH_OBJECT)
		return true;
	return failed(inquiry, filter, code, error);
}

static bool
take_answer(const struct inquiry *inquiry, const char *user, char *answer, size_t size, struct error *error)
{
	const char *attribute = inquiry->directory->attribute;

	if (inquiry->result == NULL || ldap_count_entries(inquiry->session, inquiry->result) != 1)
		return true;
	if (attribute == NULL) {
		snprintf(answer, size, "%s", user);
		return true;
	}
	struct berval **values =
		ldap_get_values_len(inquiry->session, ldap_first_entry(inquiry->session, inquiry->result), attribute);
	int count = values != NULL ? ldap_count_values_len(values) : 0;
	struct span value = count > 0 ? span_of(values[count - 1]->bv_val, values[count - 1]->bv_len) : SPAN("");
	bool fits = value.size < size && span_find_byte(value, '\0') == SPAN_NONE;
	if (fits) {
		memcpy(answer, value.data, value.size);
		answer[value.size] = '\0';
	}
	if (values != NULL)
		ldap_value_free_len(values);
	return fits || error_set(error, ERROR_USER, "%s: the value of %s cannot be a user", inquiry->directory->server,
				 attribute);
}

bool
directory_ask(const struct directory *directory, struct arena *arena, const char *user, int64_t timeout, char *answer,
	      size_t size, struct error *error)
{
	struct inquiry inquiry = {
		.directory = directory,
		.arena = arena,
		.limit = {.tv_sec = timeout / 1000, .tv_usec = timeout % 1000 * 1000},
	};
	struct error reason;

	answer[0] = '\0';
	if (!ldap_library_load(&reason))
		return error_later(error, ERROR_UNAVAILABLE, "%s", reason.text);
	bool done = open_session(&inquiry, error) && log_in(&inquiry, error) && search(&inquiry, user, error) &&
		    take_answer(&inquiry, user, answer, size, error);
	if (inquiry.result != NULL)
		ldap_msgfree(inquiry.result);
	if (inquiry.session != NULL)
		ldap_unbind_ext_s(inquiry.session, NULL, NULL);
	return done;
}

#endif
