/*
 * OpenLDAP, loaded when a directory is first asked (base/library.h).
 *
 * Include this in place of its headers. Nothing of it may be called before ldap_library_load has succeeded.
 */
#ifndef DSPAM_AGENT_LDAP_LIBRARY_H
#define DSPAM_AGENT_LDAP_LIBRARY_H

#include <ldap.h>
#include <sys/time.h>

#include "base/error.h"

/* All that we call. */
/* clang-format off */
#define LDAP_LIBRARY_FUNCTIONS(X) \
	X(ldap_count_entries) X(ldap_count_values_len) X(ldap_err2string) X(ldap_first_entry) \
	X(ldap_get_values_len) X(ldap_initialize) X(ldap_msgfree) X(ldap_sasl_bind_s) \
	X(ldap_search_ext_s) X(ldap_set_option) X(ldap_start_tls_s) X(ldap_unbind_ext_s) \
	X(ldap_value_free_len)
/* clang-format on */

#define LDAP_LIBRARY_POINTER(name) __typeof__ (&(name))(name);
struct ldap_library {
	LDAP_LIBRARY_FUNCTIONS(LDAP_LIBRARY_POINTER)
};
#undef LDAP_LIBRARY_POINTER

/* Filled once and then only read, by all threads. */
extern struct ldap_library ldap_library;

/* Any number of times, in any thread. */
bool ldap_library_load(struct error *error);

#ifndef LDAP_LIBRARY_LOADER /* who fills in the pointers wants the names themselves */
#define ldap_count_entries ldap_library.ldap_count_entries
#define ldap_count_values_len ldap_library.ldap_count_values_len
#define ldap_err2string ldap_library.ldap_err2string
#define ldap_first_entry ldap_library.ldap_first_entry
#define ldap_get_values_len ldap_library.ldap_get_values_len
#define ldap_initialize ldap_library.ldap_initialize
#define ldap_msgfree ldap_library.ldap_msgfree
#define ldap_sasl_bind_s ldap_library.ldap_sasl_bind_s
#define ldap_search_ext_s ldap_library.ldap_search_ext_s
#define ldap_set_option ldap_library.ldap_set_option
#define ldap_start_tls_s ldap_library.ldap_start_tls_s
#define ldap_unbind_ext_s ldap_library.ldap_unbind_ext_s
#define ldap_value_free_len ldap_library.ldap_value_free_len
#endif

#endif
