/* The rows. Columns: name, flags, default, what is special to the type, documentation. */
#include "config/directive.h"

#include <limits.h>

#define ROW(name, type, flags, initial, words, minimum, maximum, documentation)                                        \
	{                                                                                                              \
		name, DIRECTIVE_##type, flags, initial, words, minimum, maximum, documentation                         \
	}
#define HEADING(name, documentation) ROW(name, HEADING, 0, NULL, NULL, 0, 0, documentation)
#define WRONG(name, documentation) ROW(name, WRONG, 0, NULL, NULL, 0, 0, documentation)
#define SWITCH(name, flags, initial, documentation) ROW(name, SWITCH, flags, initial, NULL, 0, 0, documentation)
#define WORD(name, flags, initial, words, documentation) ROW(name, WORD, flags, initial, words, 0, 0, documentation)
#define NUMBER(name, flags, initial, minimum, maximum, documentation)                                                  \
	ROW(name, NUMBER, flags, initial, NULL, minimum, maximum, documentation)
#define SIZE(name, flags, initial, documentation) ROW(name, SIZE, flags, initial, NULL, 0, LLONG_MAX, documentation)
#define DAYS(name, documentation) ROW(name, DAYS, 0, "off", NULL, 0, 36500, documentation)
#define PORT(name, flags, initial, documentation) ROW(name, PORT, flags, initial, NULL, 1, 65535, documentation)
#define PATH(name, flags, initial, documentation) ROW(name, PATH, flags, initial, NULL, 0, 0, documentation)
#define HOST(name, flags, initial, documentation) ROW(name, HOST, flags, initial, NULL, 0, 0, documentation)
#define COMMAND(name, flags, documentation) ROW(name, COMMAND, flags, NULL, NULL, 0, 0, documentation)
#define TEXT(name, flags, initial, documentation) ROW(name, TEXT, flags, initial, NULL, 0, 0, documentation)
#define OTHER(name, type, flags, documentation) ROW(name, type, flags, NULL, NULL, 0, 0, documentation)

#define MANY DIRECTIVE_REPEATABLE
#define SUFFIX DIRECTIVE_SUFFIX
#define STORE (DIRECTIVE_STORAGE | DIRECTIVE_PROFILED)
#define PROFILED DIRECTIVE_PROFILED
#define SECRET DIRECTIVE_SECRET
#define EXACT DIRECTIVE_EXACT
#define NEW DIRECTIVE_NEW

/* clang-format off */
const struct directive directive_table[] = {
	HEADING("General", "Where everything is, and who may do what."),
	PATH("Home", DIRECTIVE_STORAGE, NULL, "Base directory of all data; required."),
	WORD("HomeLayout", NEW, "user", "user large domain", "How the files of users lie in Home: data/USER (user), data/u/s/user by the first two letters (large), or data/DOMAIN/LOCAL (domain). DSPAM 3.10 had it fixed when it was built, with --enable-large-scale or --enable-domain-scale."),
	OTHER("Include", INCLUDE, MANY, "Read all files ending in .conf of this directory, in the order of their names, or this one file; a relative path begins at the directory of the including file."),
	TEXT("Trust", MANY, NULL, "Users (login names, exactly) who may act for others, pass arguments to the delivery agent, name profiles, start the daemon and use the tools; root always may."),
	SWITCH("SystemLog", 0, "off", "Write one line a message to HOME/system.log."),
	SWITCH("UserLog", 0, "off", "Write one line a message to the log of its user."),
	WORD("LogLevel", NEW, "notice", "error warning notice info debug", "The least important messages that are logged."),
	TEXT("Debug", MANY, NULL, "Users for whom details are logged; * for all."),
	WORD("DebugOpt", MANY, NULL, "process classify spam fp inoculation corpus", "Operations of which details are logged."),
	WORD("Compat", MANY | NEW, NULL, "classifyAlone exitCodes doubleTraining trainingBugs", "Behave as DSPAM 3.10 did: classifyAlone lets --classify know of no groups; exitCodes ends with 1, or minus the number of failures, instead of the statuses of sysexits.h; doubleTraining counts a repeated lesson twice; trainingBugs keeps its asymmetries of correcting and unlearning."),

	HEADING("Storage", "Where tokens, totals, signatures and preferences are kept."),
	ROW("StorageDriver", DRIVER, STORE, "sqlite", NULL, 0, 0, "The store: sqlite (default), memory, or the name of the original's library with any path."),
	WORD("StoreFailure", NEW, "defer", "defer deliver", "What happens to mail while the store cannot be reached: deferred (the mail server tries again) or delivered unfiltered."),
	SIZE("StoreCache", NEW, "24M", "Memory for rows of tokens that the daemon keeps at hand, 16 bytes each, shared by its workers; 0: none."),
	PATH("SQLiteFile", STORE | NEW, "HOME/dspam.sqlite", "The database of the sqlite store."),
	NUMBER("SQLiteBusyTimeout", STORE | NEW, "10000", 0, 3600000, "How long to wait for another program that holds the database; milliseconds."),
	TEXT("SQLitePragma", STORE | MANY, NULL, "Executed when the database is opened, such as synchronous=OFF."),
	HOST("PgSQLServer", STORE, NULL, "PostgreSQL server: host, or directory of its socket; without it HOME/pgsql.data is read."),
	PORT("PgSQLPort", STORE, NULL, "Port of the PostgreSQL server."),
	TEXT("PgSQLUser", STORE, NULL, "User of the PostgreSQL database."),
	TEXT("PgSQLPass", STORE | SECRET, NULL, "Password of the PostgreSQL user."),
	TEXT("PgSQLDb", STORE, NULL, "Name of the PostgreSQL database."),
	NUMBER("PgSQLConnectionCache", STORE, "3", 1, 10000, "Connections to PostgreSQL that the daemon keeps open."),
	TEXT("PgSQLVirtualTable", STORE, "dspam_virtual_uids", "Table of the virtual users."),
	TEXT("PgSQLVirtualUIDField", STORE, "uid", "Column of the user's number in that table."),
	TEXT("PgSQLVirtualUsernameField", STORE, "username", "Column of the user's name in that table."),
	SWITCH("PgSQLUIDInSignature", STORE, "off", "Put the user's number into signatures, so that one retraining address serves all users."),
	HOST("MySQLServer", STORE, NULL, "MySQL server: host, or path of its socket; without it HOME/mysql.data is read."),
	PORT("MySQLPort", STORE, NULL, "Port of the MySQL server."),
	TEXT("MySQLUser", STORE, NULL, "User of the MySQL database."),
	TEXT("MySQLPass", STORE | SECRET, NULL, "Password of the MySQL user."),
	TEXT("MySQLDb", STORE, NULL, "Name of the MySQL database."),
	WORD("MySQLCompress", STORE, NULL, "true false", "Compress the connection to MySQL."),
	WORD("MySQLReconnect", STORE, NULL, "true false", "Reconnect to MySQL by itself."),
	HOST("MySQLWriteServer", STORE, NULL, "Separate MySQL server for writing; MySQLServer then only reads."),
	PORT("MySQLWritePort", STORE, NULL, "Port of the server for writing."),
	TEXT("MySQLWriteUser", STORE, NULL, "User on the server for writing."),
	TEXT("MySQLWritePass", STORE | SECRET, NULL, "Password on the server for writing."),
	TEXT("MySQLWriteDb", STORE, NULL, "Database on the server for writing."),
	WORD("MySQLWriteCompress", STORE, NULL, "true false", "Compress the connection to the server for writing."),
	WORD("MySQLWriteReconnect", STORE, NULL, "true false", "Reconnect to the server for writing by itself."),
	SWITCH("MySQLReadSignaturesFromWriteDb", STORE, "off", "Read signatures from the server for writing, which has them first."),
	NUMBER("MySQLConnectionCache", STORE, "10", 1, 10000, "Connections to MySQL that the daemon keeps open."),
	TEXT("MySQLVirtualTable", STORE, "dspam_virtual_uids", "Table of the virtual users."),
	TEXT("MySQLVirtualUIDField", STORE, "uid", "Column of the user's number in that table."),
	TEXT("MySQLVirtualUsernameField", STORE, "username", "Column of the user's name in that table."),
	SWITCH("MySQLUIDInSignature", STORE, "off", "Put the user's number into signatures, so that one retraining address serves all users."),
	NUMBER("HashRecMax", STORE, "98317", 1, 1ULL << 40, "Records of the first extent of a hash file."),
	SWITCH("HashAutoExtend", STORE, "off", "Add extents to a full hash file."),
	NUMBER("HashMaxExtents", STORE, "0", 0, 1ULL << 20, "Most extents of a hash file; 0: no limit."),
	NUMBER("HashExtentSize", STORE, "49157", 1, 1ULL << 40, "Records of a further extent."),
	NUMBER("HashPctIncrease", STORE, "0", 0, 1000, "By how many percent each further extent grows."),
	NUMBER("HashMaxSeek", STORE, "100", 1, 1ULL << 40, "Records looked at before a token counts as missing."),
	NUMBER("HashConnectionCache", STORE, "10", 1, 10000, "Hash files that the daemon keeps open."),
	TEXT("HashConcurrentUser", STORE, NULL, "User whose hash file the daemon keeps mapped."),
	TEXT("Profile", MANY, NULL, "Declares a set of storage settings; those named Setting.profile belong to it."),
	TEXT("DefaultProfile", 0, NULL, "The profile that is active without --profile; unsuffixed storage and Processor settings are then not used."),
	TEXT("Failover", DIRECTIVE_ONLY_SUFFIX, NULL, "Failover.profile names the profile to try next when the store of that profile fails."),
	NUMBER("FailoverAttempts", 0, "1", 0, 100, "How many profiles are tried after the first."),

	HEADING("Judging", "How a message is cut into tokens and judged."),
	WORD("Tokenizer", 0, "word", "word chain chained sbph osb", "How text is cut: single words, also pairs of neighbours (chain), or patterns over a window of five (sbph, osb)."),
	WORD("Algorithm", MANY, "graham burton", "graham burton robinson chi-square naive", "How the values of tokens are combined; with several, the message is spam if one of them says so."),
	WORD("PValue", 0, "bcr", "bcr graham robinson markov", "How the value of one token is computed; graham is another word for bcr."),
	OTHER("Feature", FEATURE, MANY, "noise: noise reduction; whitelist: automatic whitelisting; tb=N: training buffer (sedation), 0 to 10."),
	SWITCH("ProcessorBias", PROFILED, "off", "Count innocent hits twice, which avoids false positives."),
	SWITCH("ProcessorURLContext", PROFILED, "off", "Keep the words of URLs apart from those of text."),
	WORD("ProcessorWordFrequency", PROFILED, NULL, "occurrence off", "occurrence: count a word as often as it stands in the message."),
	OTHER("IgnoreHeader", HEADER, MANY, "Names of headers whose content is not looked at, without colon."),
	WORD("DataSource", 0, NULL, "document message", "document: the input has no headers."),
	SWITCH("ImprobabilityDrive", 0, "off", "Add the header X-DSPAM-Improbability."),
	SIZE("MaxMessageSize", 0, NULL, "Larger messages are delivered without being judged or learned from; bytes."),
	WORD("Opt", 0, "out", "out in", "out: everybody is filtered but those who opted out; in: only those who opted in."),

	HEADING("Training", "What is learned from."),
	WORD("TrainingMode", EXACT, "teft", "toe tum teft notrain", "toe: learn from errors; tum: learn from tokens until they are mature; teft: learn from everything; notrain: never."),
	SWITCH("TestConditionalTraining", 0, "off", "Repeat a correction until the message is judged right."),
	SWITCH("TrainPristine", 0, "off", "Users send back the unchanged message to correct an error; no signatures are stored."),
	WORD("OnFail", MANY, "error", "error unlearn", "unlearn: what was learned from a message that could not be delivered is taken back."),
	TEXT("ClassAliasSpam", MANY, NULL, "More words that --class takes for spam."),
	TEXT("ClassAliasNonspam", MANY, NULL, "More words that --class takes for innocent."),
	SWITCH("ParseToHeaders", 0, "off", "Find the class or the user of a correction in To: headers such as spam-user@domain."),
	SWITCH("ChangeModeOnParse", 0, "off", "ParseToHeaders sets the class, with source error."),
	WORD("ChangeUserOnParse", 0, NULL, "on off user full", "ParseToHeaders sets the user: the local part (on, user) or the whole address (full)."),

	HEADING("Users", "Names of users, their preferences and groups."),
	OTHER("Preference", PREFERENCE, MANY, "A default preference, \"name=value\"; not used as soon as the store or default.prefs has defaults."),
	OTHER("AllowOverride", PREFERENCE_NAME, MANY, "Names of preferences that users may set for themselves."),
	SWITCH("FallbackDomains", 0, "off", "Users without preferences of their own use those of @domain."),
	PATH("GroupConfig", 0, NULL, "File of the groups, one name:type:member,member a line; types are shared, shared,managed, merged, inoculation and classification, as dspam_groups(5) describes. Without it there are none."),
	SWITCH("StripRcptDomain", 0, "off", "LMTP: the user is the local part of the recipient."),
	SWITCH("EnablePlusedDetail", 0, "off", "The user is the recipient without +detail."),
	TEXT("PlusedCharacter", 0, "+", "What separates the user from the detail."),
	SWITCH("PlusedUserLowercase", 0, "off", "Write the user in lower case while the detail is cut off."),
	SWITCH("ExtLookup", 0, "off", "Ask a program or a directory whether a user exists, for each message; when they cannot say, mail waits."),
	WORD("ExtLookupMode", 0, NULL, "verify map strict", "verify (without it, too): nothing is kept for users who are not known; map: known names are replaced by the answer; strict: both."),
	WORD("ExtLookupDriver", 0, NULL, "program ldap", "Who is asked."),
	TEXT("ExtLookupServer", 0, NULL, "The command, %u in its words being the user: run without shell and environment, for 10 seconds at most; the first line of its output is the name to use, none means that nobody has this name. With ldap the server: host, or ldap://, ldaps:// or ldapi:// address."),
	PORT("ExtLookupPort", 0, NULL, "Port of the LDAP server."),
	TEXT("ExtLookupDB", 0, NULL, "Base of the LDAP search."),
	TEXT("ExtLookupQuery", 0, NULL, "LDAP filter, with %u for the user (escaped) and %% for a %; who has exactly one entry is known."),
	TEXT("ExtLookupLDAPAttribute", 0, NULL, "LDAP attribute that holds the name to use; without it the name stays."),
	WORD("ExtLookupLDAPScope", 0, NULL, "base one sub", "Scope of the LDAP search."),
	NUMBER("ExtLookupLDAPVersion", 0, NULL, 1, 3, "Version of the LDAP protocol."),
	TEXT("ExtLookupLogin", 0, NULL, "Name to bind to the LDAP server with."),
	TEXT("ExtLookupPassword", SECRET, NULL, "Password of that name."),
	WORD("ExtLookupCrypto", 0, NULL, "none tls", "tls: encrypt the connection to the LDAP server."),

	HEADING("Delivery", "Where judged mail goes."),
	COMMAND("TrustedDeliveryAgent", 0, "Command that takes delivered mail on its standard input, run without a shell; words %u, %r and %s are user, recipient and sender. It must read the whole message; what it complains about is logged."),
	COMMAND("UntrustedDeliveryAgent", 0, "The same for users who are not trusted; arguments from the command line are not added."),
	HOST("DeliveryHost", SUFFIX, NULL, "Deliver to this host by DeliveryProto; DeliveryHost.domain for the recipients of one domain."),
	PORT("DeliveryPort", SUFFIX, "24", "Port of the DeliveryHost; DeliveryPort.domain for one domain."),
	TEXT("DeliveryIdent", 0, "localhost", "Our name towards the DeliveryHost."),
	WORD("DeliveryProto", EXACT, NULL, "LMTP SMTP", "Protocol of the DeliveryHost."),
	WORD("DeliveryTLS", SUFFIX | NEW, "off", "off opportunistic starttls implicit", "TLS towards the DeliveryHost: opportunistic says STARTTLS if it is offered, and goes on in clear text if not; starttls insists; implicit speaks TLS from the first byte. With starttls and implicit, mail waits until TLS is there. DeliveryTLS.domain for one domain, and so on."),
	WORD("DeliveryTLSVerify", SUFFIX | NEW, "on", "on off", "Check the certificate of the DeliveryHost and the name in it; opportunistic never does."),
	PATH("DeliveryTLSCA", SUFFIX | NEW, NULL, "PEM file, or directory, of the authorities that it must come from; without it those that the system believes."),
	TEXT("DeliveryTLSName", SUFFIX | NEW, NULL, "The name that must stand in it, when that is not DeliveryHost."),
	PATH("DeliveryTLSCertificate", SUFFIX | NEW, NULL, "PEM file of the certificate that we show to the DeliveryHost."),
	PATH("DeliveryTLSKey", SUFFIX | NEW, NULL, "PEM file of its key; without it the key stands in the file of the certificate."),
	NUMBER("DeliveryTimeout", NEW, "600", 1, 86400, "Seconds to wait for the DeliveryHost or the delivery agent."),
	SWITCH("LMTPLDAErrorsPermanent", 0, "off", "A failure of the delivery agent is permanent: the message bounces."),
	COMMAND("QuarantineAgent", 0, "Command that takes spam instead of the quarantine; arguments from the command line are not added."),
	TEXT("QuarantineMailbox", 0, NULL, "Delivered spam goes to this detail of the recipient, such as +Junk."),
	SIZE("QuarantineWarnSize", 0, "2097152", "Size of a quarantine of which its user is told; bytes."),
	SWITCH("Notifications", 0, "off", "Tell users about their first message, first spam and a full quarantine."),
	TEXT("NotifySender", NEW, NULL, "Sender of the summaries of dspam_notify; without it postmaster at this host."),
	TEXT("NotifySubject", NEW, "Your spam quarantine", "Subject of the summaries."),
	TEXT("NotifyURL", NEW, NULL, "Where dspam.cgi is, for links in the summaries; without it there are none."),
	TEXT("NotifyDomain", NEW, NULL, "Domain that users without one get in the address that summaries are sent to."),
	NUMBER("NotifyMaximum", NEW, "200", 1, 10000, "Most messages that one summary lists."),
	HOST("NotifyHost", NEW, NULL, "SMTP server that takes the summaries; without it they go the way of delivered mail."),
	PORT("NotifyPort", NEW, "25", "Port of the NotifyHost."),
	PATH("TxtDirectory", 0, "HOME/txt", "Texts of notifications and message tags."),
	SWITCH("WebStats", 0, "off", "Write the totals of each user to user.stats."),
	SWITCH("KeepDSPAMHeaders", NEW, "off", "Keep X-DSPAM-* headers that incoming mail brings; otherwise they are removed before ours are added."),
	WORD("Broken", MANY, NULL, "returnCodes case lineStripping", "returnCodes: end with status 99 for spam; case: users in lower case; lineStripping: remove CR at the ends of lines."),

	HEADING("Daemon", "dspam --daemon, and its clients."),
	HOST("ServerHost", 0, NULL, "Address to listen on; all addresses without it."),
	PORT("ServerPort", 0, "24", "Port to listen on."),
	NUMBER("ServerQueueSize", 0, "32", 1, 65535, "Connections that may wait to be accepted."),
	PATH("ServerDomainSocketPath", 0, NULL, "UNIX socket to listen on, instead of a port."),
	ROW("ServerSocketMode", MODE, NEW, "0660", NULL, 0, 0777, "Rights of the UNIX socket, octal."),
	PATH("ServerPID", 0, "/var/run/dspam/dspam.pid", "File for the number of the daemon's process."),
	WORD("ServerMode", 0, "dspam", "dspam standard auto", "dspam: clients of ours, with password; standard: LMTP; auto: LMTP but for those whose LHLO has a ServerPass."),
	TEXT("ServerPass", DIRECTIVE_ONLY_SUFFIX | SECRET, NULL, "ServerPass.ident is the password of the client ident; without @."),
	TEXT("ServerParameters", 0, NULL, "Arguments of dspam for LMTP, split at spaces, without quoting."),
	TEXT("ServerIdent", 0, "localhost.localdomain", "Our name towards clients."),
	NUMBER("ServerWorkers", NEW, "0", 0, 1024, "Threads that judge messages, each with its own connection to the store; 0: one for each processor, at most 4."),
	NUMBER("DeliveryWorkers", NEW, "16", 1, 4096, "Deliveries that run at once."),
	NUMBER("ServerMaxConnections", NEW, "500", 1, 1000000, "Clients that may be connected at once."),
	NUMBER("ServerTimeout", NEW, "300", 1, 86400, "Seconds a client may be silent."),
	WORD("ServerTLS", NEW, "off", "off starttls required", "TLS on ServerPort: starttls offers STARTTLS to clients; required takes no mail without it. A UNIX socket stays in clear text."),
	PORT("ServerTLSPort", NEW, NULL, "Further port of ServerHost, on which TLS is spoken from the first byte."),
	PATH("ServerTLSCertificate", NEW, NULL, "PEM file of our certificate, with those that link it to a root behind it; read again by SIGHUP."),
	PATH("ServerTLSKey", NEW, NULL, "PEM file of its key, without passphrase; without it the key stands in the file of the certificate."),
	WORD("ServerTLSClientCertificate", NEW, "off", "off ask require", "Certificates of clients: ask takes good ones and none; require only good ones."),
	PATH("ServerTLSCA", NEW, NULL, "PEM file, or directory, of the authorities that certificates of clients must come from."),
	HOST("ClientHost", 0, NULL, "The daemon that dspamc and dspam --client talk to: address, or path of its UNIX socket."),
	PORT("ClientPort", 0, "24", "Its port."),
	WORD("ClientTLS", NEW, "off", "off starttls implicit", "TLS towards the daemon: by STARTTLS on its ServerPort, or implicit on its ServerTLSPort."),
	WORD("ClientTLSVerify", NEW, "on", "on off", "Check the certificate of the daemon and the name in it."),
	PATH("ClientTLSCA", NEW, NULL, "PEM file, or directory, of the authorities that it must come from; without it those that the system believes."),
	TEXT("ClientTLSName", NEW, NULL, "The name that must stand in it, when that is not ClientHost."),
	PATH("ClientTLSCertificate", NEW, NULL, "PEM file of the certificate that we show to the daemon."),
	PATH("ClientTLSKey", NEW, NULL, "PEM file of its key; without it the key stands in the file of the certificate."),
	TEXT("ClientIdent", SECRET, NULL, "Password and name towards it, \"password@ident\"."),

	HEADING("Scanners", "Viruses, block lists, sources of mail."),
	HOST("ClamAVHost", 0, NULL, "Host of clamd, or path of its UNIX socket."),
	PORT("ClamAVPort", 0, NULL, "Port of clamd."),
	WORD("ClamAVResponse", 0, NULL, "reject spam accept discard", "What happens to infected mail: refused, treated as spam, or dropped (accept, discard)."),
	TEXT("Lookup", MANY, NULL, "DNS block lists that the source of a message is looked up in."),
	SWITCH("RBLInoculate", 0, "off", "Learn mail from listed sources as spam instead of only marking it."),
	TEXT("LocalMX", MANY | PROFILED, NULL, "Addresses of our own servers, passed over while looking for the source."),
	WORD("TrackSources", MANY, NULL, "spam nonspam virus", "Log the source addresses of such mail."),
	PATH("RABLQueue", 0, NULL, "Directory in which a file named by its address is touched for each source of spam."),

	HEADING("Purging", "What dspam_clean forgets, by age in days."),
	DAYS("PurgeSignatures", "Signatures."),
	DAYS("PurgeNeutral", "Tokens that say neither spam nor innocent."),
	DAYS("PurgeUnused", "Tokens not seen for that long."),
	DAYS("PurgeHapaxes", "Tokens with fewer than five hits."),
	DAYS("PurgeHits1S", "Tokens with a single spam hit."),
	DAYS("PurgeHits1I", "Tokens with a single innocent hit."),

	HEADING("Names that are not read", "They stand in old files."),
	WRONG("PurgeSignature", "write PurgeSignatures"),
	WRONG("IgnoreOverride", "DSPAM 3.10 does not read it either; list what users may set with AllowOverride"),
	WRONG("DefaultTrainingMode", "write TrainingMode"),
	WRONG("ServerSocket", "write ServerDomainSocketPath"),
};
/* clang-format on */

const size_t directive_count = sizeof directive_table / sizeof directive_table[0];
