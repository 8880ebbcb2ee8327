/* TLS without sockets: who is believed, what is refused, in pieces of any size; and files that are wrong. */
#include "certificates.h"

#include <openssl/ssl.h>
#include <sys/stat.h>

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

static const struct scene scenes[] = {
	{"name", GOOD, OFF, NULL, "ca.pem", "localhost", NULL, NULL},
	{"name with a dot, in capitals", GOOD, OFF, NULL, "ca.pem", "LOCALHOST.", NULL, NULL},
	{"address", GOOD, OFF, NULL, "ca.pem", "127.0.0.1", NULL, NULL},
	{"IPv6 in brackets", GOOD, OFF, NULL, "ca.pem", "[::1]", NULL, NULL},
	{"no name to check", GOOD, OFF, NULL, "ca.pem", NULL, NULL, NULL},
	{"key in one file", "combined.pem", NULL, OFF, NULL, "ca.pem", "localhost", NULL, NULL},
	{"chain", "chain.pem", "chain.key", OFF, NULL, "ca.pem", "localhost", NULL, NULL},
	{"chain without its middle", "leaf.pem", "leaf.key", OFF, NULL, "ca.pem", "localhost",
	 "unable to get local issuer certificate", "unknown ca"},
	{"another name", "wrong-name.pem", "wrong-name.key", OFF, NULL, "ca.pem", "localhost",
	 "hostname mismatch; it is not one of localhost", ""},
	{"another address", GOOD, OFF, NULL, "ca.pem", "127.0.0.2", "IP address mismatch; it is not one of 127.0.0.2",
	 ""},
	{"name only as subject", "client.pem", "client.key", OFF, NULL, "ca.pem", "client.example", "unsuitable", ""},
	{"ended", "expired.pem", "expired.key", OFF, NULL, "ca.pem", "localhost", "certificate has expired", "expired"},
	{"stranger", "stranger.pem", "stranger.key", OFF, NULL, "ca.pem", "localhost",
	 "unable to get local issuer certificate", "unknown ca"},
	{"believed by the system", GOOD, OFF, NULL, "", "localhost", "certificate", ""},
	{"anybody will do", "expired.pem", "expired.key", OFF, NULL, NULL, "elsewhere.example", NULL, NULL},
	{"a client without certificate where one is welcome", GOOD, ASK, NULL, "ca.pem", "localhost", NULL, NULL},
	{"a client with a certificate", GOOD, ASK, "client", "ca.pem", "localhost", NULL, NULL},
	{"a client with a bad certificate", GOOD, ASK, "stranger", "ca.pem", "localhost", "unknown ca",
	 "unable to get local issuer certificate"},
	{"a client with one that must be", GOOD, REQUIRE, "client", "ca.pem", "localhost", NULL, NULL},
	{"a client without one that must be", GOOD, REQUIRE, NULL, "ca.pem", "localhost", "certificate required",
	 "peer did not return a certificate"},
	{"a client whose certificate has ended", GOOD, REQUIRE, "expired", "ca.pem", "localhost", "expired",
	 "certificate has expired"},
};

static void
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

static void
pair_close(struct pair *pair)
{
	tls_free(pair->server);
	tls_free(pair->client);
}

/* Carry up to `step` bytes over; false when there is nothing. */
static bool
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
static void
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

static void
expect(const struct scene *scene, const char *side, enum tls_status status, const struct error *error,
       const char *complaint)
{
	if (complaint == NULL && status != TLS_GOOD)
		fail_msg("%s: the %s says %s", scene->title, side, error->text);
	if (complaint != NULL && status != TLS_FAILED)
		fail_msg("%s: the %s is content", scene->title, side);
	if (complaint != NULL && strstr(error->text, complaint) == NULL)
		fail_msg("%s: the %s says %s", scene->title, side, error->text);
	assert_true(status == TLS_GOOD || error->temporary);
}

static void
test_who_is_believed(void **state)
{
	static const size_t steps[] = {1, 7, 16384};

	(void)state;
	for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++)
		for (size_t j = 0; j < 3; j++) {
			struct pair pair;
			pair_open(&pair, &scenes[i]);
			shake_hands(&pair, steps[j]);
			expect(&scenes[i], "client", pair.client_status, &pair.client_error, scenes[i].complaint);
			expect(&scenes[i], "server", pair.server_status, &pair.server_error, scenes[i].refusal);
			pair_close(&pair);
		}
}

static void
test_what_is_said_about_a_connection(void **state)
{
	static const struct scene scene = {"client", GOOD, REQUIRE, "client", "ca.pem", "localhost", NULL, NULL};
	struct pair pair;
	char text[200];

	(void)state;
	pair_open(&pair, &scene);
	shake_hands(&pair, 1000);
	tls_describe(pair.server, text, sizeof text);
	assert_memory_equal(text, "TLSv1.3 with TLS_", 17);
	tls_peer_subject(pair.server, text, sizeof text);
	assert_string_equal(text, "/CN=client.example");
	tls_peer_subject(pair.client, text, sizeof text);
	assert_string_equal(text, "/CN=localhost");
	pair_close(&pair);
}

/* 200,000 bytes one way, in pieces of `step`, and not more of them in memory than one write makes. */
static void
check_transfer(size_t step)
{
	struct pair pair;
	char *sent = malloc(200000), data[5000];
	size_t received = 0, taken, got, offset = 0;
	struct error error;

	assert_non_null(sent);
	for (size_t i = 0; i < 200000; i++)
		sent[i] = (char)(i * 7919 >> 3);
	pair_open(&pair, &scenes[0]);
	shake_hands(&pair, step);
	while (received < 200000) {
		if (tls_output(pair.client).size == 0 && offset < 200000) {
			struct span rest = span_of(sent + offset, 200000 - offset);
			assert_int_equal(tls_write(pair.client, rest, &taken, &error), TLS_GOOD);
			assert_true(taken > 0 && taken <= TLS_WRITE_MOST);
			assert_true(tls_output(pair.client).size < TLS_WRITE_MOST + 100);
			offset += taken;
		}
		carry(pair.client, pair.server, step);
		assert_true(tls_pending(pair.server));
		while (tls_read(pair.server, data, sizeof data, &got, &error) == TLS_GOOD) {
			assert_memory_equal(data, sent + received, got);
			received += got;
		}
		assert_false(tls_pending(pair.server));
	}
	tls_shutdown(pair.client);
	while (carry(pair.client, pair.server, step))
		;
	assert_int_equal(tls_read(pair.server, data, sizeof data, &got, &error), TLS_CLOSED);
	assert_int_equal(got, 0);
	pair_close(&pair);
	free(sent);
}

static void
test_transfer(void **state)
{
	static const size_t steps[] = {11, 4096, 65536};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		check_transfer(steps[i]);
}

static void
test_changed_bytes_are_noticed(void **state)
{
	struct pair pair;
	char bytes[1000], data[100];
	size_t taken, got;
	struct error error;

	(void)state;
	pair_open(&pair, &scenes[0]);
	shake_hands(&pair, 1000);
	assert_int_equal(tls_write(pair.client, SPAN("RSET\r\n"), &taken, &error), TLS_GOOD);
	struct span output = tls_output(pair.client);
	memcpy(bytes, output.data, output.size);
	bytes[output.size - 1] ^= 1;
	tls_push(pair.server, span_of(bytes, output.size));
	assert_int_equal(tls_read(pair.server, data, sizeof data, &got, &error), TLS_FAILED);
	/* and stays so */
	assert_int_equal(tls_read(pair.server, data, sizeof data, &got, &error), TLS_FAILED);
	assert_int_equal(tls_write(pair.server, SPAN("x"), &taken, &error), TLS_FAILED);
	pair_close(&pair);
}

static void
test_clear_text_is_no_tls(void **state)
{
	static const char *const words[] = {"LHLO client\r\nMAIL FROM:<>\r\n", "GET / HTTP/1.0\r\n\r\n",
					    "\r\n\r\n\r\n\r\n"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct pair pair;
		struct error error;
		pair_open(&pair, &scenes[0]);
		tls_push(pair.server, span_from(words[i]));
		assert_int_equal(tls_handshake(pair.server, &error), TLS_FAILED);
		assert_non_null(strstr(error.text, "the other side speaks no TLS here"));
		pair_close(&pair);
	}
}

/* "Close notify" in the middle of a handshake, in clear text: no proper end, and it has its reason. */
static void
test_an_end_before_the_beginning(void **state)
{
	static const struct span notify = {"\x15\x03\x03\x00\x02\x01\x00", 7};
	struct pair pair;

	(void)state;
	pair_open(&pair, &scenes[0]);
	assert_int_equal(tls_handshake(pair.client, &pair.client_error), TLS_MORE);
	assert_true(carry(pair.client, pair.server, 16384));
	assert_int_equal(tls_handshake(pair.server, &pair.server_error), TLS_MORE);
	tls_push(pair.server, notify);
	tls_push(pair.client, notify);
	assert_int_equal(tls_handshake(pair.server, &pair.server_error), TLS_FAILED);
	assert_int_equal(tls_handshake(pair.client, &pair.client_error), TLS_FAILED);
	assert_non_null(strstr(pair.server_error.text, "the other side has ended TLS"));
	assert_non_null(strstr(pair.client_error.text, "the other side has ended TLS"));
	assert_true(pair.server_error.temporary && pair.client_error.temporary);
	pair_close(&pair);
}

/* A client of the test's own that speaks one version only. */
static enum tls_status
offer_version(int version, const char *ciphers, struct error *error)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	struct pair pair;
	char *hello;

	assert_non_null(context);
	SSL_CTX_set_security_level(context, 0);
	assert_int_equal(SSL_CTX_set_cipher_list(context, ciphers), 1);
	assert_int_equal(SSL_CTX_set_min_proto_version(context, version), 1);
	assert_int_equal(SSL_CTX_set_max_proto_version(context, version), 1);
	SSL *client = SSL_new(context);
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	assert_true(client != NULL && in != NULL && out != NULL);
	SSL_set_bio(client, in, out);
	SSL_connect(client);
	long size = BIO_get_mem_data(out, &hello);
	assert_true(size > 0);
	pair_open(&pair, &scenes[0]);
	tls_push(pair.server, span_of(hello, (size_t)size));
	enum tls_status status = tls_handshake(pair.server, error);
	assert_true(tls_output(pair.server).size > 0); /* an answer, or an alert */
	pair_close(&pair);
	SSL_free(client);
	SSL_CTX_free(context);
	return status;
}

static void
test_old_versions_are_refused(void **state)
{
	struct error error;

	(void)state;
	assert_int_equal(offer_version(TLS1_VERSION, "ALL", &error), TLS_FAILED);
	assert_non_null(strstr(error.text, "unsupported protocol"));
	assert_int_equal(offer_version(TLS1_1_VERSION, "ALL", &error), TLS_FAILED);
	assert_non_null(strstr(error.text, "unsupported protocol"));
	assert_int_equal(offer_version(TLS1_2_VERSION, "ALL", &error), TLS_MORE);
	assert_int_equal(offer_version(TLS1_2_VERSION, "AES128-SHA:ECDHE-ECDSA-AES128-SHA", &error), TLS_FAILED);
	assert_non_null(strstr(error.text, "no shared cipher"));
	assert_int_equal(offer_version(TLS1_3_VERSION, "ALL", &error), TLS_MORE);
}

/* Files that are wrong, and what is said about them. */
static const struct {
	const char *certificate, *key, *ca;
	enum tls_client_certificate demand;
	const char *complaints[3];
} wrong[] = {
	{NULL, NULL, NULL, OFF, {"ServerTLSCertificate is missing"}},
	{"none.pem", NULL, NULL, OFF, {"ServerTLSCertificate ", "none.pem: No such file or directory"}},
	{"config", NULL, NULL, OFF, {"ServerTLSCertificate ", "config: there is no certificate in PEM format"}},
	{"server.pem", NULL, NULL, OFF, {"ServerTLSCertificate ", "there is no private key", "ends in Key"}},
	{"server.pem", "none.key", NULL, OFF, {"ServerTLSKey ", "none.key: No such file or directory"}},
	{"server.pem", "config", NULL, OFF, {"ServerTLSKey ", "there is no private key in PEM format"}},
	{"server.pem", "client.key", NULL, OFF, {"ServerTLSKey ", "not that of the certificate"}},
	{"server.pem", "locked.key", NULL, OFF, {"ServerTLSKey ", "passphrase", "openssl pkey"}},
	{"server.pem", "server.key", NULL, ASK, {"ServerTLSCA is missing"}},
	{"server.pem", "server.key", "none.pem", ASK, {"ServerTLSCA ", "none.pem: No such file"}},
	{"server.pem", "server.key", "config", ASK, {"ServerTLSCA ", "config: there is no certificate"}},
};

static void
test_files_that_are_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const struct tls_settings settings = {.directives = "ServerTLS",
						      .certificate = wrong[i].certificate,
						      .key = wrong[i].key,
						      .ca = wrong[i].ca};
		struct tls_context *context;
		struct error error;
		assert_false(tls_context_new_server(&settings, wrong[i].demand, &context, &error));
		assert_null(context);
		assert_int_equal(error.code, ERROR_CONFIG);
		for (size_t j = 0; j < 3 && wrong[i].complaints[j] != NULL; j++)
			if (strstr(error.text, wrong[i].complaints[j]) == NULL)
				fail_msg("row %zu: %s", i, error.text);
	}
}

/* Read what the log writes to standard error while a context is made. */
static void
check_warning(const char *certificate, mode_t mode, const char *warning)
{
	const struct tls_settings settings = {.directives = "ServerTLS", .certificate = certificate};
	const char *path = "log";
	struct tls_context *context;
	struct error error;
	char text[1000];

	assert_int_equal(chmod(settings.certificate, mode), 0);
	int saved = dup(STDERR_FILENO);
	assert_non_null(freopen(path, "w", stderr));
	log_open("test", true, false, LOG_LEVEL_WARNING);
	bool good = tls_context_new_server(&settings, OFF, &context, &error);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	log_open("test", false, false, LOG_LEVEL_ERROR);
	assert_true(good);
	tls_context_free(context);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	if (warning == NULL ? *text != '\0' : strstr(text, warning) == NULL)
		fail_msg("mode %o: \"%s\"", (unsigned)mode, text);
}

static void
test_warnings(void **state)
{
	(void)state;
	check_warning("combined.pem", 0640, NULL);
	check_warning("combined.pem", 0644, "everybody on this machine can read the key");
	check_warning("expired-combined.pem", 0600, "it has ended at 2021-01-01 00:00 UTC");
}

static int
set_up(void **state)
{
	(void)state;
	log_open("test", false, false, LOG_LEVEL_ERROR); /* certificates that have ended are so on purpose */
	certificates_make(&files);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	certificates_remove(&files);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_is_believed),
		cmocka_unit_test(test_what_is_said_about_a_connection),
		cmocka_unit_test(test_transfer),
		cmocka_unit_test(test_changed_bytes_are_noticed),
		cmocka_unit_test(test_clear_text_is_no_tls),
		cmocka_unit_test(test_an_end_before_the_beginning),
		cmocka_unit_test(test_old_versions_are_refused),
		cmocka_unit_test(test_files_that_are_wrong),
		cmocka_unit_test(test_warnings),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
