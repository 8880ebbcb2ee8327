/* Reading of a configuration: parse.c knows the grammar, reader.c the files. Private to src/config. */
#ifndef DSPAM_CONFIG_READER_H
#define DSPAM_CONFIG_READER_H

#include "config/value.h"

/* What is being read, over all files. */
struct reader {
	struct config *config;
	struct error *error;
	unsigned sequence;
	unsigned files;
	size_t total;
	unsigned depth;
	bool follow; /* Include */
};

/* parse.c: all lines of one file; `name` must live as long as the configuration. */
bool reader_text(struct reader *reader, const char *name, struct span text);

/* reader.c: the value of an Include that stands at `place`. */
bool reader_include(struct reader *reader, struct config_place place, struct span value);

#endif
