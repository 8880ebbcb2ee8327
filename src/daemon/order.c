#include "daemon/order.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/input.h"
#include "agent/options_words.h"

#define ARENA_SIZE ((size_t)1024 * 1024)
#define TEXT_MAX (2 * AGENT_INPUT_MAX)
#define LINE_MAX_SIZE ((size_t)16384) /* with --explain */

/* ---- who ------------------------------------------------------------------------------ */

/* Neither the place of a difference nor the length of the secret shows in the time. */
static bool
is_same_secret(struct span given, struct span secret)
{
	size_t different = given.size ^ secret.size;

	for (size_t i = 0; i < given.size; i++)
		different |= (size_t)((unsigned char)given.data[i] ^
				      (secret.size > 0 ? (unsigned char)secret.data[i % secret.size] : 0U));
	return different == 0;
}

struct login {
	struct span name, password;
	bool good;
};

static void
try_login(void *context, const char *name, const char *password)
{
	struct login *login = context;
	bool same = is_same_secret(login->password, span_from(password));

	login->good |= same & span_equal(login->name, span_from(name));
}

bool
order_login(const struct config *config, struct span name, struct span password)
{
	struct login login = {.name = name, .password = password};

	config_each_suffix(config, "ServerPass", try_login, &login);
	return login.good && password.size > 0;
}

/* ---- what ------------------------------------------------------------------------------- */

static bool
no_room(struct error *error)
{
	return error_later(error, ERROR_TEMPORARY, "there is no memory for the arguments");
}

/* What would reach beyond the message is not for others to say. */
static bool
check_reach(const struct generation *generation, const struct agent_options *options, struct error *error)
{
	const char *profile = config_profile(generation->config);
	const char *wrong = NULL;

	if (options->config != NULL)
		wrong = "--config";
	else if (options->daemon || options->foreground)
		wrong = "--daemon";
	else if (options->check_config || options->print_config || options->help || options->version)
		wrong = "an option that only prints something";
	if (wrong != NULL)
		return error_set(error, ERROR_USAGE, "%s cannot be asked of the daemon", wrong);
	if (options->profile != NULL && (profile == NULL || strcmp(profile, options->profile) != 0))
		return error_set(error, ERROR_USAGE, "--profile=%.100s: this daemon works with %s", options->profile,
				 profile != NULL ? profile : "no profile");
	return true;
}

/* The users of RCPT TO stand before those of --user. */
static bool
add_users(struct order *order, const struct generation *generation, const struct lmtp_envelope *envelope,
	  struct error *error)
{
	struct agent_options *options = &order->options;
	struct agent_list list = {.items = NULL};
	bool strip = generation->site.strip_domain && options->recipients.count > 0;

	for (size_t i = 0; i < envelope->count; i++) {
		struct span name = envelope->recipients[i];
		const char *copy = arena_copy(order->arena, strip ? span_head(name, span_find_byte(name, '@')) : name);
		if (copy == NULL || !agent_list_add(order->arena, &list, copy))
			return no_room(error);
	}
	for (size_t i = 0; i < options->users.count; i++)
		if (!agent_list_add(order->arena, &list, options->users.items[i]))
			return no_room(error);
	order->given = envelope->count;
	options->users = list;
	return true;
}

static bool
name_deliveries(struct order *order, struct error *error)
{
	size_t count = agent_options_deliveries(&order->options);

	order->count = count > 0 ? count : 1; /* ParseToHeaders will name the one */
	order->names = arena_calloc(order->arena, order->count, sizeof *order->names);
	if (order->names == NULL)
		return no_room(error);
	for (size_t i = 0; i < count; i++) {
		const char *user, *recipient;
		order_delivery(order, i, &user, &recipient);
		order->names[i] = span_from(recipient != NULL ? recipient : user);
	}
	return true;
}

static bool
read_words(struct order *order, const struct generation *generation, const struct lmtp_envelope *envelope,
	   struct error *error)
{
	const struct agent_caller client = {.login = "", .trusted = true};
	struct agent_options *options = &order->options;
	const char *text = arena_copy(order->arena, envelope->arguments);
	const char *const *words;
	size_t count;

	if (text == NULL || !(order->extended ? agent_words_split(order->arena, text, &words, &count)
					      : agent_options_split(order->arena, text, &words, &count)))
		return no_room(error);
	if (!agent_options_read(order->arena, words, count, options, error) ||
	    !check_reach(generation, options, error) || !add_users(order, generation, envelope, error))
		return false;
	if (options->users.count == 0 && !generation->site.parse_to)
		return error_set(error, ERROR_USER, "Unable to determine the destination user");
	if (!agent_options_check(order->arena, &generation->site, &client, options, error))
		return false;
	order->wants_text =
		options->to_stdout || options->request.classify || (options->deliver & AGENT_WANT_SUMMARY) != 0;
	return name_deliveries(order, error);
}

bool
order_new(const struct generation *generation, const struct lmtp_envelope *envelope, struct order **made,
	  struct error *error)
{
	struct order *order = calloc(1, sizeof *order);

	if (order == NULL)
		abort();
	order->arena = arena_new(ARENA_SIZE);
	order->extended = envelope->extended;
	order->text = BUFFER_INIT(TEXT_MAX);
	if (!read_words(order, generation, envelope, error)) {
		order_free(order);
		return false;
	}
	*made = order;
	return true;
}

void
order_free(struct order *order)
{
	if (order == NULL)
		return;
	buffer_free(&order->text);
	arena_free(order->arena);
	free(order);
}

void
order_delivery(const struct order *order, size_t index, const char **user, const char **recipient)
{
	*user = *recipient = NULL;
	if (order->options.users.count > 0)
		agent_options_delivery(&order->options, index, user, recipient);
}

/* ---- the text ------------------------------------------------------------------------------ */

static bool
add(struct order *order, const struct span *pieces, size_t count)
{
	size_t before = order->text.size;

	answer_append(order->extended ? ANSWER_STUFFED : ANSWER_PLAIN, pieces, count, &order->text);
	if (!order->text.failed)
		return true;
	order->text.size = before;
	order->text.failed = false;
	return false;
}

bool
order_add_summary(struct order *order, const struct agent_task *task)
{
	struct buffer line = BUFFER_INIT(LINE_MAX_SIZE);
	bool made = agent_summary(task, &line);
	struct span piece = buffer_span(&line);

	made = made && add(order, &piece, 1);
	buffer_free(&line);
	return made;
}

bool
order_reserve_summary(struct order *order, const struct agent_task *task)
{
	size_t before = order->text.size;
	bool reserved = order_add_summary(order, task);

	order->text.size = before;
	return reserved;
}

bool
order_add_message(struct order *order, const struct agent_task *task)
{
	bool spam = task->judgement.judged && task->judgement.spam;
	struct span class =
		spam ? SPAN("X-Daemon-Classification: SPAM\n") : SPAN("X-Daemon-Classification: INNOCENT\n");
	size_t before = order->text.size;

	/* who is extended learns it from the replies */
	if (!order->extended && !add(order, &class, 1))
		return false;
	if (add(order, task->judgement.pieces, task->judgement.piece_count))
		return true;
	order->text.size = before;
	return false;
}
