/* AdaptiveAdvisor: what the original's algorithms say of a message, to users whom they know from the years before. */
#include "filter/case.h"

/* Whether any of the tokens is known: dspam_clean takes those away that are not learned any more. */
static bool
knows_any(const struct analysis *analysis)
{
	for (size_t i = 0; i < analysis->set->count; i++)
		if (analysis->hits[i].spam > 0 || analysis->hits[i].innocent > 0)
			return true;
	return false;
}

/* Whether what judges with the user is SiteModel: unlike a merged group it was never taught by other algorithms. */
static bool
is_site_model(const struct filter_case *fc)
{
	return fc->merged != 0 && fc->merged == fc->filter->site_uid;
}

static uint32_t
lessons_of(const struct totals *totals)
{
	int64_t count = totals->spam_learned + totals->innocent_learned;

	return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

bool
case_advise(struct filter_case *fc, struct error *error)
{
	store_uid merged = is_site_model(fc) ? 0 : fc->merged;
	struct totals totals = appraisal_classic_totals(&fc->appraisal, merged != 0);
	struct analysis analysis = {.arena = fc->arena, .method = fc->method, .merged = merged};

	fc->appraisal.lessons.advisor = lessons_of(&totals);
	if (fc->material.tokens == NULL || fc->material.tokens->count == 0 || totals.spam_learned <= 0 ||
	    totals.innocent_learned <= 0)
		return true;
	analysis.method.algorithms = fc->filter->settings->advisors;
	analysis.method.whitelist = false; /* the sender is looked at by whom is advised */
	if (!analysis_read(&analysis, fc->filter->store, fc->uid, fc->material.tokens, true, error))
		return false;
	if (!knows_any(&analysis))
		return true;
	analysis.totals = totals;
	return analysis_judge(&analysis, error) &&
	       appraisal_advise(&fc->appraisal, advice_kind(&analysis.verdict), error);
}
