#include "classify/method.h"

struct row {
	const char *name;
	int value;
};

/* The first name of a value is the one that is printed. */
static const struct row pvalues[] = {
	{"bcr", PVALUE_BCR},
	{"robinson", PVALUE_ROBINSON},
	{"markov", PVALUE_MARKOV},
	{"graham", PVALUE_BCR},
};

static const struct row algorithms[] = {
	{"naive", ALGORITHM_NAIVE},       {"graham", ALGORITHM_GRAHAM},         {"burton", ALGORITHM_BURTON},
	{"robinson", ALGORITHM_ROBINSON}, {"chi-square", ALGORITHM_CHI_SQUARE}, {"adaptive", ALGORITHM_ADAPTIVE},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct row *
find_name(const struct row *rows, size_t count, struct span name)
{
	for (size_t i = 0; i < count; i++)
		if (span_equal_nocase(span_from(rows[i].name), name))
			return &rows[i];
	return NULL;
}

static const char *
find_value(const struct row *rows, size_t count, int value)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].value == value)
			return rows[i].name;
	return "unknown";
}

bool
pvalue_named(struct span name, enum pvalue *pvalue)
{
	const struct row *row = find_name(pvalues, COUNT(pvalues), name);
	if (row)
		*pvalue = (enum pvalue)row->value;
	return row != NULL;
}

bool
algorithm_named(struct span name, enum algorithm_bit *algorithm)
{
	const struct row *row = find_name(algorithms, COUNT(algorithms), name);
	if (row)
		*algorithm = (enum algorithm_bit)row->value;
	return row != NULL;
}

const char *
pvalue_name(enum pvalue pvalue)
{
	return find_value(pvalues, COUNT(pvalues), (int)pvalue);
}

const char *
algorithm_name(enum algorithm_bit algorithm)
{
	return find_value(algorithms, COUNT(algorithms), (int)algorithm);
}
