#include "tool/calibration.h"

#include <math.h>

static unsigned
bin_of(double probability)
{
	if (!(probability > 0.0))
		return 0;
	return probability >= 1.0 ? CALIBRATION_BINS - 1 : (unsigned)(probability * CALIBRATION_BINS);
}

struct calibration
calibration_of(const struct figures_list *list)
{
	struct calibration calibration = {.error = 0.0};
	size_t all = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct figures_message *message = &list->messages[i];
		if (isnan(message->probability))
			continue;
		struct calibration_bin *bin = &calibration.bins[bin_of(message->probability)];
		bin->count++;
		bin->spam += message->is_spam;
		bin->mean += message->probability; /* the sum so far */
		all++;
	}
	for (unsigned i = 0; i < CALIBRATION_BINS; i++) {
		struct calibration_bin *bin = &calibration.bins[i];
		calibration.error += fabs(bin->mean - (double)bin->spam);
		bin->mean /= (double)bin->count; /* 0 of 0: NAN */
	}
	calibration.error /= (double)all;
	return calibration;
}
