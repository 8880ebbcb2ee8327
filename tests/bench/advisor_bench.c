/*
 * What it is like to come from another algorithm (docs/adaptive.md). A user is taught the first COUNT messages of an
 * index with the algorithms that a dspam.conf names. From there on three ways part: he goes on with them (classic),
 * with the adaptive classifier alone (adaptive), or with these algorithms as its advisors (advised). Each judges and
 * learns the messages that follow. The orders are that of the index, and shuffles of it.
 *
 * Prints the errors and 1-ROCA% of the first 100, 500, 1,000 and 4,000 messages after the change.
 *
 * With WRONG, that many percent of what he was taught before had the wrong class: an advisor who is not worth much.
 *
 * Usage: advisor_bench DSPAM.CONF INDEX [COUNT [ORDERS [WRONG [WAY]]]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "tool/corpus.h"
#include "tool/figures.h"
#include "tool/teacher.h"

enum way { CLASSIC, ADAPTIVE, ADVISED, WAYS };
static const char *const way_names[WAYS] = {"classic", "adaptive", "advised"};

static const size_t windows[] = {100, 500, 1000, 4000};
enum { WINDOWS = sizeof windows / sizeof *windows };

struct bench {
	const char *configuration;
	struct corpus corpus;
	size_t *order; /* of the messages */
	size_t classic;
	unsigned wrong; /* percent of the lessons before */
	struct buffer bytes;
};

static void
fail(const char *text)
{
	fprintf(stderr, "advisor_bench: %s\n", text);
	exit(1);
}

static void
must(bool good, const struct error *error)
{
	if (!good)
		fail(error->text);
}

static size_t
number_of(const char *text)
{
	unsigned long long number;

	if (!span_to_number(span_from(text), 10000000, &number))
		fail("COUNT, ORDERS and WRONG should be numbers");
	return (size_t)number;
}

/* The first order is that of the index; the others are the same every time. */
static void
shuffle(struct bench *bench, size_t number)
{
	uint64_t random = number * UINT64_C(0x9E3779B97F4A7C15);

	for (size_t i = 0; i < bench->corpus.count; i++)
		bench->order[i] = i;
	for (size_t i = bench->corpus.count; number > 0 && i-- > 1;) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		size_t other = (size_t)((random >> 16) % (i + 1)), swapped = bench->order[i];
		bench->order[i] = bench->order[other];
		bench->order[other] = swapped;
	}
}

/* ---- one way ------------------------------------------------------------------------- */

static void
change(struct settings *settings, enum way way)
{
	if (way == CLASSIC)
		return;
	settings->advisors = way == ADVISED ? settings->algorithms : 0;
	settings->algorithms = ALGORITHM_ADAPTIVE;
}

static void
go(struct bench *bench, struct settings *settings, struct teacher *teacher, enum way way, struct figures_list *said)
{
	struct error error;

	for (size_t i = 0; i < bench->corpus.count; i++) {
		const struct corpus_message *message = &bench->corpus.messages[bench->order[i]];
		struct opinion opinion;
		if (i == bench->classic)
			change(settings, way);
		must(corpus_read(message, &bench->bytes, &error), &error);
		bool wrong = i < bench->classic && i * 37 % 100 < bench->wrong;
		must(teacher_give(teacher, buffer_span(&bench->bytes), message->spam != wrong, &opinion, &error),
		     &error);
		/* unsure mail counts by the side on which it is */
		bool spam = way == CLASSIC ? opinion.spam : opinion.score > 0;
		for (size_t w = 0; w < WINDOWS; w++)
			if (i >= bench->classic && i < bench->classic + windows[w])
				figures_add(&said[w], (struct figures_message){.score = opinion.score,
									       .is_spam = message->spam,
									       .called_spam = spam});
	}
}

static void
take_way(struct bench *bench, enum way way, struct figures_list *said)
{
	struct config *config;
	struct settings *settings;
	struct filter *filter;
	struct teacher teacher;
	struct error error;

	must(config_load(bench->configuration, NULL, NULL, &config, &error), &error);
	must(settings_new(config, &settings, &error), &error);
	if (settings->algorithms == ALGORITHM_ADAPTIVE || strcmp(settings->store.driver, "memory") != 0)
		fail("dspam.conf should name algorithms of the original, and StorageDriver memory");
	must(filter_open(settings, &filter, &error), &error);
	teacher_begin(&teacher, filter, "bench", TEACH_CLASS);
	go(bench, settings, &teacher, way, said);
	teacher_end(&teacher);
	filter_close(filter);
	settings_free(settings);
	config_free(config);
}

/* ---- all ----------------------------------------------------------------------------- */

struct sum {
	size_t errors[WINDOWS];
	double roca[WINDOWS];
};

static void
print_row(const char *order, enum way way, const struct sum *sum, size_t count)
{
	printf("%-8s %-9s", order, way_names[way]);
	for (size_t w = 0; w < WINDOWS; w++)
		printf("  %6.1f %7.4f", (double)sum->errors[w] / (double)count, sum->roca[w] / (double)count);
	printf("\n");
	fflush(stdout);
}

static void
add_figures(struct sum *sum, struct figures_list *said)
{
	for (size_t w = 0; w < WINDOWS; w++) {
		struct figures figures = figures_of(&said[w]);
		sum->errors[w] += figures.ham_misclassified + figures.spam_misclassified;
		sum->roca[w] += figures.roca;
		figures_free(&said[w]);
	}
}

static void
run_all(struct bench *bench, size_t orders, const char *only)
{
	struct sum sums[WAYS] = {0};
	char name[24];

	printf("%-8s %-9s", "order", "way");
	for (size_t w = 0; w < WINDOWS; w++)
		printf("  %6zu  1-ROCA", windows[w]);
	printf("\n");
	for (size_t number = 0; number < orders; number++) {
		shuffle(bench, number);
		snprintf(name, sizeof name, "%zu", number);
		for (enum way way = CLASSIC; way < WAYS; way++) {
			struct figures_list said[WINDOWS] = {0};
			struct sum one = {0};
			if (only != NULL && strcmp(only, way_names[way]) != 0)
				continue;
			take_way(bench, way, said);
			add_figures(&one, said);
			print_row(name, way, &one, 1);
			for (size_t w = 0; w < WINDOWS; w++) {
				sums[way].errors[w] += one.errors[w];
				sums[way].roca[w] += one.roca[w];
			}
		}
	}
	for (enum way way = CLASSIC; way < WAYS; way++)
		if (only == NULL || strcmp(only, way_names[way]) == 0)
			print_row("mean", way, &sums[way], orders);
}

int
main(int argc, char **argv)
{
	struct bench bench = {.bytes = BUFFER_INIT(CORPUS_MESSAGE_SIZE_MAX)};
	struct error error;

	if (argc < 3)
		fail("usage: advisor_bench DSPAM.CONF INDEX [COUNT [ORDERS [WRONG [classic|adaptive|advised]]]]");
	bench.configuration = argv[1];
	bench.classic = argc > 3 ? number_of(argv[3]) : 2000;
	corpus_init(&bench.corpus);
	must(corpus_add_index(&bench.corpus, argv[2], &error), &error);
	bench.order = calloc(bench.corpus.count + 1, sizeof *bench.order);
	if (bench.order == NULL)
		fail("there is no memory");
	bench.wrong = argc > 5 ? (unsigned)number_of(argv[5]) : 0;
	run_all(&bench, argc > 4 ? number_of(argv[4]) : 1, argc > 6 ? argv[6] : NULL);
	free(bench.order);
	corpus_free(&bench.corpus);
	buffer_free(&bench.bytes);
	return 0;
}
