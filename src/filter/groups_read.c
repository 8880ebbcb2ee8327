/* The file of groups: its lines, and what is wrong with them. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "filter/groups_table.h"
#include "store/store.h"

#define FINDINGS 200 /* further ones are not told */

struct reading {
	struct groups *groups;
	const char *name;
	config_finding *finding;
	void *context;
	size_t told;
	unsigned line;
	struct error *error;
};

/* Tell a finding about the line that is read; an error also counts as wrong. */
static void __attribute__((format(printf, 3, 4)))
note(struct reading *reading, enum config_severity severity, const char *format, ...)
{
	char text[600];
	va_list arguments;

	reading->groups->wrong += severity == CONFIG_ERROR;
	if (reading->finding == NULL || reading->told > FINDINGS)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	if (reading->told++ == FINDINGS)
		snprintf(text, sizeof text, "there are more findings than are shown");
	reading->finding(reading->context, severity, reading->name, reading->line, text);
}

static bool
too_many(struct reading *reading, const char *what, size_t most)
{
	return error_set(reading->error, ERROR_CONFIG, "%s:%u: more than %zu %s", reading->name, reading->line, most,
			 what);
}

/* Text of the file in a message, at most so much of it. */
#define SHOWN(text) (int)span_head(text, 130).size, (text).data != NULL ? (text).data : ""

/* ---- members ---------------------------------------------------------------------- */

static bool
add_entry(struct reading *reading, const struct group *group, struct span text, bool excluded)
{
	struct groups *groups = reading->groups;

	if (groups->entry_count == GROUPS_MEMBERS)
		return too_many(reading, "members in all groups", GROUPS_MEMBERS);
	if (groups->entry_count == groups->entry_capacity) {
		groups->entry_capacity = groups->entry_capacity == 0 ? 64 : groups->entry_capacity * 2;
		groups->entries = reallocarray(groups->entries, groups->entry_capacity, sizeof *groups->entries);
		if (groups->entries == NULL)
			abort();
	}
	groups->entries[groups->entry_count++] = (struct group_entry){
		.text = text,
		.group = (uint32_t)group->number,
		.next = GROUPS_NONE,
		.excluded = excluded,
	};
	return true;
}

/* A member of a shared or merged group: a user, "*", "*@domain"; of a merged one also "-" and one of these. */
static bool
add_part(struct reading *reading, const struct group *group, struct span member, bool first)
{
	bool excluded = group->type == GROUP_MERGED && member.size > 1 && member.data[0] == '-';
	struct span text = excluded ? span_skip(member, 1) : member;

	if (excluded && first)
		note(reading, CONFIG_WARNING,
		     "\"%.*s\" takes nobody out: exclusions stand behind the members that they are taken from",
		     SHOWN(member));
	if (!excluded && member.data[0] == '-')
		note(reading, CONFIG_WARNING, "\"%.*s\" is the name of a user here; only merged groups have exclusions",
		     SHOWN(member));
	if (text.data[0] == '*' && text.size > 1 && text.data[1] != '@')
		note(reading, CONFIG_WARNING, "\"%.*s\" is the name of a user here; write * or *@domain",
		     SHOWN(member));
	return add_entry(reading, group, text, excluded);
}

/* A member of another group: a user, also in the list of those who are asked or taught. */
static bool
add_user(struct reading *reading, struct group *group, struct span member)
{
	const char *name = arena_copy(reading->groups->arena, member);

	if (name == NULL)
		return too_many(reading, "bytes of names", GROUPS_SIZE);
	group->users[group->user_count++] = name;
	return add_entry(reading, group, group->type == GROUP_GLOBAL ? SPAN("*") : member, false);
}

static bool
is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Whether it can be the name of a user, or stands for some. */
static bool
check_member(struct reading *reading, const struct group *group, struct span member)
{
	bool listed = group->type != GROUP_SHARED && group->type != GROUP_MERGED;

	if (!store_name_valid(member)) {
		note(reading, CONFIG_ERROR,
		     "\"%.*s\" cannot be a user: a name has 1 to 128 bytes, no control bytes and no /", SHOWN(member));
		return false;
	}
	if (is_blank(member.data[0]) || is_blank(member.data[member.size - 1]))
		note(reading, CONFIG_WARNING,
		     "\"%.*s\" is a name with a blank at its end or beginning, which is hardly anybody's; take the "
		     "blank out",
		     SHOWN(member));
	if (listed && member.data[0] == '*') {
		note(reading, CONFIG_ERROR,
		     "\"%.*s\": only shared and merged groups have members with *, and a classification group "
		     "\"*user\" alone",
		     SHOWN(member));
		return false;
	}
	return true;
}

static bool
add_members(struct reading *reading, struct group *group, struct span list)
{
	size_t before = reading->groups->entry_count;
	size_t wrong = reading->groups->wrong;

	while (list.size > 0) {
		struct span member = span_head(list, span_find_byte(list, ','));
		bool first = reading->groups->entry_count == before;
		list = span_skip(list, member.size + 1);
		if (member.size == 0 || !check_member(reading, group, member))
			continue;
		if (group->users != NULL ? !add_user(reading, group, member) : !add_part(reading, group, member, first))
			return false;
	}
	if (reading->groups->entry_count == before && reading->groups->wrong == wrong)
		note(reading, CONFIG_WARNING, "the group %s has no members", group->name);
	return true;
}

/* ---- lines -------------------------------------------------------------------------- */

static const struct {
	struct span word;
	enum group_type type;
	bool managed;
} types[] = {
	{{"shared", 6}, GROUP_SHARED, false},
	{{"shared,managed", 14}, GROUP_SHARED, true},
	{{"merged", 6}, GROUP_MERGED, false},
	{{"inoculation", 11}, GROUP_INOCULATION, false},
	{{"classification", 14}, GROUP_CLASSIFICATION, false},
};

static bool
find_type(struct reading *reading, struct span word, struct group *group)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (span_equal_nocase(types[i].word, word)) {
			group->type = types[i].type;
			group->managed = types[i].managed;
			return true;
		}
	if (span_equal_nocase(word, SPAN("neural")))
		note(reading, CONFIG_WARNING, "neural groups of older versions have no effect any more");
	else
		note(reading, CONFIG_ERROR,
		     "\"%.*s\" is no type of group; it is shared, shared,managed, merged, inoculation or "
		     "classification",
		     SHOWN(word));
	return false;
}

/* Make room for the users of the types that list them. */
static bool
list_users(struct reading *reading, struct group *group, struct span *list)
{
	size_t commas = 0;

	if (group->type == GROUP_SHARED || group->type == GROUP_MERGED)
		return true;
	for (size_t i = 0; i < list->size; i++)
		commas += list->data[i] == ',';
	group->users = arena_calloc(reading->groups->arena, commas + 1, sizeof *group->users);
	if (group->users == NULL)
		return too_many(reading, "members", GROUPS_MEMBERS);
	if (group->type == GROUP_CLASSIFICATION && commas == 0 && list->size > 1 && list->data[0] == '*') {
		group->type = GROUP_GLOBAL;
		*list = span_skip(*list, 1);
	}
	return true;
}

static void
check_size(struct reading *reading, const struct group *group)
{
	if (group->type == GROUP_CLASSIFICATION && group->user_count > GROUP_ASKED + 1)
		note(reading, CONFIG_WARNING,
		     "the first %d other members of group %s are asked; let many users have one store, in a shared or "
		     "merged group",
		     GROUP_ASKED, group->name);
	if (group->type == GROUP_INOCULATION && group->user_count > GROUP_TAUGHT + 1)
		note(reading, CONFIG_WARNING,
		     "the first %d other members of group %s are taught; let many users have one store, in a shared or "
		     "merged group",
		     GROUP_TAUGHT, group->name);
}

static bool
add_group(struct reading *reading, struct span name, struct span type, struct span list)
{
	struct groups *groups = reading->groups;
	struct group group = {.line = reading->line, .number = groups->count};

	if (!find_type(reading, type, &group))
		return true;
	if (!store_name_valid(name)) {
		note(reading, CONFIG_ERROR,
		     "\"%.*s\" cannot name a group: a name has 1 to 128 bytes, no control bytes and no /", SHOWN(name));
		return true;
	}
	if (groups->count == GROUPS_MAXIMUM)
		return too_many(reading, "groups", GROUPS_MAXIMUM);
	group.name = arena_copy(groups->arena, name);
	if (group.name == NULL)
		return too_many(reading, "bytes of names", GROUPS_SIZE);
	groups->items[groups->count] = group;
	struct group *kept = &groups->items[groups->count++];
	if (!list_users(reading, kept, &list) || !add_members(reading, kept, list))
		return false;
	check_size(reading, kept);
	return true;
}

static bool
read_line(struct reading *reading, struct span line)
{
	while (line.size > 0 && (line.data[line.size - 1] == '\n' || line.data[line.size - 1] == '\r'))
		line.size--;
	if (line.size == 0 || line.data[0] == '#' || line.data[0] == ';')
		return true;
	struct span name = span_head(line, span_find_byte(line, ':'));
	struct span rest = span_skip(line, name.size + 1);
	struct span type = span_head(rest, span_find_byte(rest, ':'));
	if (type.size == rest.size) {
		note(reading, CONFIG_ERROR, "\"%.*s\" is no group; write name:type:member,member", SHOWN(line));
		return true;
	}
	return add_group(reading, name, type, span_skip(rest, type.size + 1));
}

/* ---- members who are in another group ------------------------------------------------- */

static bool
is_in(const struct membership *membership, const struct group *group)
{
	return membership->shared == group || membership->merged == group || membership->inoculation == group ||
	       membership->classification == group;
}

/* Say of which members a line has no effect, because another comes first. */
static void
check_members(struct reading *reading)
{
	const struct groups *groups = reading->groups;

	for (size_t i = 0; i < groups->entry_count && reading->told <= FINDINGS; i++) {
		const struct group_entry *entry = &groups->entries[i];
		const struct group *group = &groups->items[entry->group];
		struct membership membership = groups_of(groups, entry->text);
		bool itself = group->type == GROUP_MERGED && span_equal_nocase(span_from(group->name), entry->text);
		const struct group *other = membership.shared;
		if (other == NULL && group->type == GROUP_MERGED)
			other = membership.merged;
		else if (other == NULL && group->type == GROUP_INOCULATION)
			other = membership.inoculation;
		else if (other == NULL && group->type >= GROUP_CLASSIFICATION)
			other = membership.classification;
		reading->line = group->line;
		if (entry->excluded || entry->text.data[0] == '*' || itself || is_in(&membership, group))
			continue;
		if (other != NULL)
			note(reading, CONFIG_WARNING, "%.*s is not in the group %s, but in %s of line %u",
			     SHOWN(entry->text), group->name, other->name, other->line);
		else if (group->type == GROUP_SHARED)
			note(reading, CONFIG_WARNING,
			     "%.*s is not in the group %s, because a line above has put him into another",
			     SHOWN(entry->text), group->name);
	}
}

/* ---- the whole -------------------------------------------------------------------------- */

static struct groups *
groups_new(void)
{
	struct groups *groups = calloc(1, sizeof *groups);

	if (groups == NULL)
		abort();
	groups->arena = arena_new(6 * GROUPS_SIZE);
	groups->items = calloc(GROUPS_MAXIMUM, sizeof *groups->items);
	if (groups->items == NULL)
		abort();
	return groups;
}

static bool
read_lines(struct reading *reading, struct span text)
{
	struct span line;

	while (span_next_line(&text, &line)) {
		reading->line++;
		if (!read_line(reading, line))
			return false;
	}
	groups_index(reading->groups);
	if (reading->finding != NULL)
		check_members(reading);
	return true;
}

bool
groups_parse(struct span text, const char *name, config_finding *finding, void *context, struct groups **groups,
	     struct error *error)
{
	struct reading reading = {
		.groups = groups_new(), .name = name, .finding = finding, .context = context, .error = error};

	*groups = NULL;
	/* entries point into this copy */
	const char *kept = arena_copy(reading.groups->arena, text);
	bool done = kept != NULL ? read_lines(&reading, span_of(kept, text.size))
				 : error_set(error, ERROR_CONFIG, "%s: more than %zu bytes", name, GROUPS_SIZE);
	if (!done) {
		groups_free(reading.groups);
		return false;
	}
	*groups = reading.groups;
	return true;
}

bool
groups_load(const char *path, config_finding *finding, void *context, struct groups **groups, struct error *error)
{
	struct arena *arena = arena_new(GROUPS_SIZE + 4096);
	struct span text = {NULL, 0};
	bool missing = access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
	bool done = missing || file_read(arena, path, GROUPS_SIZE, &text, error);

	*groups = NULL;
	if (missing && finding != NULL)
		finding(context, CONFIG_WARNING, path, 0,
			"there is no such file, and so there are no groups; make it, or remove GroupConfig");
	if (!done)
		error_prefix(error, "GroupConfig");
	done = done && groups_parse(text, path, finding, context, groups, error);
	arena_free(arena);
	return done;
}

bool
groups_check(const struct config *config, config_finding *finding, void *context, struct error *error)
{
	const char *path = config_get(config, "GroupConfig");
	struct groups *groups = NULL;

	if (path != NULL && !groups_load(path, finding, context, &groups, error))
		return false;
	groups_free(groups);
	return true;
}
