/* Pages: what is escaped, where charts draw; and the names of what is compared. */
#include "help.h"

#include <string.h>

#include "tool/chart.h"
#include "tool/contender.h"
#include "tool/html.h"

/* What was written to a file in memory; the caller frees it. */
struct page {
	FILE *out;
	char *text;
	size_t size;
};

static FILE *
page_begin(struct page *page)
{
	page->out = open_memstream(&page->text, &page->size);
	assert_non_null(page->out);
	return page->out;
}

static void
page_is(struct page *page, const char *expected)
{
	assert_int_equal(fclose(page->out), 0);
	assert_string_equal(page->text, expected);
	free(page->text);
}

static void
test_escapes(void **state)
{
	(void)state;
	struct page page;

	html_put(page_begin(&page), "<b a=\"1\" c='2'>&amp;\x01\n\xc3\xa4");
	page_is(&page, "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;\xef\xbf\xbd\n\xc3\xa4");
}

static void
test_command(void **state)
{
	(void)state;
	struct page page;
	char name[] = "dspam_eval", spaces[] = "Algorithm adaptive; x", nothing[] = "", quote[] = "it's",
	     markup[] = "<i>";

	html_put_command(page_begin(&page), (char *[]){name, spaces, nothing, quote, markup, NULL});
	page_is(&page, "dspam_eval &#39;Algorithm adaptive; x&#39; &#39;&#39; "
		       "&#39;it&#39;\\&#39;&#39;s&#39; &#39;&lt;i&gt;&#39;");
}

/* ---- charts ---------------------------------------------------------------------------- */

static void
test_lines(void **state)
{
	(void)state;
	struct page page;
	struct chart chart = {
		.out = page_begin(&page), .x = {"x", 0, 10, false, NULL, 0}, .y = {"y", 0, 1, false, NULL, 0}};

	chart_line_begin(&chart, 9);
	chart_line_to(&chart, 0, 0, true);
	chart_line_to(&chart, 0, 0, true); /* nothing new */
	chart_line_to(&chart, 5, 1, true);
	chart_line_to(&chart, 99, -5, false); /* to the ends of the axes */
	chart_line_end(&chart);
	page_is(&page, "<path class=\"line c1 dashed\" d=\"M64.0 348.0H344.0V12.0L624.0 348.0\"/>\n");
}

static void
test_logit(void **state)
{
	(void)state;
	struct page page;
	struct chart chart = {
		.out = page_begin(&page), .x = {"x", 1, 99, true, NULL, 0}, .y = {"y", 50, 0.01, true, NULL, 0}};

	/* half lies in the middle between 1 and 99, and the upper end is the smaller error; 0 and 100 do not run away
	 */
	chart_line_begin(&chart, 0);
	chart_line_to(&chart, 50, 0.01, false);
	chart_line_to(&chart, 0, 0, false);
	chart_line_to(&chart, 100, 100, false);
	chart_line_end(&chart);
	page_is(&page, "<path class=\"line c0\" d=\"M344.0 12.0L64.0 12.0L624.0 348.0\"/>\n");
}

/* ---- names ------------------------------------------------------------------------------- */

static void
test_names(void **state)
{
	(void)state;
	static const struct {
		const char *text, *name, *changes;
	} rows[] = {
		{"Algorithm adaptive", "Algorithm-adaptive", "Algorithm adaptive"},
		{"a.b=Algorithm graham burton; PValue markov", "a.b", "Algorithm graham burton\n PValue markov"},
		{"Feature tb=5", "Feature-tb-5", "Feature tb=5"},
		{"../../x=Opt in", "..-..-x-Opt-in", "../../x=Opt in"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct contender contender = {.path = NULL};
		assert_null(contender_set(&contender, rows[i].text));
		assert_string_equal(contender.name, rows[i].name);
		assert_string_equal(contender.changes, rows[i].changes);
		contender_free(&contender);
	}
}

static void
test_wrong_names(void **state)
{
	(void)state;
	char name[CONTENDER_NAME_SIZE + 40];
	struct contender contender = {.path = NULL};

	assert_non_null(contender_set(&contender, ""));
	assert_non_null(contender_set(&contender, "name="));
	assert_non_null(contender_set(&contender, " ;"));
	memset(name, 'x', sizeof name);
	memcpy(name + CONTENDER_NAME_SIZE, "=Opt in", 8);
	assert_non_null(contender_set(&contender, name));
	assert_non_null(contender_set_path(&contender, "/a/-"));
	assert_null(contender.changes);
}

static void
test_names_of_files(void **state)
{
	(void)state;
	struct contender contender = {.path = NULL};

	assert_null(contender_set_path(&contender, "/etc/new one.conf"));
	assert_string_equal(contender.name, "new-one");
	assert_null(contender_set_path(&contender, ".conf"));
	assert_string_equal(contender.name, ".conf");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),        cmocka_unit_test(test_command),
		cmocka_unit_test(test_lines),          cmocka_unit_test(test_logit),
		cmocka_unit_test(test_names),          cmocka_unit_test(test_wrong_names),
		cmocka_unit_test(test_names_of_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
