#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "net/tls_private.h"

/* For TLS 1.2; those of TLS 1.3 are all good. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!aNULL"

#define SOON ((time_t)14 * 24 * 3600) /* seconds before a certificate ends at which we begin to say so */

void
tls_reason(char *text, size_t size)
{
	unsigned long code = ERR_peek_error();
	const char *reason = ERR_reason_error_string(code);

	bool other = ERR_GET_LIB(code) == ERR_LIB_SSL &&
		     (ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER || ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST);
	if (other)
		snprintf(text, size, "the other side speaks no TLS here (%s)", reason);
	else if (reason != NULL)
		snprintf(text, size, "%s", reason);
	else if (code != 0)
		ERR_error_string_n(code, text, size);
	else
		snprintf(text, size, "unknown error");
	ERR_clear_error();
}

/* ---- files --------------------------------------------------------------------------- */

/* What is wrong with a file, by the directive that names it. */
static bool
wrong(const struct tls_settings *settings, const char *directive, const char *path, const char *what,
      struct error *error)
{
	ERR_clear_error();
	return error_set(error, ERROR_CONFIG, "%s%s %.200s: %s", settings->directives, directive, path, what);
}

/* Whether a file can be read; OpenSSL's own words for that help nobody. */
static bool
can_read(const struct tls_settings *settings, const char *directive, const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return wrong(settings, directive, path, strerror(errno), error);
	close(fd);
	return true;
}

static const char *
key_path(const struct tls_settings *settings)
{
	return settings->key != NULL ? settings->key : settings->certificate;
}

static void
warn_if_exposed(const struct tls_settings *settings)
{
	const char *path = key_path(settings);
	struct stat status;

	if (stat(path, &status) == 0 && (status.st_mode & S_IROTH) != 0)
		log_warning("%s%s %s: everybody on this machine can read the key; take that away with \"chmod o= %s\"",
			    settings->directives, settings->key != NULL ? "Key" : "Certificate", path, path);
}

static void
warn_if_ending(const struct tls_settings *settings, const X509 *certificate)
{
	const ASN1_TIME *end = X509_get0_notAfter(certificate);
	time_t soon = time(NULL) + SOON;
	struct tm tm;
	char text[40];

	if (X509_cmp_time(end, &soon) > 0 || ASN1_TIME_to_tm(end, &tm) != 1)
		return;
	strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &tm);
	log_warning("%sCertificate %s: it %s at %s; get a new one, then send the daemon a SIGHUP", settings->directives,
		    settings->certificate, X509_cmp_current_time(end) > 0 ? "ends" : "has ended", text);
}

/* A key behind a passphrase: there is nobody to type it. */
static int
no_passphrase(char *text, int size, int writing, void *asked)
{
	(void)text;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static bool
load_key(SSL_CTX *ssl, const struct tls_settings *settings, struct error *error)
{
	const char *path = key_path(settings);
	const char *directive = settings->key != NULL ? "Key" : "Certificate";
	bool asked = false;

	if (!can_read(settings, directive, path, error))
		return false;
	SSL_CTX_set_default_passwd_cb(ssl, no_passphrase);
	SSL_CTX_set_default_passwd_cb_userdata(ssl, &asked);
	bool good = SSL_CTX_use_PrivateKey_file(ssl, path, SSL_FILETYPE_PEM) == 1;
	SSL_CTX_set_default_passwd_cb(ssl, NULL);
	SSL_CTX_set_default_passwd_cb_userdata(ssl, NULL);
	if (good)
		return true;
	if (asked)
		return wrong(settings, directive, path,
			     "the key is behind a passphrase; write it without one (openssl pkey -in OLD -out NEW)",
			     error);
	/* With a certificate in place, OpenSSL refuses a key that is not its own. */
	if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
		return wrong(settings, directive, path,
			     "the key is not that of the certificate; give the two that were made together", error);
	return wrong(settings, directive, path,
		     settings->key != NULL ? "there is no private key in PEM format in it"
					   : "there is no private key in PEM format in it; name its file with the "
					     "directive that ends in Key",
		     error);
}

static bool
load_certificate(SSL_CTX *ssl, const struct tls_settings *settings, struct error *error)
{
	char reason[200], text[300];

	if (!can_read(settings, "Certificate", settings->certificate, error))
		return false;
	if (SSL_CTX_use_certificate_chain_file(ssl, settings->certificate) != 1) {
		tls_reason(reason, sizeof reason);
		snprintf(text, sizeof text, "there is no certificate in PEM format that can be used in it (%s)",
			 reason);
		return wrong(settings, "Certificate", settings->certificate, text, error);
	}
	if (!load_key(ssl, settings, error))
		return false;
	warn_if_exposed(settings);
	warn_if_ending(settings, SSL_CTX_get0_certificate(ssl));
	return true;
}

static bool
load_ca(SSL_CTX *ssl, const struct tls_settings *settings, struct error *error)
{
	struct stat status;

	if (!can_read(settings, "CA", settings->ca, error))
		return false;
	bool directory = stat(settings->ca, &status) == 0 && S_ISDIR(status.st_mode);
	if (SSL_CTX_load_verify_locations(ssl, directory ? NULL : settings->ca, directory ? settings->ca : NULL) == 1)
		return true;
	return wrong(settings, "CA", settings->ca, "there is no certificate in PEM format in it", error);
}

/* ---- contexts ------------------------------------------------------------------------ */

static struct tls_context *
context_new(const SSL_METHOD *method)
{
	struct tls_context *context = calloc(1, sizeof *context);

	if (context == NULL)
		abort();
	context->ssl = SSL_CTX_new(method);
	if (context->ssl == NULL || SSL_CTX_set_min_proto_version(context->ssl, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(context->ssl, CIPHERS) != 1)
		abort(); /* no memory, or an OpenSSL that cannot be ours */
	SSL_CTX_set_options(context->ssl,
			    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(context->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					       SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(context->ssl, SSL_SESS_CACHE_OFF);
	return context;
}

/* Ask clients for certificates of these authorities. */
static bool
demand_certificates(SSL_CTX *ssl, const struct tls_settings *settings, enum tls_client_certificate demand,
		    struct error *error)
{
	struct stat status;
	int mode = SSL_VERIFY_PEER;

	if (demand == TLS_CLIENT_CERTIFICATE_OFF)
		return true;
	if (settings->ca == NULL)
		return error_set(error, ERROR_CONFIG,
				 "%sCA is missing: it names the file of those whose certificates clients may show",
				 settings->directives);
	if (!load_ca(ssl, settings, error))
		return false;
	if (stat(settings->ca, &status) == 0 && S_ISREG(status.st_mode))
		SSL_CTX_set_client_CA_list(ssl, SSL_load_client_CA_file(settings->ca));
	if (demand == TLS_CLIENT_CERTIFICATE_REQUIRE)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_CTX_set_verify(ssl, mode, NULL);
	return true;
}

static bool
finish(struct tls_context *made, bool good, struct tls_context **context)
{
	*context = good ? made : NULL;
	if (!good)
		tls_context_free(made);
	ERR_clear_error();
	return good;
}

bool
tls_context_new_server(const struct tls_settings *settings, enum tls_client_certificate demand,
		       struct tls_context **context, struct error *error)
{
	static const unsigned char id[] = "dspam"; /* tickets are good for this context alone in any case */

	*context = NULL;
	if (!openssl_load(error))
		return false;
	struct tls_context *made = context_new(TLS_server_method());
	SSL_CTX_set_session_id_context(made->ssl, id, sizeof id - 1);
	SSL_CTX_set_dh_auto(made->ssl, 1);
	bool good = settings->certificate != NULL ||
		    error_set(error, ERROR_CONFIG, "%sCertificate is missing: it names the file of our certificate",
			      settings->directives);
	good = good && load_certificate(made->ssl, settings, error) &&
	       demand_certificates(made->ssl, settings, demand, error);
	return finish(made, good, context);
}

bool
tls_context_new_client(const struct tls_settings *settings, bool verify, struct tls_context **context,
		       struct error *error)
{
	*context = NULL;
	if (!openssl_load(error))
		return false;
	struct tls_context *made = context_new(TLS_client_method());
	bool good = true;

	if (verify) {
		made->verify = true;
		SSL_CTX_set_verify(made->ssl, SSL_VERIFY_PEER, NULL);
		good = settings->ca != NULL ? load_ca(made->ssl, settings, error)
					    : SSL_CTX_set_default_verify_paths(made->ssl) == 1 ||
						      error_set(error, ERROR_CONFIG,
								"the certificates of this system cannot be read; name "
								"a file with %sCA",
								settings->directives);
	}
	good = good && (settings->certificate == NULL || load_certificate(made->ssl, settings, error));
	return finish(made, good, context);
}

void
tls_context_free(struct tls_context *context)
{
	if (context == NULL)
		return;
	SSL_CTX_free(context->ssl);
	free(context);
}
