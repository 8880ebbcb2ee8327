/* How MySQL spells what engines spell differently. */
#ifndef DSPAM_STORE_MYSQL_DIALECT_H
#define DSPAM_STORE_MYSQL_DIALECT_H

#include "store/statement.h"

extern const struct dialect dialect_mysql;

#endif
