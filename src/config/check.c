#include "config/value.h"

void
config_check(struct config *config)
{
	(void)config;
}
