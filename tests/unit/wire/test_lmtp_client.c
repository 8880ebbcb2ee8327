/* What the LMTP client says: on a connection that is used again, about addresses, and of large messages. */
#include "lmtp_client_peer.h"

static void
answer(struct lmtp_client *client, struct buffer *said, const char *text)
{
	take_output(client, said, SIZE_MAX);
	give_answer(client, text, 1000);
}

/* On a new connection, to a recipient who is taken; the peer says so of itself. */
static void
come_to_data(struct lmtp_client *client, const struct lmtp_client_envelope *envelope, const char *itself,
	     struct buffer *said)
{
	lmtp_client_begin(client, envelope, pieces, 3);
	answer(client, said, "220 x\r\n");
	answer(client, said, itself);
	answer(client, said, "250 s\r\n");
	answer(client, said, "250 a\r\n");
	answer(client, said, "354 go\r\n");
}

/* After a success the next MAIL follows at once; after a refusal RSET goes before it. */
static void
test_reuse(void **state)
{
	struct lmtp_client *client = lmtp_client_new(LMTP, "me");
	struct lmtp_client_envelope envelope = {.recipients = recipients, .count = 1};
	struct buffer said = BUFFER_INIT(1 << 16);

	(void)state;
	come_to_data(client, &envelope, "250 SIZE\r\n", &said);
	answer(client, &said, "250 done\r\n");
	assert_true(lmtp_client_reusable(client));
	buffer_clear(&said);
	lmtp_client_begin(client, &envelope, pieces, 3);
	answer(client, &said, "250 s\r\n");
	answer(client, &said, "550 a\r\n");
	assert_string_equal(buffer_string(&said), "MAIL FROM:<> SIZE=14\r\nRCPT TO:<a>\r\n");
	assert_int_equal(lmtp_client_result(client, 0)->outcome, P);
	assert_true(lmtp_client_reusable(client));
	buffer_clear(&said);
	lmtp_client_begin(client, &envelope, pieces, 3);
	answer(client, &said, "250 reset\r\n");
	answer(client, &said, "450 s\r\n");
	assert_string_equal(buffer_string(&said), "RSET\r\nMAIL FROM:<> SIZE=14\r\n");
	assert_int_equal(lmtp_client_result(client, 0)->outcome, T);
	assert_false(lmtp_client_untouched(client));
	buffer_clear(&said);
	lmtp_client_quit(client);
	take_output(client, &said, SIZE_MAX);
	assert_string_equal(buffer_string(&said), "QUIT\r\n");
	buffer_free(&said);
	lmtp_client_free(client);
}

/* An idle connection that turns out to be dead has taken nothing. */
static void
test_untouched(void **state)
{
	static const char *const last[] = {NULL, "421 idle too long\r\n", "250 s\r\n"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct lmtp_client *client = lmtp_client_new(LMTP, "me");
		struct lmtp_client_envelope envelope = {.recipients = recipients, .count = 1};
		struct buffer said = BUFFER_INIT(1 << 16);
		come_to_data(client, &envelope, "250 x\r\n", &said);
		answer(client, &said, "250 done\r\n");
		lmtp_client_begin(client, &envelope, pieces, 3);
		if (last[i] != NULL)
			answer(client, &said, last[i]);
		if (i != 1)
			lmtp_client_lost(client, LOST);
		assert_int_equal(lmtp_client_untouched(client), i != 2);
		assert_int_equal(lmtp_client_result(client, 0)->outcome, T);
		buffer_free(&said);
		lmtp_client_free(client);
	}
}

static const struct {
	const char *sender, *recipient;
	const char *capabilities;
	const char *mail; /* NULL: refused before MAIL */
	const char *enhanced;
} addresses[] = {
	{"s@x", "a@b", "250 SMTPUTF8\r\n", "MAIL FROM:<s@x>\r\n", NULL},
	{"\xC3\xA4@x", "a@b", "250 SMTPUTF8\r\n", "MAIL FROM:<\xC3\xA4@x> SMTPUTF8\r\n", NULL},
	{"s@x", "\xC3\xA4@b", "250 SMTPUTF8\r\n", "MAIL FROM:<s@x> SMTPUTF8\r\n", NULL},
	{"\xC3\xA4@x", "a@b", "250 x\r\n", NULL, "5.6.7"},
	{"s@x", "\xC3\xA4@b", "250 x\r\n", NULL, "5.6.7"},
	{"s@x", "", "250 x\r\n", NULL, "5.1.3"},
	{"s@x", "a@b>\r\nRSET", "250 x\r\n", NULL, "5.1.3"},
	{"s@x> SIZE=1", "a@b", "250 x\r\n", NULL, "5.1.7"},
	{"s\r\nQUIT", "a@b", "250 x\r\n", NULL, "5.1.7"},
};

static void
test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		struct lmtp_client *client = lmtp_client_new(LMTP, "me");
		struct span recipient = span_from(addresses[i].recipient);
		struct lmtp_client_envelope envelope = {
			.sender = span_from(addresses[i].sender), .recipients = &recipient, .count = 1};
		struct buffer said = BUFFER_INIT(1 << 16);
		lmtp_client_begin(client, &envelope, pieces, 3);
		answer(client, &said, "220 x\r\n");
		answer(client, &said, addresses[i].capabilities);
		buffer_clear(&said);
		take_output(client, &said, SIZE_MAX);
		if (addresses[i].mail != NULL) {
			assert_string_equal(buffer_string(&said), addresses[i].mail);
		} else {
			assert_int_equal(said.size, 0);
			assert_int_equal(lmtp_client_need(client), LMTP_CLIENT_DONE);
			assert_int_equal(lmtp_client_result(client, 0)->outcome, P);
			assert_string_equal(lmtp_client_result(client, 0)->enhanced, addresses[i].enhanced);
			assert_true(lmtp_client_reusable(client));
		}
		buffer_free(&said);
		lmtp_client_free(client);
	}
}

/* BODY=8BITMIME only for a message that needs it; a large message is encoded piece by piece. */
static void
test_large_eight_bit_message(void **state)
{
	const size_t size = 1000000;
	char *text = malloc(size);
	struct span piece = {text, size};
	struct lmtp_client *client = lmtp_client_new(LMTP, "me");
	struct lmtp_client_envelope envelope = {.recipients = recipients, .count = 1};
	struct buffer said = BUFFER_INIT(2 * size);

	(void)state;
	memset(text, 'x', size);
	for (size_t i = 0; i < size; i += 71)
		text[i] = '\n';
	text[size / 2] = (char)0xE4;
	text[size - 1] = '\n';
	lmtp_client_begin(client, &envelope, &piece, 1);
	answer(client, &said, "220 x\r\n");
	answer(client, &said, "250-x\r\n250 8bitmime\r\n");
	buffer_clear(&said);
	answer(client, &said, "250 s\r\n");
	assert_string_equal(buffer_string(&said), "MAIL FROM:<> BODY=8BITMIME\r\n");
	answer(client, &said, "250 a\r\n");
	answer(client, &said, "354 go\r\n");
	buffer_clear(&said);
	assert_true(lmtp_client_output(client).size < 300000);
	take_output(client, &said, SIZE_MAX);
	assert_int_equal(said.size, size + (size + 70) / 71 + 1 + 3);
	answer(client, &said, "250 done\r\n");
	assert_int_equal(lmtp_client_result(client, 0)->outcome, A);
	buffer_free(&said);
	lmtp_client_free(client);
	free(text);
}

/* A message of little pieces is written at once, with its end. */
static void
test_little_pieces(void **state)
{
	struct lmtp_client *client = lmtp_client_new(LMTP, "me");
	struct lmtp_client_envelope envelope = {.recipients = recipients, .count = 1};
	struct buffer said = BUFFER_INIT(1 << 16);

	(void)state;
	come_to_data(client, &envelope, "250 x\r\n", &said);
	assert_true(span_equal(lmtp_client_output(client), SPAN("S: t\r\n\r\n..\r\nb\r\n.\r\n")));
	buffer_free(&said);
	lmtp_client_free(client);
}

/* A refusal before the message is complete counts, but the connection cannot go on. */
static void
test_answer_in_the_middle_of_the_message(void **state)
{
	static const struct {
		const char *answer;
		enum lmtp_client_outcome outcome;
	} table[] = {{"552 too large\r\n", P}, {"452 full\r\n", T}, {"250 thanks\r\n", T}, {"421 bye\r\n", T}};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct lmtp_client *client = lmtp_client_new(LMTP, "me");
		struct lmtp_client_envelope envelope = {.recipients = recipients, .count = 1};
		struct buffer said = BUFFER_INIT(1 << 16);
		come_to_data(client, &envelope, "250 x\r\n", &said);
		give_answer(client, table[i].answer, 1000);
		assert_int_equal(lmtp_client_need(client), LMTP_CLIENT_DONE);
		assert_int_equal(lmtp_client_result(client, 0)->outcome, table[i].outcome);
		assert_false(lmtp_client_reusable(client));
		buffer_free(&said);
		lmtp_client_free(client);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reuse),         cmocka_unit_test(test_untouched),
		cmocka_unit_test(test_addresses),     cmocka_unit_test(test_large_eight_bit_message),
		cmocka_unit_test(test_little_pieces), cmocka_unit_test(test_answer_in_the_middle_of_the_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
