/* cmocka, with what it needs before it. */
#ifndef DSPAM_TEST_MOVE_HELP_H
#define DSPAM_TEST_MOVE_HELP_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
/* clang-format on */

#endif
