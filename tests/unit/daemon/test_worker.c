/* The steps of a job as the workers carry them out. */
#include "place.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_room_for_the_result_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
