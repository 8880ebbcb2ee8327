/*
 * What --check-config says. Private to src/config.
 *
 * An error is a line that cannot work as it stands; a warning one that works otherwise
 * than it looks, or differs from what the original did.
 */
#ifndef DSPAM_CONFIG_CHECK_H
#define DSPAM_CONFIG_CHECK_H

#include "config/value.h"

/* check_value.c: what is wrong with one value by itself. */
void check_value(struct config *config, const struct config_value *value);

/* check_together.c: what is wrong between directives, or missing. */
void check_together(struct config *config);

/* check_tls.c: the same for those of TLS. */
void check_tls(struct config *config);

/* Note a finding that begins with the directive and its value (a secret's is not shown). */
void check_note(struct config *config, enum config_severity severity, const struct config_value *value,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
