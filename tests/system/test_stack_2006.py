"""
The wiring of the how-to of 2006 (its dspam.conf is tests/data/config/2006.conf): Postfix runs a script for each message that
comes in, which runs dspam, which hands innocent mail back with sendmail and keeps spam in the quarantine; mail to the
subdomains spam. and ham. teaches. Its database is SQLite here; names that the text has lost are example.org.
"""

import os
import re

import pytest

from stack.dspam import Dspam
from stack.postfix import Postfix
from stack.same import without
from stack.server import wait_for
from stack.stack import MAILBOXES, ROOT, Stack
from stack.traffic import real_mail, small_mail

LEARNER = "postmaster@example.org"  # "I only use one user for learning": whose statistics they are
DSPAM = """
StorageDriver sqlite
Home /var/lib/dspam
Trust vmail
TrustedDeliveryAgent "/usr/local/bin/sendmail"
"""
MAIN = """
virtual_mailbox_base = /var/vmail
virtual_mailbox_domains = example.org, spam.example.org, ham.example.org
virtual_mailbox_maps = texthash:/etc/postfix/mailboxes
virtual_transport = virtual
virtual_uid_maps = static:{UID}
virtual_gid_maps = static:{GID}
virtual_minimum_uid = 1
dspamit_destination_recipient_limit = 1
smtpd_recipient_restrictions = permit_mynetworks, check_recipient_access texthash:/etc/postfix/protect_ham_spam_accounts,
    reject_unauth_destination
"""
PROTECTED = """
spam.example.org 554 Domain not available
ham.example.org  554 Domain not available
"""
MASTER = """
127.0.0.1:10025 inet n - n - - smtpd
  -o content_filter=
dspamit   unix  -       n       n       -       10      pipe
  flags=Rhqu user=vmail argv=/usr/local/bin/dspamit ${sender} ${recipient}
"""
SCRIPT = r"""#!/bin/sh
DSPAM=/usr/local/bin/dspam
SENDMAIL=/usr/local/bin/sendmail
MYDOMAIN1=example.org

# Get arguments
sender="$1"; shift
recip="$1"; shift

# Parse out the username from the recipient
user=`echo $recip | sed -n 's/^\(.*\)@.*/\1/p'`

# Parse out domain from the recipient
domain=`echo $recip | sed -n 's/.*@\(.*\).*/\1/p'`

if [ -z "$user" ]; then
  echo "Can't determine user"
  exit 75 # EX_TEMPFAIL
fi

if [ "$domain" = "$MYDOMAIN1" ]; then
  $DSPAM --deliver=innocent --user LEARNER -i -f "$sender" -- "$recip"
elif [ "$domain" = "spam.$MYDOMAIN1" ]; then
  $DSPAM --user LEARNER --class=spam --source=error
elif [ "$domain" = "ham.$MYDOMAIN1" ]; then
  $DSPAM --user LEARNER --class=innocent --source=error
else
  $SENDMAIL -i -f "$sender" -- "$recip"
fi

exit $?
""".replace("LEARNER", LEARNER)
# The signature stands in the text; quoted-printable may break its line, and Postfix's pipe adds Return-Path in front.
ADDED = re.compile(rb"\n!DSPAM:(?:[0-9a-f]|=\n){32,40}!\n\n")


WRAPPED = re.compile(rb"\AContent-Type: multipart/mixed; boundary=\"(DSPAM_MULTIPART_EX-\w+)\"\n\n--\1\n(.*)\n--\1\n"
                     rb"Content-Type: text/plain\n.*!DSPAM:\w+!\n--\1--\n\Z", re.DOTALL)


def same(delivered, sent):
    """multipart/signed keeps its seal: it is wrapped with the headers that belong to it, and is unchanged inside."""
    head, _, body = sent.partition(b"\n\n")
    if not re.search(rb"^Content-Type: multipart/signed", head, re.MULTILINE | re.IGNORECASE):
        return without(ADDED)(delivered, sent)
    outer, _, rest = delivered.partition(b"Content-Type: multipart/mixed; boundary=\"DSPAM")
    hit = WRAPPED.match(b"Content-Type: multipart/mixed; boundary=\"DSPAM" + rest)
    inner, _, signed = hit.group(2).partition(b"\n\n")
    return signed.rstrip() == body.rstrip() and sorted((outer + inner).split(b"\n")) == sorted(head.split(b"\n"))


class HowTo(Stack):
    same = staticmethod(same)

    def configure(self):
        site = self.site
        owner = site.path("/var/vmail").stat()
        site.write("/usr/local/bin/dspamit", SCRIPT, 0o755)
        reinject = (ROOT / "tests/system/stack/sendmail.py").read_text().replace('"127.0.0.1", 10025', '"127.0.0.1:10025"')
        site.write("/usr/local/bin/sendmail", reinject, 0o755)
        site.write("/etc/postfix/protect_ham_spam_accounts", PROTECTED)
        mailboxes = "".join(f"{address} example.org/{address.partition('@')[0]}/\n" for address in MAILBOXES)
        site.write("/etc/postfix/mailboxes", mailboxes + "@spam.example.org -\n@ham.example.org -\n")
        theirs = (ROOT / "tests/data/config/2006.conf").read_text(errors="surrogateescape")
        self.dspam = Dspam(site, DSPAM + theirs)
        environment = site.adapt("export_environment = TZ DSPAM_CONFIG=/etc/dspam/dspam.conf\n")
        self.postfix = Postfix(site, MAIN.replace("{UID}", str(owner.st_uid)).replace("{GID}", str(owner.st_gid)) + environment,
                               MASTER, smtpd="\n  -o content_filter=dspamit:dummy")

    def servers(self):
        return [self.postfix]  # no daemon, and no Dovecot

    def new_books(self):
        super().new_books()
        self.ledger.quarantine = self.dspam.home / f"data/{LEARNER}/{LEARNER}.mbox"


@pytest.fixture(scope="module")
def stack(programs):
    with HowTo(programs) as running:
        yield running


@pytest.fixture(autouse=True)
def _books(stack):
    stack.new_books()


def changes(stack, before):
    now = stack.dspam.stats(LEARNER)
    return {name: now[name] - before[name] for name in now if now[name] != before[name]}


def empty_queue(stack):
    wait_for(lambda: stack.postfix.waiting() == 0, what=lambda: f"an empty queue:\n{stack.postfix.log()[-3000:]}")


def test_configuration_is_good(stack):
    checked = stack.dspam.run("dspam", "--check-config", check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.seconds(400)
def test_real_mail_arrives_or_is_quarantined(stack, corpus, programs):
    """First the filter is taught with mbox files, as the text says; then mail comes in."""
    mails = real_mail(corpus, 380, largest=30_000)
    feed(stack, mails[:80])
    fed = stack.dspam.stats(LEARNER)
    jobs = [(message, [f"{('anna', 'bert', 'carla')[number % 3]}@example.org"]) for number, (_, message) in enumerate(mails[80:])]
    labels = {stack.ledger.last + number + 1: label for number, (label, _) in enumerate(mails[80:])}
    stack.send(jobs, connections=1)
    ledger = stack.settle(350)
    ledger.check()
    quarantined = [labels[copy.number] for copy in ledger.copies() if copy.folder == "quarantine"]
    assert quarantined.count("spam") >= 10
    for copy in ledger.copies():
        assert (copy.header("X-DSPAM-Result") == "Spam") == (copy.folder == "quarantine")
        assert b"!DSPAM:" in copy.bytes or copy.header("X-DSPAM-Signature")
    seen = changes(stack, fed)
    assert sum(seen.values()) == len(jobs) and set(seen) <= {"TP", "TN"}


def feed(stack, mails):
    """dspam_corpus [--addspam] USER MBOX"""
    for label, words in (("spam", ["--addspam"]), ("ham", [])):
        mbox = stack.site.directory / f"{label}.mbox"
        mbox.write_bytes(b"".join(b"From x@example.net Mon Sep 16 00:11:46 2002\n" + re.sub(rb"(?m)^From ", b">From ", message) +
                                  b"\n" for kind, message in mails if kind == label))
        mbox.chmod(0o644)
        if os.path.exists(f"{stack.site.bin}/dspam_corpus"):
            stack.dspam.run("dspam_corpus", *words, LEARNER, mbox)


def test_the_subdomains_teach(stack):
    number = stack.traffic.submit(small_mail(1), ["anna@example.org"])
    (copy,) = stack.settle().of(number)
    assert copy.folder == "INBOX"
    before = stack.dspam.stats(LEARNER)
    for _ in range(2):  # once is enough
        stack.traffic.submit(copy.bytes, ["whatever@spam.example.org"], mailboxes=[])
        empty_queue(stack)
        assert changes(stack, before)["FN"] == 1
    before = stack.dspam.stats(LEARNER)
    stack.traffic.submit(copy.bytes, ["anything@ham.example.org"], mailboxes=[])
    empty_queue(stack)
    assert changes(stack, before)["FP"] == 1
    assert "status=bounced" not in stack.postfix.log()
    stack.ledger.check()


def test_a_false_positive_leaves_the_quarantine(stack):
    """As the web interface of the text does it, with its DSPAM_ARGS; the message comes from the mbox."""
    spam = b"From: x@spam.example\nSubject: casino\n\nCasino bonus pills, order now, click here to win\n"
    for _ in range(20):
        stack.dspam.run("dspam", "--user", LEARNER, "--class=spam", "--source=corpus", input=spam)
    number = stack.traffic.submit(spam, ["anna@example.org"])
    (copy,) = stack.settle().of(number)
    assert copy.folder == "quarantine"
    before = stack.dspam.stats(LEARNER)
    stack.dspam.run("dspam", "--deliver=innocent", "--class=innocent", "--source=error", "--user", LEARNER, "-i", "-f",
                    "sender@example.org", "--", "anna@example.org", input=copy.bytes)
    assert changes(stack, before)["FP"] == 1
    wait_for(lambda: len(stack.ledger.of(number)) == 2, what="the message that was in quarantine")
    assert {copy.folder for copy in stack.ledger.of(number)} == {"INBOX", "quarantine"}
