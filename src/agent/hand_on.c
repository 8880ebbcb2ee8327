#include <time.h>

#include "agent/agent.h"
#include "base/log.h"
#include "deliver/agent.h"
#include "deliver/descriptor.h"
#include "deliver/mbox.h"
#include "wire/path.h"

#define ARENA_SIZE ((size_t)64 * 1024)

/* One message that goes somewhere. */
struct passage {
	const struct agent_task *task;
	struct deliver_hosts *hosts;
	int output;
	struct arena *arena;
	struct deliver_message message;
	const char *recipient;
	struct deliver_result *result;
};

static bool
no_room(struct deliver_result *result)
{
	return deliver_result_set(result, DELIVER_TEMPORARY, "4.3.0", "There is no memory to hand the message on");
}

static bool
run_command(const struct passage *passage, const char *command, bool with_arguments)
{
	const struct agent_site *site = passage->task->site;
	const struct agent_options *options = passage->task->options;
	const struct deliver_agent agent = {
		.command = command,
		.arguments = with_arguments ? options->arguments : NULL,
		.count = with_arguments ? options->argument_count : 0,
		.user = span_from(passage->task->user.name),
		.recipient = span_from(passage->recipient),
		.sender = span_from(options->sender),
		.timeout = site->timeout,
		.errors_permanent = site->errors_permanent,
	};

	return deliver_agent(&agent, &passage->message, passage->result);
}

static bool
to_host(const struct passage *passage, const char *host, unsigned port)
{
	const struct agent_site *site = passage->task->site;
	struct deliver_route route = {
		.protocol = site->protocol,
		.host = host,
		.port = port,
		.ident = site->ident,
		.timeout = site->timeout,
	};
	struct span sender = span_from(passage->task->options->sender);
	struct span recipient = span_from(passage->recipient);
	struct error error;

	if (!agent_site_secure(site, recipient, host, &route.secure, &error))
		return deliver_result_set(passage->result, DELIVER_TEMPORARY, "4.3.5", "%s", error.text);
	bool international = path_is_international(sender) || path_is_international(recipient);

	return deliver_host(passage->hosts, &route, sender, recipient, international, &passage->message,
			    passage->result);
}

static bool
to_recipient(struct passage *passage)
{
	const struct agent_site *site = passage->task->site;
	const struct agent_options *options = passage->task->options;
	const char *command = agent_site_command(site, options->trusted);
	unsigned port = 0;
	const char *host = agent_site_host(site, span_from(passage->recipient), &port);

	if (host != NULL)
		return to_host(passage, host, port);
	if (command != NULL)
		return run_command(passage, command, options->trusted);
	return deliver_result_set(
		passage->result, DELIVER_TEMPORARY, "4.3.5", "dspam.conf names no %s and no DeliveryHost for %.200s",
		options->trusted ? "TrustedDeliveryAgent" : "UntrustedDeliveryAgent", passage->recipient);
}

static bool
to_quarantine_mailbox(struct passage *passage)
{
	passage->recipient = agent_user_quarantine(passage->task->site, passage->arena, passage->recipient);
	return passage->recipient != NULL ? to_recipient(passage) : no_room(passage->result);
}

static bool
to_quarantine(struct passage *passage)
{
	const struct agent_task *task = passage->task;
	const char *local_store = task->judgement.preferences.local_store;
	const char *path = home_file(&task->site->files, passage->arena,
				     local_store != NULL ? local_store : task->user.name, "mbox");

	if (path == NULL)
		return no_room(passage->result);
	return deliver_mbox(path, &passage->message, time(NULL), task->site->timeout, passage->result);
}

static bool
to_quarantine_command(struct passage *passage)
{
	return run_command(passage, passage->task->site->quarantine_command, false);
}

static bool
to_stdout(struct passage *passage)
{
	return deliver_descriptor(passage->output, "standard output", &passage->message, passage->result);
}

static bool
nowhere(struct passage *passage)
{
	return deliver_result_set(passage->result, DELIVER_ACCEPTED, "2.0.0", "Not handed on");
}

static bool
refused(struct passage *passage)
{
	return deliver_result_set(passage->result, DELIVER_PERMANENT, "5.7.1",
				  "A virus was detected in the message: %s",
				  passage->task->options->request.findings->virus_text);
}

bool
agent_hand_on(const struct agent_task *task, struct deliver_hosts *hosts, int output, struct deliver_result *result)
{
	static bool (*const ways[])(struct passage *) = {
		[AGENT_NOWHERE] = nowhere,
		[AGENT_REFUSED] = refused,
		[AGENT_TO_STDOUT] = to_stdout,
		[AGENT_TO_RECIPIENT] = to_recipient,
		[AGENT_TO_QUARANTINE_MAILBOX] = to_quarantine_mailbox,
		[AGENT_TO_QUARANTINE_COMMAND] = to_quarantine_command,
		[AGENT_TO_QUARANTINE] = to_quarantine,
	};
	struct passage passage = {
		.task = task,
		.hosts = hosts,
		.output = output,
		.arena = arena_new(ARENA_SIZE),
		.message =
			{
				.pieces = task->judgement.pieces,
				.count = task->judgement.piece_count,
				.keep_cr = task->keep_cr,
			},
		.recipient = task->user.recipient,
		.result = result,
	};
	int64_t began = debug_clock();
	bool accepted = ways[task->way](&passage);

	if (debug_is_on(&task->judgement.debug))
		debug_line(&task->judgement.debug, "%s in %.3f ms: %s", agent_way_name(task->way),
			   (double)(debug_clock() - began) / 1000, result->text);

	if (accepted || task->way == AGENT_REFUSED)
		agent_track(task);
	else
		log_error("user %s: the message could not be %s: %s", task->user.name, agent_way_name(task->way),
			  result->text);
	arena_free(passage.arena);
	return accepted;
}
