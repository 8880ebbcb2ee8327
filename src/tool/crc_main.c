/* dspam_crc: the identifier of a token. */
#include <inttypes.h>
#include <stdio.h>

#include "base/crc64.h"
#include "tool/program.h"

static const char help[] = "Usage: dspam_crc [OPTION]... TOKEN\n"
			   "Print the identifier under which the store keeps TOKEN.\n"
			   "\n" PROGRAM_HELP_OPTIONS;

static const struct option options[] = {PROGRAM_LONG_OPTIONS, {0}};

int
main(int argc, char **argv)
{
	struct program program = {.name = "dspam_crc", .help = help};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		program_option(&program, option);
	if (optind >= argc) {
		fputs("syntax: dspam_crc [token]\n", stderr);
		return ERROR_USAGE;
	}
	printf("TOKEN: '%s' CRC: %" PRIu64 "\n", argv[optind], crc64(0, span_from(argv[optind])));
	return program_end(&program, 0);
}
