/*
 * What store.h promises, asked of every driver: a table of cases in each of the files beside this one, and what they
 * share. contract_test.c runs them all.
 */
#ifndef DSPAM_TESTS_STORE_CONTRACT_H
#define DSPAM_TESTS_STORE_CONTRACT_H

#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY 20000

struct contract {
	const char *name;
	void (*test)(struct store *store);
};

/* The last has no name. */
extern const struct contract contract_users[], contract_lessons[], contract_signatures[], contract_preferences[],
	contract_purging[], contract_moving[];

#define CASE(name)                                                                                                     \
	{                                                                                                              \
#name, test_##name                                                                                     \
	}

void learn(struct store *store, store_uid uid, int32_t day, const struct store_change *changes, size_t count);
void assert_row(struct store *store, store_uid uid, uint64_t token, uint32_t spam, uint32_t innocent, int32_t day);
void put_signature(struct store *store, store_uid uid, const char *id, struct span data, int32_t day);
void assert_signature(struct store *store, store_uid uid, const char *id, struct span data, int32_t day);
void assert_no_signature(struct store *store, store_uid uid, const char *id);
void assert_preference(struct store *store, store_uid uid, const char *name, const char *value, size_t count);
void set_preference(struct store *store, store_uid uid, const char *name, const char *value);

#endif
