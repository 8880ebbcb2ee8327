/* Every case of the contract on every driver. */
#include "contract.h"

static const char *const drivers[] = {"memory", "sqlite", "pgsql", "mysql"};
static const struct contract *const tables[] = {contract_users,       contract_lessons, contract_signatures,
						contract_preferences, contract_purging, contract_moving};

enum { CASES_MAX = 50, DRIVERS = sizeof drivers / sizeof drivers[0], TABLES = sizeof tables / sizeof tables[0] };

struct run {
	const struct contract *contract;
	const char *driver;
	char name[64];
};

static void
run_contract(void **state)
{
	const struct run *run = *state;
	struct fixture fixture;
	struct store *store;

	if (!fixture_has(run->driver))
		skip();
	fixture_begin(&fixture, run->driver);
	store = fixture_open(&fixture, NULL);
	run->contract->test(store);
	store_close(store);
	fixture_end(&fixture);
}

static size_t
list_runs(struct run *runs, const char *driver)
{
	size_t count = 0;

	for (size_t i = 0; i < TABLES; i++)
		for (const struct contract *contract = tables[i]; contract->name != NULL; contract++) {
			struct run *run = &runs[count++];
			assert_true(count <= CASES_MAX);
			run->contract = contract;
			run->driver = driver;
			snprintf(run->name, sizeof run->name, "%s: %s", driver, contract->name);
		}
	return count;
}

int
main(void)
{
	static struct run runs[CASES_MAX * DRIVERS];
	struct CMUnitTest tests[CASES_MAX * DRIVERS];
	size_t count = 0;

	for (size_t i = 0; i < DRIVERS; i++)
		count += list_runs(&runs[count], drivers[i]);
	for (size_t i = 0; i < count; i++)
		tests[i] =
			(struct CMUnitTest){.name = runs[i].name, .test_func = run_contract, .initial_state = &runs[i]};
	return _cmocka_run_group_tests("contract", tests, count, NULL, NULL);
}
