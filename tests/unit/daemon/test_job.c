/* The order of the steps for all recipients, and the replies, with steps that only note that they were called. */
#include "place.h"

#include <poll.h>

#include "daemon/job.h"

/* What the fake steps did, one letter each: j h l and the number of the recipient. */
struct notes {
	char text[400];
	size_t size;
	const char *fate; /* for each recipient: g good, n good with nothing to learn, j, h, l: that step fails */
};

static struct notes notes;

static bool
note(char step, const struct job *job)
{
	notes.size +=
		(size_t)snprintf(notes.text + notes.size, sizeof notes.text - notes.size, "%c%zu ", step, job->current);
	return notes.fate[job->current] != step;
}

static bool
fake_judge(void *worker, struct job *job)
{
	(void)worker;
	if (note('j', job))
		return true;
	job_answer(job, 451, "4.3.0", "cannot judge");
	return false;
}

static bool
fake_hand_on(void *worker, struct job *job)
{
	(void)worker;
	if (!note('h', job)) {
		job_answer(job, 550, "5.1.1", "gone away");
		return false;
	}
	job_answer(job, 250, "2.6.0", "Message accepted for delivery");
	return notes.fate[job->current] != 'n';
}

static void
fake_learn(void *worker, struct job *job)
{
	(void)worker;
	if (!note('l', job))
		job_answer(job, 451, "4.3.0", "cannot learn");
}

static void
fake_scan(struct job *job)
{
	note('s', job);
}

static const struct job_steps fake_steps = {fake_scan, fake_judge, fake_hand_on, fake_learn};

static void *
route_open(void *context)
{
	return context;
}

static void
scan_run(void *route, struct pool_task *task)
{
	job_scan(route, job_of(task));
}

static void
filter_run(void *route, struct pool_task *task)
{
	job_filter(route, NULL, job_of(task));
}

static void
delivery_run(void *route, struct pool_task *task)
{
	job_deliver(route, NULL, job_of(task));
}

static void
nothing(void *worker)
{
	(void)worker;
}

static void
route_start(struct job_route *route, struct outbox *outbox, size_t filters, size_t deliveries)
{
	struct pool_plan plan = {.name = "f",
				 .workers = 2,
				 .capacity = filters,
				 .rest = 1000,
				 .open = route_open,
				 .run = filter_run,
				 .idle = nothing,
				 .close = nothing,
				 .context = route};
	struct error error;

	assert_true(outbox_init(outbox, &error));
	*route = (struct job_route){.learners = NULL};
	route->steps = &fake_steps;
	route->outbox = outbox;
	route->filters = pool_new(&plan, &error);
	plan.name = "s";
	plan.run = scan_run;
	plan.capacity = 1;
	route->scanners = pool_new(&plan, &error);
	plan.name = "d";
	plan.run = delivery_run;
	plan.capacity = deliveries;
	route->deliveries = pool_new(&plan, &error);
	assert_non_null(route->scanners);
	assert_non_null(route->filters);
	assert_non_null(route->deliveries);
}

/* They push to each other: none goes before all have ended. */
static void
route_end(const struct job_route *route)
{
	pool_end(route->scanners);
	pool_end(route->filters);
	pool_end(route->deliveries);
	pool_free(route->scanners);
	pool_free(route->filters);
	pool_free(route->deliveries);
}

static struct job *
wait_for_job(struct outbox *outbox)
{
	struct pollfd wake = {.fd = outbox->wake, .events = POLLIN};

	assert_int_equal(poll(&wake, 1, 30000), 1);
	return job_of(outbox_take(outbox));
}

static const char *site = "TrustedDeliveryAgent /bin/true";

/* Let a job for as many recipients as `fate` has letters go its way, and check the replies' codes. */
static void
check_job(const char *fate, size_t filters, size_t deliveries, const char *steps, const char *codes)
{
	struct generation *generation = place_generation(site);
	struct job_route route;
	struct outbox outbox;
	struct span recipients[10];
	struct buffer message = BUFFER_INIT(100);
	char got[100] = "";

	for (size_t i = 0; i < strlen(fate); i++)
		recipients[i] = SPAN("somebody@example.org");
	notes = (struct notes){.fate = fate};
	buffer_append_string(&message, "Subject: x\n\nbody\n");
	route_start(&route, &outbox, filters, deliveries);
	struct job *job = job_new(generation, SPAN("a@b"), recipients, strlen(fate), &message);
	assert_null(message.data);
	job_submit(&route, job);
	assert_ptr_equal(wait_for_job(&outbox), job);
	for (size_t i = 0; i < job->count; i++) {
		snprintf(got + strlen(got), sizeof got - strlen(got), "%u ", job->replies[i].code);
		assert_non_null(strstr(job->replies[i].text, "<somebody@example.org> "));
	}
	assert_string_equal(notes.text, steps);
	assert_string_equal(got, codes);
	job_free(job);
	route_end(&route);
	outbox_end(&outbox);
	generation_drop(generation);
}

static void
test_learning_comes_after_handing_on(void **state)
{
	(void)state;
	check_job("g", 1, 1, "j0 h0 l0 ", "250 ");
	check_job("gg", 1, 1, "j0 h0 l0 j1 h1 l1 ", "250 250 ");
}

static void
test_what_fails_is_not_learned(void **state)
{
	(void)state;
	check_job("h", 1, 1, "j0 h0 ", "550 ");
	check_job("j", 1, 1, "j0 ", "451 ");
	check_job("ghgjgng", 1, 1, "j0 h0 l0 j1 h1 j2 h2 l2 j3 j4 h4 l4 j5 h5 j6 h6 l6 ",
		  "250 550 250 451 250 250 250 ");
	check_job("jjhh", 1, 1, "j0 j1 j2 h2 j3 h3 ", "451 451 550 550 ");
}

static void
test_learning_may_change_the_answer(void **state)
{
	(void)state;
	check_job("lg", 1, 1, "j0 h0 l0 j1 h1 l1 ", "451 250 ");
}

static void
test_full_queues_defer(void **state)
{
	(void)state;
	check_job("gg", 0, 1, "", "451 451 ");
	check_job("gg", 1, 0, "j0 ", "451 451 ");
}

/* Once for all recipients, before the first is judged; not at all when there is nobody to ask. */
static void
test_scanners_come_first(void **state)
{
	(void)state;
	site = "TrustedDeliveryAgent /bin/true\nClamAVHost /nowhere\n";
	check_job("ggj", 1, 1, "s0 j0 h0 l0 j1 h1 l1 j2 ", "250 250 451 ");
	check_job("g", 0, 1, "s0 ", "451 ");
	check_job("g", 1, 0, "s0 j0 ", "451 ");
	site = "TrustedDeliveryAgent /bin/true\nClamAVHost /nowhere\nMaxMessageSize 5\n";
	check_job("g", 1, 1, "j0 h0 l0 ", "250 ");
	site = "TrustedDeliveryAgent /bin/true\nClamAVHost 127.0.0.1\n"; /* no port: no scan */
	check_job("g", 1, 1, "j0 h0 l0 ", "250 ");
	site = "TrustedDeliveryAgent /bin/true\nTrackSources spam\n";
	check_job("g", 1, 1, "s0 j0 h0 l0 ", "250 ");
	site = "TrustedDeliveryAgent /bin/true";
}

/* The reply of a delivered message stands, even when it cannot be sent on to be learned. */
static void
test_full_queues_do_not_deny_a_delivery(void **state)
{
	struct generation *generation = place_generation("TrustedDeliveryAgent /bin/true");
	struct buffer message = BUFFER_INIT(100);
	struct span recipients[2] = {SPAN("a"), SPAN("b")};
	struct job_route route;
	struct outbox outbox;

	(void)state;
	notes = (struct notes){.fate = "gg"};
	route_start(&route, &outbox, 0, 1);
	struct job *job = job_new(generation, SPAN(""), recipients, 2, &message);
	job_deliver(&route, NULL, job);
	assert_ptr_equal(wait_for_job(&outbox), job);
	assert_int_equal(job->replies[0].code, 250);
	assert_int_equal(job->replies[1].code, 451);
	job_free(job);
	route_end(&route);
	outbox_end(&outbox);
	generation_drop(generation);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_learning_comes_after_handing_on),
		cmocka_unit_test(test_what_fails_is_not_learned),
		cmocka_unit_test(test_learning_may_change_the_answer),
		cmocka_unit_test(test_full_queues_defer),
		cmocka_unit_test(test_scanners_come_first),
		cmocka_unit_test(test_full_queues_do_not_deny_a_delivery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
