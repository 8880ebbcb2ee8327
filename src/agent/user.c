#include "agent/user.h"

#include "base/ascii.h"

/* Offset of the last @, or the size. */
static size_t
domain_start(struct span text)
{
	for (size_t i = text.size; i > 0; i--)
		if (text.data[i - 1] == '@')
			return i - 1;
	return text.size;
}

/* The local part up to the detail; one that begins with the plus has no detail, or nothing would be left of it. */
static struct span
plain_part(struct span local, char plus)
{
	size_t detail = span_find_byte(local, plus);

	return detail == 0 ? local : span_head(local, detail);
}

static bool
no_room(struct error *error)
{
	return error_later(error, ERROR_TEMPORARY, "there is no memory for the names of users");
}

/* The name without its detail, and in lower case if so wanted; NULL: arena full. */
static char *
user_name(const struct agent_site *site, struct arena *arena, struct span given)
{
	size_t at = domain_start(given);
	struct span local = span_head(given, at);
	struct span domain = span_skip(given, at);

	if (site->plused)
		local = plain_part(local, site->plus);
	char *name = arena_printf(arena, "%.*s%.*s", (int)local.size, local.data, (int)domain.size, domain.data);
	if (name != NULL && (site->lower_case || (site->plused && site->plused_lower_case)))
		for (char *c = name; *c != '\0'; c++)
			*c = ascii_lower(*c);
	return name;
}

static bool
check_name(const struct agent_site *site, const char *given, struct agent_user *user, struct error *error)
{
	if (user->name == NULL || user->recipient == NULL)
		return no_room(error);
	return home_name_valid(&site->files, user->name) ||
	       error_set(
		       error, ERROR_USER,
		       "\"%.200s\" cannot be a user: a name has 1 to 128 bytes, no control bytes and no /, and is not "
		       ". or .. (nor is its domain, with HomeLayout domain)",
		       given);
}

bool
agent_user_of(const struct agent_site *site, struct arena *arena, const char *given, const char *recipient,
	      struct agent_user *user, struct error *error)
{
	bool only_recipient_has_domain = strchr(given, '@') == NULL && recipient != NULL;

	if (recipient == NULL || (site->plused && !only_recipient_has_domain))
		recipient = given;
	user->unknown = false;
	user->name = user_name(site, arena, span_from(given));
	user->recipient = arena_copy(arena, span_from(recipient));
	return check_name(site, given, user, error);
}

bool
agent_user_of_recipient(const struct agent_site *site, struct arena *arena, const char *recipient,
			struct agent_user *user, struct error *error)
{
	struct span name = span_from(recipient);

	if (site->strip_domain)
		name = span_head(name, domain_start(name));
	user->unknown = false;
	user->name = user_name(site, arena, name);
	user->recipient = arena_copy(arena, span_from(recipient));
	return check_name(site, recipient, user, error);
}

const char *
agent_user_quarantine(const struct agent_site *site, struct arena *arena, const char *recipient)
{
	struct span whole = span_from(recipient);
	size_t at = domain_start(whole);
	struct span local = plain_part(span_head(whole, at), site->plus);
	struct span domain = span_skip(whole, at);
	char *address = arena_printf(arena, "%.*s%s%.*s", (int)local.size, local.data, site->quarantine_mailbox,
				     (int)domain.size, domain.data);

	if (address != NULL && site->plused && site->plused_lower_case)
		for (size_t i = 0; i < local.size; i++)
			address[i] = ascii_lower(address[i]);
	return address;
}
