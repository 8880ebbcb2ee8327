/* What the failures of MariaDB and MySQL mean to the administrator. */
#ifndef DSPAM_STORE_MYSQL_FAILURE_H
#define DSPAM_STORE_MYSQL_FAILURE_H

#include <mysql.h>

#include "store/server/engine.h"

/* A connection that was not made. */
void mysql_connect_failure(const char *place, MYSQL *client, const struct engine_target *target, struct error *error);

enum engine_outcome mysql_failure(const char *place, MYSQL *client, struct error *error);

#endif
