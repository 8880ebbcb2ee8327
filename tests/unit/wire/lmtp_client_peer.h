/* What the tests of the LMTP client share: a message, and a peer that reads and answers. */
#ifndef DSPAM_TESTS_WIRE_LMTP_CLIENT_PEER_H
#define DSPAM_TESTS_WIRE_LMTP_CLIENT_PEER_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "wire/lmtp_client.h"

#define A LMTP_CLIENT_ACCEPTED
#define T LMTP_CLIENT_TEMPORARY
#define P LMTP_CLIENT_PERMANENT
#define U LMTP_CLIENT_UNKNOWN
#define LMTP LMTP_CLIENT_LMTP
#define SMTP LMTP_CLIENT_SMTP
#define LOST "the connection was lost"

static const struct span recipients[] = {{"a", 1}, {"b", 1}, {"c", 1}};
static const struct span pieces[] = {{"S: t\n\n.", 7}, {NULL, 0}, {"\nb", 2}};

/* Take what the client writes, `step` bytes at a time. */
static inline void
take_output(struct lmtp_client *client, struct buffer *said, size_t step)
{
	while (lmtp_client_need(client) == LMTP_CLIENT_WRITE) {
		struct span output = span_head(lmtp_client_output(client), step);
		assert_true(output.size > 0);
		buffer_append_span(said, output);
		lmtp_client_written(client, output.size);
	}
}

/* Give an answer in two pieces, or byte by byte when `split` is 0. */
static inline void
give_answer(struct lmtp_client *client, const char *answer, size_t split)
{
	struct span rest = span_from(answer);

	for (size_t take = split == 0 ? 1 : split; rest.size > 0; take = split == 0 ? 1 : rest.size) {
		lmtp_client_push(client, span_head(rest, take));
		rest = span_skip(rest, take);
	}
}

#endif
