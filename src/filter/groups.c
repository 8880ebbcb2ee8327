/* Whose groups: the members of all lines in one hash table. Reading the file is in groups_read.c. */
#include "filter/groups.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "filter/groups_table.h"

/* ---- the table ---------------------------------------------------------------- */

/* FNV-1a over lower case: who writes the file is trusted, so that nobody aims at collisions. */
static uint64_t
hash_text(struct span text)
{
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < text.size; i++)
		hash = (hash ^ (unsigned char)ascii_lower(text.data[i])) * 1099511628211U;
	return hash ^ hash >> 32;
}

/* The chain of that text, or the free place where it belongs. */
static struct group_chain *
find_chain(const struct groups *groups, struct span text)
{
	size_t place = hash_text(text) & (groups->chain_capacity - 1);

	for (;; place = (place + 1) & (groups->chain_capacity - 1)) {
		struct group_chain *chain = &groups->chains[place];
		if (chain->first == GROUPS_NONE || span_equal_nocase(groups->entries[chain->first].text, text))
			return chain;
	}
}

void
groups_index(struct groups *groups)
{
	groups->chain_capacity = 16;
	while (groups->chain_capacity < 2 * groups->entry_count)
		groups->chain_capacity *= 2;
	groups->chains = malloc(groups->chain_capacity * sizeof *groups->chains);
	if (groups->chains == NULL)
		abort();
	memset(groups->chains, 0xFF, groups->chain_capacity * sizeof *groups->chains);
	for (uint32_t i = 0; i < groups->entry_count; i++) {
		struct group_chain *chain = find_chain(groups, groups->entries[i].text);
		if (chain->first == GROUPS_NONE)
			chain->first = i;
		else
			groups->entries[chain->last].next = i;
		chain->last = i;
	}
}

void
groups_free(struct groups *groups)
{
	if (groups == NULL)
		return;
	arena_free(groups->arena);
	free(groups->items);
	free(groups->entries);
	free(groups->chains);
	free(groups);
}

size_t
groups_count(const struct groups *groups)
{
	return groups != NULL ? groups->count : 0;
}

size_t
groups_wrong(const struct groups *groups)
{
	return groups != NULL ? groups->wrong : 0;
}

/* ---- the groups of a user ------------------------------------------------------- */

/* The three chains that a user can be found in, walked side by side in the order of the file. */
struct walk {
	const struct groups *groups;
	uint32_t at[3];
};

static uint32_t
first_of(const struct groups *groups, struct span text)
{
	return find_chain(groups, text)->first;
}

/* "*@domain" of the user, in `text`; empty without domain, or when it is longer than any member. */
static struct span
domain_pattern(struct span user, char text[static 256])
{
	size_t at = SPAN_NONE;

	for (size_t i = 0; i < user.size; i++)
		if (user.data[i] == '@')
			at = i;
	if (at == SPAN_NONE || user.size - at > 254)
		return SPAN("");
	text[0] = '*';
	memcpy(text + 1, user.data + at, user.size - at);
	return span_of(text, user.size - at + 1);
}

/* The next entry that means the user, or NULL. */
static const struct group_entry *
walk_next(struct walk *walk)
{
	size_t least = 0;

	for (size_t i = 1; i < 3; i++)
		if (walk->at[i] < walk->at[least])
			least = i;
	if (walk->at[least] == GROUPS_NONE)
		return NULL;
	const struct group_entry *entry = &walk->groups->entries[walk->at[least]];
	walk->at[least] = entry->next;
	return entry;
}

/* Put the user into a group, if what he is in already allows it. */
static void
join(struct membership *membership, const struct group *group, struct span user)
{
	const struct group **const places[] = {
		[GROUP_SHARED] = &membership->shared,           [GROUP_MERGED] = &membership->merged,
		[GROUP_INOCULATION] = &membership->inoculation, [GROUP_CLASSIFICATION] = &membership->classification,
		[GROUP_GLOBAL] = &membership->classification,
	};
	const struct group **place = places[group->type];
	bool in_another =
		membership->merged != NULL || membership->inoculation != NULL || membership->classification != NULL;

	if (*place != NULL || membership->shared != NULL || (group->type == GROUP_SHARED && in_another))
		return;
	if (group->type == GROUP_MERGED && span_equal_nocase(span_from(group->name), user))
		return;
	*place = group;
}

static bool
is_complete(const struct membership *membership)
{
	return membership->shared != NULL ||
	       (membership->merged != NULL && membership->inoculation != NULL && membership->classification != NULL);
}

struct membership
groups_of(const struct groups *groups, struct span user)
{
	struct membership membership = {.shared = NULL};
	char text[256];

	if (groups == NULL || groups->entry_count == 0 || user.size == 0)
		return membership;
	struct span pattern = domain_pattern(user, text);
	struct walk walk = {
		.groups = groups,
		.at = {first_of(groups, user), first_of(groups, SPAN("*")),
		       pattern.size > 0 ? first_of(groups, pattern) : GROUPS_NONE},
	};
	const struct group_entry *entry = walk_next(&walk);
	while (entry != NULL && !is_complete(&membership)) {
		/* the last word of a line holds */
		const struct group_entry *next = walk_next(&walk);
		if (!entry->excluded && (next == NULL || next->group != entry->group))
			join(&membership, &groups->items[entry->group], user);
		entry = next;
	}
	return membership;
}
