/*
 * Asking a program: it is run without shell, without environment and with nothing on its standard input, and the
 * first line of its output is the answer.
 */
#ifndef DSPAM_DELIVER_QUESTION_H
#define DSPAM_DELIVER_QUESTION_H

#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

/*
 * Run arguments[0] with the NULL-ended list and wait for it, at most `timeout` milliseconds (it is killed then, with
 * all that it started). `answer` gets the line, without its end; empty: none. What comes behind the first line is
 * not read. Fails, temporarily, when the program cannot be run or does not end in time or by itself, when it ends
 * with EX_TEMPFAIL or another status that asks for another try, and when the line does not fit.
 */
bool question_ask(char *const *arguments, int64_t timeout, char *answer, size_t size, struct error *error);

#endif
