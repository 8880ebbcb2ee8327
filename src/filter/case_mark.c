#include "filter/case.h"

#include "base/file.h"
#include "base/log.h"
#include "filter/header_lines.h"
#include "filter/mark.h"
#include "filter/signature.h"

#define TAG_FILE_MAX ((size_t)64 * 1024)

/* Mail that comes in gets a signature, so that it can be learned again later. */
static bool
gets_signature(const struct filter_case *fc)
{
	return fc->uid != 0 && !fc->request->classify && fc->request->training_class == CLASS_NONE && !fc->pristine &&
	       fc->mode != TRAINING_NOTRAIN;
}

/* The lines of msgtag.spam or msgtag.nonspam; empty when there is no such file. */
static struct span
tag_lines(const struct filter_case *fc)
{
	const struct preferences *preferences = &fc->judgement->preferences;
	bool spam = fc->judgement->spam;
	struct span text = {NULL, 0};
	struct error error;

	if (!(spam ? preferences->tag_spam : preferences->tag_nonspam) || fc->request->training_class != CLASS_NONE)
		return text;
	char *path = arena_printf(fc->arena, "%s/msgtag.%s", fc->filter->settings->text_directory,
				  spam ? "spam" : "nonspam");
	if (path == NULL || !file_read(fc->arena, path, TAG_FILE_MAX, &text, &error))
		log_warning("%s is on, but %s; the message goes without a tag", spam ? "tagSpam" : "tagNonspam",
			    path == NULL ? "memory is short" : error.text);
	return text;
}

static const char *
subject_tag(const struct filter_case *fc)
{
	const struct preferences *preferences = &fc->judgement->preferences;

	if (!(fc->judgement->spam || fc->judgement->suspect) || preferences->spam_action != SPAM_TAG ||
	    fc->request->training_class != CLASS_NONE)
		return NULL;
	return preferences->spam_subject;
}

bool
case_mark(struct filter_case *fc, struct error *error)
{
	struct judgement *judgement = fc->judgement;
	const struct settings *settings = fc->filter->settings;
	enum signature_location location = judgement->preferences.signature_location;

	if (fc->request->classify || fc->raw.size == 0)
		return true;
	if (gets_signature(fc)) {
		judgement->signature = signature_new_id(fc->arena);
		if (judgement->signature == NULL)
			return error_set(error, ERROR_DATA, "the message takes too much memory to be marked");
	}
	if (judgement->spam && judgement->preferences.local_store != NULL)
		judgement->kept_for = judgement->user;
	bool in_text = gets_signature(fc) && location != SIGNATURE_IN_HEADERS;
	struct marks marks = {
		.headers = header_lines(fc->arena, settings, fc->request, judgement),
		.drop_old = fc->request->training_class == CLASS_NONE && !settings->keep_headers,
		.subject_tag = subject_tag(fc),
		.tag = tag_lines(fc),
		.signature = in_text ? judgement->signature : NULL,
		.drop_marks = in_text,
		.attach = location == SIGNATURE_IN_ATTACHMENT,
	};
	if (marks.headers.data == NULL ||
	    !mark_message(fc->message, &marks, &judgement->pieces, &judgement->piece_count))
		return error_set(error, ERROR_DATA, "the message takes too much memory to be marked");
	return true;
}
