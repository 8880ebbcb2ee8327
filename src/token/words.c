#include "token/words.h"

#define COMMON                                                                                                         \
	[' '] = true, [','] = true, [';'] = true, [':'] = true, ['\n'] = true, ['\t'] = true, ['\r'] = true,           \
	['@'] = true, ['+'] = true, ['*'] = true

#define SPARSE                                                                                                         \
	[' '] = true, [','] = true, [';'] = true, [':'] = true, ['"'] = true, ['/'] = true, ['\\'] = true,             \
	['['] = true, [']'] = true, ['}'] = true, ['{'] = true, ['='] = true, ['+'] = true, ['('] = true,              \
	[')'] = true, ['<'] = true, ['>'] = true, ['|'] = true, ['&'] = true, ['\n'] = true, ['\t'] = true,            \
	['\r'] = true, ['@'] = true, ['*'] = true, ['~'] = true, ['`'] = true, ['?'] = true, ['#'] = true,             \
	['$'] = true, ['%'] = true, ['^'] = true

const struct delimiters delimiters_body = {{COMMON, ['-'] = true, ['.'] = true}};
const struct delimiters delimiters_header = {{COMMON, ['-'] = true}};
const struct delimiters delimiters_sparse_body = {{SPARSE, ['.'] = true, ['_'] = true, ['-'] = true}};
const struct delimiters delimiters_sparse_header = {{SPARSE}};
