#include "net/tls.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/tls_private.h"

struct tls {
	SSL *ssl;
	BIO *input, *output; /* owned by ssl */
	bool failed;
	bool dry;       /* all that was pushed has been looked at */
	char name[256]; /* whom we call */
};

static struct tls *
connection_new(const struct tls_context *context)
{
	struct tls *tls = calloc(1, sizeof *tls);

	if (tls == NULL)
		abort();
	tls->dry = true;
	tls->ssl = SSL_new(context->ssl);
	tls->input = BIO_new(BIO_s_mem());
	tls->output = BIO_new(BIO_s_mem());
	if (tls->ssl == NULL || tls->input == NULL || tls->output == NULL)
		abort();
	BIO_set_mem_eof_return(tls->input, -1); /* empty means later, not the end */
	BIO_set_mem_eof_return(tls->output, -1);
	SSL_set_bio(tls->ssl, tls->input, tls->output);
	return tls;
}

struct tls *
tls_new_server(const struct tls_context *context)
{
	struct tls *tls = connection_new(context);

	SSL_set_accept_state(tls->ssl);
	return tls;
}

/* An address without brackets and without the scope of a link; false if the name is none. */
static bool
is_address(const char *name)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
}

/* Tell the peer whom we call, and check that it is that one. */
static void
expect_name(struct tls *tls, const char *name, bool verify)
{
	char *plain = tls->name;
	size_t size = strlen(name);
	bool brackets = size >= 2 && name[0] == '[' && name[size - 1] == ']';

	snprintf(plain, sizeof tls->name, "%.*s", (int)(brackets ? size - 2 : size), name + brackets);
	size = strlen(plain);
	if (size > 1 && plain[size - 1] == '.')
		plain[size - 1] = '\0';
	if (is_address(plain)) {
		if (verify && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls->ssl), plain) != 1)
			abort();
		return;
	}
	if (SSL_set_tlsext_host_name(tls->ssl, plain) != 1)
		ERR_clear_error();
	SSL_set_hostflags(tls->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (verify && SSL_set1_host(tls->ssl, plain) != 1)
		abort();
}

struct tls *
tls_new_client(const struct tls_context *context, const char *name)
{
	struct tls *tls = connection_new(context);

	SSL_set_connect_state(tls->ssl);
	if (name != NULL)
		expect_name(tls, name, context->verify);
	return tls;
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	SSL_free(tls->ssl);
	free(tls);
}

/* The other side has stopped where it must not. */
static enum tls_status
broken_off(struct tls *tls, const char *doing, struct error *error)
{
	tls->failed = true;
	error_later(error, ERROR_PROTOCOL, "%s: the other side has ended TLS in the middle of it", doing);
	return TLS_FAILED;
}

/* What a failed call means. */
static enum tls_status
status_of(struct tls *tls, int result, const char *doing, struct error *error)
{
	char reason[200];
	long verdict = SSL_get_verify_result(tls->ssl);
	bool wrong_name = verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;

	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		tls->dry = true;
		return TLS_MORE;
	case SSL_ERROR_ZERO_RETURN:
		if (SSL_is_init_finished(tls->ssl))
			return TLS_CLOSED;
		return broken_off(tls, doing, error);
	default:
		break;
	}
	tls->failed = true;
	if (verdict != X509_V_OK && !SSL_is_init_finished(tls->ssl))
		error_later(error, ERROR_PERMISSION, "%s: the certificate is not accepted: %s%s%s", doing,
			    X509_verify_cert_error_string(verdict), wrong_name ? "; it is not one of " : "",
			    wrong_name ? tls->name : "");
	else {
		tls_reason(reason, sizeof reason);
		error_later(error, ERROR_PROTOCOL, "%s: %s", doing, reason);
	}
	ERR_clear_error();
	return TLS_FAILED;
}

static enum tls_status
failed_before(struct error *error)
{
	error_later(error, ERROR_PROTOCOL, "TLS has failed");
	return TLS_FAILED;
}

enum tls_status
tls_handshake(struct tls *tls, struct error *error)
{
	if (tls->failed)
		return failed_before(error);
	ERR_clear_error();
	int result = SSL_do_handshake(tls->ssl);
	return result == 1 ? TLS_GOOD : status_of(tls, result, "TLS handshake", error);
}

enum tls_status
tls_read(struct tls *tls, char *data, size_t size, size_t *got, struct error *error)
{
	*got = 0;
	if (tls->failed)
		return failed_before(error);
	ERR_clear_error();
	int result = SSL_read_ex(tls->ssl, data, size, got);
	return result == 1 ? TLS_GOOD : status_of(tls, result, "TLS", error);
}

enum tls_status
tls_peek(struct tls *tls, struct error *error)
{
	char byte;
	size_t got;

	if (tls->failed)
		return failed_before(error);
	ERR_clear_error();
	int result = SSL_peek_ex(tls->ssl, &byte, 1, &got);
	return result == 1 ? TLS_GOOD : status_of(tls, result, "TLS", error);
}

enum tls_status
tls_write(struct tls *tls, struct span data, size_t *taken, struct error *error)
{
	*taken = 0;
	if (tls->failed)
		return failed_before(error);
	data = span_head(data, TLS_WRITE_MOST);
	if (data.size == 0)
		return TLS_GOOD;
	ERR_clear_error();
	int result = SSL_write_ex(tls->ssl, data.data, data.size, taken);
	enum tls_status status = result == 1 ? TLS_GOOD : status_of(tls, result, "TLS", error);
	/* waiting for a peer who has left his own message half said could be for ever */
	return status == TLS_GOOD || status == TLS_FAILED ? status : broken_off(tls, "TLS", error);
}

void
tls_shutdown(struct tls *tls)
{
	if (!tls->failed && SSL_is_init_finished(tls->ssl))
		SSL_shutdown(tls->ssl);
	ERR_clear_error();
}

bool
tls_pending(const struct tls *tls)
{
	return !tls->failed && !tls->dry;
}

void
tls_push(struct tls *tls, struct span bytes)
{
	if (tls->failed || bytes.size == 0)
		return;
	if (BIO_write(tls->input, bytes.data, (int)bytes.size) != (int)bytes.size)
		abort();
	tls->dry = false;
}

struct span
tls_output(const struct tls *tls)
{
	char *data = NULL;
	long size = BIO_get_mem_data(tls->output, &data);

	return size > 0 ? span_of(data, (size_t)size) : span_of(NULL, 0);
}

void
tls_written(struct tls *tls, size_t count)
{
	char dropped[4096];

	while (count > 0) {
		size_t piece = count < sizeof dropped ? count : sizeof dropped;
		if (BIO_read(tls->output, dropped, (int)piece) != (int)piece)
			abort();
		count -= piece;
	}
}

bool
tls_is_of(const struct tls *tls, const struct tls_context *context)
{
	return SSL_get_SSL_CTX(tls->ssl) == context->ssl;
}

void
tls_describe(const struct tls *tls, char *text, size_t size)
{
	snprintf(text, size, "%s with %s", SSL_get_version(tls->ssl), SSL_get_cipher_name(tls->ssl));
}

void
tls_peer_subject(const struct tls *tls, char *text, size_t size)
{
	const X509 *certificate = SSL_get0_peer_certificate(tls->ssl);

	text[0] = '\0';
	if (certificate == NULL || SSL_get_verify_result(tls->ssl) != X509_V_OK)
		return;
	X509_NAME_oneline(X509_get_subject_name(certificate), text, (int)size);
}
