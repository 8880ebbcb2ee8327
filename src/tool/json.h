/*
 * Output for programs that read it (--json): one value of JSON (RFC 8259), written while it is made.
 *
 * Members of an object have a key; elements of an array and the outermost value have NULL. Bytes that are no UTF-8
 * become U+FFFD. Bounds nothing and keeps nothing; errors of writing are seen at the end (program_end).
 */
#ifndef DSPAM_TOOL_JSON_H
#define DSPAM_TOOL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/span.h"

struct json {
	FILE *out;
	bool follows; /* a value stands before this one, in the same object or array */
};

void json_begin(struct json *json, FILE *out);
/* The line's end, when all is written. */
void json_end(struct json *json);

void json_put_object(struct json *json, const char *key);
void json_put_object_end(struct json *json);
void json_put_array(struct json *json, const char *key);
void json_put_array_end(struct json *json);

void json_put_text(struct json *json, const char *key, struct span text);
void json_put_integer(struct json *json, const char *key, int64_t number);
/* With `digits` behind the point; null for what is no finite number. */
void json_put_real(struct json *json, const char *key, double number, int digits);
void json_put_boolean(struct json *json, const char *key, bool value);
/* What is JSON already, such as the output of another program; empty: null. */
void json_put_raw(struct json *json, const char *key, struct span value);

#endif
