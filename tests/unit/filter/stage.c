#include "../remove_tree.h"
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/crc64.h"

static const char basis[] = "StorageDriver memory\nTokenizer chain\nPValue bcr\n"
			    "TrainingMode teft\nTxtDirectory %s\n";

static void
append_configuration(struct buffer *text, const char *lines, const char *home)
{
	for (const char *hit; (hit = strstr(lines, "%s")) != NULL; lines = hit + 2) {
		buffer_append(text, lines, (size_t)(hit - lines));
		buffer_append_string(text, home);
	}
	buffer_append_string(text, lines);
}

static void
stage_build(struct stage *stage)
{
	memset(stage, 0, sizeof *stage);
	snprintf(stage->home, sizeof stage->home, "/tmp/dspam-filter-XXXXXX");
	assert_non_null(mkdtemp(stage->home));
}

static void
stage_begin(struct stage *stage, const char *more)
{
	struct buffer text = BUFFER_INIT(65536);

	stage->arena = arena_new((size_t)512 << 20);
	buffer_printf(&text, "Home %s\n", stage->home);
	append_configuration(&text, more, stage->home); /* of two values the first one counts */
	append_configuration(&text, basis, stage->home);
	if (strstr(more, "Algorithm ") == NULL) /* all its lines count */
		buffer_append_string(&text, "Algorithm graham burton\n");
	if (!config_parse(buffer_span(&text), "test", NULL, NULL, &stage->config, &stage->error) ||
	    !settings_new(stage->config, &stage->settings, &stage->error) ||
	    !filter_open(stage->settings, &stage->filter, &stage->error))
		fail_msg("%s", stage->error.text);
	buffer_free(&text);
}

void
stage_open(struct stage *stage, const char *more)
{
	stage_build(stage);
	stage_begin(stage, more);
}

void
stage_open_groups(struct stage *stage, const char *groups, const char *more)
{
	struct buffer text = BUFFER_INIT(65536);

	stage_build(stage);
	stage_write(stage, "group", groups);
	buffer_printf(&text, "GroupConfig %s/group\n%s", stage->home, more);
	stage_begin(stage, buffer_string(&text));
	buffer_free(&text);
}

void
stage_close(struct stage *stage)
{
	filter_close(stage->filter);
	settings_free(stage->settings);
	config_free(stage->config);
	arena_free(stage->arena);
	assert_int_equal(remove_tree(stage->home), 0);
}

void
stage_run(struct stage *stage, const struct request *request, const char *user, struct span message)
{
	if (!filter_judge(stage->filter, stage->arena, request, user, message, &stage->judgement, &stage->error) ||
	    !filter_learn(stage->filter, &stage->judgement, &stage->error))
		fail_msg("%s", stage->error.text);
}

void
stage_receive(struct stage *stage, const char *user, const char *message)
{
	struct request request = {.classify = false};

	stage_run(stage, &request, user, span_from(message));
}

void
stage_retrain(struct stage *stage, const char *user, enum training_class training_class, const char *id)
{
	struct request request = {.training_class = training_class, .source = SOURCE_ERROR, .signature = id};

	stage_run(stage, &request, user, (struct span){NULL, 0});
}

struct span
stage_output(struct stage *stage)
{
	const struct judgement *judgement = &stage->judgement;
	size_t size = 0, used = 0;

	for (size_t i = 0; i < judgement->piece_count; i++)
		size += judgement->pieces[i].size;
	char *out = arena_text(stage->arena, size + 1);
	assert_non_null(out);
	for (size_t i = 0; i < judgement->piece_count; used += judgement->pieces[i++].size)
		memcpy(out + used, judgement->pieces[i].data, judgement->pieces[i].size);
	out[size] = '\0';
	return span_of(out, size);
}

store_uid
stage_uid(struct stage *stage, const char *user)
{
	store_uid uid = 0;

	assert_true(store_user(filter_store(stage->filter), span_from(user), true, &uid, &stage->error));
	return uid;
}

struct totals
stage_totals(struct stage *stage, const char *user)
{
	struct totals totals;

	assert_true(store_read(filter_store(stage->filter), stage_uid(stage, user), &totals, NULL, 0, &stage->error));
	return totals;
}

struct store_row
stage_row(struct stage *stage, const char *user, const char *token)
{
	struct store_row row = {.token = crc64(0, span_from(token))};

	assert_true(store_read(filter_store(stage->filter), stage_uid(stage, user), NULL, &row, 1, &stage->error));
	return row;
}

void
stage_add(struct stage *stage, const char *user, struct totals totals)
{
	struct store_lesson lesson = {.uid = stage_uid(stage, user), .totals = totals};

	assert_true(store_learn(filter_store(stage->filter), &lesson, &stage->error));
}

void
stage_write(struct stage *stage, const char *name, const char *text)
{
	char path[300];

	snprintf(path, sizeof path, "%s/%s", stage->home, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}
