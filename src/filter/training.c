#include "filter/training.h"

static const struct {
	struct span name;
	enum training_mode mode;
} modes[] = {
	{{"teft", 4}, TRAINING_TEFT},       {{"toe", 3}, TRAINING_TOE},         {{"tum", 3}, TRAINING_TUM},
	{{"notrain", 7}, TRAINING_NOTRAIN}, {{"unlearn", 7}, TRAINING_UNLEARN},
};

static const struct {
	struct span name;
	enum training_source source;
} sources[] = {
	{{"error", 5}, SOURCE_ERROR},
	{{"corpus", 6}, SOURCE_CORPUS},
	{{"inoculation", 11}, SOURCE_INOCULATION},
};

bool
training_mode_named(struct span name, enum training_mode *mode)
{
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (span_equal_nocase(modes[i].name, name)) {
			*mode = modes[i].mode;
			return true;
		}
	return false;
}

bool
training_source_named(struct span name, enum training_source *source)
{
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		if (span_equal(sources[i].name, name)) {
			*source = sources[i].source;
			return true;
		}
	return false;
}
