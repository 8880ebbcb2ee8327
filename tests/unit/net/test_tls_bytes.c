/* The bytes of TLS: carried in pieces of any size, changed, those of no TLS, and those of old versions. */
#include "tls_pair.h"

#include <openssl/ssl.h>

/* One in which all is well. */
static const struct scene plain = {"name", GOOD, OFF, NULL, "ca.pem", "localhost", NULL, NULL};

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
	pair_open(&pair, &plain);
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
	pair_open(&pair, &plain);
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
		pair_open(&pair, &plain);
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
	pair_open(&pair, &plain);
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
	pair_open(&pair, &plain);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transfer),
		cmocka_unit_test(test_changed_bytes_are_noticed),
		cmocka_unit_test(test_clear_text_is_no_tls),
		cmocka_unit_test(test_an_end_before_the_beginning),
		cmocka_unit_test(test_old_versions_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
