/* A session over a pair of sockets: batches, backpressure, deadlines, a client that goes away, and stopping. */
#include "../net/certificates.h"
#include "place.h"

#include <sys/socket.h>

#include "daemon/session.h"

#define LINES "ServerMode standard\nTrustedDeliveryAgent /bin/true\nServerTimeout 1\n"

/* A daemon that does nothing but keep the last job. */
struct house {
	struct session_host host;
	struct generation *generation;
	struct job *job;
	int client; /* the other end */
	int sessions;
	char said[4000];
};

static struct generation *
house_generation(void *context)
{
	return ((struct house *)context)->generation;
}

static void
house_submit(void *context, struct job *job)
{
	struct house *house = context;

	assert_null(house->job);
	house->job = job;
}

static void
house_ended(void *context)
{
	((struct house *)context)->sessions--;
}

static void
house_open_with(struct house *house, const char *lines, const char *refusal)
{
	int ends[2], small = 1;

	*house = (struct house){.sessions = 1};
	house->generation = place_generation(lines);
	house->host = (struct session_host){.base = event_base_new(),
					    .generation = house_generation,
					    .submit = house_submit,
					    .ended = house_ended,
					    .context = house};
	assert_non_null(house->host.base);
	LIST_INIT(&house->host.sessions);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
	house->client = ends[0];
	/* what the client has not read fills it soon */
	assert_int_equal(setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
	session_new(&house->host, ends[1], LISTENER_TCP, refusal);
}

static void
house_open(struct house *house, const char *refusal)
{
	house_open_with(house, LINES, refusal);
}

static void
turn(struct house *house)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(house->host.base, EVLOOP_NONBLOCK);
}

static const char *
hear(struct house *house)
{
	ssize_t count = recv(house->client, house->said, sizeof house->said - 1, MSG_DONTWAIT);

	house->said[count > 0 ? count : 0] = '\0';
	return house->said;
}

static void
say(struct house *house, const char *text)
{
	assert_int_equal(send(house->client, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	turn(house);
}

static void
finish(struct house *house, unsigned code)
{
	struct job *job = house->job;

	assert_non_null(job);
	for (job->current = 0; job->current < job->count; job->current++)
		job_answer(job, code, code == 250 ? "2.6.0" : "4.3.0", "done");
	house->job = NULL;
	session_finish(job);
	turn(house);
}

/* The client closes; then the session must be gone. */
static void
house_close(struct house *house)
{
	close(house->client);
	turn(house);
	assert_int_equal(house->sessions, 0);
	assert_true(LIST_EMPTY(&house->host.sessions));
	event_base_free(house->host.base);
	generation_drop(house->generation);
}

static void
greet(struct house *house)
{
	house_open(house, NULL);
	assert_memory_equal(hear(house), "220 ", 4);
	say(house, "LHLO x\r\n");
	assert_non_null(strstr(hear(house), "250 SIZE"));
}

static void
begin(struct house *house)
{
	say(house, "MAIL FROM:<a@b>\r\nRCPT TO:<u>\r\nRCPT TO:<v>\r\nDATA\r\n");
	assert_string_equal(hear(house), "250 2.1.0 OK\r\n250 2.1.5 OK\r\n250 2.1.5 OK\r\n"
					 "354 Enter mail, end with \".\" on a line by itself\r\n");
}

static void
test_replies_come_in_one_batch(void **state)
{
	struct house house;

	(void)state;
	greet(&house);
	begin(&house);
	say(&house, "Subject: x\r\n\r\nbody\r\n.\r\n");
	assert_string_equal(hear(&house), ""); /* nothing before all is done */
	assert_int_equal(house.job->count, 2);
	assert_true(span_equal(buffer_span(&house.job->message), SPAN("Subject: x\n\nbody\n")));
	assert_true(span_equal(house.job->sender, SPAN("a@b")));
	finish(&house, 250);
	assert_string_equal(hear(&house), "250 2.6.0 <u> done\r\n250 2.6.0 <v> done\r\n");
	house_close(&house);
}

/* While a message is worked on, what else comes stays in the socket. */
static void
test_nothing_is_read_while_a_message_is_worked_on(void **state)
{
	char block[4096];
	struct house house;
	size_t sent = 0;

	(void)state;
	memset(block, '\n', sizeof block);
	greet(&house);
	begin(&house);
	say(&house, "body\r\n.\r\n");
	for (int i = 0; i < 10000; i++) {
		ssize_t count = send(house.client, block, sizeof block, MSG_NOSIGNAL);
		if (count < 0)
			break;
		sent += (size_t)count;
		turn(&house);
	}
	assert_true(sent < (size_t)10000 * sizeof block); /* the socket is full, we are not */
	finish(&house, 250);
	assert_memory_equal(hear(&house), "250 2.6.0 <u> done\r\n250 2.6.0 <v> done\r\n", 40);
	house_close(&house);
}

static void
test_a_client_that_goes_away(void **state)
{
	struct house house;

	(void)state;
	greet(&house);
	begin(&house);
	say(&house, "body\r\n.\r\n");
	close(house.client);
	turn(&house);
	assert_int_equal(house.sessions, 1); /* its message is still worked on */
	finish(&house, 250);
	house.client = -1;
	house_close(&house);
}

/* Wait, as the daemon does, until a deadline has passed. */
static void
wait_for_deadline(struct house *house)
{
	struct timeval time = {.tv_sec = 1, .tv_usec = 200000};

	event_base_loopexit(house->host.base, &time);
	event_base_dispatch(house->host.base);
	turn(house);
}

static void
test_silence_ends_it(void **state)
{
	struct house house;

	(void)state;
	greet(&house);
	begin(&house);
	wait_for_deadline(&house);
	assert_memory_equal(hear(&house), "421 4.4.2", 9);
	assert_null(house.job);
	house_close(&house);
}

static void
test_bytes_without_progress_end_it(void **state)
{
	struct house house;

	(void)state;
	greet(&house);
	for (int i = 0; i < 20 && *hear(&house) == '\0'; i++) {
		struct timeval time = {.tv_usec = 200000};

		say(&house, "N");
		event_base_loopexit(house.host.base, &time);
		event_base_dispatch(house.host.base);
	}
	assert_memory_equal(house.said, "421 4.4.2", 9);
	house_close(&house);
}

static void
test_stopping(void **state)
{
	struct house house;

	(void)state;
	greet(&house);
	session_each(&house.host.sessions, session_stop);
	assert_memory_equal(hear(&house), "421 4.3.2", 9);
	house_close(&house);

	greet(&house);
	begin(&house);
	session_each(&house.host.sessions, session_stop);
	assert_string_equal(hear(&house), ""); /* the message may be completed */
	say(&house, "body\r\n.\r\nMAIL FROM:<>\r\n");
	session_each(&house.host.sessions, session_stop);
	finish(&house, 451);
	assert_memory_equal(hear(&house), "451 4.3.0 <u> done\r\n451 4.3.0 <v> done\r\n421 4.3.2", 49);
	house_close(&house);
}

static void
test_sent_away(void **state)
{
	struct house house;

	(void)state;
	house_open(&house, "Too many");
	assert_string_equal(hear(&house), "421 4.3.2 Too many\r\n");
	house_close(&house);
}

/* The daemon stops while the client has not read yet that it may begin TLS: nothing comes behind that. */
static void
test_nothing_is_said_behind_starttls(void **state)
{
	struct certificates files;
	struct house house;
	struct buffer said = BUFFER_INIT((size_t)1 << 20);
	char lines[300];

	(void)state;
	certificates_make(&files);
	snprintf(lines, sizeof lines,
		 LINES "ServerTLS starttls\nServerTLSCertificate %s/server.pem\nServerTLSKey %s/server.key\n",
		 files.directory, files.directory);
	house_open_with(&house, lines, NULL);
	certificates_remove(&files);
	hear(&house);
	for (int i = 0; i < 200; i++)
		buffer_append_string(&said, "LHLO x\r\n");
	buffer_append_string(&said, "STARTTLS\r\n");
	say(&house, buffer_string(&said));
	session_each(&house.host.sessions, session_stop);
	buffer_clear(&said);
	for (; *hear(&house) != '\0'; turn(&house))
		buffer_append_string(&said, house.said);
	assert_true(said.size > (size_t)16 * 1024);
	assert_string_equal(buffer_string(&said) + said.size - 30, "220 2.0.0 Ready to start TLS\r\n");
	buffer_free(&said);
	house_close(&house);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies_come_in_one_batch),
		cmocka_unit_test(test_nothing_is_read_while_a_message_is_worked_on),
		cmocka_unit_test(test_a_client_that_goes_away),
		cmocka_unit_test(test_silence_ends_it),
		cmocka_unit_test(test_bytes_without_progress_end_it),
		cmocka_unit_test(test_stopping),
		cmocka_unit_test(test_sent_away),
		cmocka_unit_test(test_nothing_is_said_behind_starttls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
