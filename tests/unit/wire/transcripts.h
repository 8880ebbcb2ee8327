/* The recorded dialogues of DSPAM 3.10 (tests/data/protocol/transcripts.txt): what each side says. */
#ifndef DSPAM_TESTS_WIRE_TRANSCRIPTS_H
#define DSPAM_TESTS_WIRE_TRANSCRIPTS_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buffer.h"

#define TRANSCRIPTS_MOST 40

struct transcripts {
	size_t count;
	char titles[TRANSCRIPTS_MOST][120];
	struct buffer client[TRANSCRIPTS_MOST], server[TRANSCRIPTS_MOST]; /* as on the wire */
};

static inline void
transcripts_client(struct buffer *out, struct span line)
{
	static const char message[] = "Subject: x\r\n\r\n..a\r\n...\r\nlast\r\n";

	if (span_starts(line, SPAN("(empty line)")))
		buffer_append_string(out, "\r\n");
	else if (span_starts(line, SPAN("(")))
		buffer_append_string(out, message);
	else if (span_starts(line, SPAN(". (")))
		buffer_append_string(out, ".\r\n");
	else
		buffer_printf(out, "%.*s\r\n", (int)line.size, line.data);
}

/* \r at the end of a line stands for CR. */
static inline void
transcripts_server(struct buffer *out, struct span line)
{
	bool cr = line.size >= 2 && line.data[line.size - 2] == '\\' && line.data[line.size - 1] == 'r';

	if (!span_starts(line, SPAN("<connection closed>")))
		buffer_printf(out, "%.*s%s\n", (int)(cr ? line.size - 2 : line.size), line.data, cr ? "\r" : "");
}

static inline void
transcripts_load(struct transcripts *transcripts, const char *path)
{
	FILE *file = fopen(path, "re");
	char text[2000];

	*transcripts = (struct transcripts){.count = 0};
	assert_non_null(file);
	while (fgets(text, sizeof text, file) != NULL) {
		struct span line = span_from(text);
		size_t at = transcripts->count - 1;
		if (line.size > 0 && line.data[line.size - 1] == '\n')
			line.size--;
		if (span_starts(line, SPAN("## "))) {
			at = transcripts->count++;
			assert_true(at < TRANSCRIPTS_MOST);
			snprintf(transcripts->titles[at], sizeof transcripts->titles[at], "%s", text + 3);
			transcripts->client[at] = transcripts->server[at] = BUFFER_INIT(100000);
		} else if (span_starts(line, SPAN("C: "))) {
			transcripts_client(&transcripts->client[at], span_skip(line, 3));
		} else if (span_starts(line, SPAN("S: "))) {
			transcripts_server(&transcripts->server[at], span_skip(line, 3));
		}
	}
	fclose(file);
	assert_int_equal(transcripts->count, 22);
}

static inline void
transcripts_free(struct transcripts *transcripts)
{
	for (size_t i = 0; i < transcripts->count; i++) {
		buffer_free(&transcripts->client[i]);
		buffer_free(&transcripts->server[i]);
	}
}

#endif
