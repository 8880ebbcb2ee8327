/*
 * Feeds the files of the directories on the command line to a fuzz target, without libFuzzer.
 *
 * The first directory (the seeds) must hold at least one file; the others may be missing. The name of
 * each file is written before it is tried, so that the last line of a crash names the culprit.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REPLAY_FILE_LIMIT ((size_t)64 << 20)

static void
replay_read(const char *path, struct buffer *content)
{
	FILE *file = fopen(path, "rb");
	char piece[65536];
	size_t size;

	if (!file) {
		perror(path);
		exit(1);
	}
	while ((size = fread(piece, 1, sizeof(piece), file)) > 0)
		buffer_append(content, piece, size);
	if (ferror(file) || content->failed) {
		fprintf(stderr, "%s cannot be read, or is too large\n", path);
		exit(1);
	}
	fclose(file);
}

/* The target gets a copy of exactly the right size, so that reading one byte too many is noticed. */
static void
replay_file(const char *path)
{
	struct buffer content = BUFFER_INIT(REPLAY_FILE_LIMIT);
	uint8_t *exact;

	fprintf(stderr, "%s\n", path);
	replay_read(path, &content);
	exact = malloc(content.size > 0 ? content.size : 1);
	if (!exact)
		abort();
	if (content.size > 0)
		memcpy(exact, content.data, content.size);
	LLVMFuzzerTestOneInput(exact, content.size);
	free(exact);
	buffer_free(&content);
}

static unsigned
replay_directory(const char *directory)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, NULL, alphasort);
	unsigned files = 0;

	for (int i = 0; i < count; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.') {
			replay_file(path);
			files++;
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return files;
}

int
main(int argc, char **argv)
{
	if (argc < 2 || replay_directory(argv[1]) == 0) {
		fprintf(stderr, "no seeds in %s: a fuzz target needs some, or it starts from nothing\n",
			argc < 2 ? "(no directory given)" : argv[1]);
		return 1;
	}
	for (int i = 2; i < argc; i++)
		replay_directory(argv[i]);
	return 0;
}
