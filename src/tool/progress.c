#include "tool/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define INTERVAL 0.2
#define ERASE "\r\033[K"

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void
progress_begin(struct progress *progress, const char *what, size_t total)
{
	*progress = (struct progress){.on = isatty(STDERR_FILENO) == 1, .total = total, .what = what, .started = now()};
	progress->shown = progress->started - INTERVAL; /* the first message shows it at once */
}

void
progress_text(char text[PROGRESS_TEXT_SIZE], const char *what, size_t done, size_t total, double seconds)
{
	double rate = seconds > 0.0 ? (double)done / seconds : 0.0;

	if (rate <= 0.0) {
		snprintf(text, PROGRESS_TEXT_SIZE, "%zu of %zu %s", done, total, what);
		return;
	}
	unsigned long left = (unsigned long)((double)(total - done) / rate + 0.5);
	snprintf(text, PROGRESS_TEXT_SIZE, "%zu of %zu %s, %.*f/s, %lu:%02lu left", done, total, what,
		 rate < 10.0 ? 1 : 0, rate, left / 60, left % 60);
}

void
progress_step(struct progress *progress, size_t done)
{
	char text[PROGRESS_TEXT_SIZE];

	if (!progress->on)
		return;
	double time = now();
	if (time - progress->shown < INTERVAL)
		return;
	progress_text(text, progress->what, done, progress->total, time - progress->started);
	fprintf(stderr, ERASE "%s", text);
	progress->shown = time;
	progress->visible = true;
}

void
progress_clear(struct progress *progress)
{
	if (!progress->visible)
		return;
	fputs(ERASE, stderr);
	progress->visible = false;
}
