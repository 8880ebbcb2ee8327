"""The filters that are measured for their accuracy: one module each, which tells what its manual recommends."""

from peers import bogofilter, crm114, dspam, rspamd, small, spamassassin, spamprobe


def contenders(loaded):
    """All rows; `loaded` is libdspam."""
    others = (bogofilter, spamprobe, crm114, spamassassin, rspamd, small)
    return dspam.contenders(loaded) + [row for module in others for row in module.CONTENDERS]
