/* dspam.conf: any bytes are read and checked; what is printed from them is read back as the same. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "config/config.h"
#include "config/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
count_finding(void *context, enum config_severity severity, const char *file, unsigned line, const char *text)
{
	(void)severity;
	(void)line;
	if (file == NULL || *text == '\0')
		abort();
	++*(size_t *)context;
}

static struct config *
read_printed(struct span text, struct buffer *printed)
{
	struct config *config;
	struct error error;
	size_t findings = 0;

	if (!config_parse(text, "fuzz.conf", count_finding, &findings, &config, &error))
		return NULL;
	if (!config_print(config, true, printed))
		abort();
	return config;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer first = BUFFER_INIT(64 << 20);
	struct buffer second = BUFFER_INIT(64 << 20);
	struct config *config = read_printed(span_of((const char *)data, size), &first);

	if (config != NULL) {
		struct config *again = read_printed(buffer_span(&first), &second);

		if (again == NULL || !span_equal(buffer_span(&first), buffer_span(&second)))
			abort();
		config_free(again);
	}
	config_free(config);
	buffer_free(&first);
	buffer_free(&second);
	return 0;
}
