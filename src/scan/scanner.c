#include "scan/scanner.h"

#include <stdio.h>

#include "base/log.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "scan/source.h"
#include "scan/virus.h"

#define ZONES_MAX 32

void
scanner_init(struct scanner *scanner, const struct config *config)
{
	const char *host = config_get(config, "ClamAVHost");
	bool reachable = host != NULL && (host[0] == '/' || config_is_set(config, "ClamAVPort"));

	*scanner = (struct scanner){
		.config = config,
		.clamd = reachable ? host : NULL,
		.clamd_port = (unsigned)config_number(config, "ClamAVPort"),
		.clamd_timeout = (int64_t)config_number(config, "ClamAVTimeout") * 1000,
		.looks_up = config_count(config, "Lookup") > 0,
		.resolver = config_get(config, "LookupServer"),
		.lookup_timeout = (int64_t)config_number(config, "LookupTimeout") * 1000,
		.message_max = config_number(config, "MaxMessageSize"),
	};
	scanner->wants_source = scanner->looks_up || config_count(config, "TrackSources") > 0 ||
				config_get(config, "RABLQueue") != NULL;
}

bool
scanner_is_needed(const struct scanner *scanner, size_t size)
{
	if (scanner->message_max > 0 && size > scanner->message_max)
		return false; /* it will not be judged either */
	return size > 0 && (scanner->clamd != NULL || scanner->wants_source);
}

static unsigned
time_since(int64_t began)
{
	return (unsigned)(net_deadline(0) - began);
}

/* ---- viruses -------------------------------------------------------------------- */

static void
note_virus(struct scan_findings *findings, enum virus_finding virus, const char *text)
{
	findings->virus = virus;
	snprintf(findings->virus_text, sizeof findings->virus_text, "%s", text);
}

/* What is too large for clamd would be so for ever: it goes on as what is too large for us does. */
static void
take_reply(const struct clamd_reply *reply, size_t size, struct scan_findings *findings)
{
	static const enum virus_finding of_verdict[] = {
		[CLAMD_CLEAN] = VIRUS_NONE,
		[CLAMD_VIRUS] = VIRUS_FOUND,
		[CLAMD_TOO_LARGE] = VIRUS_NOT_SOUGHT,
	};

	note_virus(findings, of_verdict[reply->verdict], reply->text);
	if (reply->verdict == CLAMD_TOO_LARGE)
		log_warning(
			"a message of %zu bytes goes on without a virus scan, because it is too large for clamd (%s); "
			"raise StreamMaxLength in clamd.conf",
			size, reply->text);
}

void
scanner_note_unscanned(const struct scanner *scanner, const char *why, struct scan_findings *findings)
{
	note_virus(findings, VIRUS_UNKNOWN, why);
	log_error("no virus scan by clamd at %s: %s", scanner->clamd, why);
}

static void
seek_virus(const struct scanner *scanner, const struct net_secure *secure, struct span message,
	   struct scan_findings *findings)
{
	const int64_t deadline = net_deadline(scanner->clamd_timeout);
	int64_t began = net_deadline(0);
	struct clamd_reply reply;
	struct error error;

	if (!virus_ask(scanner->clamd, scanner->clamd_port, secure, message, deadline, &reply, &error))
		scanner_note_unscanned(scanner, error.text, findings);
	else if (reply.verdict == CLAMD_FAILED)
		scanner_note_unscanned(scanner, reply.text, findings);
	else
		take_reply(&reply, message.size, findings);
	findings->scan_time = time_since(began);
}

/* ---- lists -------------------------------------------------------------------------- */

static bool
is_own(const void *context, const struct ip *ip)
{
	const struct config *config = context;

	for (size_t i = 0; i < config_count(config, "LocalMX"); i++)
		if (ip_is_in(ip, span_from(config_at(config, "LocalMX", i))))
			return true;
	return false;
}

/*
 * Whether an answer means that the address is listed: any in 127.0.0.0/8 (RFC 5782 2.3), but for 127.255.255.0/24,
 * by which lists say that they do not answer us. Other addresses come from providers who answer every question.
 */
static bool
is_listed(const char *zone, const struct net_question *question)
{
	for (size_t i = 0; i < question->count; i++) {
		uint32_t address = question->addresses[i];
		if (address >> 8 == 0x7FFFFF)
			log_warning(
				"the list %s refuses to answer (127.255.255.%u); ask its operator, or another resolver "
				"(LookupServer)",
				zone, address & 0xFF);
		else if (address >> 24 == 127)
			return true;
	}
	return false;
}

static void
take_answers(const struct scanner *scanner, const struct net_question *questions, const size_t *zones, size_t count,
	     struct scan_findings *findings)
{
	for (size_t i = 0; i < count; i++) {
		const char *zone = config_at(scanner->config, "Lookup", zones[i]);
		if (!questions[i].answered)
			log_warning("the list %s cannot be asked about %s: %s", zone, findings->source,
				    questions[i].why);
		else if (findings->zone[0] == '\0' && is_listed(zone, &questions[i]))
			snprintf(findings->zone, sizeof findings->zone, "%s", zone);
	}
}

static void
look_up(const struct scanner *scanner, const struct ip *ip, struct scan_findings *findings)
{
	char names[ZONES_MAX][IP_QUESTION_SIZE];
	struct net_question questions[ZONES_MAX] = {{.name = NULL}};
	size_t zones[ZONES_MAX], count = 0;
	int64_t began = net_deadline(0);
	struct error error;

	for (size_t i = 0; i < config_count(scanner->config, "Lookup") && count < ZONES_MAX; i++) {
		if (!ip_question(ip, config_at(scanner->config, "Lookup", i), names[count]))
			continue;
		questions[count].name = names[count];
		zones[count++] = i;
	}
	if (!net_ask(scanner->resolver, questions, count, net_deadline(scanner->lookup_timeout), &error))
		log_error("Lookup: %s", error.text);
	else
		take_answers(scanner, questions, zones, count, findings);
	findings->lookup_time = time_since(began);
}

/* ---- the whole ------------------------------------------------------------------------- */

void
scanner_look(const struct scanner *scanner, const struct net_secure *secure, struct span message, unsigned questions,
	     struct scan_findings *findings)
{
	struct ip ip;

	*findings = (struct scan_findings){.virus = VIRUS_NOT_SOUGHT};
	if (!scanner_is_needed(scanner, message.size))
		return;
	if ((questions & SCANNER_VIRUS) && scanner->clamd != NULL)
		seek_virus(scanner, secure, message, findings);
	if (!(questions & SCANNER_SOURCE) || !scanner->wants_source ||
	    !source_of_message(message, is_own, scanner->config, &ip))
		return;
	ip_text(&ip, findings->source);
	if (scanner->looks_up && findings->virus != VIRUS_FOUND)
		look_up(scanner, &ip, findings);
}
