/*
 * Lessons: one transaction, as a rule in one piece.
 *
 * The signature comes first. It is of this lesson alone, so that nobody else waits for it; but an attempt that may
 * still be at work when we have stopped to wait for it holds it, or will want it. Then come tokens in ascending order,
 * and last the two rows that all lessons of a user share: so nobody waits long, and two lessons cannot wait for each
 * other. With the generation, whose row is locked from then on, the order of lessons is the order of generations.
 */
#include <stdlib.h>

#include "store/server/server.h"

struct learn_work {
	const struct store_lesson *lesson;
	struct store_row *rows; /* room for all */
	unsigned attempts;
	int64_t generation; /* 0: not known */
	struct totals before, after;
	struct buffer found; /* the signature that the database has */
	void (*bytes)(struct span value, struct buffer *out);
};

static uint32_t
added(int32_t change)
{
	return change > 0 ? (uint32_t)change : 0;
}

static uint32_t
taken(int32_t change)
{
	return change < 0 ? (uint32_t) - (int64_t)change : 0;
}

/* What is added; who only loses gets a row and a day, too. */
static bool
add_hits(struct server *server, struct learn_work *work, struct error *error)
{
	const struct store_lesson *lesson = work->lesson;

	for (size_t i = 0; i < lesson->count; i++)
		work->rows[i] = (struct store_row){.token = lesson->changes[i].token,
						   .spam = added(lesson->changes[i].spam),
						   .innocent = added(lesson->changes[i].innocent),
						   .day = lesson->day,
						   .weight = lesson->changes[i].weight,
						   .gradient = lesson->changes[i].gradient};
	return server_insert(server, STATEMENT_ROWS_ADD, lesson->uid, work->rows, lesson->count, error);
}

static bool
loses(const struct store_change *change, const struct store_change *like)
{
	return taken(change->spam) == taken(like->spam) && taken(change->innocent) == taken(like->innocent);
}

/* All tokens of a message lose the same as a rule, so that this is one statement. */
static void
take_hits(struct server *server, struct learn_work *work)
{
	const struct store_lesson *lesson = work->lesson;
	bool *done = calloc(lesson->count + 1, sizeof *done);

	if (done == NULL)
		abort();
	for (size_t i = 0; i < lesson->count; i++) {
		const struct store_change *change = &lesson->changes[i];
		size_t count = 0;
		done[i] |= taken(change->spam) == 0 && taken(change->innocent) == 0;
		for (size_t k = i; k < lesson->count && !done[i]; k++)
			if (loses(&lesson->changes[k], change))
				work->rows[count++] = (struct store_row){.token = lesson->changes[k].token};
		for (size_t k = i; k < lesson->count && count > 0; k++)
			done[k] |= loses(&lesson->changes[k], change);
		const struct server_value values[] = {server_number(lesson->uid), server_number(taken(change->spam)),
						      server_number(taken(change->innocent))};
		server_keys(server, STATEMENT_ROWS_TAKE, values, 3, work->rows, count);
	}
	free(done);
}

/* ---- signature ------------------------------------------------------------------ */

static void
spell_replacement(struct server *server, const struct store_lesson *lesson, const struct store_signature *signature)
{
	const struct server_value values[] = {
		server_number(lesson->uid),    server_text(span_from(signature->id)),
		server_bytes(signature->data), server_number((int64_t)signature->data.size),
		server_number(signature->day), server_bytes(lesson->replaces),
	};

	server_statement(server, STATEMENT_SIGNATURE_REPLACE, values, 6);
}

/* Whoever learns from the same signature meanwhile waits here, and then finds another content. */
bool
server_replace_signature(struct server *server, const struct store_lesson *lesson, struct error *error)
{
	uint64_t affected = 0;

	spell_replacement(server, lesson, lesson->signature);
	if (!server_send(server, NULL, NULL, &affected, error))
		return false;
	return affected > 0 || store_signature_changed(lesson, error);
}

static void
write_signature(struct server *server, enum statement which, store_uid uid, const struct store_signature *signature)
{
	const struct server_value values[] = {
		server_number(uid),
		server_text(span_from(signature->id)),
		server_bytes(signature->data),
		server_number((int64_t)signature->data.size),
		server_number(signature->day),
	};

	server_statement(server, which, values, 5);
}

void
server_put_signature(struct server *server, store_uid uid, const struct store_signature *signature)
{
	write_signature(server, STATEMENT_SIGNATURE_PUT, uid, signature);
}

void
server_add_signature(struct server *server, store_uid uid, const struct store_signature *signature)
{
	write_signature(server, STATEMENT_SIGNATURE_ADD, uid, signature);
}

/*
 * Wait for an attempt that has it, and keep it from one that comes late. Where there is none, it gets another content
 * than that of the lesson.
 */
static void
hold_signature(struct server *server, const struct store_lesson *lesson)
{
	struct store_signature held = *lesson->signature;

	held.data = held.data.size > 0 ? SPAN("") : SPAN("-");
	if (lesson->replaces.data != NULL) {
		held.data = lesson->replaces;
		spell_replacement(server, lesson, &held);
	} else {
		server_add_signature(server, lesson->uid, &held);
	}
}

/*
 * The first attempt makes it, so that, should it come to its turn after a later one that was done, it finds it there
 * and changes nothing. Otherwise there may be one, of that other attempt or, for once, of the same id.
 */
static bool
keep_signature(struct server *server, struct learn_work *work, struct error *error)
{
	const struct store_lesson *lesson = work->lesson;
	bool first = work->attempts++ == 0;

	if (lesson->replaces.data != NULL)
		return server_replace_signature(server, lesson, error);
	if (lesson->signature == NULL)
		return true;
	if (!first) {
		hold_signature(server, lesson);
		if (!server_send(server, NULL, NULL, NULL, error))
			return false;
	}
	write_signature(server, first ? STATEMENT_SIGNATURE_NEW : STATEMENT_SIGNATURE_PUT, lesson->uid,
			lesson->signature);
	return true;
}

/* ---- totals and generation --------------------------------------------------------- */

void
server_advance(struct server *server, store_uid uid)
{
	const struct server_value value = server_number(uid);

	if (server->has_generations)
		server_statement(server, STATEMENT_GENERATION_NEXT, &value, 1);
}

void
server_add_totals(struct server *server, store_uid uid, const struct totals *change)
{
	const struct server_value values[] = {
		server_number(change->spam_learned),
		server_number(change->innocent_learned),
		server_number(change->spam_misclassified),
		server_number(change->innocent_misclassified),
		server_number(change->spam_corpusfed),
		server_number(change->innocent_corpusfed),
		server_number(change->spam_classified),
		server_number(change->innocent_classified),
		server_number(uid),
	};

	server_statement(server, STATEMENT_TOTALS_MAKE, &values[8], 1);
	server_statement(server, STATEMENT_TOTALS_ADD, values, 9);
}

/* Without generations an older daemon locks only the totals, and so do we. */
void
server_lock_user(struct server *server, store_uid uid)
{
	if (server->has_generations)
		server_advance(server, uid);
	else
		server_add_totals(server, uid, &(struct totals){0});
}

/* Those before and after: the cache is to know which version has led to which. */
static void
count_lesson(struct server *server, const struct store_lesson *lesson)
{
	const struct server_value uid = server_number(lesson->uid);

	server_advance(server, lesson->uid);
	if (server->cache != NULL) {
		server_statement(server, STATEMENT_GENERATION, &uid, 1);
		server_statement(server, STATEMENT_TOTALS, &uid, 1);
	}
	server_add_totals(server, lesson->uid, &lesson->totals);
	if (server->cache != NULL)
		server_statement(server, STATEMENT_TOTALS, &uid, 1);
}

static void
see_count(void *context, const struct engine_row *row)
{
	struct learn_work *work = context;

	if (row->result == 0)
		work->generation = server_integer(row->values[0]);
	else
		*(row->result == 1 ? &work->before : &work->after) = server_totals(row->values);
}

/* ---- the lesson --------------------------------------------------------------------- */

static bool
learn(struct server *server, void *context, struct error *error)
{
	struct learn_work *work = context;
	const struct store_lesson *lesson = work->lesson;

	work->generation = 0;
	work->before = work->after = (struct totals){0};
	if (!keep_signature(server, work, error) || !add_hits(server, work, error))
		return false;
	take_hits(server, work);
	count_lesson(server, lesson);
	return true;
}

/* ---- whether it was done ------------------------------------------------------------ */

static bool
ask_signature(struct server *server, void *context, struct error *error)
{
	struct learn_work *work = context;
	const struct server_value values[] = {server_number(work->lesson->uid),
					      server_text(span_from(work->lesson->signature->id))};

	(void)error;
	work->found.size = 0;
	server_statement(server, STATEMENT_SIGNATURE, values, 2);
	return true;
}

static void
see_signature(void *context, const struct engine_row *row)
{
	struct learn_work *work = context;

	work->bytes(row->values[0], &work->found);
}

/* The signature was written in the same transaction, before all else, and its content is of this lesson alone. */
static bool
is_done(struct server *server, void *context, bool *done, struct error *error)
{
	struct learn_work *work = context;

	if (work->lesson->signature == NULL) {
		server->outcome = ENGINE_FAILED;
		return error_later(error, ERROR_TEMPORARY,
				   "%s: the connection was lost while a lesson was being written",
				   server->engine->name);
	}
	hold_signature(server, work->lesson);
	if (!server_send(server, NULL, NULL, NULL, error))
		return false;
	ask_signature(server, work, error);
	if (!server_send(server, see_signature, work, NULL, error))
		return false;
	*done = span_equal(buffer_span(&work->found), work->lesson->signature->data);
	return true;
}

/* ---- the call -------------------------------------------------------------------------- */

/*
 * Not if somebody who knows nothing of generations, an original DSPAM, learned between our two looks at the totals:
 * what he did to the rows we do not know. Then the cache stays at a version that is none any more.
 */
static void
tell_cache(struct server *server, const struct learn_work *work)
{
	const struct store_lesson *lesson = work->lesson;
	struct totals expected = work->before;

	store_totals_add(&expected, &lesson->totals);
	if (server->cache == NULL || work->generation == 0 || memcmp(&expected, &work->after, sizeof expected) != 0)
		return;
	row_cache_advance(server->cache, lesson->uid, server_version(work->generation - 1, &work->before),
			  server_version(work->generation, &work->after), lesson->changes, lesson->count, lesson->day);
}

bool
server_learn(struct store *store, const struct store_lesson *lesson, struct error *error)
{
	struct server *server = server_of(store);
	struct learn_work work = {
		.lesson = lesson,
		.rows = calloc(lesson->count + 1, sizeof *work.rows),
		.found = BUFFER_INIT(SERVER_TEXT_LIMIT),
		.bytes = server->engine->bytes,
	};

	if (work.rows == NULL)
		abort();
	bool done = server_transaction(
		server, &(struct server_transaction){SERVER_WRITE, learn, see_count, is_done, &work}, error);
	if (done)
		tell_cache(server, &work);
	free(work.rows);
	buffer_free(&work.found);
	return done;
}
