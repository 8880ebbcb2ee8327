/* The steps of a job as the workers carry them out. */
#include "../remove_tree.h"
#include "place.h"

#include <sys/stat.h>

#include "daemon/worker.h"

#define LINES "ServerMode standard\nTrustedDeliveryAgent /bin/true\n"

/* A message for one user that goes nowhere, whose client wants the result line and has `room` for answers. */
static bool
hand_on(size_t room, struct job_reply *reply)
{
	struct job_route route = {.steps = &worker_steps};
	void *worker = worker_delivery_plan.open(&route);
	struct generation *generation = place_generation(LINES);
	struct span recipient = SPAN("u");
	struct buffer message = BUFFER_INIT(100);
	struct job *job = job_new(generation, SPAN(""), &recipient, 1, &message);
	struct order *order = calloc(1, sizeof *order);

	assert_non_null(order);
	order->arena = arena_new((size_t)64 * 1024);
	order->text = BUFFER_INIT(room);
	job->order = order;
	job->options.deliver = AGENT_WANT_SUMMARY;
	job->agent = (struct agent_task){.site = &generation->site,
					 .options = &job->options,
					 .user = {.name = "u", .recipient = "u"},
					 .judgement = {.judged = true, .has_lesson = true},
					 .way = AGENT_NOWHERE};
	bool accepted = worker_steps.hand_on(worker, job);
	worker_delivery_plan.close(worker);
	assert_int_equal(order->text.size, 0); /* the line comes when all is done */
	*reply = job->replies[0];
	job_free(job);
	generation_drop(generation);
	return accepted;
}

/* What cannot be told afterwards is not done before. */
static void
test_no_room_for_the_result_line(void **state)
{
	struct job_reply reply;

	(void)state;
	assert_false(hand_on(40, &reply));
	assert_int_equal(reply.code, 451);
	assert_non_null(strstr(reply.text, "too long"));
	assert_true(hand_on(4000, &reply));
	assert_int_equal(reply.code, 250);
}

/* One message by SQLite in a directory below that of the place; the worker keeps what it has for the next one. */
static unsigned
judge_one(void *worker, struct generation *generation)
{
	struct span recipient = SPAN("u");
	struct buffer message = BUFFER_INIT(1000);

	assert_true(buffer_append_string(&message, "Subject: the minutes\n\nplease read the minutes\n"));
	struct job *job = job_new(generation, SPAN(""), &recipient, 1, &message);
	bool judged = worker_steps.judge(worker, job);
	unsigned code = judged ? 0 : job->replies[0].code;
	job_free(job);
	return code;
}

/* There is no time in which a store that was away is not tried: the very next message finds it. */
static void
test_a_store_that_was_away_is_tried_by_each_message(void **state)
{
	struct job_route route = {.steps = &worker_steps};
	void *worker = worker_filter_plan.open(&route);
	char directory[] = "/tmp/dspam-worker-XXXXXX", lines[300], file[100];

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(file, sizeof file, "%s/dspam.sqlite", directory);
	snprintf(lines, sizeof lines, "StorageDriver sqlite\nSQLiteFile %s\n" LINES, file);
	assert_int_equal(rmdir(directory), 0);
	struct generation *generation = place_generation(lines);
	for (int i = 0; i < 20; i++)
		assert_int_equal(judge_one(worker, generation), 451);
	assert_int_equal(mkdir(directory, 0700), 0);
	assert_int_equal(judge_one(worker, generation), 0);
	/* another file in its place is used at once */
	assert_int_equal(unlink(file), 0);
	assert_int_equal(judge_one(worker, generation), 0);
	assert_int_equal(access(file, F_OK), 0);
	worker_filter_plan.close(worker);
	generation_drop(generation);
	assert_int_equal(remove_tree(directory), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_room_for_the_result_line),
		cmocka_unit_test(test_a_store_that_was_away_is_tried_by_each_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
