/*
 * Line charts as SVG within a page: axes, lines, dots. A line has one of CHART_COLOURS classes "c0", "c1", ... that the
 * page's style gives a colour; with more lines they repeat, dashed. Coordinates are in the units of the axes; what
 * lies beyond an axis is drawn at its end. For one thread.
 */
#ifndef DSPAM_TOOL_CHART_H
#define DSPAM_TOOL_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CHART_COLOURS = 8 };

struct chart_axis {
	const char *title;
	double low, high; /* low lies left, or below; it may be the larger one */
	bool logit;       /* percent, stretched towards 0 and 100 */
	const double *ticks;
	size_t tick_count;
};

struct chart {
	FILE *out;
	struct chart_axis x, y;
	bool drawing; /* a line was begun */
	double last_x, last_y;
};

/* `name` is read to those who do not see it. */
void chart_begin(struct chart *chart, FILE *out, const char *name);
void chart_end(struct chart *chart);

/* Points that fall upon each other are drawn once. `steps`: from point to point first across, then up or down. */
void chart_line_begin(struct chart *chart, size_t line);
void chart_line_to(struct chart *chart, double x, double y, bool steps);
void chart_line_end(struct chart *chart);

void chart_dot(struct chart *chart, size_t line, double x, double y, double radius, const char *title);

/* The line of what would be right: between two points. */
void chart_guide(struct chart *chart, double x1, double y1, double x2, double y2);

#endif
