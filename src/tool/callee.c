#include "tool/callee.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

/* ---- the command line ------------------------------------------------------- */

void
callee_add(struct callee *callee, const char *format, ...)
{
	char text[PATH_MAX + 64];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	const char *word = arena_copy(callee->arena, span_from(text));
	if (word == NULL || callee->count == CALLEE_WORDS_MAX)
		abort();
	callee->words[callee->count++] = word;
	callee->words[callee->count] = NULL;
}

/* The program of that name beside this one, else the one in PATH. */
void
callee_begin(struct callee *callee, const char *name)
{
	char path[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", path, sizeof path);
	char *slash = size > 0 && (size_t)size < sizeof path ? memrchr(path, '/', (size_t)size) : NULL;

	callee->count = 0;
	if (slash != NULL) {
		snprintf(slash + 1, sizeof path - (size_t)(slash + 1 - path), "%s", name);
		if (access(path, X_OK) == 0)
			name = path;
	}
	callee_add(callee, "%s", name);
}

/* ---- calling ---------------------------------------------------------------- */

/* With standard output in `output`, unless that is -1. */
static void
execute(const struct callee *callee, int output)
{
	if (output >= 0 && dup2(output, STDOUT_FILENO) < 0)
		_exit(127);
	/* execvp takes words that may be written to, and does not write to them */
	execvp(callee->words[0], (char *const *)(uintptr_t)callee->words);
	_exit(127);
}

static int
wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return ERROR_OS;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ERROR_SOFTWARE;
}

static int
call(const struct callee *callee, int output)
{
	fflush(stdout);
	pid_t child = fork();
	if (child == 0)
		execute(callee, output);
	return child < 0 ? ERROR_OS : wait_for(child);
}

int
callee_run(const struct callee *callee)
{
	return call(callee, -1);
}

/* ---- what it says ------------------------------------------------------------- */

/* What a program has written, if that is an object of JSON; one that ended early may have written half of it. */
static void
put_result(struct json *json, int output)
{
	struct stat status = {.st_size = 0};
	char *data = MAP_FAILED;
	struct span text = {NULL, 0};

	if (fstat(output, &status) == 0 && status.st_size > 0)
		data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, output, 0);
	if (data != MAP_FAILED)
		text = span_trim(span_of(data, (size_t)status.st_size));
	bool whole = text.size > 1 && text.data[0] == '{' && text.data[text.size - 1] == '}';
	json_put_raw(json, "result", whole ? text : SPAN(""));
	if (data != MAP_FAILED)
		munmap(data, (size_t)status.st_size);
}

int
callee_run_json(const struct callee *callee, struct json *json)
{
	int output = memfd_create("result", MFD_CLOEXEC);
	int status = output < 0 ? ERROR_OS : call(callee, output);

	json_put_object(json, NULL);
	json_put_array(json, "command");
	for (size_t i = 0; i < callee->count; i++)
		json_put_text(json, NULL, span_from(callee->words[i]));
	json_put_array_end(json);
	json_put_integer(json, "status", status);
	put_result(json, output);
	json_put_object_end(json);
	if (output >= 0)
		close(output);
	return status;
}
