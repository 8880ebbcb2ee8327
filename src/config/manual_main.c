/* Writes the source of the manual page dspam.conf(5), in scdoc's language, from the tables. Runs at build time. */
#include <stdio.h>
#include <string.h>

#include "config/directive.h"
#include "config/preference.h"

static const char beginning[] =
	"dspam.conf(5)\n\n"
	"# NAME\n\n"
	"dspam.conf - configuration of the spam filter dspam\n\n"
	"# DESCRIPTION\n\n"
	"All programs of dspam read this file: the one given with \\--config, else that named by the environment "
	"variable "
	"DSPAM\\_CONFIG, else the one fixed when they were built. The daemon reads it when it starts and on SIGHUP. "
	"*dspam --check-config* says what is wrong in it, and *dspam --print-config* shows what is in force.\n\n"
	"# FORMAT\n\n"
	"Each line is a directive: a name, and one or more values separated by spaces or tabs. Names compare without "
	"case. A value with spaces stands in double quotes, within which nothing is special but the comment sign.\n\n"
	"A comment begins with the first \\# of a line, *also inside quotes*; only on a line without \\# it begins "
	"with "
	"the first semicolon. Of a line longer than 1023 bytes the rest counts as a new line.\n\n"
	"Several values on a line are the same as several lines. Where only one value counts, *the first one wins*; a "
	"switch is on if any of its values is on. A directive without value, or with an unknown name, is ignored.\n\n"
	"Directives marked _new_ are unknown to DSPAM 3.10.\n\n";

static const char ending[] = "# EXAMPLE\n\n"
			     "```\n"
			     "Home /var/spool/dspam\n"
			     "TrainingMode toe\n"
			     "Tokenizer chain\n"
			     "Algorithm graham burton\n"
			     "Feature whitelist\n"
			     "Preference \"spamAction=tag\"\n"
			     "AllowOverride spamAction spamSubject\n"
			     "DeliveryHost 127.0.0.1\n"
			     "DeliveryProto LMTP\n"
			     "ServerHost 127.0.0.1\n"
			     "ServerPort 2424\n"
			     "ServerMode auto\n"
			     "ServerParameters \"--deliver=innocent,spam\"\n"
			     "```\n\n"
			     "# SEE ALSO\n\n"
			     "*dspam*(1)\n";

/* Everything that scdoc would take for markup is escaped. */
static void
put(const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr("\\*_#`~|[]", *text) != NULL)
			putchar('\\');
		putchar(*text);
	}
}

static const char *
type_words(const struct directive *row)
{
	static const char *const words[] = {
		[DIRECTIVE_SWITCH] = "on | off",
		[DIRECTIVE_NUMBER] = "number",
		[DIRECTIVE_SIZE] = "bytes",
		[DIRECTIVE_DAYS] = "days | off",
		[DIRECTIVE_MODE] = "octal",
		[DIRECTIVE_PORT] = "port",
		[DIRECTIVE_PATH] = "path",
		[DIRECTIVE_COMMAND] = "command",
		[DIRECTIVE_HOST] = "host | path",
		[DIRECTIVE_SERVER] = "host[:port] | path",
		[DIRECTIVE_TEXT] = "text",
		[DIRECTIVE_HEADER] = "header",
		[DIRECTIVE_FEATURE] = "noise | whitelist | tb=N",
		[DIRECTIVE_DRIVER] = "driver",
		[DIRECTIVE_PREFERENCE] = "name=value",
		[DIRECTIVE_INCLUDE] = "path",
		[DIRECTIVE_PREFERENCE_NAME] = "preference",
	};

	return words[row->type];
}

static void
put_values(const struct directive *row)
{
	if (row->type != DIRECTIVE_WORD) {
		put(type_words(row));
		return;
	}
	for (const char *c = row->words; *c != '\0'; c++)
		if (*c == ' ')
			fputs(" \\| ", stdout);
		else
			put((const char[]){*c, '\0'});
}

static void
put_notes(const struct directive *row)
{
	if (row->initial != NULL) {
		fputs(" Default: ", stdout);
		put(row->initial);
		putchar('.');
	}
	if (row->type == DIRECTIVE_NUMBER)
		printf(" From %llu to %llu.", row->minimum, row->maximum);
	if (row->flags & DIRECTIVE_REPEATABLE)
		fputs(" Several.", stdout);
	if (row->flags & DIRECTIVE_PROFILED)
		fputs(" Subject to profiles.", stdout);
	if (row->flags & DIRECTIVE_NEW)
		fputs(" _New._", stdout);
}

static void
put_directive(const struct directive *row)
{
	putchar('*');
	put(row->name);
	fputs(row->flags & DIRECTIVE_ONLY_SUFFIX ? ".NAME* " : "* ", stdout);
	if (row->type != DIRECTIVE_WRONG)
		put_values(row);
	fputs("\n\t", stdout);
	put(row->documentation);
	if (row->type == DIRECTIVE_WRONG)
		putchar('.');
	put_notes(row);
	fputs("\n\n", stdout);
}

static void
put_preference(const struct preference *row)
{
	char wanted[120];

	printf("*");
	put(row->name);
	printf("*\n\t");
	put(row->documentation);
	printf(" Value: ");
	put(preference_wanted(row, wanted, sizeof wanted));
	printf(".");
	if (row->initial != NULL && *row->initial != '\0') {
		printf(" Default: ");
		put(row->initial);
		printf(".");
	}
	printf("\n\n");
}

int
main(void)
{
	fputs(beginning, stdout);
	fputs("# DIRECTIVES\n\n", stdout);
	for (size_t i = 0; i < directive_count; i++) {
		const struct directive *row = &directive_table[i];

		if (row->type == DIRECTIVE_HEADING)
			printf("## %s\n\n%s\n\n", row->name, row->documentation);
		else
			put_directive(row);
	}
	fputs("# PREFERENCES\n\nThey stand in *Preference* lines; users change them where *AllowOverride* names them. "
	      "An empty value means the default.\n\n",
	      stdout);
	for (size_t i = 0; i < preference_count; i++)
		put_preference(&preference_table[i]);
	fputs(ending, stdout);
	return ferror(stdout) || fflush(stdout) != 0;
}
