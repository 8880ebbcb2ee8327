"""
The wiring of the how-to of 2017 (its dspam.conf is tests/data/config/2017.conf): Postfix hands all mail to the daemon by LMTP,
spam goes to user+Junk, texts are tagged, header checks strip what mail brings, and people forward as attachment what was
judged wrongly. Its database is SQLite here; host names that the text has lost are loopback addresses.
"""

import itertools
import re

import pytest

from stack.dovecot import Dovecot
from stack.dspam import Dspam
from stack.postfix import Postfix
from stack.same import without
from stack.server import wait_for
from stack.stack import MAILBOXES, PEOPLE, ROOT, Stack
from stack.traffic import real_mail, small_mail

DSPAM = """
StorageDriver sqlite
Home /var/lib/dspam
TxtDirectory /etc/dspam/txt
ServerHost 127.0.0.1
ServerPort 2424
ServerPID /run/dspam/dspam.pid
DeliveryHost 127.0.0.1
DeliveryPort {LMTP}
ClientHost 127.0.0.1
ClientPort 2424
"""
MAIN = """
header_checks = pcre:/etc/postfix/header_checks
nested_header_checks =
recipient_delimiter = +
transport_maps = texthash:/etc/postfix/transport
virtual_mailbox_domains = example.org, spam.spam, ham.ham
virtual_mailbox_maps = texthash:/etc/postfix/mailboxes
virtual_transport = lmtp:inet:127.0.0.1:2424
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination
dspam-retrain_destination_recipient_limit = 1
"""
# the text has no user=, without which Postfix does not run a program, and $nexthop without braces
MASTER = """
dspam-retrain unix - n n - - pipe
  user=vmail argv=/usr/local/bin/dspam --client --mode=teft --class=${nexthop} --source=error --user ${sender}
"""
TRANSPORT = """
spam@spam.spam dspam-retrain:spam
ham@ham.ham dspam-retrain:innocent
"""
STRIPPED = ("Received: from", "X-Authenticated-Sender:", "User-Agent:", "X-Mailer:", "X-MimeOLE:", "X-MSMail-Priority:",
            "X-Originating-IP:", "X-Sanitizer:", "X-Spam-Status:", "X-Spam-Level:", "X-Virus-Check:", "X-Virus-Checked:",
            "X-Virus-Scan:", "X-Virus-Scanned:", "X-Virus-Status:", "X-DSPAM-")
HEADER_CHECKS = "".join(f"/^{name}/ IGNORE\n" for name in STRIPPED)
DOVECOT = """
protocols = imap lmtp
mail_location = maildir:/var/vmail/%d/%n
mail_uid = vmail
mail_gid = vmail
first_valid_uid = 1
recipient_delimiter = +
lmtp_save_to_detail_mailbox = yes
userdb {
  driver = static
  args = uid=vmail gid=vmail home=/var/vmail/%d/%n allow_all_users=yes
}
namespace inbox {
  inbox = yes
  mailbox Junk {
    auto = create
    special_use = \\Junk
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = {LMTP}
  }
}
"""
TAGS = {"spam": b"--- \nDSPAM: this looks like spam.\n", "nonspam": b"--- \nDSPAM: this looks good.\n"}
ADDED = re.compile(rb"\n---(?: |=20|=\n )\nDSPAM: this looks (?:like spam|good)\.(?:\n|\Z)")


def stripped(message):
    """What the header checks leave; they look at the headers of the message, not at those of its parts."""
    head, _, body = message.partition(b"\n\n")
    names = "|".join(map(re.escape, STRIPPED)).encode()
    head = re.sub(rb"(?mi)^(?:%s)[^\n]*\n(?:[ \t][^\n]*\n)*" % names, b"", head + b"\n")
    return head + b"\n" + body


def same(delivered, sent):
    """Spam is marked in its subject, too."""
    plain = re.sub(rb"(?mi)^(Subject:[ \t]*)\[SPAM\] ?", rb"\1", delivered, count=1)
    return any(without(ADDED)(message, sent) for message in (plain, plain.replace(b"Subject: \n", b"", 1)))


class HowTo(Stack):
    same = staticmethod(same)
    expected = staticmethod(stripped)

    def configure(self):
        site, lmtp = self.site, str(self.site.ports["reinject"])
        site.write("/etc/postfix/header_checks", HEADER_CHECKS)
        site.write("/etc/postfix/transport", TRANSPORT)
        site.write("/etc/postfix/mailboxes",
                   "".join(f"{address} -\n" for address in (*MAILBOXES, "spam@spam.spam", "ham@ham.ham")))
        for kind, text in TAGS.items():
            site.write(f"/etc/dspam/txt/msgtag.{kind}", text.decode())
        theirs = (ROOT / "tests/data/config/2017.conf").read_text(errors="surrogateescape")
        config = "\n".join(DSPAM.replace("{LMTP}", lmtp).splitlines()) + "\n" + theirs
        self.dspam = Dspam(site, config, "/usr/local/bin/dspam --daemon --nofork --config /etc/dspam/dspam.conf")
        self.dovecot = Dovecot(site, DOVECOT.replace("{LMTP}", lmtp), ready=("127.0.0.1", int(lmtp)))
        environment = site.adapt("export_environment = TZ DSPAM_CONFIG=/etc/dspam/dspam.conf\n")
        self.postfix = Postfix(site, MAIN + environment, MASTER)


@pytest.fixture(scope="module")
def stack(programs):
    with HowTo(programs) as running:
        yield running


@pytest.fixture(autouse=True)
def _books(stack):
    stack.new_books()


def changes(stack, person, before):
    now = stack.dspam.stats(person)
    return {name: now[name] - before[name] for name in now if now[name] != before[name]}


def forwarded(copy):
    """As mail programs forward a message as attachment."""
    return (b"From: anna@example.org\nTo: spam@spam.spam\nSubject: Fwd: this\nMIME-Version: 1.0\n"
            b"Content-Type: multipart/mixed; boundary=cut\n\n--cut\nContent-Type: text/plain\n\nsee below\n"
            b"--cut\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\n" + copy.bytes + b"\n--cut--\n")


def empty_queue(stack):
    wait_for(lambda: stack.postfix.waiting() == 0, what=lambda: f"an empty queue:\n{stack.postfix.log()[-3000:]}")


@pytest.mark.seconds(400)
def test_real_mail_is_tagged_and_sorted(stack, corpus):
    """The people correct what is judged wrongly, as they would, until the filter knows the one from the other."""
    mails = real_mail(corpus, 240)
    first, second = mails[:120], mails[120:]
    labels = {}
    for part in (first, second):
        start = stack.ledger.last
        for number, (label, _) in enumerate(part):
            labels[start + number + 1] = label
        # one connection, so that the numbers are in order
        stack.send([(message, [person]) for (_, message), person in zip(part, itertools.cycle(PEOPLE))], connections=1)
        stack.settle(300)
        if part is first:
            wrong = [copy for copy in stack.ledger.copies() if copy.number and
                     (copy.header("X-DSPAM-Result") == "Spam") != (labels[copy.number] == "spam")]
            before = {person: stack.dspam.stats(person) for person in PEOPLE}
            for copy in wrong:
                way = "spam@spam.spam" if labels[copy.number] == "spam" else "ham@ham.ham"
                stack.traffic.submit(forwarded(copy), [way], sender=copy.address, mailboxes=[])
            empty_queue(stack)
            for person in PEOPLE:
                mine = [labels[copy.number] for copy in wrong if copy.address == person]
                now = changes(stack, person, before[person])
                assert (now.get("FN", 0), now.get("FP", 0)) == (mine.count("spam"), mine.count("ham"))
    ledger = stack.settle()
    ledger.check()
    for copy in ledger.copies():
        if copy.number in labels:
            assert copy.folder == ("Junk" if copy.header("X-DSPAM-Result") == "Spam" else "INBOX")
            assert copy.header("X-DSPAM-Factors") and copy.header("X-DSPAM-Improbability")
            assert copy.header("X-Mailer") is None
    junk = [labels[copy.number] for copy in ledger.copies() if copy.number in labels and copy.folder == "Junk"]
    assert junk.count("spam") >= 5


def test_details_reach_their_folder(stack):
    """The user is Anna without her detail; the detail keeps its case, because folders have one."""
    number = stack.traffic.submit(small_mail(1), ["Anna+Junk@Example.org"], mailboxes=["anna@example.org"])
    (copy,) = stack.settle().of(number)
    assert copy.folder == "Junk" and "Anna+Junk" in copy.header("Delivered-To")
    stack.ledger.check()


def test_what_mail_brings_is_stripped(stack):
    forged = b"X-DSPAM-Result: Spam\nX-DSPAM-Signature: abc\nX-Spam-Status: No\n" + small_mail(2)
    number = stack.traffic.submit(forged, ["bert@example.org"])
    (copy,) = stack.settle().of(number)
    stack.ledger.check()
    assert copy.header("X-DSPAM-Result") != "Spam" and copy.bytes.count(b"X-DSPAM-Result") == 1
    assert TAGS["nonspam"] in copy.bytes


def test_a_lesson_counts_once(stack):
    person = "carla@example.org"
    number = stack.traffic.submit(small_mail(3), [person])
    (copy,) = stack.settle().of(number)
    before = stack.dspam.stats(person)
    for _ in range(3):
        stack.traffic.submit(forwarded(copy), ["spam@spam.spam"], sender=person, mailboxes=[])
        empty_queue(stack)
        assert changes(stack, person, before)["FN"] == 1
    assert not stack.postfix.log().count("status=bounced")
