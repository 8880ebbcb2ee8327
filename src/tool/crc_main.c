/* dspam_crc: the identifier of a token. */
#include <inttypes.h>
#include <stdio.h>

#include "base/crc64.h"
#include "tool/json.h"
#include "tool/program.h"

static const char help[] = "Usage: dspam_crc [OPTION]... TOKEN\n"
			   "Print the identifier under which the store keeps TOKEN.\n"
			   "\n" PROGRAM_HELP_JSON PROGRAM_HELP_OPTIONS;

static const struct option options[] = {PROGRAM_LONG_OPTIONS, PROGRAM_JSON_OPTION, {0}};

static void
print_json(const char *token, const char *crc)
{
	struct json json;

	json_begin(&json, stdout);
	json_put_object(&json, NULL);
	json_put_text(&json, "token", span_from(token));
	json_put_text(&json, "crc", span_from(crc));
	json_put_object_end(&json);
	json_end(&json);
}

int
main(int argc, char **argv)
{
	struct program program = {.name = "dspam_crc", .help = help};
	char crc[32];
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		program_option(&program, option);
	if (optind >= argc)
		program_syntax(&program, "syntax: dspam_crc [token]\n");
	snprintf(crc, sizeof crc, "%" PRIu64, crc64(0, span_from(argv[optind])));
	if (program.json)
		print_json(argv[optind], crc);
	else
		printf("TOKEN: '%s' CRC: %s\n", argv[optind], crc);
	return program_end(&program, 0);
}
