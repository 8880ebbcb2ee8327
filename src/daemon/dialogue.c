#include "daemon/dialogue.h"

#include "base/log.h"

#define SHOWN 100 /* bytes of a client's name in the log */

static int
shown(struct span name)
{
	return name.size < SHOWN ? (int)name.size : SHOWN;
}

void
dialogue_login(struct lmtp_server *lmtp, const struct config *config, const char *peer)
{
	const struct lmtp_envelope *envelope = lmtp_server_envelope(lmtp);

	if (order_login(config, envelope->login, envelope->password)) {
		lmtp_server_reply(lmtp, 250, "2.1.0", "OK");
		return;
	}
	log_warning("authentication failed: a client at %s calls itself \"%.*s\", and its password is not that of "
		    "ServerPass",
		    peer, shown(envelope->login), envelope->login.data);
	lmtp_server_reply(lmtp, 503, "5.1.0", "Authentication Required");
}

void
dialogue_data(struct lmtp_server *lmtp, const struct generation *generation, struct order **order)
{
	const struct lmtp_envelope *envelope = lmtp_server_envelope(lmtp);
	struct error error;

	order_free(*order);
	*order = NULL;
	if (order_new(generation, envelope, order, &error)) {
		lmtp_server_begin(lmtp, (*order)->count);
		return;
	}
	log_warning("the client \"%.*s\" is refused: %s", shown(envelope->login), envelope->login.data, error.text);
	if (error.temporary)
		lmtp_server_reply(lmtp, 451, "4.3.0", error.text);
	else
		lmtp_server_reply(lmtp, 554, error.code == ERROR_USER ? "5.1.1" : "5.1.0", error.text);
}

/*
 * The text that was asked for. Clients of DSPAM 3.10 get replies only when there is no text, and wait for its end even
 * then; when a user's part is missing they must not take the rest for all, so that the connection has to end.
 */
static bool
finish_text(struct lmtp_server *lmtp, struct order *order, size_t failed)
{
	bool nothing = order->text.size == 0 && (failed > 0 || !order->options.request.classify);

	if (!order->extended && nothing)
		return true;
	return lmtp_server_answer(lmtp, &order->text, failed == 0);
}

void
dialogue_finish(struct lmtp_server *lmtp, struct job *job)
{
	struct order *order = job->order;
	bool text = order != NULL && order->wants_text;
	size_t failed = 0;

	for (size_t i = 0; i < job->count; i++)
		failed += job->replies[i].code / 100 != 2;
	if (text && !finish_text(lmtp, order, failed))
		return;
	for (size_t i = 0; i < job->count; i++)
		lmtp_server_reply(lmtp, job->replies[i].code, job->replies[i].enhanced, job->replies[i].text);
	if (text && failed > 0 && !order->extended)
		lmtp_server_stop(lmtp, "4.3.0", "There is no answer, closing the connection");
}
