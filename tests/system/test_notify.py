"""dspam_notify: who is told, of what, and that nobody can write into it."""

import email
import email.policy
import html.parser
import json
import os
import re
import subprocess
import time
import urllib.parse

import pytest

from agent_site import site  # noqa: F401 (a fixture)
from lmtp_peer import NextHop
from test_delivery_tls import server_context


class Reader(html.parser.HTMLParser):
    """Tags and text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.cells, self.links = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "td":
            self.cells.append("")
        if tag == "a":
            self.links.append(dict(attributes)["href"])

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data


def entry(when, subject=b"Free pills", sender=b"Mallory <m@deals.example>", signature=b"0a1b2c", more=b""):
    return (b"From QUARANTINE " + time.ctime(when).encode() + b"\nFrom: " + sender + b"\nSubject: " + subject
            + b"\nX-DSPAM-Signature: " + signature + b"\n" + more + b"\ntext\n>From me\n\n\n")


@pytest.fixture
def notify(site):
    """Call dspam_notify for a site on which u and v have had spam."""
    for user in ("u", "v@example.org"):
        site.teach(user)
        site.out("--user", user, "--deliver=spam", "--stdout", mail=site.mail("test-spam"))

    def run(*words):
        return subprocess.run([f"{site.programs}/dspam_notify", "--config", site.path, *words], capture_output=True,
                              check=False)

    return run


def fill(site, user, *entries):
    directory = site.home / "data" / user
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{user}.mbox").write_bytes(b"".join(entries))


def mails_of(answer):
    assert answer.returncode == 0 and answer.stderr == b"", answer.stderr
    texts = re.split(rb"(?m)^(?=From: )", answer.stdout)[1:]
    return [email.message_from_bytes(text, policy=email.policy.default) for text in texts]


def bodies(mail):
    return [part.get_content() for part in mail.iter_parts()]


def test_what_is_new_is_listed(site, notify):
    now = time.time()
    fill(site, "u", entry(now - 30 * 3600, b"old"), entry(now - 3600, b"=?utf-8?q?caf=C3=A9?="), entry(now, b"now"))
    fill(site, "v@example.org", entry(now - 26 * 3600))
    mail, = mails_of(notify("--dry-run", "--from=q@example.org", "--url=https://example.org/dspam.cgi"))
    assert (mail["To"], mail["From"], mail["Subject"]) == ("u", "q@example.org", "Your spam quarantine")
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Message-ID"] and mail["Date"]
    text, page = bodies(mail)
    assert "2 messages came into your quarantine" in text and "café" in text and "old" not in text
    cells = Reader(page).cells
    assert cells[1:3] == ["Mallory <m@deals.example>", "café"] and len(cells) == 8
    link = urllib.parse.urlsplit(Reader(page).links[1])
    assert link.geturl().startswith("https://example.org/dspam.cgi?")
    assert urllib.parse.parse_qs(link.query) == {
        "template": ["quarantine"], "user": ["u"], "signatureID": ["0a1b2c"], "command": ["processFalsePositive"]}
    assert link.geturl() in text
    assert len(mails_of(notify("--dry-run", "--hours=48"))) == 2


def test_strangers_cannot_write_into_it(site, notify):
    evil = b'</td></tr><script>alert(1)</script><a href="http://x">\'&amp;'
    fill(site, "u", entry(time.time(), evil, b'"<img src=x>" <m@x>', signature=b'"><script>'),
         entry(time.time(), b"a\r\n b\x01\x7f =?utf-8?q?=0AFrom=3A_x=0D?=", b"=?utf-8?q?=3Cb=3E?="))
    mail, = mails_of(notify("--dry-run", "--url=https://example.org/c?a=1&b=2"))
    text, page = bodies(mail)
    reader = Reader(page)
    assert set(reader.tags) == {"html", "head", "meta", "body", "p", "table", "tr", "th", "td", "a"}
    assert reader.cells[2] == evil.decode() and reader.cells[1] == '"<img src=x>" <m@x>'
    assert reader.cells[5:7] == ["<b>", "a b    From: x"]
    assert len(reader.links) == 2  # a signature that is none gets no links
    assert "\nFrom: x" not in text


def test_each_user_has_his_own_preference(site, notify):
    """What the first one prefers says nothing about the next."""
    for user in ("u", "v@example.org"):
        fill(site, user, entry(time.time()))
    site.configure("AllowOverride dailyQuarantineSummary")
    (site.home / "data/u/u.prefs").write_text("dailyQuarantineSummary=off\n")
    assert [mail["To"] for mail in mails_of(notify("--dry-run"))] == ["v@example.org"]
    site.configure("AllowOverride dailyQuarantineSummary", 'Preference "dailyQuarantineSummary=off"')
    assert mails_of(notify("--dry-run")) == []
    (site.home / "data/u/u.prefs").write_text("dailyQuarantineSummary=on\n")
    assert [mail["To"] for mail in mails_of(notify("--dry-run", "--domain=example.net"))] == ["u@example.net"]
    site.configure()
    assert len(mails_of(notify("--dry-run"))) == 2
    assert [mail["To"] for mail in mails_of(notify("--dry-run", "v@example.org"))] == ["v@example.org"]


def test_a_shared_quarantine_shows_each_his_own(site, notify):
    now = time.time()
    fill(site, "team", entry(now, b"for u", more=b"X-DSPAM-User: u\n"), entry(now, b"for others", more=b"X-DSPAM-User: x\n"))
    site.configure('Preference "localStore=team"')
    mail, = mails_of(notify("--dry-run"))
    assert mail["To"] == "u" and "for u" in bodies(mail)[0] and "for others" not in bodies(mail)[0]


def test_a_long_list_has_a_bound(site, notify):
    site.configure("NotifyMaximum 3")
    fill(site, "u", *(entry(time.time(), b"number %d." % number) for number in range(10)))
    mail, = mails_of(notify("--dry-run", "--subject=Quarantäne " + "ü" * 60))
    assert mail["Subject"] == "Quarantäne " + "ü" * 60
    assert re.findall(r"number (\d)\.", bodies(mail)[0]) == ["7", "8", "9"]
    assert "10 messages" in bodies(mail)[0]


def test_it_goes_by_smtp(site, notify, free_port):
    hop = NextHop(free_port())
    hop.start()
    try:
        site.configure(f"NotifyHost {hop.address[0]}", f"NotifyPort {hop.address[1]}", "NotifyDomain example.org",
                       "NotifySender q@example.org")
        fill(site, "u", entry(time.time()))
        answer = notify()
        assert answer.returncode == 0, answer.stderr
        mail, = hop.messages("u@example.org")
        assert b"multipart/alternative" in mail
    finally:
        hop.stop()
    answer = notify()
    assert answer.returncode == 75 and b"user u" in answer.stderr


@pytest.mark.parametrize("mode", ["starttls", "implicit", "opportunistic"])
def test_it_goes_over_tls(site, notify, free_port, pem, mode):
    hop = NextHop(free_port())
    hop.tls, hop.implicit, hop.smtp = server_context(pem), mode == "implicit", True
    hop.start()
    try:
        site.configure(f"NotifyHost {hop.address[0]}", f"NotifyPort {hop.address[1]}", "NotifyDomain example.org",
                       f"NotifyTLS {mode}", f"NotifyTLSCA {pem('ca.pem')}")
        fill(site, "u", entry(time.time()))
        answer = notify()
        assert answer.returncode == 0, answer.stderr
        mail, = hop.messages("u@example.org")
        assert b"multipart/alternative" in mail
        assert hop.handshakes == [""]
    finally:
        hop.stop()


@pytest.mark.parametrize("tls, lines", [(False, ["NotifyTLSCA ca.pem"]), (True, ["NotifyTLSCA other-ca.pem"]),
                                        (True, ["NotifyTLSCA ca.pem", "NotifyTLSName other.example"]),
                                        (True, ["NotifyTLSCA nothing.pem"])],
                         ids=["not offered", "of nobody we know", "of another name", "no such file"])
def test_without_the_tls_asked_for_nothing_goes(site, notify, free_port, pem, tls, lines):
    hop = NextHop(free_port())
    hop.tls, hop.smtp = server_context(pem) if tls else None, True
    hop.start()
    try:
        site.configure(f"NotifyHost {hop.address[0]}", f"NotifyPort {hop.address[1]}", "NotifyDomain example.org",
                       "NotifyTLS starttls", *(re.sub(r"(\S+\.pem)", lambda name: pem(name[1]), line) for line in lines))
        fill(site, "u", entry(time.time()))
        answer = notify()
        assert answer.returncode == 75 and b"user u" in answer.stderr and b"TLS" in answer.stderr, answer.stderr
        assert not hop.messages("u@example.org")
    finally:
        hop.stop()


def test_json(site, notify, free_port):
    fill(site, "u", entry(time.time()), entry(time.time()))
    fill(site, "v@example.org", entry(0))
    said = json.loads(notify("--dry-run", "--json").stdout)
    assert said == {"users": [{"user": "u", "recipient": "u", "messages": 2, "sent": False}], "complete": True}
    site.configure("NotifyHost 127.0.0.1", f"NotifyPort {free_port()}", "NotifyDomain example.org")
    answer = notify("--json")
    said = json.loads(answer.stdout)
    assert answer.returncode == 75 and said["complete"] is False
    (user,) = said["users"]
    assert (user["recipient"], user["sent"]) == ("u@example.org", False) and "refused" in user["error"]
    hop = NextHop(free_port())
    hop.smtp = True
    hop.start()
    try:
        site.configure("NotifyHost 127.0.0.1", f"NotifyPort {hop.address[1]}", "NotifyDomain example.org")
        said = json.loads(notify("--json").stdout)
        assert said["users"] == [{"user": "u", "recipient": "u@example.org", "messages": 2, "sent": True}]
        assert len(hop.messages("u@example.org")) == 1
    finally:
        hop.stop()


def test_it_goes_the_way_of_mail(site, notify):
    agent = site.script("deliver", 'echo "$*" >$D/arguments; cat >$D/got')
    site.configure(f'TrustedDeliveryAgent "{agent} -d %u"')
    fill(site, "u", entry(time.time()))
    assert notify().returncode == 0
    assert (site.directory / "arguments").read_text() == "-d u\n"
    assert b"Auto-Submitted" in (site.directory / "got").read_bytes()


def test_a_sender_with_a_name(site, notify):
    fill(site, "u", entry(time.time()))
    mail, = mails_of(notify("--dry-run", "--from=The filter <q@example.org>"))
    assert mail["From"] == "The filter <q@example.org>"
    raw = notify("--dry-run", "--from=The filter <q@example.org>").stdout
    assert re.search(rb"(?m)^Message-ID: <[0-9a-f]{32}@example\.org>$", raw)


def test_a_name_that_nobody_has(site, notify):
    fill(site, "u", entry(time.time()))
    answer = notify("--dry-run", "nobody-here", "u")
    assert answer.returncode == 67 and b"nobody-here" in answer.stderr and b"Auto-Submitted" in answer.stdout
    site.configure("Compat exitCodes")
    assert notify("--dry-run", "nobody-here", "u").returncode == 1


def test_wrong_usage(site, notify):
    assert notify().returncode == 78  # no way to send
    for words in (["--hours=0"], ["--hours=x"], ["--nosuch"], ["--dry-run", "--from=a\nb"]):
        answer = notify(*words)
        assert answer.returncode == 64 and answer.stderr
    fill(site, "u", entry(time.time()))
    os.chmod(site.home / "data/u/u.mbox", 0)
    if os.geteuid() != 0:
        assert notify("--dry-run").returncode == 75
