/* --check-config: whether the files that dspam.conf names for TLS can be used, on all sides. */
#ifndef DSPAM_TOOL_TLS_CHECK_H
#define DSPAM_TOOL_TLS_CHECK_H

#include "config/config.h"

/* Reads them, as the daemon will; what is not for good, such as a certificate that ends soon, is logged. */
bool tls_check(const struct config *config, struct error *error);

#endif
