/* What the tests of the agent share: a configuration from text, and options from a line of words. */
#ifndef TESTS_AGENT_HELP_H
#define TESTS_AGENT_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "agent/input.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

struct scene {
	struct arena *arena;
	struct config *config;
	struct agent_site site;
	struct agent_options options;
	struct error error;
};

/* A site from the lines of a dspam.conf. */
static inline void
scene_open(struct scene *scene, const char *lines)
{
	*scene = (struct scene){.arena = arena_new(1 << 20)};
	char *text = arena_printf(scene->arena, "Home /nowhere\n%s", lines);
	if (!config_parse(span_from(text), "test.conf", NULL, NULL, &scene->config, &scene->error))
		fail_msg("%s", scene->error.text);
	agent_site_init(&scene->site, scene->config);
}

static inline void
scene_close(struct scene *scene)
{
	config_free(scene->config);
	arena_free(scene->arena);
}

/* Read and check the words of `line`; "" stands for an empty one only as the shell gives it: as ''. */
static inline bool
scene_options(struct scene *scene, const char *line, const struct agent_caller *caller)
{
	const char *const *split;
	size_t count;

	assert_true(agent_options_split(scene->arena, line, &split, &count));
	const char **words = arena_calloc(scene->arena, count + 1, sizeof *words);
	for (size_t i = 0; i < count; i++)
		words[i] = strcmp(split[i], "''") == 0 ? "" : split[i];
	return agent_options_read(scene->arena, words, count, &scene->options, &scene->error) &&
	       agent_options_check(scene->arena, &scene->site, caller, &scene->options, &scene->error);
}

static const struct agent_caller trusted = {.login = "root", .trusted = true};
static const struct agent_caller untrusted = {.login = "joe", .trusted = false};

#endif
