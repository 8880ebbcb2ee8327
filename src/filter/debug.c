#include "filter/debug.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define LINE_MAX_SIZE 900

/* ---- who and what ------------------------------------------------------------- */

static const struct {
	const char *name;
	enum debug_operation operation;
} operations[] = {
	{"process", DEBUG_PROCESS},   {"classify", DEBUG_CLASSIFY},       {"spam", DEBUG_SPAM},
	{"fp", DEBUG_FALSE_POSITIVE}, {"inoculation", DEBUG_INOCULATION}, {"corpus", DEBUG_CORPUS},
};

#define OPERATIONS (sizeof operations / sizeof operations[0])
#define ALL_OPERATIONS ((1U << OPERATIONS) - 1)

void
debug_rules_init(struct debug_rules *rules, const struct config *config)
{
	*rules = (struct debug_rules){
		.config = config,
		.any = config_count(config, "Debug") > 0,
		.everybody = config_has(config, "Debug", "*"),
		.file = config_get(config, "DebugFile"),
		.text = config_is_on(config, "DebugText"),
	};
	for (size_t i = 0; i < OPERATIONS; i++)
		if (config_has(config, "DebugOpt", operations[i].name))
			rules->operations |= (unsigned)operations[i].operation;
	if (config_count(config, "DebugOpt") == 0)
		rules->operations = ALL_OPERATIONS;
}

void
debug_rules_all(struct debug_rules *rules)
{
	rules->any = rules->everybody = true;
	rules->operations = ALL_OPERATIONS;
}

static enum debug_operation
operation_of(const struct request *request)
{
	static const enum debug_operation sources[] = {
		[SOURCE_CORPUS] = DEBUG_CORPUS,
		[SOURCE_INOCULATION] = DEBUG_INOCULATION,
	};

	if (request->classify)
		return DEBUG_CLASSIFY;
	if (request->source == SOURCE_CORPUS || request->source == SOURCE_INOCULATION)
		return sources[request->source];
	if (request->training_class == CLASS_NONE)
		return DEBUG_PROCESS;
	return request->training_class == CLASS_SPAM ? DEBUG_SPAM : DEBUG_FALSE_POSITIVE;
}

static bool
is_wanted(const struct debug_rules *rules, const char *user)
{
	for (size_t i = 0; !rules->everybody && i < config_count(rules->config, "Debug"); i++)
		if (strcmp(config_at(rules->config, "Debug", i), user) == 0)
			return true;
	return rules->everybody;
}

struct debug
debug_begin(const struct debug_rules *rules, const struct request *request, const char *user)
{
	if (!rules->any || !(rules->operations & (unsigned)operation_of(request)) || !is_wanted(rules, user))
		return (struct debug){.rules = NULL};
	return (struct debug){.rules = rules, .user = user, .began = debug_clock()};
}

/* ---- lines ---------------------------------------------------------------------- */

int64_t
debug_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Words of mail must not forge lines, or play with a terminal. */
static void
clean(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 32 || *text == 127)
			*text = '?';
}

/* One write to a file that is only appended to, so that lines of several threads and processes do not mix. */
static bool
append(const char *path, const char *text)
{
	char line[LINE_MAX_SIZE + 100], time_text[32];
	time_t now = time(NULL);
	struct tm local;

	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
	if (fd < 0)
		return false;
	localtime_r(&now, &local);
	strftime(time_text, sizeof time_text, "%Y-%m-%d %H:%M:%S", &local);
	int size = snprintf(line, sizeof line, "%s [%d] %s\n", time_text, (int)getpid(), text);
	bool written = write(fd, line, (size_t)size) == size;
	close(fd);
	return written;
}

void
debug_line(const struct debug *debug, const char *format, ...)
{
	char text[LINE_MAX_SIZE];
	va_list arguments;

	if (!debug_is_on(debug))
		return;
	int size = snprintf(text, sizeof text, "%.128s +%.3f ms: ", debug->user,
			    (double)(debug_clock() - debug->began) / 1000);
	va_start(arguments, format);
	vsnprintf(text + size, sizeof text - (size_t)size, format, arguments);
	va_end(arguments);
	clean(text);
	if (debug->rules->file == NULL) {
		log_always(LOG_LEVEL_DEBUG, "%s", text);
	} else if (!append(debug->rules->file, text)) {
		log_warning("DebugFile %s cannot be written: %m; what follows goes to the log", debug->rules->file);
		log_always(LOG_LEVEL_DEBUG, "%s", text);
	}
}
