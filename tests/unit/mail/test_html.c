/* What remains of HTML: every rule of tokenizer 3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mail/html.h"
#include "mail/html_entity.h"

struct row {
	const char *in, *wanted;
};

/* Stripped into room of the size of the input, and in place. */
static void
check_span(struct span in, struct span wanted)
{
	char *out = malloc(in.size + 1), *place = malloc(in.size + 1);

	memcpy(place, in.data, in.size);
	struct span apart = {out, html_strip(in, out)};
	struct span inside = {place, html_strip(span_of(place, in.size), place)};
	if (!span_equal(apart, wanted))
		fail_msg("%.*s\ngives \"%.*s\"\nwanted \"%.*s\"", (int)in.size, in.data, (int)apart.size, apart.data,
			 (int)wanted.size, wanted.data);
	if (!span_equal(inside, wanted))
		fail_msg("%.*s\nin place gives \"%.*s\"", (int)in.size, in.data, (int)inside.size, inside.data);
	assert_true(apart.size <= in.size);
	free(out);
	free(place);
}

static void
check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_span(span_from(rows[i].in), span_from(rows[i].wanted));
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

static void
test_tags(void **state)
{
	static const struct row rows[] = {
		{"", ""},
		{"text only", "text only"},
		{"V<b></b>iagra", "Viagra"},
		{"a<b>b</b>c", "abc"},
		{"a<unknown tag>b", "ab"},
		{"a<b", "a"},
		{"a<b c<d>e", "ae"}, /* a tag ends at the next < too */
		{"a<!-- c > d -->e", "a d -->e"},
		{"a<![CDATA[b]]>c", "ac"},
		{"<!DOCTYPE html>x", "x"},
		/* line ends */
		{"a<p>b", "a\nb"},
		{"a<BR>b<br/>c", "a\nb\nc"},
		{"a<tr>b<option>c<li>d<div>e", "a\nb\nc\nd\ne"},
		{"a<p class=x>b", "a\nb"},
		{"<p>a", "a"},
		{"a\n<p>b\r<p>c", "a\nb\rc"},
		{"a<p><p><br>b", "a\nb"},
		{"a</select>b</TABLE>c", "a\nb\nc"},
		{"a</p>b<table>c<select>d", "abcd"},
		{"a<pre>b<h1>c", "abc"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void
test_literal_less_than(void **state)
{
	static const struct row rows[] = {
		{"a < b", "a < b"},      {"1 <2 &amp; 3</body>", "1 <2 &amp; 3/body>"},
		{"a <3<b>c", "a <3b>c"}, {"<", "<"},
		{"a<<b>", "a<b>"},       {"a<\n<", "a<\n"},
		{"a<<<<b", "a<<b"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void
test_links(void **state)
{
	static const struct row rows[] = {
		{"<a href=\"http://x/\">y</a>", " http://x/ y"},
		{"<a href='HTTPS://x/'>y</a>", " HTTPS://x/ y"},
		{"<A HREF=ftp://x width=1>y", " ftp://x width=1 y"},
		{"<a href=\"mailto:x\">y", "y"},
		{"<a href=\"/x\">y", "y"},
		{"<a href=\"http://x>y\">z", " http://x y\">z"},
		{"<img src=\"http://i\">", " http://i "},
		{"<input src=\"http://i\"><form action=\"http://i\"><area href=\"http://i\">",
		 " http://i  http://i  http://i "},
		{"<base href=\"http://i\"><link href=\"http://i\"><source src=\"http://i\">",
		 " http://i  http://i  http://i "},
		{"<body background=\"http://i\"><blockquote cite=\"http://i\"><q cite=\"http://i\">",
		 " http://i  http://i  http://i "},
		{"<ins cite=\"http://i\"><del cite=\"http://i\">", " http://i  http://i "},
		{"<a src=\"http://i\"><img href=\"http://i\"><b href=\"http://i\">", ""},
		/* the attribute begins within 50 bytes behind the name of the tag */
		{"<a 12345678901234567890123456789012345678901234567 href=\"http://i\">x", " http://i x"},
		{"<a 123456789012345678901234567890123456789012345678 href=\"http://i\">x", "x"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void
test_hidden(void **state)
{
	static const struct row rows[] = {
		{"a<script>b</script>c", "ac"},
		{"a<STYLE>b<i>c</style>d", "ad"},
		{"a<style type=x>b</style>c", "ac"},
		{"a<script src=\"http://x\">b</script>c", "a http://x bc"},
		{"a<script\nx>b</script>c", "abc"},
		{"a<iframe>b</iframe><frame>c</frame><embed>d</embed>e", "ae"},
		{"a<applet>b</applet><frameset>c</frameset><noembed>d</noembed>e", "ae"},
		{"a<noscript>b</noscript><object>c</object>d", "ad"},
		{"a<script>b", "a"},
		{"a<script>b</style>c", "a"},
		{"a<script>b</ script>c</SCRIPT >d", "ad"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void
test_cells(void **state)
{
	static const struct row rows[] = {
		{"<td>a</td><td>b</td>", "a b"},
		{"<td>a</td>\n  <TD>  b", "a b"},
		{"<td>a</td> b", "a b"},
		{"<td>a</td></tr><tr><td>b", "a\nb"},
		{"<td>a</td>", "a"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void
test_entities(void **state)
{
	static const struct row rows[] = {
		{"fish &amp; chips", "fish &chips"},
		{"&lt;b&gt; &quot;x&quot;", "<b>\"x\""},
		{"&eacute;&Eacute;&EACUTE;", "\xC9\xC9\xC9"},
		{"a&nbsp;b", "a b"},
		{"&copy;", "\xA9"},
		{"a&hearts;b&Omega; c", "abc"}, /* known, and no byte */
		{"a&unknown;b", "a&unknown;b"},
		{"AT&T & co; &;", "AT&T & co; &;"},
		{"&amp", "&amp"},
		{"&amp;amp;", "&amp;"},
		{"&thetasym;x&thetasymm;", "x&thetasymm;"},
		/* numbers: two digits behind zeros; nothing else */
		{"&#65;&#065;&#0000065;", "AAA"},
		{"&#32;x", " x"},
		{"&#31;x", "x"},
		{"&#99;x", "cx"},
		{"&#100;x", "x"},
		{"&#233;x", "x"},
		{"&#x41;x", "x"},
		{"&#5;x", "x"},
		{"&#65 x", "x"},
		{"&#65x;y", "y"},
		{"&#", ""},
		{"&#;x", "x"},
		{"a&#12345 b", "ab"},
		/* white space stays, but for that behind an entity */
		{" a \t b\n\n c ", " a \t b\n\n c "},
		{"&amp; \n\t<b> x", "&x"},
	};

	(void)state;
	CHECK_ROWS(rows);
	check_span(SPAN("a\0b<i>\0</i>\0"), SPAN("a\0b\0\0"));
}

static void
test_entity_codes(void **state)
{
	(void)state;
	assert_int_equal(html_entity_code(SPAN("amp")), 38);
	assert_int_equal(html_entity_code(SPAN("NBSP")), 32);
	assert_int_equal(html_entity_code(SPAN("yuml")), 255);
	assert_int_equal(html_entity_code(SPAN("ALPHA")), 256);
	assert_int_equal(html_entity_code(SPAN("")), 0);
	assert_int_equal(html_entity_code(SPAN("am")), 0);
	assert_int_equal(html_entity_code(SPAN("alpha beta")), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tags),         cmocka_unit_test(test_literal_less_than),
		cmocka_unit_test(test_links),        cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_cells),        cmocka_unit_test(test_entities),
		cmocka_unit_test(test_entity_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
