#include "tool/html.h"

#include <string.h>

static void
put_byte(FILE *out, char c)
{
	switch (c) {
	case '&':
		fputs("&amp;", out);
		break;
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	case '\'':
		fputs("&#39;", out);
		break;
	default:
		if (((unsigned char)c < ' ' && c != '\t' && c != '\n') || c == 0x7f)
			fputs("\xef\xbf\xbd", out);
		else
			fputc(c, out);
	}
}

void
html_put(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		put_byte(out, *text);
}

/* Within quotes all is plain but the quote itself. */
static void
put_quoted(FILE *out, const char *word)
{
	put_byte(out, '\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			html_put(out, "'\\''");
		else
			put_byte(out, *word);
	}
	put_byte(out, '\'');
}

void
html_put_command(FILE *out, char **words)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,%@";

	for (size_t i = 0; words[i] != NULL; i++) {
		if (i > 0)
			fputc(' ', out);
		if (words[i][0] != '\0' && strspn(words[i], plain) == strlen(words[i]))
			html_put(out, words[i]);
		else
			put_quoted(out, words[i]);
	}
}
