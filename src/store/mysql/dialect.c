#include "store/mysql/dialect.h"

/* Words in comments: MySQL finds the key by itself. */
const struct dialect dialect_mysql = {
	.greatest = "greatest",
	.upsert_open = "ON DUPLICATE KEY UPDATE /* ",
	.upsert_close = " */",
	.new_open = "VALUES(",
	.new_close = ")",
	.ignore_open = "ON DUPLICATE KEY UPDATE /* ",
	.ignore_by = " */ ",
	.ignore_close = "",
	.some_open = "",
	.some_close = "",
	.days_open = "(TO_DAYS(",
	.days_close = ") - 719528)",
	.date_open = "FROM_DAYS(719528 + ",
	.date_close = ")",
	.weights_open = "/* ",
	.weights_close = " */",
	.users = "dspam_virtual_uids",
	.users_uid = "uid",
	.users_name = "username",
};
