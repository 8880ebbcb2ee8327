#include "tool/dspam_text.h"

#include <stdio.h>

/* What both programs know. */
/* clang-format off */
#define WHOM_AND_WHAT \
	"For whom:\n" \
	"  --user NAME...        the users; the list ends at the next word that begins with -\n" \
	"  --rcpt-to ADDRESS...  their addresses for delivery, in the same order\n" \
	"  --mail-from=ADDRESS   the sender of the envelope\n" \
	"What to do:\n" \
	"  --process             judge, learn and hand on (this is the default)\n" \
	"  --classify            only say what the message is\n" \
	"  --explain             with it: say why\n" \
	"  --class=CLASS         teach that the message is spam or innocent (nonspam)\n" \
	"  --source=SOURCE       why: error (it was judged wrong), corpus (kept mail), inoculation\n" \
	"  --signature=ID        teach what has this signature; no message is read\n" \
	"  --mode=MODE           how to learn: toe, tum, teft, notrain, unlearn\n"
#define WHERE \
	"Where it goes:\n" \
	"  --deliver=LIST        hand on innocent (nonspam), spam; print a summary; stdout: all, to there\n" \
	"  --stdout              hand on to standard output\n"
#define CONFIGURATION \
	"Configuration:\n" \
	"  --config FILE         read this dspam.conf (else $DSPAM_CONFIG, else " DSPAM_SYSCONFDIR "/dspam.conf)\n"
#define LAST \
	"  --debug               log details\n" \
	"  --help, --version     print this text, or the version, and end\n" \
	"\n"
/* clang-format on */

const char dspam_help[] =
	"Usage: dspam [OPTION]... [ARGUMENT]... < MESSAGE\n"
	"\n"
	"Judge a message for its users, learn from it and hand it on. ARGUMENTS that are none of these\n"
	"options are given to the delivery agent.\n"
	"\n" WHOM_AND_WHAT
	"  --feature=LIST        noise, whitelist, tb=N; instead of the Feature lines of dspam.conf\n" WHERE
	"The daemon:\n"
	"  --daemon              take mail by LMTP\n"
	"  --nofork              stay in the foreground\n"
	"  --client              let the daemon do the work\n" CONFIGURATION
	"  --profile=NAME        use this storage profile of dspam.conf\n"
	"  --check-config        say what is wrong in dspam.conf, and end\n"
	"  --print-config        print all settings in force, and end\n" LAST
	"Exit status: 0 the message is taken care of; 75 try again later; others as in sysexits.h:\n"
	"64 wrong command line, 65 no message, 67 wrong user, 69 delivery refused, 77 not allowed,\n"
	"78 wrong configuration, for --daemon, --check-config and --print-config; 75 where a message waits for it.\n"
	"99: spam, with \"Broken returnCodes\".\n";

const char dspamc_help[] =
	"Usage: dspamc [OPTION]... [ARGUMENT]... < MESSAGE\n"
	"\n"
	"Give a message to dspam --daemon, which judges it for its users, learns from it and hands it on. The\n"
	"daemon is that of ClientHost in dspam.conf. ARGUMENTS that are none of these options are given to\n"
	"its delivery agent.\n"
	"\n" WHOM_AND_WHAT
	"  --feature=LIST        noise, whitelist, tb=N; instead of the Feature lines of the daemon\n"
	"  --profile=NAME        refuse to work with another storage profile than this one\n" WHERE CONFIGURATION
	"  --client              changes nothing\n" LAST
	"Exit status: 0 the message is taken care of; 75 try again later, also when the daemon cannot be\n"
	"reached or refuses our password; others as in sysexits.h: 64 wrong command line, 65 no message, or\n"
	"nothing to learn, 67 wrong user, 69 delivery refused, 77 not allowed.\n"
	"99: spam, with \"Broken returnCodes\".\n";

void
dspam_print_version(bool trusted, enum home_layout layout)
{
	static const char *const layouts[] = {
		[HOME_USER] = "",
		[HOME_LARGE] = " '--enable-large-scale'",
		[HOME_DOMAIN] = " '--enable-domain-scale'",
	};

	printf("\nDSPAM Anti-Spam Suite %s (agent/library)\n\n"
	       "A statistical spam filter that learns from its users.\n"
	       "Free software under the Apache License, version 2.0, without any warranty.\n\n",
	       DSPAM_VERSION);
	if (trusted)
		printf("Configuration parameters: '--sysconfdir=%s' '--enable-daemon' "
		       "'--enable-preferences-extension' '--enable-virtual-users' '--enable-long-usernames'%s\n\n",
		       DSPAM_SYSCONFDIR, layouts[layout]);
}
