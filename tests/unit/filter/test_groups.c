/* The file of groups: who is in which, and what is said about lines that are wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "filter/groups.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

struct found {
	char text[4000];
	size_t count, errors;
};

static void
note(void *context, enum config_severity severity, const char *file, unsigned line, const char *text)
{
	struct found *found = context;
	size_t used = strlen(found->text);

	found->count++;
	found->errors += severity == CONFIG_ERROR;
	snprintf(found->text + used, sizeof found->text - used, "%s:%u: %s\n", file, line, text);
}

static struct groups *
parse(const char *text, struct found *found)
{
	struct groups *groups;
	struct error error;

	*found = (struct found){.count = 0};
	if (!groups_parse(span_from(text), "group", note, found, &groups, &error))
		fail_msg("%s", error.text);
	return groups;
}

static const char *
name_of(const struct group *group)
{
	return group == NULL ? "-" : group->name;
}

/* Lines, a user, and his groups: shared merged inoculation classification. */
static const struct {
	const char *lines, *user, *groups;
} members[] = {
	/* plain members, without case */
	{"g:shared:alice,Bob", "alice", "g - - -"},
	{"g:SHARED:alice,Bob", "bOB", "g - - -"},
	{"g:shared:alice,Bob", "al", "- - - -"},
	{"g:shared:alice,Bob", "alice,Bob", "- - - -"},
	{"g:shared:*", "anybody", "g - - -"},
	{"g:shared:*@a.example", "x@A.example", "g - - -"},
	{"g:shared:*@a.example", "x@b.a.example", "- - - -"},
	{"g:shared:*@a.example", "x@y@a.example", "g - - -"},
	{"g:shared:*@a.example", "x", "- - - -"},
	{"g:Shared,Managed:x", "x", "g - - -"},
	/* comments, line ends, the last line without one */
	{"# g:shared:x\n;g:shared:x\n\n\nh:shared:x\r\n", "x", "h - - -"},
	{"h:shared:y,x", "x", "h - - -"},
	/* the first of its kind */
	{"g:shared:x\nh:shared:*", "x", "g - - -"},
	{"g:shared:x\nh:shared:*", "y", "h - - -"},
	{"g:merged:*\nh:merged:x", "x", "- g - -"},
	/* exclusions stand behind, and the last word holds */
	{"g:merged:*,-x", "x", "- - - -"},
	{"g:merged:*,-x", "y", "- g - -"},
	{"g:merged:*,-*@a.example", "x@a.example", "- - - -"},
	{"g:merged:*,-*@a.example,x@a.example", "x@a.example", "- g - -"},
	{"g:merged:-x,*", "x", "- g - -"},
	{"g:merged:*,-x\nh:merged:x", "x", "- h - -"},
	{"g:merged:x,-X,x,-x", "x", "- - - -"},
	/* not itself */
	{"g:merged:*\nh:merged:*", "G", "- h - -"},
	{"g:shared:*", "g", "g - - -"},
	/* shared keeps out of all others, and the others of shared */
	{"g:shared:x\nm:merged:x\ni:inoculation:x\nc:classification:x", "x", "g - - -"},
	{"m:merged:x\ng:shared:x", "x", "- m - -"},
	{"i:inoculation:x\ng:shared:x\nm:merged:x", "x", "- m i -"},
	{"m:merged:x\ni:inoculation:x,y\nc:classification:z,x\nd:classification:*o", "x", "- m i c"},
	{"d:classification:*o\nc:classification:z,x", "x", "- - - d"},
	{"d:classification:*o", "o", "- - - d"},
	/* what is not a group of this user */
	{"g:neural:x\ng:nothing:x\ng:shared\nshared:x\n", "x", "- - - -"},
	{"g:merged,managed:x", "x", "- - - -"},
	{"g:shared:*", "", "- - - -"},
	{"", "x", "- - - -"},
};

static void
test_members(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(members); i++) {
		struct found found;
		struct groups *groups = parse(members[i].lines, &found);
		struct membership in = groups_of(groups, span_from(members[i].user));
		char text[200];
		snprintf(text, sizeof text, "%s %s %s %s", name_of(in.shared), name_of(in.merged),
			 name_of(in.inoculation), name_of(in.classification));
		if (strcmp(text, members[i].groups) != 0)
			fail_msg("%s of %s: %s instead of %s", members[i].user, members[i].lines, text,
				 members[i].groups);
		groups_free(groups);
	}
	struct membership none = groups_of(NULL, SPAN("x"));
	assert_null(none.shared);
}

static void
test_users_in_order(void **state)
{
	struct found found;
	struct groups *groups = parse("\nc:classification:b,a,,d\nd:classification:*o\n", &found);
	const struct group *group = groups_of(groups, SPAN("a")).classification;

	(void)state;
	assert_int_equal(group->type, GROUP_CLASSIFICATION);
	assert_int_equal(group->line, 2);
	assert_int_equal(group->user_count, 3);
	assert_string_equal(group->users[0], "b");
	assert_string_equal(group->users[2], "d");
	group = groups_of(groups, SPAN("z")).classification;
	assert_int_equal(group->type, GROUP_GLOBAL);
	assert_int_equal(group->user_count, 1);
	assert_string_equal(group->users[0], "o");
	assert_int_equal(found.count, 0);
	groups_free(groups);
}

/* Lines, errors among their findings, and words of one of these. */
static const struct {
	const char *lines;
	size_t findings, errors;
	const char *text;
} wrong[] = {
	{"g:shared:a,b\nh:merged:*,-a\n", 0, 0, ""},
	{"\nshared alice\n", 1, 1, "group:2: \"shared alice\" is no group; write name:type:member,member"},
	{"g:common:a", 1, 1, "group:1: \"common\" is no type of group; it is shared, shared,managed, merged,"},
	{"g:neural:a", 1, 0, "neural groups of older versions"},
	{"../x:shared:a", 1, 1, "\"../x\" cannot name a group"},
	{":shared:a", 1, 1, "\"\" cannot name a group"},
	{"g:shared:a/b,c", 1, 1, "\"a/b\" cannot be a user"},
	{"g:shared:a\tb\x01,c", 1, 1, "\"a?b?\" cannot be a user"},
	{"g:shared:a, b", 1, 0, "\" b\" is a name with a blank"},
	{"g:shared:", 1, 0, "the group g has no members"},
	{"g:shared:*,-b", 1, 0, "only merged groups have exclusions"},
	{"g:merged:-b,*", 1, 0, "takes nobody out"},
	{"g:shared:*b", 1, 0, "write * or *@domain"},
	{"g:inoculation:a,*", 1, 1, "only shared and merged groups have members with *"},
	{"g:classification:*a,b", 1, 1, "\"*user\" alone"},
	{"g:classification:*", 1, 1, "only shared and merged"},
	{"g:shared:a\nh:shared:b,a", 1, 0, "group:2: a is not in the group h, but in g of line 1"},
	{"g:merged:a\nh:shared:b,a", 1, 0, "a is not in the group h, because a line above"},
	{"g:classification:*o\nh:classification:b,a", 2, 0, "group:2: b is not in the group h, but in g of line 1"},
	{"g:merged:*\nh:merged:g", 0, 0, ""},
};

static void
test_findings(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct found found;
		struct groups *groups = parse(wrong[i].lines, &found);
		if (found.count != wrong[i].findings || found.errors != wrong[i].errors ||
		    strstr(found.text, wrong[i].text) == NULL || groups_wrong(groups) != wrong[i].errors)
			fail_msg("%s: %s", wrong[i].lines, found.text);
		groups_free(groups);
	}
}

/* A line with a NUL, and one name too long by a byte. */
static void
test_names(void **state)
{
	static const char text[] = "g:shared:a\0b,c\n";
	struct found found = {.count = 0};
	struct groups *groups;
	struct error error;
	char line[400];

	(void)state;
	assert_true(groups_parse(span_of(text, sizeof text - 1), "group", note, &found, &groups, &error));
	assert_int_equal(found.errors, 1);
	assert_non_null(groups_of(groups, SPAN("c")).shared);
	groups_free(groups);
	for (int size = 128; size <= 129; size++) {
		snprintf(line, sizeof line, "g:shared:%0*d", size, 7);
		groups = parse(line, &found);
		assert_int_equal(found.errors, size == 129);
		groups_free(groups);
	}
	/* bytes that are no UTF-8, quotes and the like are names like others */
	groups = parse("g:shared:\xff\xfe,a'b\",$(x),`y`,-z,%u", &found);
	assert_non_null(groups_of(groups, SPAN("\xff\xfe")).shared);
	assert_non_null(groups_of(groups, SPAN("a'b\"")).shared);
	assert_non_null(groups_of(groups, SPAN("%u")).shared);
	assert_int_equal(found.errors, 0);
	groups_free(groups);
}

/* A hundred thousand members in one line: found as fast as in a small file, that is, without looking at each. */
static void
test_many(void **state)
{
	enum { MEMBERS = 100000, LOOKS = 100000 };
	struct buffer text = BUFFER_INIT(GROUPS_SIZE);
	struct found found = {.count = 0};
	struct groups *groups;
	struct error error;
	char user[40];

	(void)state;
	buffer_append_string(&text, "g:shared:");
	for (int i = 0; i < MEMBERS; i++)
		buffer_printf(&text, "user%d@example.org,", i);
	buffer_append_string(&text, "\nm:merged:*\n");
	assert_false(text.failed);
	assert_true(groups_parse(buffer_span(&text), "group", note, &found, &groups, &error));
	clock_t start = clock();
	for (int i = 0; i < LOOKS; i++) {
		snprintf(user, sizeof user, "user%d@example.org", i * 2);
		struct membership in = groups_of(groups, span_from(user));
		assert_int_equal(in.shared != NULL, i * 2 < MEMBERS);
		assert_int_equal(in.merged != NULL, i * 2 >= MEMBERS);
	}
	/* comparing each with half of all members would take minutes */
	assert_true((clock() - start) / CLOCKS_PER_SEC < 30);
	groups_free(groups);
	buffer_free(&text);
}

static void
test_bounds(void **state)
{
	struct buffer text = BUFFER_INIT(GROUPS_SIZE);
	struct groups *groups;
	struct error error;

	(void)state;
	for (int i = 0; i <= GROUPS_MAXIMUM; i++)
		buffer_printf(&text, "g%d:shared:x\n", i);
	assert_false(groups_parse(buffer_span(&text), "group", NULL, NULL, &groups, &error));
	assert_string_equal(error.text, "group:10001: more than 10000 groups");
	assert_null(groups);
	buffer_clear(&text);
	buffer_append_string(&text, "g:shared:");
	for (size_t i = 0; i <= GROUPS_MEMBERS; i++)
		buffer_printf(&text, "%zx,", i);
	assert_false(groups_parse(buffer_span(&text), "group", NULL, NULL, &groups, &error));
	assert_string_equal(error.text, "group:1: more than 1000000 members in all groups");
	buffer_free(&text);
}

static void
test_files(void **state)
{
	struct found found = {.count = 0};
	struct groups *groups;
	struct error error;

	(void)state;
	assert_true(groups_load("/nonexistent/group", note, &found, &groups, &error));
	assert_int_equal(groups_count(groups), 0);
	assert_int_equal(found.count, 1);
	assert_non_null(strstr(found.text, "/nonexistent/group:0: there is no such file"));
	groups_free(groups);
	assert_false(groups_load("/", NULL, NULL, &groups, &error)); /* a directory */
	assert_false(groups_load("/dev/zero", NULL, NULL, &groups, &error));
	assert_non_null(strstr(error.text, "/dev/zero"));
	assert_null(groups);
	groups_free(groups);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members), cmocka_unit_test(test_users_in_order), cmocka_unit_test(test_findings),
		cmocka_unit_test(test_names),   cmocka_unit_test(test_many),           cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
