/*
 * A file of groups: any bytes are read, and the rules of membership hold for every name that stands in it, as
 * a search through all lines finds them.
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

static void
check_group(const struct group *group, struct span user)
{
	if (group == NULL)
		return;
	if (!store_name_valid(span_from(group->name)) || group->line == 0)
		abort();
	if (group->type == GROUP_MERGED && span_equal_nocase(span_from(group->name), user))
		abort();
	if (group->managed && group->type != GROUP_SHARED)
		abort();
	for (size_t i = 0; i < group->user_count; i++)
		if (!store_name_valid(span_from(group->users[i])))
			abort();
}

static void
check_user(const struct groups *groups, struct span user)
{
	struct membership membership = groups_of(groups, user);

	check_group(membership.shared, user);
	check_group(membership.merged, user);
	check_group(membership.inoculation, user);
	check_group(membership.classification, user);
	if (membership.shared != NULL &&
	    (membership.merged != NULL || membership.inoculation != NULL || membership.classification != NULL))
		abort();
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
	for (int i = 0; i < 1000 && span_next_word(&rest, ":,\n", &word); i++)
		check_user(groups, word);
	check_user(groups, SPAN(""));
	check_user(groups, SPAN("@"));
	groups_free(groups);
	return 0;
}
