/* What the check says: a table of wrong lines and the findings that they give. */
#include "help.h"

#include "config/directive.h"
#include "config/preference.h"

/* A text and the beginning of a finding that it must give; NULL: it must give none. */
static const struct {
	const char *text;
	const char *finding;
} findings[] = {
	/* names */
	{"Algoritm graham\n", "W 1 Algoritm: there is no such directive, the line is ignored; did you mean Algorithm?"},
	{"Xyzzy 1\n", "W 1 Xyzzy: there is no such directive, the line is ignored; dspam.conf(5) lists them all"},
	{"ServerPas.client x\n",
	 "W 1 ServerPas.client: there is no such directive, the line is ignored; did you mean ServerPass?"},
	{"PurgeSignature off\n", "W 1 PurgeSignature: the line is ignored; write PurgeSignatures"},
	{"IgnoreOverride x\n", "W 1 IgnoreOverride: the line is ignored; DSPAM 3.10 does not read it either"},
	{"\nPgSQLPort\n", "W 2 PgSQLPort: there is no value, the line is ignored"},
	{"ServerPass secret\n",
	 "W 1 ServerPass \"********\": it has no effect without a suffix; write ServerPass.NAME"},
	{"ServerPass.\"a b c\n", "W 1 ServerPass: the line is ignored; behind the dot stand"},
	{"MySQLServer.x a\n", "W 1 MySQLServer.x \"a\": the profile is not declared; add a line \"Profile x\""},
	{"Profile x\nMySQLServer.X a\nStorageDriver mysql\n", NULL},
	{"StorageDriver PostgreSQL\n", NULL},
	/* quotes and comments */
	{"Preference \"spamSubject=a # b\"\n",
	 "W 1 Preference: the value is cut at #, which begins a comment also inside quotes"},
	{"Preference \"spamSubject=a ; b\"\n", "W 1 Preference: the value is cut at ;, which begins"},
	{"ServerIdent \"a b\n", "W 1 ServerIdent: the closing quote is missing; the value ends with the line"},
	/* the first wins */
	{"ServerPort 1\nServerPort 2\n",
	 "W 2 ServerPort \"2\": it is ignored, because the first value wins: \"1\" of line 1"},
	{"SystemLog off\nSystemLog on\n",
	 "W 2 SystemLog \"on\": line 1 says otherwise, and on wins whatever the order"},
	{"MySQLPass a\nMySQLPass b\n",
	 "W 2 MySQLPass \"********\": it is ignored, because the first value, of line 1, wins"},
	/* types */
	{"SystemLog yes\n", "E 1 SystemLog \"yes\": it is neither on nor off, and counts as off"},
	{"SystemLog ON\n", NULL},
	{"TrainingMode TOE\n", "E 1 TrainingMode \"TOE\": write it exactly as one of: toe tum teft notrain"},
	{"DeliveryProto lmtp\n", "E 1 DeliveryProto \"lmtp\": write it exactly as one of: LMTP SMTP"},
	{"Tokenizer osbh\n", "E 1 Tokenizer \"osbh\": it must be one of: word chain chained sbph osb"},
	{"ServerPort 0\n", "E 1 ServerPort \"0\": it must be a number from 1 to 65535; 1 is used"},
	{"ServerPort http\n", "E 1 ServerPort \"http\": it must be a number from 1 to 65535; 24 is used"},
	{"MaxMessageSize 5MB\n",
	 "E 1 MaxMessageSize \"5MB\": it must be a number of bytes, or one with K, M or G; 5 is used"},
	{"PurgeHapaxes never\n", "E 1 PurgeHapaxes \"never\": it must be a number of days, or off; 0 is used"},
	{"ServerSocketMode 0999\n", "E 1 ServerSocketMode \"0999\": it must be octal, 0 to 0777; 00 is used"},
	{"ServerSocketMode 1777\n", "E 1 ServerSocketMode \"1777\": it must be octal, 0 to 0777; 0777 is used"},
	{"Home dspam\n", "W 1 Home \"dspam\": a path should begin with /"},
	{"TrustedDeliveryAgent \"/bin/lda -d%u\"\n",
	 "W 1 TrustedDeliveryAgent \"/bin/lda -d%u\": %u inside a word is not replaced"},
	{"TrustedDeliveryAgent \"/bin/lda -d %u -f \\%s\"\n", NULL},
	{"DeliveryHost 127.0.0.1:24\nDeliveryProto LMTP\n",
	 "E 1 DeliveryHost \"127.0.0.1:24\": the port stands in a directive of its own"},
	{"DeliveryHost ::1\nDeliveryProto LMTP\n", NULL},
	{"Feature sbph\n", "W 1 Feature \"sbph\": it is no feature and has no effect; write \"Tokenizer sbph\""},
	{"Feature chained\n", "W 1 Feature \"chained\": it is no feature and has no effect; write \"Tokenizer chain\""},
	{"Feature tb=11\n", "W 1 Feature \"tb=11\": it is unknown and has no effect"},
	{"Feature noise whitelist tb=10\n", NULL},
	{"IgnoreHeader Received: from\n",
	 "W 1 IgnoreHeader \"Received:\": it can never match because of the colon; write \"IgnoreHeader Received\""},
	{"IgnoreHeader Received: from\n", "W 1 IgnoreHeader \"from\": it is the name of a header of its own"},
	{"IgnoreHeader From\n", NULL},
	{"StorageDriver /usr/lib/dspam/libsqlite3_drv.so\n", NULL},
	{"StorageDriver /usr/lib/dspam/libhash_drv.so\n",
	 "W 1 StorageDriver \"/usr/lib/dspam/libhash_drv.so\": the files of the hash driver are imported, not"},
	{"StorageDriver oracle\n", "E 1 StorageDriver \"oracle\": there is no such store"},
	{"Compat exitCodes doubleTraining\n", NULL},
	{"StoreFailure bounce\n", "E 1 StoreFailure \"bounce\": it must be one of: defer deliver"},
	/* preferences */
	{"Preference \"trainingMode= TOE\"\n", "W 1 Preference \"trainingMode= TOE\": it has no effect because of the "
					       "space in the value; write \"trainingMode=TOE\""},
	{"Preference trainingMode=tOe\n", NULL},
	{"Preference spamAction=bounce\n",
	 "W 1 Preference \"spamAction=bounce\": the value has no effect; it must be one of quarantine tag deliver"},
	{"Preference tagSpam=On\n",
	 "W 1 Preference \"tagSpam=On\": the value has no effect; it must be one of on off, written exactly so"},
	{"Preference RBLInoculate=On\n", NULL},
	{"Preference statisticalSedation=11\n",
	 "W 1 Preference \"statisticalSedation=11\": the value has no effect; it must be a number from 0 to 10"},
	{"Preference spamSubject=0123456789abcdef\n",
	 "W 1 Preference \"spamSubject=0123456789abcdef\": only the first 15 bytes are used"},
	{"Preference spamSubject=\n",
	 "W 1 Preference \"spamSubject=\": an empty subject prefix means [SPAM], not none"},
	{"Preference spamActoin=tag\n",
	 "W 1 Preference \"spamActoin=tag\": there is no such preference; did you mean spamAction?"},
	{"Preference tag\n", "W 1 Preference \"tag\": it has no effect; write \"name=value\", in quotes"},
	{"Preference localStore=../jane\n",
	 "W 1 Preference \"localStore=../jane\": the value has no effect; it must be a name without /"},
	{"Preference tagSpam=on\nPreference TAGSPAM=off\n",
	 "W 2 Preference \"TAGSPAM=off\": it is ignored, because the first one wins: \"tagSpam=on\" of line 1"},
	{"Preference tagSpam=on tag=x\nAllowOverride tagSpam tagSpam\n", "W 1 Preference \"tag=x\": there is no such"},
	{"AllowOverride spamActoin\n",
	 "W 1 AllowOverride \"spamActoin\": there is no such preference; did you mean spamAction?"},
	{"AllowOverride zzz\n", "W 1 AllowOverride \"zzz\": there is no such preference; dspam.conf(5)"},
	{"AllowOverride spamAction=tag\n", "W 1 AllowOverride \"spamAction=tag\": only the name"},
	/* TLS */
	{"ServerTLS yes\n", "E 1 ServerTLS \"yes\": it must be one of: off starttls required"},
	{"ServerTLS starttls\n", "E 1 ServerTLS \"starttls\": it needs a ServerTLSCertificate"},
	{"ServerTLSPort 2424\n", "E 1 ServerTLSPort \"2424\": it needs a ServerTLSCertificate"},
	{"ServerTLS off\nServerTLSCertificate /c\n", "W 2 ServerTLSCertificate \"/c\": it is not used without TLS; "
						     "write \"ServerTLS starttls\", or a ServerTLSPort"},
	{"ServerTLSCertificate /c\nServerTLS required\nServerTLSClientCertificate ask\n",
	 "E 3 ServerTLSClientCertificate \"ask\": it needs ServerTLSCA"},
	{"ServerTLSCertificate /c\nServerTLS starttls\nServerTLSClientCertificate require\nServerTLSCA /a\n",
	 "W 3 ServerTLSClientCertificate \"require\": clients in clear text show no certificate"},
	{"ServerTLSCertificate /c\nServerTLS required\nServerTLSClientCertificate require\nServerTLSCA /a\n", NULL},
	{"PgSQLTLS off\nPgSQLTLSCertificate /a\n", "W 2 PgSQLTLSCertificate \"/a\": it is not used without TLS"},
	{"PgSQLTLSCA /a\n",
	 "W 1 PgSQLTLSCA \"/a\": the name in the certificate is not checked, and perhaps nothing is"},
	{"PgSQLTLS verify\n", "W 1 PgSQLTLS \"verify\": it needs PgSQLTLSCA"},
	{"MySQLTLS on\nMySQLTLSCA /a\n", "W 2 MySQLTLSCA \"/a\": the name in the certificate is not checked"},
	{"DeliveryTLSCA /a\n", "W 1 DeliveryTLSCA \"/a\": it is not used without TLS; write \"DeliveryTLS starttls\""},
	{"DeliveryTLS on\n", "E 1 DeliveryTLS \"on\": it must be one of: off opportunistic starttls implicit"},
	{"DeliveryTLS implicit\nDeliveryTLSCA /a\nDeliveryTLSVerify off\n",
	 "W 3 DeliveryTLSVerify \"off\": nobody's certificate is checked"},
	{"DeliveryTLS opportunistic\nDeliveryTLSCA /a\n",
	 "W 1 DeliveryTLS \"opportunistic\": no certificate is checked, and mail may go in clear text"},
	{"DeliveryTLS.a.org starttls\nDeliveryTLSCA.a.org /a\nDeliveryTLSName.a.org mx\n", NULL},
	{"ClientTLS opportunistic\n", "E 1 ClientTLS \"opportunistic\": it must be one of: off starttls implicit"},
	{"NotifyTLSKey /k\n", "W 1 NotifyTLSKey \"/k\": it is not used without TLS; write \"NotifyTLS starttls\""},
	{"ClamAVTLSCA /c\n", "W 1 ClamAVTLSCA \"/c\": it is not used without TLS; write \"ClamAVTLS implicit\""},
	{"ClamAVTLS starttls\n", "E 1 ClamAVTLS \"starttls\": it must be one of: off implicit"},
	{"ClientTLSKey /k\n", "W 1 ClientTLSKey \"/k\": it is not used without TLS; write \"ClientTLS starttls\""},
	/* together */
	{"", "E 0 Home: it is missing"},
	{"", "W 0 TrainingMode: it is missing; teft is used"},
	{"", "W 0 Algorithm: it is missing; adaptive is used"},
	{"DeliveryHost 127.0.0.1\n",
	 "E 1 DeliveryHost \"127.0.0.1\": it is not used without \"DeliveryProto LMTP\" or SMTP"},
	{"DeliveryProto LMTP\n", "W 1 DeliveryProto \"LMTP\": there is no DeliveryHost to deliver to"},
	{"DeliveryHost.a.org 127.0.0.1\nDeliveryProto LMTP\n", NULL},
	{"QuarantineMailbox +Junk\n", "W 1 QuarantineMailbox \"+Junk\": there is no DeliveryHost"},
	{"Algorithm chi-square\n", "W 1 Algorithm \"chi-square\": chi-square does not switch PValue to robinson"},
	{"Algorithm chi-square\nPValue robinson\n", NULL},
	{"PurgeUnused 90\nPurgeHapaxes 30\nPurgeHits1S 15\n",
	 "W 1 PurgeUnused \"90\": PurgeHits1I is missing beside it"},
	{"PurgeUnused 90\nPurgeHapaxes 30\nPurgeHits1S 15\nPurgeHits1I off\n", NULL},
	{"ClamAVPort 3310\n", "W 1 ClamAVPort \"3310\": no virus scan takes place without ClamAVHost"},
	{"ClamAVHost 127.0.0.1\n", "W 1 ClamAVHost \"127.0.0.1\": no virus scan takes place without ClamAVPort"},
	{"ClamAVResponse accept\n", "W 1 ClamAVResponse \"accept\": infected mail is delivered, marked as Virus"},
	{"ClamAVHost /run/clamd\nClamAVFailure deliver\nClamAVTimeout 10\n", NULL},
	{"ClamAVFailure drop\n", "E 1 ClamAVFailure \"drop\": it must be one of: defer deliver"},
	{"LookupServer 192.0.2.53\n", "W 1 LookupServer \"192.0.2.53\": nobody is asked without a Lookup"},
	{"Lookup a.example\nLookupServer 192.0.2.53:5353,[2001:db8::53]:53,2001:db8::53\n", NULL},
	{"Lookup a.example\nLookupServer dns.example\n", "E 2 LookupServer \"dns.example\": it must be the address"},
	{"Lookup a.example\nLookupServer [192.0.2.53]:53\n", "E 2 LookupServer \"[192.0.2.53]:53\": it must be"},
	{"Lookup a.example\nLookupServer 192.0.2.53:x\n", "E 2 LookupServer \"192.0.2.53:x\": it must be"},
	{"LocalMX 192.0.2.1 2001:db8::/32\n", NULL},
	{"LocalMX mx.example\n", "W 1 LocalMX \"mx.example\": it has no effect; write an address"},
	{"Lookup a.example\nLookupServer ::1,\n", NULL},
	{"ServerDomainSocketPath /s\nServerPort 24\n", "W 2 ServerPort \"24\": the daemon does not listen there"},
	{"ServerParameters \"--deliver=innocent, spam\"\n",
	 "W 1 ServerParameters \"--deliver=innocent, spam\": it is split at the space"},
	{"ServerMode dspam\n", "E 1 ServerMode \"dspam\": no client can log in without a ServerPass.NAME"},
	{"ServerPass.a b@c\n",
	 "E 1 ServerPass.a \"********\": no client can log in with it: a password ends at the first @"},
	{"ClientIdent secret\n", "E 1 ClientIdent \"********\": it must be \"password@name\", with one @"},
	{"ClientHost 127.0.0.1\n", "W 1 ClientHost \"127.0.0.1\": clients run without the daemon"},
	{"MySQLServer /s\n", "W 1 MySQLServer \"/s\": it is not used, because the store is sqlite"},
	{"MySQLServer a\nMySQLServer.p b\nProfile p\nDefaultProfile p\n",
	 "W 1 MySQLServer \"a\": it is not used while profile p is active; write MySQLServer.p"},
	{"DefaultProfile p\n", "E 0 DefaultProfile: test.conf: there is no profile \"p\""},
	{"Include /etc\n", "W 1 Include: it is followed only in files"},
};

/* Lines that keep the findings about missing directives away from rows that expect none. */
static const char complete[] = "Home /h\nTrainingMode toe\nAlgorithm graham\n";

static void
expect(const char *text, const char *finding)
{
	struct found found;
	struct buffer whole = BUFFER_INIT(10000);

	buffer_append_string(&whole, text);
	if (finding == NULL)
		for (struct span rest = span_from(complete), line; span_next_line(&rest, &line);)
			if (strncmp(text, line.data, 6) != 0)
				buffer_append_span(&whole, line);
	struct config *config = parse(buffer_span(&whole), &found);
	const char *given = found_text(&found);
	if (finding == NULL ? *given != '\0' : strstr(given, finding) == NULL)
		fail_msg("%sshould give: %s\nbut gives: %s", text, finding == NULL ? "(nothing)" : finding, given);
	buffer_free(&whole);
	finish(config, &found);
}

static void
test_findings(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof findings / sizeof findings[0]; i++)
		expect(findings[i].text, findings[i].finding);
}

/* Findings come in the order of the lines, those about the whole file last. */
static void
test_order(void **state)
{
	struct found found;
	struct config *config = parse(SPAN("UserLog maybe\nFoo 1\nServerPort x\nTokenizer y\n"), &found);
	struct span text = span_from(found_text(&found));
	struct span line;
	unsigned last = 0;

	(void)state;
	while (span_next_line(&text, &line)) {
		unsigned number = (unsigned)strtoul(line.data + 2, NULL, 10);

		assert_true(number == 0 || number >= last);
		last = number == 0 ? 1000 : number;
	}
	assert_int_equal(last, 1000);
	finish(config, &found);
}

static void
test_findings_bounded(void **state)
{
	struct found found;
	struct buffer text = BUFFER_INIT(1 << 20);

	(void)state;
	for (int i = 0; i < 5000; i++)
		buffer_append_string(&text, "Foo 1\n");
	struct config *config = parse(buffer_span(&text), &found);
	assert_non_null(strstr(found_text(&found), "there are more findings than are shown"));
	assert_true(found.text.size < 200000);
	buffer_free(&text);
	finish(config, &found);
}

/* Every row says what it is, its default is valid, and no name stands twice. */
static void
test_table(void **state)
{
	struct span suffix;

	(void)state;
	assert_int_equal(directive_table[0].type, DIRECTIVE_HEADING);
	for (size_t i = 0; i < directive_count; i++) {
		const struct directive *row = &directive_table[i];
		unsigned long long number;

		assert_non_null(row->documentation);
		assert_true(strlen(row->documentation) > 5 && strchr(row->documentation, '\n') == NULL);
		if (row->type == DIRECTIVE_HEADING)
			continue;
		assert_ptr_equal(directive_find(span_from(row->name), &suffix), row);
		assert_int_equal(suffix.size, 0);
		if (row->type == DIRECTIVE_WORD)
			assert_non_null(row->words);
		if (row->type == DIRECTIVE_WRONG || row->initial == NULL)
			continue;
		if (row->type == DIRECTIVE_NUMBER || row->type == DIRECTIVE_SIZE || row->type == DIRECTIVE_DAYS ||
		    row->type == DIRECTIVE_MODE || row->type == DIRECTIVE_PORT)
			assert_true(directive_number(row, row->initial, &number));
		if (row->type == DIRECTIVE_SWITCH)
			assert_true(directive_has_word("on off", span_from(row->initial), true));
	}
	for (size_t i = 0; i < preference_count; i++) {
		const struct preference *row = &preference_table[i];

		assert_true(strlen(row->documentation) > 5);
		assert_ptr_equal(preference_find(span_from(row->name)), row);
		assert_true(row->initial == NULL || preference_accepts(row, span_from(row->initial)));
	}
}

static void
test_distance(void **state)
{
	(void)state;
	assert_int_equal(directive_distance(SPAN("home"), SPAN("HOME"), 3), 0);
	assert_int_equal(directive_distance(SPAN("hme"), SPAN("home"), 3), 1);
	assert_int_equal(directive_distance(SPAN(""), SPAN("ab"), 3), 2);
	assert_int_equal(directive_distance(SPAN("kitten"), SPAN("sitting"), 3), 3);
	assert_int_equal(directive_distance(SPAN("kitten"), SPAN("sitting"), 2), 3);
	assert_null(directive_nearest(SPAN("")));
	assert_string_equal(directive_nearest(SPAN("Trainingmod")), "TrainingMode");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings),         cmocka_unit_test(test_order),
		cmocka_unit_test(test_findings_bounded), cmocka_unit_test(test_table),
		cmocka_unit_test(test_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
