/* The public interface of the library: a thin coat over filter.h. */
#include "dspam.h"

#include <stdlib.h>

#include "filter/factor_text.h"

struct dspam_configuration {
	struct config *config;
	struct settings *settings;
};

struct dspam {
	struct filter *filter;
};

struct dspam_result {
	struct arena *arena;
	struct judgement judgement;
};

const char *
dspam_version(void)
{
	return DSPAM_VERSION;
}

static void *
new_object(size_t size)
{
	void *object = calloc(1, size);

	if (object == NULL)
		abort();
	return object;
}

static bool
tell(struct dspam_error *out, const struct error *error)
{
	out->code = (int)error->code;
	out->temporary = error->temporary;
	memcpy(out->text, error->text, sizeof out->text);
	return false;
}

/* ---- configuration ----------------------------------------------------------- */

static bool
finish_configuration(struct config *config, struct dspam_configuration **out, struct dspam_error *out_error)
{
	struct dspam_configuration *configuration = new_object(sizeof *configuration);
	struct error error;

	configuration->config = config;
	if (!settings_new(config, &configuration->settings, &error)) {
		dspam_configuration_free(configuration);
		return tell(out_error, &error);
	}
	*out = configuration;
	return true;
}

bool
dspam_configuration_load(const char *path, struct dspam_configuration **configuration, struct dspam_error *out_error)
{
	struct config *config;
	struct error error;

	if (!config_load(path, NULL, NULL, &config, &error))
		return tell(out_error, &error);
	return finish_configuration(config, configuration, out_error);
}

bool
dspam_configuration_parse(const char *text, size_t size, struct dspam_configuration **configuration,
			  struct dspam_error *out_error)
{
	struct config *config;
	struct error error;

	if (!config_parse(span_of(text, size), "memory", NULL, NULL, &config, &error))
		return tell(out_error, &error);
	return finish_configuration(config, configuration, out_error);
}

void
dspam_configuration_free(struct dspam_configuration *configuration)
{
	if (configuration == NULL)
		return;
	settings_free(configuration->settings);
	config_free(configuration->config);
	free(configuration);
}

/* ---- the filter ---------------------------------------------------------------- */

bool
dspam_open(const struct dspam_configuration *configuration, struct dspam **out, struct dspam_error *out_error)
{
	struct dspam *dspam = new_object(sizeof *dspam);
	struct error error;

	if (!filter_open(configuration->settings, &dspam->filter, &error)) {
		free(dspam);
		return tell(out_error, &error);
	}
	*out = dspam;
	return true;
}

void
dspam_close(struct dspam *dspam)
{
	if (dspam == NULL)
		return;
	filter_close(dspam->filter);
	free(dspam);
}

static bool
judge(struct dspam *dspam, const struct request *request, const char *user, const char *message, size_t size,
      struct dspam_result **out, struct dspam_error *out_error)
{
	struct dspam_result *result = new_object(sizeof *result);
	struct error error;

	result->arena = arena_new(filter_arena_ceiling(size));
	if (!filter_judge(dspam->filter, result->arena, request, user, span_of(message, size), &result->judgement,
			  &error)) {
		dspam_result_free(result);
		return tell(out_error, &error);
	}
	*out = result;
	return true;
}

bool
dspam_classify(struct dspam *dspam, const char *user, const char *message, size_t size, struct dspam_result **result,
	       struct dspam_error *error)
{
	const struct request request = {.classify = true, .explain = true};

	return judge(dspam, &request, user, message, size, result, error);
}

bool
dspam_process(struct dspam *dspam, const char *user, const char *message, size_t size, struct dspam_result **result,
	      struct dspam_error *error)
{
	const struct request request = {.explain = true};

	return judge(dspam, &request, user, message, size, result, error);
}

bool
dspam_train(struct dspam *dspam, const char *user, enum dspam_class message_class, enum dspam_source source,
	    const char *message, size_t size, const char *signature, struct dspam_result **result,
	    struct dspam_error *error)
{
	static const enum training_source sources[] = {
		[DSPAM_ERROR] = SOURCE_ERROR,
		[DSPAM_CORPUS] = SOURCE_CORPUS,
		[DSPAM_INOCULATION] = SOURCE_INOCULATION,
	};
	const struct request request = {
		.training_class = message_class == DSPAM_SPAM ? CLASS_SPAM : CLASS_INNOCENT,
		.source = sources[source],
		.signature = signature,
	};

	return judge(dspam, &request, user, message, size, result, error);
}

bool
dspam_commit(struct dspam *dspam, const struct dspam_result *result, struct dspam_error *out_error)
{
	struct error error;

	return filter_learn(dspam->filter, &result->judgement, &error) || tell(out_error, &error);
}

/* ---- results --------------------------------------------------------------------- */

bool
dspam_result_is_judged(const struct dspam_result *result)
{
	return result->judgement.judged;
}

bool
dspam_result_is_spam(const struct dspam_result *result)
{
	return result->judgement.spam;
}

const char *
dspam_result_class(const struct dspam_result *result)
{
	return result_class_name(result->judgement.result_class);
}

double
dspam_result_probability(const struct dspam_result *result)
{
	return result->judgement.probability;
}

double
dspam_result_confidence(const struct dspam_result *result)
{
	return result->judgement.confidence;
}

double
dspam_result_score(const struct dspam_result *result)
{
	return result->judgement.score;
}

const char *
dspam_result_signature(const struct dspam_result *result)
{
	return result->judgement.signature;
}

bool
dspam_result_is_trained(const struct dspam_result *result)
{
	return result->judgement.training == TRAINING_DONE;
}

const char *
dspam_result_note(const struct dspam_result *result)
{
	return result->judgement.note;
}

bool
dspam_result_factor(const struct dspam_result *result, size_t index, const char **token, double *value)
{
	if (index >= result->judgement.factor_count)
		return false;
	const struct factor *factor = &result->judgement.factors[index];
	char text[FACTOR_TEXT_SIZE];

	factor_text_ascii(factor, text);
	*token = factor->feature == NULL ? factor->text : arena_copy(result->arena, span_from(text));
	if (*token == NULL)
		return false;
	*value = result->judgement.factors[index].value;
	return true;
}

bool
dspam_result_piece(const struct dspam_result *result, size_t index, const char **data, size_t *size)
{
	if (index >= result->judgement.piece_count)
		return false;
	*data = result->judgement.pieces[index].data;
	*size = result->judgement.pieces[index].size;
	return true;
}

void
dspam_result_free(struct dspam_result *result)
{
	if (result == NULL)
		return;
	arena_free(result->arena);
	free(result);
}
