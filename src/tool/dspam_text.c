#include "tool/dspam_text.h"

#include <stdio.h>

const char dspam_help[] =
	"Usage: dspam [OPTION]... [ARGUMENT]... < MESSAGE\n"
	"\n"
	"Judge a message for its users, learn from it and hand it on. ARGUMENTS that are none of these\n"
	"options are given to the delivery agent.\n"
	"\n"
	"For whom:\n"
	"  --user NAME...        the users; the list ends at the next word that begins with -\n"
	"  --rcpt-to ADDRESS...  their addresses for delivery, in the same order\n"
	"  --mail-from=ADDRESS   the sender of the envelope\n"
	"What to do:\n"
	"  --process             judge, learn and hand on (this is the default)\n"
	"  --classify            only say what the message is\n"
	"  --class=CLASS         teach that the message is spam or innocent (nonspam)\n"
	"  --source=SOURCE       why: error (it was judged wrong), corpus (kept mail), inoculation\n"
	"  --signature=ID        teach what has this signature; no message is read\n"
	"  --mode=MODE           how to learn: toe, tum, teft, notrain, unlearn\n"
	"  --feature=LIST        noise, whitelist, tb=N; instead of the Feature lines of dspam.conf\n"
	"Where it goes:\n"
	"  --deliver=LIST        hand on innocent (nonspam), spam; print a summary; stdout: all, to there\n"
	"  --stdout              hand on to standard output\n"
	"The daemon:\n"
	"  --daemon              take mail by LMTP\n"
	"  --nofork              stay in the foreground\n"
	"  --client              let the daemon do the work\n"
	"Configuration:\n"
	"  --config FILE         read this dspam.conf (else $DSPAM_CONFIG, else " DSPAM_SYSCONFDIR "/dspam.conf)\n"
	"  --profile=NAME        use this storage profile of dspam.conf\n"
	"  --check-config        say what is wrong in dspam.conf, and end\n"
	"  --print-config        print all settings in force, and end\n"
	"  --debug               log details\n"
	"  --help, --version     print this text, or the version, and end\n"
	"\n"
	"Exit status: 0 the message is taken care of; 75 try again later; others as in sysexits.h:\n"
	"64 wrong command line, 65 no message, 67 wrong user, 69 delivery refused, 77 not allowed,\n"
	"78 wrong configuration. 99: spam, with \"Broken returnCodes\".\n";

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
