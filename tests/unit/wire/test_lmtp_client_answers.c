/* The LMTP client and every answer at every step: what it makes of them for each recipient. */
#include "lmtp_client_peer.h"

/*
 * A peer is a row of answers; each is given when everything before it has been read
 * ("" gives nothing, so that several answers fit one round). NULL: the connection is lost.
 */
#define ROUNDS 10

struct scene {
	const char *name;
	enum lmtp_client_protocol protocol;
	const char *answers[ROUNDS];
	const char *said;                     /* what the client wrote; NULL: not looked at */
	enum lmtp_client_outcome outcomes[3]; /* of the recipients a, b, c */
	const char *text;                     /* of the first */
	bool reusable;
};

#define HELLO "250-mx\r\n250-SIZE\r\n250 8BITMIME\r\n"
#define PIPED "250-mx\r\n250 PIPELINING\r\n"
#define GARBAGE "The next hop sent an answer that is none"
#define UNFIT "The next hop sent an answer that does not fit"

static const struct scene scenes[] = {
	{"all well",
	 LMTP,
	 {"220 x\r\n", HELLO, "250 s\r\n", "250 a\r\n", "250 b\r\n", "250 c\r\n", "354 go\r\n",
	  "250 2.0.0 A\r\n250 2.0.0 B\r\n250 2.0.0 C\r\n"},
	 "LHLO me\r\nMAIL FROM:<s@x> SIZE=14\r\nRCPT TO:<a>\r\nRCPT TO:<b>\r\nRCPT TO:<c>\r\nDATA\r\nS: "
	 "t\r\n\r\n..\r\nb\r\n.\r\n",
	 {A, A, A},
	 "250 2.0.0 A",
	 true},
	{"pipelined",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n250 b\r\n250 c\r\n", "354 go\r\n",
	  "250 2.0.0 A\r\n250 2.0.0 B\r\n250 2.0.0 C\r\n"},
	 "LHLO me\r\nMAIL FROM:<s@x>\r\nRCPT TO:<a>\r\nRCPT TO:<b>\r\nRCPT TO:<c>\r\nDATA\r\nS: "
	 "t\r\n\r\n..\r\nb\r\n.\r\n",
	 {A, A, A},
	 "250 2.0.0 A",
	 true},
	{"one answer for all",
	 SMTP,
	 {"220 x\r\n", HELLO, "250 s\r\n", "250 a\r\n", "250 b\r\n", "250 c\r\n", "354 go\r\n", "250 ok\r\n"},
	 NULL,
	 {A, A, A},
	 "250 ok",
	 true},
	{"one refusal for all",
	 SMTP,
	 {"220 x\r\n", HELLO, "250 s\r\n", "250 a\r\n", "250 b\r\n", "250 c\r\n", "354 go\r\n", "554 no\r\n"},
	 NULL,
	 {P, P, P},
	 "554 no",
	 true},
	{"mixed at RCPT",
	 SMTP,
	 {"220 x\r\n", HELLO, "250 s\r\n", "450 a\r\n", "251 b\r\n", "550 c\r\n", "354 go\r\n", "250 ok\r\n"},
	 NULL,
	 {T, A, P},
	 "450 a",
	 true},
	{"mixed at the end",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n550 5.1.1 no b\r\n250 c\r\n", "354 go\r\n",
	  "452 4.2.2 A\r\n250 C\r\n"},
	 NULL,
	 {T, P, A},
	 "452 4.2.2 A",
	 true},
	{"HELO after EHLO",
	 SMTP,
	 {"220 x\r\n", "502 what\r\n", "250 mx\r\n", "250 s\r\n", "250 a\r\n", "250 b\r\n", "250 c\r\n", "354 go\r\n",
	  "250 ok\r\n"},
	 "EHLO me\r\nHELO me\r\nMAIL FROM:<s@x>\r\nRCPT TO:<a>\r\nRCPT TO:<b>\r\nRCPT TO:<c>\r\nDATA\r\nS: "
	 "t\r\n\r\n..\r\nb\r\n.\r\n",
	 {A, A, A},
	 "250 ok",
	 true},
	/* greeting */
	{"greeting lost", LMTP, {NULL}, "", {T, T, T}, LOST, false},
	{"greeting 4xx", LMTP, {"421 busy\r\n"}, "", {T, T, T}, "421 busy", false},
	{"greeting 5xx", LMTP, {"554 no service\r\n"}, "", {T, T, T}, "554 no service", false},
	{"greeting garbage", LMTP, {"* OK IMAP ready\r\n"}, "", {T, T, T}, GARBAGE, false},
	{"greeting 250", LMTP, {"250 hm\r\n"}, "", {T, T, T}, "250 hm", false},
	/* LHLO, EHLO, HELO */
	{"LHLO lost", LMTP, {"220 x\r\n", NULL}, "LHLO me\r\n", {T, T, T}, LOST, false},
	{"LHLO 4xx", LMTP, {"220 x\r\n", "450 x\r\n"}, "LHLO me\r\n", {T, T, T}, "450 x", false},
	{"LHLO 5xx", LMTP, {"220 x\r\n", "500 x\r\n"}, "LHLO me\r\n", {T, T, T}, "500 x", false},
	{"LHLO garbage", LMTP, {"220 x\r\n", "25\r\n"}, "LHLO me\r\n", {T, T, T}, GARBAGE, false},
	{"EHLO and HELO 5xx",
	 SMTP,
	 {"220 x\r\n", "500 x\r\n", "500 y\r\n"},
	 "EHLO me\r\nHELO me\r\n",
	 {T, T, T},
	 "500 y",
	 false},
	{"EHLO 4xx", SMTP, {"220 x\r\n", "421 x\r\n"}, "EHLO me\r\n", {T, T, T}, "421 x", false},
	/* MAIL */
	{"MAIL lost", LMTP, {"220 x\r\n", HELLO, NULL}, NULL, {T, T, T}, LOST, false},
	{"MAIL 4xx", LMTP, {"220 x\r\n", HELLO, "451 4.1.0 x\r\n"}, NULL, {T, T, T}, "451 4.1.0 x", true},
	{"MAIL 5xx", LMTP, {"220 x\r\n", HELLO, "552 x\r\n"}, NULL, {P, P, P}, "552 x", true},
	{"MAIL 421", LMTP, {"220 x\r\n", HELLO, "421 x\r\n"}, NULL, {T, T, T}, "421 x", false},
	{"MAIL 354", LMTP, {"220 x\r\n", HELLO, "354 x\r\n"}, NULL, {T, T, T}, UNFIT, false},
	{"MAIL garbage", LMTP, {"220 x\r\n", HELLO, "\x01\x02\n"}, NULL, {T, T, T}, GARBAGE, false},
	{"MAIL 5xx, pipelined",
	 LMTP,
	 {"220 x\r\n", PIPED, "552 x\r\n503 a\r\n503 b\r\n503 c\r\n"},
	 NULL,
	 {P, P, P},
	 "552 x",
	 true},
	{"MAIL 4xx, pipelined, then lost",
	 LMTP,
	 {"220 x\r\n", PIPED, "452 x\r\n503 a\r\n", NULL},
	 NULL,
	 {T, T, T},
	 "452 x",
	 false},
	/* RCPT */
	{"RCPT lost", LMTP, {"220 x\r\n", HELLO, "250 s\r\n", "250 a\r\n", NULL}, NULL, {T, T, T}, LOST, false},
	{"RCPT all refused",
	 LMTP,
	 {"220 x\r\n", HELLO, "250 s\r\n", "550 a\r\n", "550 b\r\n", "450 c\r\n"},
	 NULL,
	 {P, P, T},
	 "550 a",
	 true},
	{"RCPT 421",
	 LMTP,
	 {"220 x\r\n", HELLO, "250 s\r\n", "550 a\r\n", "421 b\r\n"},
	 NULL,
	 {P, T, T},
	 "550 a",
	 false},
	{"RCPT garbage", LMTP, {"220 x\r\n", HELLO, "250 s\r\n", "garbage\r\n"}, NULL, {T, T, T}, GARBAGE, false},
	{"RCPT 354", LMTP, {"220 x\r\n", HELLO, "250 s\r\n", "354 a\r\n"}, NULL, {T, T, T}, UNFIT, false},
	/* DATA */
	{"DATA lost",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n550 b\r\n250 c\r\n", NULL},
	 NULL,
	 {T, P, T},
	 LOST,
	 false},
	{"DATA 4xx",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n550 b\r\n250 c\r\n", "451 x\r\n"},
	 NULL,
	 {T, P, T},
	 "451 x",
	 true},
	{"DATA 5xx",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n450 b\r\n250 c\r\n", "554 x\r\n"},
	 NULL,
	 {P, T, P},
	 "554 x",
	 true},
	{"DATA 421",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n450 b\r\n250 c\r\n", "421 x\r\n"},
	 NULL,
	 {T, T, T},
	 "421 x",
	 false},
	{"DATA 250",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n250 b\r\n250 c\r\n", "250 x\r\n"},
	 NULL,
	 {T, T, T},
	 "250 x",
	 false},
	{"DATA garbage",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n250 b\r\n250 c\r\n", "go\r\n"},
	 NULL,
	 {T, T, T},
	 GARBAGE,
	 false},
	/* after the dot */
	{"end lost",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n250 b\r\n250 c\r\n", "354 x\r\n", NULL},
	 NULL,
	 {U, U, U},
	 LOST,
	 false},
	{"end lost halfway",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n250 b\r\n250 c\r\n", "354 x\r\n", "250 A\r\n", NULL},
	 NULL,
	 {A, U, U},
	 "250 A",
	 false},
	{"end garbage",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n250 b\r\n250 c\r\n", "354 x\r\n", "250 A\r\nhm\r\n"},
	 NULL,
	 {A, U, U},
	 "250 A",
	 false},
	{"end 421",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n250 b\r\n250 c\r\n", "354 x\r\n", "250 A\r\n421 x\r\n"},
	 NULL,
	 {A, T, T},
	 "250 A",
	 false},
	{"end 354",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n250 b\r\n250 c\r\n", "354 x\r\n", "354 x\r\n"},
	 NULL,
	 {U, U, U},
	 UNFIT,
	 false},
	{"words too many",
	 LMTP,
	 {"220 x\r\n", PIPED, "250 s\r\n250 a\r\n250 b\r\n250 c\r\n", "354 x\r\n",
	  "250 A\r\n250 B\r\n250 C\r\n250 D\r\n"},
	 NULL,
	 {A, A, A},
	 "250 A",
	 false},
};

static void
play(const struct scene *scene, size_t split)
{
	struct lmtp_client *client = lmtp_client_new(scene->protocol, "me");
	struct lmtp_client_envelope envelope = {.sender = SPAN("s@x"), .recipients = recipients, .count = 3};
	struct buffer said = BUFFER_INIT(1 << 16);

	lmtp_client_begin(client, &envelope, pieces, 3);
	for (size_t round = 0; lmtp_client_need(client) != LMTP_CLIENT_DONE; round++) {
		take_output(client, &said, split == 0 ? 1 : SIZE_MAX);
		assert_int_equal(lmtp_client_need(client), LMTP_CLIENT_READ);
		assert_true(round < ROUNDS);
		if (scene->answers[round] == NULL)
			lmtp_client_lost(client, LOST);
		else
			give_answer(client, scene->answers[round], split);
	}
	for (size_t i = 0; i < 3; i++)
		if (lmtp_client_result(client, i)->outcome != scene->outcomes[i])
			fail_msg("%s: recipient %zu: %d", scene->name, i, (int)lmtp_client_result(client, i)->outcome);
	assert_string_equal(lmtp_client_result(client, 0)->text, scene->text);
	if (lmtp_client_reusable(client) != scene->reusable)
		fail_msg("%s: reusable", scene->name);
	if (scene->said != NULL)
		assert_string_equal(said.size > 0 ? buffer_string(&said) : "", scene->said);
	buffer_free(&said);
	lmtp_client_free(client);
}

static size_t
longest_answer(const struct scene *scene)
{
	size_t longest = 0;

	for (size_t i = 0; i < ROUNDS && scene->answers[i] != NULL; i++)
		if (strlen(scene->answers[i]) > longest)
			longest = strlen(scene->answers[i]);
	return longest;
}

static void
test_scenes_at_every_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++)
		for (size_t split = 0; split <= longest_answer(&scenes[i]); split++)
			play(&scenes[i], split);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes_at_every_split),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
