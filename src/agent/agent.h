/*
 * One message for one of its users, in three steps that may run in different threads:
 *
 *	agent_judge	the filter looks at it, and where it goes is decided
 *	agent_hand_on	it goes there
 *	agent_learn	what it teaches is kept
 *
 * Learning comes last and only after success, so that a message that is deferred and comes
 * again is counted once, and OnFail unlearn is what always happens.
 *
 * A task lives as long as the arena, the message and the options it was made of, and must not be moved.
 */
#ifndef DSPAM_AGENT_AGENT_H
#define DSPAM_AGENT_AGENT_H

#include "agent/user.h"
#include "agent/way.h"
#include "base/buffer.h"
#include "deliver/host.h"

struct agent_task {
	const struct agent_site *site;
	const struct agent_options *options;
	struct agent_user user;
	bool keep_cr;    /* struct deliver_message; false unless the caller sets it */
	struct span raw; /* the message as it came */
	int64_t began;   /* microseconds on the monotonic clock */
	struct judgement judgement;
	enum agent_way way;
	struct span whole; /* for pieces, when the filter gives none */
};

/* Whether there is something to ask scanners and lists about a message of that size. */
bool agent_wants_scan(const struct agent_site *site, const struct agent_options *options, size_t size);

/*
 * Ask them, once for all users of the message, before it is judged; this may wait for the network. The findings
 * are given to judging as options->request.findings, and must live as long as the task.
 */
void agent_scan(const struct agent_site *site, const struct agent_options *options, struct span message,
		struct scan_findings *findings);

/*
 * Judge `message` (prepared by agent/input.h) for `user`. What cannot be judged goes on unchanged, or
 * with StoreFailure defer fails temporarily. Fails also for a lesson that cannot be made, and for a user that
 * cannot be (ERROR_USER). Fails temporarily when no virus scan was possible, unless ClamAVFailure says deliver.
 */
bool agent_judge(const struct agent_site *site, struct filter *filter, struct arena *arena,
		 const struct agent_options *options, const struct agent_user *user, struct span message,
		 struct agent_task *task, struct error *error);

/* The same when there is no filter to ask; `error` says why, and is returned unless the message goes on unchanged. */
bool agent_judge_failed(const struct agent_site *site, const struct agent_options *options,
			const struct agent_user *user, struct span message, struct agent_task *task,
			struct error *error);

/*
 * Hand the message on; for AGENT_NOWHERE there is nothing to do, and that succeeds. `output` is the
 * descriptor for AGENT_TO_STDOUT. On failure the message must be kept by whoever gave it to us.
 */
bool agent_hand_on(const struct agent_task *task, struct deliver_hosts *hosts, int output,
		   struct deliver_result *result);

/* TrackSources and RABLQueue; agent_hand_on calls it once the message has gone its way. */
void agent_track(const struct agent_task *task);

/*
 * Learn, after agent_hand_on has succeeded. When the message has left us, a failure to learn is logged
 * and nothing else; when it went nowhere, the failure is returned, and the message may come again.
 */
bool agent_learn(const struct agent_task *task, struct filter *filter, struct error *error);

/* Why a lesson that was asked for is none (the exit status is that of success all the same); NULL: all is well. */
const char *agent_not_learned(const struct agent_task *task);

/* Whether --classify or --deliver=summary wants the result line, and there is a result. */
bool agent_has_summary(const struct agent_task *task);

/* Append the result line of a judged message, with LF (dspam-behaviour: cli 1). */
bool agent_summary(const struct agent_task *task, struct buffer *text);

#endif
