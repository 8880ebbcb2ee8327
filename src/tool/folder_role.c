#include "tool/folder_role.h"

#include <iconv.h>
#include <stdint.h>

const char *
folder_role_name(enum folder_role role)
{
	static const char *const names[] = {"innocent", "spam", "left out"};

	return names[role];
}

/* ---- what the caller said ------------------------------------------------------------- */

/* 0: the rule is not about this folder; else the greater, the nearer. */
static size_t
nearness(struct span rule, struct span name)
{
	if (rule.size == 0 || !span_starts_nocase(name, rule))
		return 0;
	return name.size == rule.size || name.data[rule.size] == '/' ? rule.size : 0;
}

static struct span
below_inbox(struct span name)
{
	return span_starts_nocase(name, SPAN("INBOX/")) ? span_skip(name, sizeof "INBOX/" - 1) : SPAN("");
}

static const struct folder_rule *
nearest_rule(const struct folder_view *folder, struct folder_rules *rules)
{
	struct span name = span_from(folder->name), raw = span_from(folder->raw);
	const struct folder_rule *nearest = NULL;
	size_t best = 0;

	for (size_t i = 0; i < rules->count; i++) {
		struct folder_rule *rule = &rules->items[i];
		struct span text = span_from(rule->folder);
		size_t near = nearness(text, name), inner = nearness(text, below_inbox(name));
		if (span_equal_nocase(text, SPAN("INBOX")) && name.size > text.size)
			near = 0; /* where all folders lie below the inbox it still means the inbox alone */
		if (near == 0)
			near = inner;
		if (near == 0 && span_equal(text, raw))
			near = raw.size;
		rule->used |= near > 0;
		if (near > best) {
			best = near;
			nearest = rule;
		}
	}
	return nearest;
}

/* ---- what the server says ---------------------------------------------------------------- */

static const struct {
	const char *use;
	struct folder_opinion opinion;
} uses[] = {
	{"\\Junk", {FOLDER_SPAM, "special use \\Junk"}},
	{"\\Archive", {FOLDER_INNOCENT, "special use \\Archive"}},
	{"\\Drafts", {FOLDER_LEFT_OUT, "special use \\Drafts"}},
	{"\\Sent", {FOLDER_LEFT_OUT, "special use \\Sent"}},
	{"\\Trash", {FOLDER_LEFT_OUT, "special use \\Trash"}},
	{"\\All", {FOLDER_LEFT_OUT, "special use \\All: holds what other folders hold"}},
	{"\\Flagged", {FOLDER_LEFT_OUT, "special use \\Flagged: holds what other folders hold"}},
	{"\\Important", {FOLDER_LEFT_OUT, "special use \\Important: holds what other folders hold"}},
};

static const struct folder_opinion *
opinion_of_use(struct span use)
{
	for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
		if (span_equal_nocase(use, span_from(uses[i].use)))
			return &uses[i].opinion;
	return NULL;
}

bool
folder_is_use(struct span attribute)
{
	return opinion_of_use(attribute) != NULL;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* clang-format off */
/* As the common programs call them, in some languages of theirs; servers that know special uses need none of it. */
static const char *const spam_names[] = {
	"junk", "spam", "junk mail", "junk e-mail", "junk email", "junk-e-mail", "bulk mail", "spamverdacht",
	"unerwünscht", "pourriel", "indésirables", "courrier indésirable", "correo no deseado", "posta indesiderata",
	"ongewenste e-mail", "ongewenst", "lixo eletrônico", "skräppost", "søppelpost", "Спам",
	"Нежелательная почта", "迷惑メール", "垃圾邮件", NULL,
};

static const char *const other_names[] = {
	"drafts", "draft", "entwürfe", "brouillons", "borradores", "bozze", "concepten", "rascunhos", "Черновики",
	"sent", "sent items", "sent mail", "sent messages", "sent-mail", "gesendet", "gesendete",
	"gesendete elemente", "gesendete objekte", "envoyés", "éléments envoyés", "Éléments envoyés",
	"messages envoyés", "enviados", "elementos enviados", "inviata", "posta inviata", "verzonden",
	"verzonden items", "skickat", "Отправленные", "trash", "deleted", "deleted items", "deleted messages", "bin",
	"papierkorb", "gelöscht", "gelöschte elemente", "gelöschte objekte", "corbeille", "éléments supprimés",
	"Éléments supprimés", "papelera", "elementos eliminados", "cestino", "prullenbak", "lixeira", "papperskorg",
	"Корзина", "outbox", "postausgang", "unsent messages", "queue", "templates", "vorlagen", "modèles",
	"plantillas", "notes", "notizen", "contacts", "kontakte", "calendar", "kalender", "tasks", "aufgaben",
	"journal", "chats", "rss feeds", "rss-feeds", "sync issues", "conversation history", "quarantine", NULL,
};
/* clang-format on */

static bool
is_one_of(struct span word, const char *const *names)
{
	for (; *names != NULL; names++)
		if (span_equal_nocase(word, span_from(*names)))
			return true;
	return false;
}

static struct folder_opinion
opinion_of_names(struct span name)
{
	struct span word;

	while (span_next_word(&name, "/", &word)) {
		if (is_one_of(word, spam_names))
			return (struct folder_opinion){FOLDER_SPAM, "its name"};
		if (is_one_of(word, other_names))
			return (struct folder_opinion){FOLDER_LEFT_OUT, "its name"};
	}
	return (struct folder_opinion){FOLDER_INNOCENT, "mail that was kept"};
}

struct folder_opinion
folder_judge(const struct folder_view *folder, struct folder_rules *rules)
{
	static const char *const options[] = {
		[FOLDER_INNOCENT] = "--innocent", [FOLDER_SPAM] = "--spam", [FOLDER_LEFT_OUT] = "--skip"};
	const struct folder_rule *rule = nearest_rule(folder, rules);
	const struct folder_opinion *opinion = opinion_of_use(folder->use);

	if (rule != NULL)
		return (struct folder_opinion){rule->role, options[rule->role]};
	struct folder_opinion by_name = opinion_of_names(span_from(folder->name));
	/* a folder of spam may lie in the archive */
	return opinion == NULL || (opinion->role == FOLDER_INNOCENT && by_name.role != FOLDER_INNOCENT) ? by_name
													: *opinion;
}

/* ---- modified UTF-7 --------------------------------------------------------------------------- */

static bool
is_ascii(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if ((unsigned char)text.data[i] >= 128)
			return false;
	return true;
}

/* The size of what was made of it, or SPAN_NONE: it is none. */
static size_t
convert(const char *from_charset, struct span name, char *text, size_t size)
{
	iconv_t converter = iconv_open("UTF-8", from_charset);
	char *from = (char *)(uintptr_t)name.data, *to = text;
	size_t left = name.size, room = size;

	if (converter == (iconv_t)-1)
		return SPAN_NONE;
	size_t done = iconv(converter, &from, &left, &to, &room);
	if (done != (size_t)-1)
		done = iconv(converter, NULL, NULL, &to, &room);
	iconv_close(converter);
	return done == (size_t)-1 || left > 0 ? SPAN_NONE : size - room;
}

const char *
folder_name_decode(struct arena *arena, struct span name)
{
	size_t room = 4 * name.size + 8;
	char *text = arena_text(arena, room + 1);

	if (text == NULL)
		return NULL;
	/* Dovecot and others keep names in UTF-8 as well */
	size_t size = convert(is_ascii(name) ? "UTF-7-IMAP" : "UTF-8", name, text, room);
	if (size == SPAN_NONE) {
		size = name.size;
		for (size_t i = 0; i < size; i++)
			text[i] = (unsigned char)name.data[i] >= 128 ? '?' : name.data[i];
	}
	for (size_t i = 0; i < size; i++) {
		bool long_control = text[i] == '\xC2' && i + 1 < size && (unsigned char)text[i + 1] < 0xA0;
		if (long_control)
			text[i++] = '?';
		if ((unsigned char)text[i] < ' ' || text[i] == 127 || long_control)
			text[i] = '?';
	}
	text[size] = '\0';
	return text;
}
