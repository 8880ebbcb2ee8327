#include "daemon/server_tls.h"

/* The number of a word, as the table of directives has them; a wrong one must not mean less than was meant. */
static bool
read_word(const struct config *config, const char *name, const char *const *words, unsigned *number,
	  struct error *error)
{
	for (*number = 0; words[*number] != NULL; ++*number)
		if (config_has(config, name, words[*number]))
			return true;
	return error_set(error, ERROR_CONFIG, "%s %s: it must be %s, %s or %s", name, config_get(config, name),
			 words[0], words[1], words[2]);
}

bool
server_tls_read(const struct config *config, enum lmtp_server_tls *offer, struct tls_context **context,
		struct error *error)
{
	static const char *const offers[] = {"off", "starttls", "required", NULL}; /* enum lmtp_server_tls */
	static const char *const demands[] = {"off", "ask", "require", NULL};      /* enum tls_client_certificate */
	const struct tls_settings settings = {
		.directives = "ServerTLS",
		.certificate = config_get(config, "ServerTLSCertificate"),
		.key = config_get(config, "ServerTLSKey"),
		.ca = config_get(config, "ServerTLSCA"),
	};
	unsigned level, demand;

	*context = NULL;
	if (!read_word(config, "ServerTLS", offers, &level, error) ||
	    !read_word(config, "ServerTLSClientCertificate", demands, &demand, error))
		return false;
	*offer = (enum lmtp_server_tls)level;
	if (*offer == LMTP_SERVER_TLS_NONE && !config_is_set(config, "ServerTLSPort"))
		return true;
	return tls_context_new_server(&settings, (enum tls_client_certificate)demand, context, error);
}
