#include "filter/case.h"

static unsigned
sedation(const struct filter_case *fc)
{
	const struct preferences *preferences = &fc->judgement->preferences;

	if (preferences->sedation != SEDATION_UNSET)
		return (unsigned)preferences->sedation;
	return fc->request->has_features ? fc->request->sedation : fc->filter->settings->sedation;
}

/* The training mode: that of the command line, of the user, of the configuration. */
static enum training_mode
training_mode(const struct filter_case *fc)
{
	if (fc->request->mode != TRAINING_MODE_UNSET)
		return fc->request->mode;
	if (fc->judgement->preferences.training_mode != TRAINING_MODE_UNSET)
		return fc->judgement->preferences.training_mode;
	return fc->filter->settings->training_mode;
}

void
case_settle(struct filter_case *fc)
{
	const struct settings *settings = fc->filter->settings;
	const struct request *request = fc->request;
	const struct preferences *preferences = &fc->judgement->preferences;
	bool noise = request->has_features ? request->noise : settings->noise;
	bool whitelist = request->has_features ? request->whitelist : settings->whitelist;

	fc->mode_of_mail = training_mode(fc);
	fc->mode = request->classify ? TRAINING_NOTRAIN : fc->mode_of_mail;
	fc->method = (struct method){
		.pvalue = settings->pvalue,
		.algorithms = settings->algorithms,
		.bias = tristate_or(preferences->bias, settings->bias),
		.tum = fc->mode == TRAINING_TUM,
		.sedation = sedation(fc),
		.noise = tristate_or(preferences->noise, noise),
		.whitelist = tristate_or(preferences->whitelist, whitelist),
		.whitelist_threshold = preferences->whitelist_threshold,
	};
}
