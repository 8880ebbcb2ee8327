#include "agent/agent.h"

/* A lesson from an error was scanned when it came; only mail that arrives is looked up (dspam-behaviour: messages 1).
 */
static unsigned
questions(const struct agent_options *options)
{
	const struct request *request = &options->request;

	if (request->source == SOURCE_ERROR || request->mode == TRAINING_UNLEARN)
		return 0;
	return request->training_class == CLASS_NONE ? SCANNER_VIRUS | SCANNER_SOURCE : SCANNER_VIRUS;
}

bool
agent_wants_scan(const struct agent_site *site, const struct agent_options *options, size_t size)
{
	return questions(options) != 0 && scanner_is_needed(&site->scanner, size);
}

void
agent_scan(const struct agent_site *site, const struct agent_options *options, struct span message,
	   struct scan_findings *findings)
{
	const struct scanner *scanner = &site->scanner;
	unsigned wanted = scanner_is_needed(scanner, message.size) ? questions(options) : 0;
	struct net_secure secure = {.mode = NET_CLEAR};
	struct error error;

	bool callable = !(wanted & SCANNER_VIRUS) || scanner->clamd == NULL ||
			agent_secure_find(site->secure, "ClamAV", SPAN(""), scanner->clamd, &secure, &error);
	scanner_look(scanner, &secure, message, callable ? wanted : wanted & ~(unsigned)SCANNER_VIRUS, findings);
	if (!callable)
		scanner_note_unscanned(scanner, error.text, findings);
}
