#include "wire/reply.h"

#include "base/ascii.h"

#define REPLY_LINE ((size_t)4096)
#define REPLY_TEXT ((size_t)8192)
#define REPLY_SIZE ((size_t)65536)

struct reply
reply_new(void)
{
	return (struct reply){.text = BUFFER_INIT(REPLY_TEXT), .line = BUFFER_INIT(REPLY_LINE)};
}

void
reply_free(struct reply *reply)
{
	buffer_free(&reply->text);
	buffer_free(&reply->line);
}

void
reply_clear(struct reply *reply)
{
	reply->code = 0;
	reply->size = 0;
	buffer_clear(&reply->text);
	buffer_clear(&reply->line);
}

/* Append what fits. */
static void
append_head(struct buffer *buffer, struct span text)
{
	buffer_append_span(buffer, span_head(text, buffer->limit - buffer->size));
}

static enum reply_status
reply_line(struct reply *reply)
{
	struct span line = buffer_span(&reply->line);
	unsigned long long code;

	while (line.size > 0 && line.data[line.size - 1] == '\r')
		line.size--;
	if (line.size < 3 || !span_to_number(span_head(line, 3), 599, &code) || code < 200)
		return REPLY_BAD;
	char separator = line.size > 3 ? line.data[3] : ' ';
	if (separator != ' ' && separator != '-')
		return REPLY_BAD;
	reply->code = (unsigned int)code;
	append_head(&reply->text, span_skip(line, 4));
	append_head(&reply->text, SPAN("\n"));
	buffer_clear(&reply->line);
	return separator == ' ' ? REPLY_COMPLETE : REPLY_MORE;
}

enum reply_status
reply_push(struct reply *reply, struct span *input)
{
	enum reply_status status = REPLY_MORE;

	while (status == REPLY_MORE && input->size > 0) {
		size_t end = span_find_byte(*input, '\n');
		struct span piece = span_head(*input, end);
		size_t taken = end == SPAN_NONE ? piece.size : end + 1;
		append_head(&reply->line, piece);
		*input = span_skip(*input, taken);
		reply->size += taken;
		if (end != SPAN_NONE)
			status = reply_line(reply);
		if (reply->size > REPLY_SIZE)
			return REPLY_BAD;
	}
	return status;
}

/* How many digits `text` begins with. */
static size_t
digits(struct span text)
{
	size_t count = 0;

	while (count < text.size && ascii_is_digit(text.data[count]))
		count++;
	return count;
}

struct span
reply_enhanced(unsigned int code, struct span text)
{
	struct span none = {NULL, 0};
	size_t size = 0;

	if (text.size == 0 || text.data[0] != (char)('0' + code / 100))
		return none;
	for (int part = 0; part < 3; part++) {
		size_t count = digits(span_skip(text, size));
		if (count == 0 || count > 3)
			return none;
		size += count;
		char next = size < text.size ? text.data[size] : ' ';
		if (part < 2 ? next != '.' : !ascii_is_space(next))
			return none;
		size += part < 2;
	}
	return span_head(text, size);
}
