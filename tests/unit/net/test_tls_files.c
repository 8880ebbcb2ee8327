/* Files of certificates and keys that are wrong, and what is said about them. */
#include "tls_pair.h"

#include <sys/stat.h>

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_that_are_wrong),
		cmocka_unit_test(test_warnings),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
