/*
 * OpenSSL, loaded by the first who wants TLS (base/library.h).
 *
 * Include this in place of its headers. Nothing of it may be called before openssl_load has succeeded.
 */
#ifndef DSPAM_NET_OPENSSL_H
#define DSPAM_NET_OPENSSL_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/error.h"

/* All that we call. */
/* clang-format off */
#define OPENSSL_FUNCTIONS(X) \
	X(ASN1_TIME_to_tm) X(BIO_ctrl) X(BIO_new) X(BIO_read) X(BIO_s_mem) X(BIO_write) \
	X(ERR_clear_error) X(ERR_error_string_n) X(ERR_peek_error) X(ERR_peek_last_error) \
	X(ERR_reason_error_string) X(SSL_CIPHER_get_name) X(SSL_CTX_ctrl) X(SSL_CTX_free) \
	X(SSL_CTX_get0_certificate) X(SSL_CTX_load_verify_locations) X(SSL_CTX_new) \
	X(SSL_CTX_set_cipher_list) X(SSL_CTX_set_client_CA_list) X(SSL_CTX_set_default_passwd_cb) \
	X(SSL_CTX_set_default_passwd_cb_userdata) X(SSL_CTX_set_default_verify_paths) \
	X(SSL_CTX_set_options) X(SSL_CTX_set_session_id_context) X(SSL_CTX_set_verify) \
	X(SSL_CTX_use_PrivateKey_file) X(SSL_CTX_use_certificate_chain_file) X(SSL_ctrl) \
	X(SSL_do_handshake) X(SSL_free) X(SSL_get0_param) X(SSL_get0_peer_certificate) \
	X(SSL_get_SSL_CTX) X(SSL_get_current_cipher) X(SSL_get_error) X(SSL_get_verify_result) \
	X(SSL_get_version) X(SSL_is_init_finished) X(SSL_load_client_CA_file) X(SSL_new) X(SSL_peek_ex) \
	X(SSL_read_ex) X(SSL_set1_host) X(SSL_set_accept_state) X(SSL_set_bio) X(SSL_set_connect_state) \
	X(SSL_set_hostflags) X(SSL_shutdown) X(SSL_write_ex) X(TLS_client_method) X(TLS_server_method) \
	X(X509_NAME_oneline) X(X509_VERIFY_PARAM_set1_ip_asc) X(X509_cmp_current_time) X(X509_cmp_time) \
	X(X509_get0_notAfter) X(X509_get_subject_name) X(X509_verify_cert_error_string)
/* clang-format on */

#define OPENSSL_POINTER(name) __typeof__ (&(name))(name);
struct openssl {
	OPENSSL_FUNCTIONS(OPENSSL_POINTER)
};
#undef OPENSSL_POINTER

/* Filled once and then only read, by all threads. */
extern struct openssl openssl;

/* Any number of times, in any thread. */
bool openssl_load(struct error *error);

#ifndef OPENSSL_LOADER /* who fills in the pointers wants the names themselves */
#define ASN1_TIME_to_tm openssl.ASN1_TIME_to_tm
#define BIO_ctrl openssl.BIO_ctrl
#define BIO_new openssl.BIO_new
#define BIO_read openssl.BIO_read
#define BIO_s_mem openssl.BIO_s_mem
#define BIO_write openssl.BIO_write
#define ERR_clear_error openssl.ERR_clear_error
#define ERR_error_string_n openssl.ERR_error_string_n
#define ERR_peek_error openssl.ERR_peek_error
#define ERR_peek_last_error openssl.ERR_peek_last_error
#define ERR_reason_error_string openssl.ERR_reason_error_string
#define SSL_CIPHER_get_name openssl.SSL_CIPHER_get_name
#define SSL_CTX_ctrl openssl.SSL_CTX_ctrl
#define SSL_CTX_free openssl.SSL_CTX_free
#define SSL_CTX_get0_certificate openssl.SSL_CTX_get0_certificate
#define SSL_CTX_load_verify_locations openssl.SSL_CTX_load_verify_locations
#define SSL_CTX_new openssl.SSL_CTX_new
#define SSL_CTX_set_cipher_list openssl.SSL_CTX_set_cipher_list
#define SSL_CTX_set_client_CA_list openssl.SSL_CTX_set_client_CA_list
#define SSL_CTX_set_default_passwd_cb openssl.SSL_CTX_set_default_passwd_cb
#define SSL_CTX_set_default_passwd_cb_userdata openssl.SSL_CTX_set_default_passwd_cb_userdata
#define SSL_CTX_set_default_verify_paths openssl.SSL_CTX_set_default_verify_paths
#define SSL_CTX_set_options openssl.SSL_CTX_set_options
#define SSL_CTX_set_session_id_context openssl.SSL_CTX_set_session_id_context
#define SSL_CTX_set_verify openssl.SSL_CTX_set_verify
#define SSL_CTX_use_PrivateKey_file openssl.SSL_CTX_use_PrivateKey_file
#define SSL_CTX_use_certificate_chain_file openssl.SSL_CTX_use_certificate_chain_file
#define SSL_ctrl openssl.SSL_ctrl
#define SSL_do_handshake openssl.SSL_do_handshake
#define SSL_free openssl.SSL_free
#define SSL_get0_param openssl.SSL_get0_param
#define SSL_get0_peer_certificate openssl.SSL_get0_peer_certificate
#define SSL_get_SSL_CTX openssl.SSL_get_SSL_CTX
#define SSL_get_current_cipher openssl.SSL_get_current_cipher
#define SSL_get_error openssl.SSL_get_error
#define SSL_get_verify_result openssl.SSL_get_verify_result
#define SSL_get_version openssl.SSL_get_version
#define SSL_is_init_finished openssl.SSL_is_init_finished
#define SSL_load_client_CA_file openssl.SSL_load_client_CA_file
#define SSL_new openssl.SSL_new
#define SSL_peek_ex openssl.SSL_peek_ex
#define SSL_read_ex openssl.SSL_read_ex
#define SSL_set1_host openssl.SSL_set1_host
#define SSL_set_accept_state openssl.SSL_set_accept_state
#define SSL_set_bio openssl.SSL_set_bio
#define SSL_set_connect_state openssl.SSL_set_connect_state
#define SSL_set_hostflags openssl.SSL_set_hostflags
#define SSL_shutdown openssl.SSL_shutdown
#define SSL_write_ex openssl.SSL_write_ex
#define TLS_client_method openssl.TLS_client_method
#define TLS_server_method openssl.TLS_server_method
#define X509_NAME_oneline openssl.X509_NAME_oneline
#define X509_VERIFY_PARAM_set1_ip_asc openssl.X509_VERIFY_PARAM_set1_ip_asc
#define X509_cmp_current_time openssl.X509_cmp_current_time
#define X509_cmp_time openssl.X509_cmp_time
#define X509_get0_notAfter openssl.X509_get0_notAfter
#define X509_get_subject_name openssl.X509_get_subject_name
#define X509_verify_cert_error_string openssl.X509_verify_cert_error_string
#endif

#endif
