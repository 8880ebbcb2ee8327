/* Sorting identifiers: the order of signed numbers, of equal ones that of their indices, wherever they fall. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/id_sort.h"

static uint64_t
next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *state ^ *state >> 29;
}

/* Everywhere, in one bucket, with repetitions, at the edges. */
static uint64_t
make_id(unsigned kind, uint64_t number)
{
	switch (kind) {
	case 0:
		return number;
	case 1:
		return (UINT64_C(0xABCD) << 48) | (number >> 16);
	case 2:
		return number % 7 * UINT64_C(0x2492492492492492);
	default:
		return (uint64_t)INT64_MAX + number % 2;
	}
}

static void
check(unsigned kind, size_t count)
{
	struct id_place *from = calloc(count + 1, sizeof *from), *to = calloc(count + 1, sizeof *to);
	uint64_t *ids = calloc(count + 1, sizeof *ids), state = count;

	assert_non_null(from);
	assert_non_null(to);
	assert_non_null(ids);
	for (size_t i = 0; i < count; i++)
		from[i] = (struct id_place){ids[i] = make_id(kind, next(&state)), (uint32_t)i};
	id_sort(from, to, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(to[i].id, ids[to[i].index]);
		assert_true(i == 0 || (int64_t)to[i - 1].id < (int64_t)to[i].id ||
			    (to[i - 1].id == to[i].id && to[i - 1].index < to[i].index));
	}
	free(from);
	free(to);
	free(ids);
}

static void
test_order(void **state)
{
	static const size_t counts[] = {0, 1, 2, 3, 24, 25, 300, 2048, 2049, 20000};

	(void)state;
	for (unsigned kind = 0; kind < 4; kind++)
		for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
			check(kind, counts[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_order)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
