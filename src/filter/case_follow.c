/*
 * Whose message it is that comes back for training, where signatures hold the number of their user (*UIDInSignature):
 * then one address, or one account, serves the corrections of all users.
 *
 * The number alone opens nothing. What follows it cannot be guessed, and has to be in the store as that user's.
 */
#include "filter/case.h"
#include "filter/home.h"
#include "filter/signature.h"

bool
case_wants_signature(const struct filter_case *fc)
{
	if (fc->request->training_class == CLASS_NONE && fc->request->mode != TRAINING_UNLEARN)
		return false;
	if (fc->request->signature != NULL)
		return true;
	return !fc->pristine && fc->request->source != SOURCE_CORPUS;
}

/* Whose signature `id` is; 0: nobody's, or one of somebody whom the caller may not teach. */
static bool
find_signer(struct filter_case *fc, const char *id, store_uid *signer, struct error *error)
{
	store_uid uid = signature_id_valid(span_from(id)) ? signature_uid(span_from(id)) : 0;
	struct store_signature kept;
	bool found = false;

	if (uid == 0)
		return true;
	if (uid != fc->uid && !fc->request->any_user) {
		fc->of_another = id;
		return true;
	}
	if (!store_signature_get(fc->filter->store, uid, id, fc->arena, &kept, &found, error))
		return false;
	*signer = found ? uid : 0;
	return true;
}

/* The first of the signatures in the message that is somebody's. */
static bool
find_signer_in_message(struct filter_case *fc, store_uid *signer, struct error *error)
{
	struct span ids[SIGNATURE_CANDIDATES];
	bool headers = fc->judgement->preferences.signature_location == SIGNATURE_IN_HEADERS;

	fc->message = message_parse(fc->arena, fc->raw);
	size_t count = fc->message != NULL ? signature_find(fc->message, headers, ids) : 0;
	for (size_t i = 0; i < count && *signer == 0; i++) {
		const char *id = arena_copy(fc->arena, ids[i]);
		if (id == NULL)
			return error_set(error, ERROR_DATA, "the message takes too much memory to be learned");
		if (!find_signer(fc, id, signer, error))
			return false;
	}
	return true;
}

/* From here on it is the message of the user with this number, if there still is one. */
static bool
become(struct filter_case *fc, store_uid uid, struct error *error)
{
	struct judgement *judgement = fc->judgement;
	const struct settings *settings = fc->filter->settings;
	char name[STORE_NAME_SIZE];

	if (!store_user_name(fc->filter->store, uid, name, error))
		return false;
	if (!home_name_valid(&settings->files, name))
		return true;
	fc->user = arena_copy(fc->arena, span_from(name));
	if (fc->user == NULL)
		return error_set(error, ERROR_DATA, "the message takes too much memory to be learned");
	debug_line(&judgement->debug, "the signature is of user %s", name);
	fc->uid = fc->merged = 0;
	judgement->merged = NULL;
	judgement->user = judgement->owner = fc->user;
	judgement->debug = debug_begin(&settings->debug, fc->request, fc->user);
	return case_find_owner(fc, error);
}

bool
case_follow_signature(struct filter_case *fc, struct error *error)
{
	const struct request *request = fc->request;
	store_uid signer = 0;

	if (!fc->filter->settings->number_signatures || request->classify || !case_wants_signature(fc))
		return true;
	if (!(request->signature != NULL ? find_signer(fc, request->signature, &signer, error)
					 : find_signer_in_message(fc, &signer, error)))
		return false;
	return signer == 0 || signer == fc->uid || become(fc, signer, error);
}
