#include "filter/settings.h"

#include <stdlib.h>

#include "base/log.h"
#include "store/outages.h"
#include "store/row_cache.h"

/* ---- storage options ------------------------------------------------------ */

struct collector {
	struct store_option *options;
	size_t count, capacity;
};

static void
collect(void *context, const char *name, const char *value)
{
	struct collector *collector = context;

	if (collector->count == collector->capacity) {
		collector->capacity = collector->capacity == 0 ? 16 : collector->capacity * 2;
		collector->options = realloc(collector->options, collector->capacity * sizeof *collector->options);
		if (collector->options == NULL)
			abort();
	}
	collector->options[collector->count++] = (struct store_option){.name = name, .value = value};
}

static void
read_storage(struct settings *settings)
{
	struct collector collector = {.options = NULL};

	config_each_storage(settings->config, collect, &collector);
	settings->store = (struct store_options){
		.driver = config_get(settings->config, "StorageDriver"),
		.options = collector.options,
		.count = collector.count,
	};
	settings->number_signatures = store_numbers_signatures(&settings->store);
}

/* ---- tokens and statistics ------------------------------------------------ */

static void
read_tokenizer(struct settings *settings)
{
	const struct config *config = settings->config;

	settings->tokenizer = TOKENIZER_WORD;
	tokenizer_named(span_from(config_get(config, "Tokenizer")), &settings->tokenizer);
	settings->url_context = config_is_on(config, "ProcessorURLContext");
	settings->ignored = header_set_new();
	for (size_t i = 0; i < config_count(config, "IgnoreHeader"); i++)
		header_set_add(settings->ignored, span_from(config_at(config, "IgnoreHeader", i)));
}

/* The algorithms that a directive names. */
static unsigned
algorithms_of(const struct config *config, const char *directive)
{
	unsigned algorithms = 0;
	enum algorithm_bit algorithm;

	for (size_t i = 0; i < config_count(config, directive); i++)
		if (algorithm_named(span_from(config_at(config, directive, i)), &algorithm))
			algorithms |= algorithm;
	return algorithms;
}

static void
read_method(struct settings *settings)
{
	const struct config *config = settings->config;

	pvalue_named(span_from(config_get(config, "PValue")), &settings->pvalue);
	settings->algorithms = algorithms_of(config, "Algorithm");
	if (settings->algorithms == 0)
		settings->algorithms = ALGORITHM_ADAPTIVE;
	if (settings->algorithms & ALGORITHM_ADAPTIVE)
		settings->advisors = algorithms_of(config, "AdaptiveAdvisor");
	settings->bias = config_is_on(config, "ProcessorBias");
	settings->count_occurrences = config_has(config, "ProcessorWordFrequency", "occurrence");
}

static void
read_features(struct settings *settings)
{
	const struct config *config = settings->config;
	unsigned long long sedation;

	for (size_t i = 0; i < config_count(config, "Feature"); i++) {
		struct span feature = span_from(config_at(config, "Feature", i));
		if (span_starts(feature, SPAN("no")))
			settings->noise = true;
		else if (span_starts(feature, SPAN("wh")))
			settings->whitelist = true;
		else if (span_starts(feature, SPAN("tb=")) && span_to_number(span_skip(feature, 3), 10, &sedation))
			settings->sedation = (unsigned)sedation;
	}
}

static void
read_training(struct settings *settings)
{
	const struct config *config = settings->config;

	settings->training_mode = TRAINING_TEFT;
	training_mode_named(span_from(config_get(config, "TrainingMode")), &settings->training_mode);
	settings->test_conditional = config_is_on(config, "TestConditionalTraining");
	settings->double_training = config_has(config, "Compat", "doubleTraining");
	settings->original_training = config_has(config, "Compat", "trainingBugs");
	settings->train_pristine = config_is_on(config, "TrainPristine");
	settings->inoculate = config_is_on(config, "RBLInoculate");
	settings->improbability = config_is_on(config, "ImprobabilityDrive");
	settings->keep_headers = config_is_on(config, "KeepDSPAMHeaders");
	settings->opt_in = config_has(config, "Opt", "in");
	settings->message_max = config_number(config, "MaxMessageSize");
}

/* What is wrong in the file is said once here, and in detail by dspam --check-config and when the daemon starts. */
static bool
read_groups(struct settings *settings, struct error *error)
{
	const char *path = config_get(settings->config, "GroupConfig");

	settings->classify_alone = config_has(settings->config, "Compat", "classifyAlone");
	settings->site_model = config_get(settings->config, "SiteModel");
	settings->site_quorum = config_number(settings->config, "SiteModelQuorum");
	if (settings->site_model != NULL && !home_name_valid(&settings->files, settings->site_model))
		return error_set(error, ERROR_CONFIG, "SiteModel %.200s: this cannot be the name of a user",
				 settings->site_model);
	if (path == NULL)
		return true;
	if (!groups_load(path, NULL, NULL, &settings->groups, error))
		return false;
	if (groups_wrong(settings->groups) > 0)
		log_warning("%s: %zu lines or members are wrong and have no effect; dspam --check-config names them",
			    path, groups_wrong(settings->groups));
	return true;
}

bool
settings_new(const struct config *config, struct settings **out, struct error *error)
{
	const char *home = config_require(config, "Home", error);
	struct settings *settings = home != NULL ? calloc(1, sizeof *settings) : NULL;

	if (home == NULL)
		return false;
	if (settings == NULL)
		abort();
	settings->config = config;
	settings->home = home;
	home_init(&settings->files, config);
	settings->text_directory = config_get(config, "TxtDirectory");
	read_storage(settings);
	read_tokenizer(settings);
	read_method(settings);
	read_features(settings);
	read_training(settings);
	debug_rules_init(&settings->debug, config);
	if (!read_groups(settings, error)) {
		settings_free(settings);
		return false;
	}
	*out = settings;
	return true;
}

void
settings_free(struct settings *settings)
{
	if (settings == NULL)
		return;
	header_set_free(settings->ignored);
	row_cache_free(settings->store.cache);
	outages_free(settings->store.outages);
	groups_free(settings->groups);
	free((void *)(uintptr_t)settings->store.options);
	free(settings);
}

void
settings_share_store(struct settings *settings)
{
	settings->store.outages = outages_new();
	settings->store.cache = row_cache_new((size_t)config_number(settings->config, "StoreCache"),
					      (settings->algorithms & ALGORITHM_ADAPTIVE) != 0);
}
