#include "tool/chart.h"

#include <math.h>

#include "tool/html.h"

/* In the units of the picture: its size, and the part of it that has the axes around it. */
enum { WIDTH = 640, HEIGHT = 400, LEFT = 64, RIGHT = 624, TOP = 12, BOTTOM = 348 };

/* ---- places ------------------------------------------------------------------------- */

static double
stretched(const struct chart_axis *axis, double value)
{
	return axis->logit ? log(value / (100.0 - value)) : value;
}

/* 0 at the low end, 1 at the high one. */
static double
share_of(const struct chart_axis *axis, double value)
{
	double least = fmin(axis->low, axis->high), most = fmax(axis->low, axis->high);
	double inside = fmin(fmax(value, least), most);
	double low = stretched(axis, axis->low), high = stretched(axis, axis->high);

	return high == low ? 0.0 : (stretched(axis, inside) - low) / (high - low);
}

static double
place_x(const struct chart *chart, double value)
{
	return LEFT + (RIGHT - LEFT) * share_of(&chart->x, value);
}

static double
place_y(const struct chart *chart, double value)
{
	return BOTTOM - (BOTTOM - TOP) * share_of(&chart->y, value);
}

/* ---- axes ---------------------------------------------------------------------------- */

static void
draw_ticks(const struct chart *chart)
{
	for (size_t i = 0; i < chart->x.tick_count; i++) {
		double x = place_x(chart, chart->x.ticks[i]);
		fprintf(chart->out,
			"<path class=\"grid\" d=\"M%.1f %dV%d\"/><text x=\"%.1f\" y=\"%d\" "
			"text-anchor=\"middle\">%g</text>\n",
			x, TOP, BOTTOM, x, BOTTOM + 17, chart->x.ticks[i]);
	}
	for (size_t i = 0; i < chart->y.tick_count; i++) {
		double y = place_y(chart, chart->y.ticks[i]);
		fprintf(chart->out,
			"<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" "
			"text-anchor=\"end\">%g</text>\n",
			LEFT, y, RIGHT, LEFT - 6, y + 4, chart->y.ticks[i]);
	}
}

void
chart_begin(struct chart *chart, FILE *out, const char *name)
{
	chart->out = out;
	fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, HEIGHT);
	html_put(out, name);
	fputs("\">\n", out);
	draw_ticks(chart);
	fprintf(out, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">", LEFT,
		TOP, BOTTOM, RIGHT, (LEFT + RIGHT) / 2, HEIGHT - 12);
	html_put(out, chart->x.title);
	fprintf(out, "</text>\n<text transform=\"translate(14 %d) rotate(-90)\" text-anchor=\"middle\">",
		(TOP + BOTTOM) / 2);
	html_put(out, chart->y.title);
	fputs("</text>\n", out);
}

void
chart_end(struct chart *chart)
{
	fputs("</svg>\n", chart->out);
}

/* ---- what is drawn --------------------------------------------------------------------- */

void
chart_line_begin(struct chart *chart, size_t line)
{
	fprintf(chart->out, "<path class=\"line c%zu%s\" d=\"", line % CHART_COLOURS,
		line % (2 * CHART_COLOURS) < CHART_COLOURS ? "" : " dashed");
	chart->drawing = false;
}

void
chart_line_to(struct chart *chart, double x, double y, bool steps)
{
	double at_x = round(10.0 * place_x(chart, x)) / 10.0, at_y = round(10.0 * place_y(chart, y)) / 10.0;

	if (!chart->drawing) {
		fprintf(chart->out, "M%.1f %.1f", at_x, at_y);
	} else if (steps) {
		if (at_x != chart->last_x)
			fprintf(chart->out, "H%.1f", at_x);
		if (at_y != chart->last_y)
			fprintf(chart->out, "V%.1f", at_y);
	} else if (at_x != chart->last_x || at_y != chart->last_y) {
		fprintf(chart->out, "L%.1f %.1f", at_x, at_y);
	}
	chart->drawing = true;
	chart->last_x = at_x;
	chart->last_y = at_y;
}

void
chart_line_end(struct chart *chart)
{
	fputs("\"/>\n", chart->out);
}

void
chart_dot(struct chart *chart, size_t line, double x, double y, double radius, const char *title)
{
	fprintf(chart->out, "<circle class=\"dot c%zu\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>",
		line % CHART_COLOURS, place_x(chart, x), place_y(chart, y), radius);
	html_put(chart->out, title);
	fputs("</title></circle>\n", chart->out);
}

void
chart_guide(struct chart *chart, double x1, double y1, double x2, double y2)
{
	fprintf(chart->out, "<path class=\"guide\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", place_x(chart, x1),
		place_y(chart, y1), place_x(chart, x2), place_y(chart, y2));
}
