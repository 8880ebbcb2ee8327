#include "filter/case.h"

#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "filter/block_list.h"
#include "filter/case_debug.h"
#include "filter/home.h"
#include "mail/field.h"

#define BLOCK_LIST_MAX ((size_t)1024 * 1024)

/* ---- who is listed ----------------------------------------------------------- */

static bool
is_infected(const struct filter_case *fc)
{
	const struct scan_findings *findings = fc->request->findings;

	return findings != NULL && findings->virus == VIRUS_FOUND && !fc->judgement->preferences.no_virus_scan &&
	       fc->request->source != SOURCE_ERROR;
}

/* Mail that should have been scanned; a lesson is none that must wait. */
static bool
is_unscanned(const struct filter_case *fc)
{
	const struct scan_findings *findings = fc->request->findings;

	return findings != NULL && findings->virus == VIRUS_UNKNOWN && !fc->judgement->preferences.no_virus_scan &&
	       fc->request->training_class == CLASS_NONE && fc->request->mode != TRAINING_UNLEARN;
}

/* That of the first From field; empty if there is none. */
static struct span
sender_domain(struct span message)
{
	struct span field, value;

	while (mail_field_next(&message, &field))
		if (mail_field_is(field, SPAN("From:"), &value))
			return mail_field_domain(value);
	return (struct span){NULL, 0};
}

/* The user's own list of domains that he wants no mail from. */
static bool
is_blocked(const struct filter_case *fc)
{
	const char *local_store = fc->judgement->preferences.local_store;
	struct span list;
	struct error error;

	if (fc->request->training_class != CLASS_NONE)
		return false;
	const char *path = home_file(&fc->filter->settings->files, fc->arena,
				     local_store != NULL ? local_store : fc->judgement->user, "blocklist");
	if (path == NULL || access(path, F_OK) != 0)
		return false;
	if (file_read(fc->arena, path, BLOCK_LIST_MAX, &list, &error))
		return block_list_has(list, sender_domain(fc->raw));
	log_warning("user %s: his block list is not used: %s", fc->judgement->user, error.text);
	return false;
}

static bool
is_from_listed_source(const struct filter_case *fc)
{
	const struct scan_findings *findings = fc->request->findings;

	return findings != NULL && findings->zone[0] != '\0' && !fc->judgement->preferences.ignore_rbl &&
	       fc->request->training_class == CLASS_NONE;
}

/* ---- what follows ------------------------------------------------------------- */

static bool
list_as(struct filter_case *fc, enum result_class result_class, const char *status, struct error *error)
{
	struct judgement *judgement = fc->judgement;

	fc->listed = true;
	judgement->spam = true;
	judgement->result_class = result_class;
	judgement->probability = 1.0;
	judgement->confidence = 1.0;
	judgement->status = status;
	if (fc->request->training_class != CLASS_NONE) {
		judgement->training = TRAINING_REFUSED;
		judgement->note = "a virus was detected in the message";
	}
	return fc->uid == 0 || store_read(fc->filter->store, fc->uid, &judgement->totals, NULL, 0, error);
}

static bool
list_source(struct filter_case *fc, struct error *error)
{
	const char *status = arena_printf(fc->arena, "Blacklisted (%s)", fc->request->findings->zone);

	if (status == NULL)
		return error_set(error, ERROR_DATA, "the message takes too much memory to be judged");
	if (!tristate_or(fc->judgement->preferences.rbl_inoculate, fc->filter->settings->inoculate))
		return list_as(fc, RESULT_BLACKLISTED, status, error);
	fc->inoculate = true;
	fc->judgement->status = status;
	return true;
}

static bool
look(struct filter_case *fc, struct error *error)
{
	fc->judgement->unscanned = is_unscanned(fc);
	if (is_infected(fc))
		return list_as(fc, RESULT_VIRUS, "A virus was detected in the message contents", error);
	if (is_blocked(fc))
		return list_as(fc, RESULT_BLOCKLISTED, "Blocklisted", error);
	return !is_from_listed_source(fc) || list_source(fc, error);
}

bool
case_look(struct filter_case *fc, struct error *error)
{
	if (!look(fc, error))
		return false;
	case_debug_findings(fc);
	return true;
}
