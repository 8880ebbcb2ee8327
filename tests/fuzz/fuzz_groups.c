/*
 * A file of groups: any bytes are read, and for every name that stands in it the table says the same as a plain search
 * through the lines.
 */
#include <stdint.h>
#include <stdlib.h>

#include "filter/groups.h"
#include "store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ignore(void *context, enum config_severity severity, const char *file, unsigned line, const char *text)
{
	(void)severity;
	if (file != context || line == 0 || *text == '\0' || strlen(text) > 600)
		abort();
}

/* ---- the plain search -------------------------------------------------------------- */

static struct span
until(struct span *rest, char end)
{
	struct span piece = span_head(*rest, span_find_byte(*rest, end));

	*rest = span_skip(*rest, piece.size + 1);
	return piece;
}

static struct span
domain_of(struct span user)
{
	for (size_t i = user.size; i > 0; i--)
		if (user.data[i - 1] == '@')
			return span_skip(user, i - 1);
	return SPAN("");
}

static bool
means(struct span member, struct span user)
{
	struct span domain = domain_of(user);

	return span_equal_nocase(member, user) || span_equal(member, SPAN("*")) ||
	       (domain.size > 0 && member.size > 1 && member.data[0] == '*' &&
		span_equal_nocase(span_skip(member, 1), domain));
}

/* Whether the members of a line mean the user; the last word holds. */
static bool
is_member(struct span list, struct span user, bool merged, bool listed)
{
	bool in = false;

	while (list.size > 0) {
		struct span member = until(&list, ',');
		bool out = merged && member.size > 1 && member.data[0] == '-';
		if (member.size == 0 || !store_name_valid(member) || (listed && member.data[0] == '*'))
			continue;
		if (means(out ? span_skip(member, 1) : member, user))
			in = !out;
	}
	return in;
}

/* The lines that have him, by kind; 0: none. */
struct lines {
	unsigned shared, merged, inoculation, classification;
};

static void
take_line(struct lines *lines, unsigned number, struct span line, struct span user)
{
	struct span name = until(&line, ':'), type = span_head(line, span_find_byte(line, ':'));
	bool shared = span_equal_nocase(type, SPAN("shared")) || span_equal_nocase(type, SPAN("shared,managed"));
	bool merged = span_equal_nocase(type, SPAN("merged"));
	bool inoculation = span_equal_nocase(type, SPAN("inoculation"));
	bool classification = span_equal_nocase(type, SPAN("classification"));
	bool another = lines->merged > 0 || lines->inoculation > 0 || lines->classification > 0;

	if (type.size == line.size || !store_name_valid(name) || lines->shared > 0)
		return;
	struct span list = span_skip(line, type.size + 1);
	bool global = classification && list.size > 1 && list.data[0] == '*' && span_find_byte(list, ',') == SPAN_NONE;
	bool known = global && store_name_valid(span_skip(list, 1)) && list.data[1] != '*';
	if (!(global ? known : is_member(list, user, merged, inoculation || classification)))
		return;
	if (shared && !another)
		lines->shared = number;
	else if (merged && lines->merged == 0 && !span_equal_nocase(name, user))
		lines->merged = number;
	else if (inoculation && lines->inoculation == 0)
		lines->inoculation = number;
	else if (classification && lines->classification == 0)
		lines->classification = number;
}

static struct lines
search(struct span text, struct span user)
{
	struct lines lines = {0};
	struct span line;

	for (unsigned number = 1; span_next_line(&text, &line); number++) {
		while (line.size > 0 && (line.data[line.size - 1] == '\n' || line.data[line.size - 1] == '\r'))
			line.size--;
		if (line.size > 0 && line.data[0] != '#' && line.data[0] != ';')
			take_line(&lines, number, line, user);
	}
	return lines;
}

/* ---- the comparison ------------------------------------------------------------------ */

static void
check_group(const struct group *group, unsigned line)
{
	if ((group == NULL ? 0 : group->line) != line)
		abort();
	if (group == NULL)
		return;
	if (!store_name_valid(span_from(group->name)) || (group->managed && group->type != GROUP_SHARED))
		abort();
	for (size_t i = 0; i < group->user_count; i++)
		if (!store_name_valid(span_from(group->users[i])))
			abort();
}

static void
check_user(const struct groups *groups, struct span text, struct span user)
{
	struct membership membership = groups_of(groups, user);
	struct lines lines = search(text, user);

	check_group(membership.shared, lines.shared);
	check_group(membership.merged, lines.merged);
	check_group(membership.inoculation, lines.inoculation);
	check_group(membership.classification, lines.classification);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "groups";
	struct span text = span_of((const char *)data, size), rest = text, word;
	struct groups *groups;
	struct error error;

	if (!groups_parse(text, name, ignore, name, &groups, &error))
		return 0;
	for (int i = 0; i < 100 && span_next_word(&rest, ":,\n*-", &word); i++)
		if (store_name_valid(word))
			check_user(groups, text, word);
	check_user(groups, text, SPAN("somebody@example.org"));
	check_user(groups, text, SPAN("@"));
	groups_free(groups);
	return 0;
}
