/* Both ends of a TLS connection without sockets, put together in one way or another; and certificates for them. */
#ifndef DSPAM_TESTS_NET_TLS_PAIR_H
#define DSPAM_TESTS_NET_TLS_PAIR_H

#include "certificates.h"

#include "base/log.h"
#include "net/tls.h"

static struct certificates files;

/* Both ends of a connection. */
struct pair {
	struct tls *server, *client;
	struct tls_context *server_context, *client_context;
	enum tls_status server_status, client_status;
	struct error server_error, client_error;
};

/* One way of putting two ends together. */
struct scene {
	const char *title;
	const char *certificate, *key;
	enum tls_client_certificate demand;
	const char *client_certificate;
	const char *ca; /* of the client; NULL: it does not verify */
	const char *name;
	const char *complaint; /* in the client's error; NULL: all is well */
	const char *refusal;   /* in the server's; NULL: all is well there */
};

#define GOOD "server.pem", "server.key"
#define OFF TLS_CLIENT_CERTIFICATE_OFF
#define ASK TLS_CLIENT_CERTIFICATE_ASK
#define REQUIRE TLS_CLIENT_CERTIFICATE_REQUIRE

static inline void
pair_open(struct pair *pair, const struct scene *scene)
{
	char certificate[40], key[40];
	const struct tls_settings server = {
		.directives = "ServerTLS", .certificate = scene->certificate, .key = scene->key, .ca = "ca.pem"};
	struct tls_settings client = {.directives = "ClientTLS"};
	struct error error;

	*pair = (struct pair){.server_status = TLS_MORE, .client_status = TLS_MORE};
	if (scene->ca != NULL && *scene->ca != '\0')
		client.ca = scene->ca;
	if (scene->client_certificate != NULL) {
		snprintf(certificate, sizeof certificate, "%s.pem", scene->client_certificate);
		snprintf(key, sizeof key, "%s.key", scene->client_certificate);
		client.certificate = certificate;
		client.key = key;
	}
	if (!tls_context_new_server(&server, scene->demand, &pair->server_context, &error) ||
	    !tls_context_new_client(&client, scene->ca != NULL, &pair->client_context, &error))
		fail_msg("%s: %s", scene->title, error.text);
	pair->server = tls_new_server(pair->server_context);
	pair->client = tls_new_client(pair->client_context, scene->name);
	/* connections keep what they need */
	assert_true(tls_is_of(pair->client, pair->client_context));
	assert_false(tls_is_of(pair->client, pair->server_context));
	tls_context_free(pair->server_context);
	tls_context_free(pair->client_context);
}

static inline void
pair_close(struct pair *pair)
{
	tls_free(pair->server);
	tls_free(pair->client);
}

/* Carry up to `step` bytes over; false when there is nothing. */
static inline bool
carry(struct tls *from, struct tls *to, size_t step)
{
	char bytes[70000];
	struct span output = span_head(tls_output(from), step);

	if (output.size == 0)
		return false;
	assert_true(output.size <= sizeof bytes);
	memcpy(bytes, output.data, output.size);
	tls_written(from, output.size);
	tls_push(to, span_of(bytes, output.size));
	return true;
}

/* Until both have nothing more to say. A client knows of a refusal in TLS 1.3 only when it reads. */
static inline void
shake_hands(struct pair *pair, size_t step)
{
	char byte;
	size_t got;
	bool moved = true;

	while (moved) {
		if (pair->client_status == TLS_MORE)
			pair->client_status = tls_handshake(pair->client, &pair->client_error);
		if (pair->client_status == TLS_GOOD &&
		    tls_read(pair->client, &byte, 1, &got, &pair->client_error) == TLS_FAILED)
			pair->client_status = TLS_FAILED;
		moved = carry(pair->client, pair->server, step);
		if (pair->server_status == TLS_MORE)
			pair->server_status = tls_handshake(pair->server, &pair->server_error);
		if (pair->server_status == TLS_GOOD &&
		    tls_read(pair->server, &byte, 1, &got, &pair->server_error) == TLS_FAILED)
			pair->server_status = TLS_FAILED;
		moved |= carry(pair->server, pair->client, step);
	}
}

static inline int
set_up(void **state)
{
	(void)state;
	log_open("test", false, false, LOG_LEVEL_ERROR); /* certificates that have ended are so on purpose */
	certificates_make(&files);
	return 0;
}

static inline int
tear_down(void **state)
{
	(void)state;
	certificates_remove(&files);
	return 0;
}

#endif
