/*
 * Judge messages from files, with libdspam.
 *
 *	cc classify.c $(pkg-config --cflags --libs dspam) -o classify
 *	./classify dspam.conf alice message.eml ...
 */
#include <dspam.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

/* The whole file, or NULL; the caller frees it. */
static char *
read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *data = NULL;
	size_t capacity = 0;

	*size = 0;
	if (file == NULL)
		return NULL;
	do {
		if (*size == capacity) {
			capacity = capacity == 0 ? 65536 : capacity * 2;
			data = realloc(data, capacity);
			if (data == NULL)
				abort();
		}
		*size += fread(data + *size, 1, capacity - *size, file);
	} while (!feof(file) && !ferror(file));
	fclose(file);
	return data;
}

static int
judge_file(struct dspam *filter, const char *user, const char *path)
{
	struct dspam_error error;
	struct dspam_result *result;
	size_t size;
	char *message = read_file(path, &size);

	if (message == NULL) {
		perror(path);
		return EX_NOINPUT;
	}
	if (!dspam_classify(filter, user, message, size, &result, &error)) {
		fprintf(stderr, "%s: %s\n", path, error.text);
		free(message);
		return error.code;
	}
	printf("%s: %s, probability %.4f\n", path, dspam_result_class(result), dspam_result_probability(result));
	const char *token;
	double value;
	for (size_t i = 0; dspam_result_factor(result, i, &token, &value); i++)
		printf("\t%s %.4f\n", token, value);
	dspam_result_free(result);
	free(message);
	return EX_OK;
}

int
main(int argc, char **argv)
{
	struct dspam_error error;
	struct dspam_configuration *configuration = NULL;
	struct dspam *filter = NULL;
	int status = EX_OK;

	if (argc < 4) {
		fprintf(stderr, "usage: %s DSPAM.CONF USER FILE...\n", argv[0]);
		return EX_USAGE;
	}
	if (!dspam_configuration_load(argv[1], &configuration, &error) || !dspam_open(configuration, &filter, &error)) {
		fprintf(stderr, "%s\n", error.text);
		dspam_configuration_free(configuration);
		return error.code;
	}
	for (int i = 3; i < argc && status == EX_OK; i++)
		status = judge_file(filter, argv[2], argv[i]);
	dspam_close(filter);
	dspam_configuration_free(configuration);
	return status;
}
