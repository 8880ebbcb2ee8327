/* The logarithm of a long product of factors between 1e-100 and 1, with few calls of log(). */
#ifndef DSPAM_CLASSIFY_LOG_PRODUCT_H
#define DSPAM_CLASSIFY_LOG_PRODUCT_H

#include <math.h>

struct log_product {
	double product; /* of the factors that are not in the sum yet */
	double sum;
};

#define LOG_PRODUCT_ONE ((struct log_product){.product = 1})

static inline void
log_product_multiply(struct log_product *log_product, double factor)
{
	log_product->product *= factor;
	if (log_product->product < 1e-200) {
		log_product->sum += log(log_product->product);
		log_product->product = 1;
	}
}

static inline double
log_product_value(const struct log_product *log_product)
{
	return log_product->sum + log(log_product->product);
}

#endif
