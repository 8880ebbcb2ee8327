/*
 * (user, token) -> hits: one open hash table for all users, rows side by side in memory.
 *
 * It doubles when it is three quarters full and has no bound but the machine's memory
 * (running out aborts); what is removed makes room for new rows. One thread at a time.
 */
#ifndef DSPAM_STORE_MEMORY_TABLE_H
#define DSPAM_STORE_MEMORY_TABLE_H

#include <stdint.h>

#include "store/store.h"

struct table_row {
	struct store_row row;
	store_uid uid; /* TABLE_FREE: this place holds no row */
};

#define TABLE_FREE UINT32_MAX

struct table {
	struct table_row *rows;
	size_t capacity; /* a power of two */
	size_t count;
};

void table_init(struct table *table);
void table_free(struct table *table);

/* The row, or NULL. */
const struct table_row *table_find(const struct table *table, store_uid uid, uint64_t token);

/* The row, made with zeros if there is none. Valid until the next claim. */
struct table_row *table_claim(struct table *table, store_uid uid, uint64_t token);

/* Remove the rows of a user for which `goes` is true; *seen counts all of his. Returns how many went. */
size_t table_remove(struct table *table, store_uid uid, store_row_test *goes, const void *context, size_t *seen);

#endif
