/*
 * Another of our programs that is called: its command line, its end, what it says.
 *
 * Lives at the rim, as program.h does: aborts where there is no memory. A callee is filled by callee_begin and
 * callee_add, and may be used again. Words live in its arena. For the main thread only.
 */
#ifndef DSPAM_TOOL_CALLEE_H
#define DSPAM_TOOL_CALLEE_H

#include "base/arena.h"
#include "tool/json.h"

enum { CALLEE_WORDS_MAX = 24 };

struct callee {
	struct arena *arena;
	const char *words[CALLEE_WORDS_MAX + 1]; /* NULL behind the last one */
	size_t count;
};

/* The program of that name beside this one, else the one in PATH. */
void callee_begin(struct callee *callee, const char *name);
void callee_add(struct callee *callee, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Call it and wait; its exit status, 127 when it is not installed. */
int callee_run(const struct callee *callee);

/* The same, and put an object with command, status and result: the JSON that it has written, or null. */
int callee_run_json(const struct callee *callee, struct json *json);

#endif
