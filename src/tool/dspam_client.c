#include "tool/dspam_client.h"

#include <stdio.h>
#include <unistd.h>

#include "agent/input.h"
#include "agent/remote.h"
#include "base/log.h"
#include "deliver/descriptor.h"
#include "tool/dspam_start.h"

#define STATUS_SPAM 99      /* Broken returnCodes */
#define STATUS_ORIGINAL 251 /* Compat exitCodes: there was no answer that could be used */

/* What the daemon will do itself is not done here: it knows best whether its messages are documents. */
static bool
read_message(struct dspam_run *run, struct buffer *text, bool *crlf, struct error *error)
{
	struct agent_site site = run->site;
	struct span rest, line;

	site.document = false;
	if (run->options.request.signature == NULL && !agent_input_read(STDIN_FILENO, text, error))
		return false;
	rest = buffer_span(text);
	*crlf = !site.strip_cr && span_next_line(&rest, &line) && line.size >= 2 && line.data[line.size - 2] == '\r';
	if (run->options.request.signature == NULL && !agent_input_prepare(&site, text, error))
		return false;
	return agent_input_address(&site, run->arena, buffer_span(text), &run->options, error);
}

/* A message that came with CR LF goes out with it, though LMTP knows only line ends. */
static bool
print(const struct agent_remote_result *result, bool crlf, struct error *error)
{
	struct span rest = buffer_span(&result->text), line;
	struct buffer lines = BUFFER_INIT((size_t)-1);

	while (crlf && span_next_line(&rest, &line)) {
		buffer_append_span(&lines, span_head(line, line.size - 1));
		buffer_append_string(&lines, "\r\n");
	}
	bool written = deliver_write(STDOUT_FILENO, crlf ? buffer_span(&lines) : buffer_span(&result->text));
	buffer_free(&lines);
	return written || error_later(error, ERROR_IO, "standard output: %m");
}

/* The status that dspam itself gives for such a failure. */
static enum error_code
code_of(const struct lmtp_client_result *result)
{
	static const struct {
		const char *enhanced;
		enum error_code code;
	} codes[] = {{"5.1.1", ERROR_USER}, {"5.6.0", ERROR_DATA}};

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (strcmp(result->enhanced, codes[i].enhanced) == 0)
			return codes[i].code;
	return ERROR_UNAVAILABLE;
}

static int
status_of(const struct dspam_run *run, const struct agent_remote_result *result)
{
	size_t failed = 0, temporary = 0;
	enum error_code code = ERROR_NONE;

	for (size_t i = 0; i < result->count; i++) {
		const struct lmtp_client_result *one = &result->deliveries[i];
		if (one->outcome == LMTP_CLIENT_ACCEPTED)
			continue;
		failed++;
		temporary += one->outcome != LMTP_CLIENT_PERMANENT;
		if (code == ERROR_NONE)
			code = code_of(one);
		dspam_complain(run, one->text);
	}
	if (failed > 0 && run->site.original_exits)
		return failed < 256 ? 256 - (int)failed : 1;
	if (failed > 0)
		return temporary > 0 ? ERROR_TEMPORARY : (int)code;
	return result->spam && run->site.status_is_spam ? STATUS_SPAM : 0;
}

static bool
ask(struct dspam_run *run, struct span message, bool crlf, int *status, struct error *error)
{
	const struct agent_options *options = &run->options;
	struct agent_remote_result result;
	bool wants_text =
		options->to_stdout || options->request.classify || (options->deliver & AGENT_WANT_SUMMARY) != 0;

	if (!agent_remote(run->config, run->arena, options, message, &result, error)) {
		if (!run->site.original_exits)
			return false;
		dspam_complain(run, error->text);
		*status = STATUS_ORIGINAL;
		return true;
	}
	bool printed = print(&result, crlf && options->to_stdout, error);
	*status =
		wants_text && !result.has_text && run->site.original_exits ? STATUS_ORIGINAL : status_of(run, &result);
	buffer_free(&result.text);
	return printed;
}

bool
dspam_client(struct dspam_run *run, int *status, struct error *error)
{
	struct buffer text = BUFFER_INIT(2 * AGENT_INPUT_MAX);
	bool crlf;
	bool good = read_message(run, &text, &crlf, error) && ask(run, buffer_span(&text), crlf, status, error);

	buffer_free(&text);
	return good;
}
