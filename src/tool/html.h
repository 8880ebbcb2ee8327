/* Text in a page of HTML: what could be taken for markup is escaped. Pure, but for writing. */
#ifndef DSPAM_TOOL_HTML_H
#define DSPAM_TOOL_HTML_H

#include <stdio.h>

/* Right between tags and within quoted attributes; control bytes become U+FFFD. */
void html_put(FILE *out, const char *text);

/* Words as a shell would take them. */
void html_put_command(FILE *out, char **words);

#endif
