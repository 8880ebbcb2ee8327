#include "mail/html_entity.h"

struct entity {
	struct span name;
	unsigned code;
};

#define ENTITY(literal, code)                                                                                          \
	{                                                                                                              \
		{literal, sizeof(literal) - 1}, code                                                                   \
	}

static const struct entity entities[] = {
	ENTITY("quot", 34),    ENTITY("amp", 38),     ENTITY("lt", 60),      ENTITY("gt", 62),
	ENTITY("nbsp", 32),    ENTITY("iexcl", 161),  ENTITY("cent", 162),   ENTITY("pound", 163),
	ENTITY("curren", 164), ENTITY("yen", 165),    ENTITY("brvbar", 166), ENTITY("sect", 167),
	ENTITY("uml", 168),    ENTITY("copy", 169),   ENTITY("ordf", 170),   ENTITY("laquo", 171),
	ENTITY("not", 172),    ENTITY("shy", 173),    ENTITY("reg", 174),    ENTITY("macr", 175),
	ENTITY("deg", 176),    ENTITY("plusmn", 177), ENTITY("sup2", 178),   ENTITY("sup3", 179),
	ENTITY("acute", 180),  ENTITY("micro", 181),  ENTITY("para", 182),   ENTITY("middot", 183),
	ENTITY("cedil", 184),  ENTITY("sup1", 185),   ENTITY("ordm", 186),   ENTITY("raquo", 187),
	ENTITY("frac14", 188), ENTITY("frac12", 189), ENTITY("frac34", 190), ENTITY("iquest", 191),
	ENTITY("Agrave", 192), ENTITY("Aacute", 193), ENTITY("Acirc", 194),  ENTITY("Atilde", 195),
	ENTITY("Auml", 196),   ENTITY("Aring", 197),  ENTITY("AElig", 198),  ENTITY("Ccedil", 199),
	ENTITY("Egrave", 200), ENTITY("Eacute", 201), ENTITY("Ecirc", 202),  ENTITY("Euml", 203),
	ENTITY("Igrave", 204), ENTITY("Iacute", 205), ENTITY("Icirc", 206),  ENTITY("Iuml", 207),
	ENTITY("ETH", 208),    ENTITY("Ntilde", 209), ENTITY("Ograve", 210), ENTITY("Oacute", 211),
	ENTITY("Ocirc", 212),  ENTITY("Otilde", 213), ENTITY("Ouml", 214),   ENTITY("times", 215),
	ENTITY("Oslash", 216), ENTITY("Ugrave", 217), ENTITY("Uacute", 218), ENTITY("Ucirc", 219),
	ENTITY("Uuml", 220),   ENTITY("Yacute", 221), ENTITY("THORN", 222),  ENTITY("szlig", 223),
	ENTITY("agrave", 224), ENTITY("aacute", 225), ENTITY("acirc", 226),  ENTITY("atilde", 227),
	ENTITY("auml", 228),   ENTITY("aring", 229),  ENTITY("aelig", 230),  ENTITY("ccedil", 231),
	ENTITY("egrave", 232), ENTITY("eacute", 233), ENTITY("ecirc", 234),  ENTITY("euml", 235),
	ENTITY("igrave", 236), ENTITY("iacute", 237), ENTITY("icirc", 238),  ENTITY("iuml", 239),
	ENTITY("eth", 240),    ENTITY("ntilde", 241), ENTITY("ograve", 242), ENTITY("oacute", 243),
	ENTITY("ocirc", 244),  ENTITY("otilde", 245), ENTITY("ouml", 246),   ENTITY("divide", 247),
	ENTITY("oslash", 248), ENTITY("ugrave", 249), ENTITY("uacute", 250), ENTITY("ucirc", 251),
	ENTITY("uuml", 252),   ENTITY("yacute", 253), ENTITY("thorn", 254),  ENTITY("yuml", 255),
};

/* The names beyond Latin-1, each between blanks. */
static const char beyond[] =
	" OElig oelig Scaron scaron Yuml fnof circ tilde Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota "
	"Kappa Lambda Mu Nu Xi Omicron Pi Rho Sigma Tau Upsilon Phi Chi Psi Omega alpha beta gamma delta "
	"epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi "
	"psi omega thetasym upsih piv ensp emsp thinsp zwnj zwj lrm rlm ndash mdash lsquo rsquo sbquo ldquo "
	"rdquo bdquo dagger Dagger bull hellip permil prime Prime lsaquo rsaquo oline frasl euro image "
	"weierp real trade alefsym larr uarr rarr darr harr crarr lArr uArr rArr dArr hArr forall part exist "
	"empty nabla isin notin ni prod sum minus lowast radic prop infin ang and or cap cup int there4 sim "
	"cong asymp ne equiv le ge sub sup nsub sube supe oplus otimes perp sdot lceil rceil lfloor rfloor "
	"lang rang loz spades clubs hearts diams ";

unsigned
html_entity_code(struct span name)
{
	struct span rest = span_of(beyond, sizeof beyond - 1), word;

	for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
		if (span_equal_nocase(entities[i].name, name))
			return entities[i].code;
	while (span_next_word(&rest, " ", &word))
		if (span_equal_nocase(word, name))
			return 256;
	return 0;
}
