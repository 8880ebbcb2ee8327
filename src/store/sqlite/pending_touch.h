/* What a change of dspam_token_data that did not come through lessons owes to those who read it. */
#ifndef DSPAM_STORE_SQLITE_PENDING_TOUCH_H
#define DSPAM_STORE_SQLITE_PENDING_TOUCH_H

#include "store/sqlite/connection.h"

/*
 * Give the rows of `uid` a new generation, so that no cache takes an old row for true: in the transaction that writes,
 * after pending_settle and the change itself.
 */
bool pending_touch(struct connection *connection, store_uid uid, struct error *error);

#endif
