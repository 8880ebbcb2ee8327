#include "tool/replay.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "tool/chance.h"
#include "tool/progress.h"

/* A replay under way. */
struct run {
	struct replay *replay;
	size_t *order, count;      /* numbers of the messages to come */
	struct buffer bytes, late; /* of the message at hand, and of one whose report comes late: */
	size_t late_number;        /* SIZE_MAX: none */
};

/* ---- one message ------------------------------------------------------------------------ */

/* It was read once, so that what is wrong now is wrong with the disk. */
static bool
read_late(struct run *run, size_t number, struct error *error)
{
	if (run->late_number == number)
		return true;
	run->late_number = number;
	return corpus_read(&run->replay->corpus->messages[number], &run->late, error);
}

/* All that falls due now: what was just met is at hand, the rest is read again if there is no signature for it. */
static bool
hear(struct run *run, struct contender *contender, size_t now, size_t at_hand, struct error *error)
{
	struct report report;

	while (report_queue_take(&contender->queue, now, &report)) {
		struct span bytes = {NULL, 0};
		if (report.message == at_hand) {
			bytes = buffer_span(&run->bytes);
		} else if (report.signature[0] == '\0') {
			if (!read_late(run, report.message, error))
				return false;
			bytes = buffer_span(&run->late);
		}
		if (!contender_hear(contender, &report, bytes, error))
			return false;
	}
	return true;
}

static bool
give(struct run *run, size_t now, struct error *error)
{
	struct replay *replay = run->replay;
	size_t number = run->order[now];
	const struct corpus_message *message = &replay->corpus->messages[number];
	struct error reading;

	if (!corpus_read(message, &run->bytes, &reading)) {
		log_error("%s", reading.text);
		replay->unreadable++;
		return true;
	}
	for (size_t i = 0; i < replay->count; i++) {
		struct contender *contender = &replay->contenders[i];
		if (!contender_meet(contender, number, now, message, buffer_span(&run->bytes), error) ||
		    !hear(run, contender, now, number, error))
			return error_prefix(error, "%s", message->path);
	}
	return true;
}

/* ---- the order ------------------------------------------------------------------------------ */

static size_t
first_beyond(const struct replay *replay)
{
	size_t count = replay->corpus->count;

	return replay->skip < count && replay->limit < count - replay->skip ? replay->skip + replay->limit : count;
}

/* Fisher and Yates. */
static void
mix(size_t *order, size_t count, uint64_t seed)
{
	struct chance chance = {seed};

	for (size_t i = count; i > 1; i--) {
		size_t other = chance_below(&chance, i);
		size_t kept = order[i - 1];
		order[i - 1] = order[other];
		order[other] = kept;
	}
}

static void
make_order(struct run *run)
{
	const struct replay *replay = run->replay;
	size_t end = first_beyond(replay);

	run->count = end > replay->skip ? end - replay->skip : 0;
	run->order = calloc(run->count + 1, sizeof *run->order);
	if (run->order == NULL)
		abort();
	for (size_t i = 0; i < run->count; i++)
		run->order[i] = replay->skip + i;
	if (replay->shuffle)
		mix(run->order, run->count, replay->shuffle_seed);
}

/* ---- the whole ---------------------------------------------------------------------- */

/* The signals wait until somebody asks for them, so that a store on disk is cleared away in any case. */
static sigset_t
hold_signals(sigset_t *before)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, before);
	return signals;
}

static int
signal_that_came(const sigset_t *signals)
{
	int number = sigtimedwait(signals, NULL, &(struct timespec){.tv_sec = 0});

	return number > 0 ? number : 0;
}

bool
replay_run(struct replay *replay, struct error *error)
{
	struct run run = {
		.replay = replay,
		.bytes = BUFFER_INIT(CORPUS_MESSAGE_SIZE_MAX),
		.late = BUFFER_INIT(CORPUS_MESSAGE_SIZE_MAX),
		.late_number = SIZE_MAX,
	};
	struct progress progress;
	sigset_t before, signals = hold_signals(&before);
	bool good = true;

	make_order(&run);
	progress_begin(&progress, "messages", run.count);
	for (size_t i = 0; good && i < run.count && replay->interrupted == 0; i++) {
		good = give(&run, i, error);
		progress_step(&progress, i + 1);
		replay->interrupted = signal_that_came(&signals);
	}
	progress_clear(&progress);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	free(run.order);
	buffer_free(&run.bytes);
	buffer_free(&run.late);
	return good;
}
