"""
The recommended set-up with all that guards it: TLS from Postfix to dspam and on to Dovecot, a virus scanner, and a content
filter that works through dspamc. While mail flows the scanner goes and hangs.
"""

import shutil
import subprocess

import pytest

from scan_peers import EICAR
from stack.clamd import Clamd, clamd_is_missing
from stack.flow import lessons, mail_flows, once_each
from stack.server import wait_for
from stack.stack import PEOPLE, Recommended
from stack.traffic import small_mail

pytestmark = pytest.mark.seconds(240)
CERTIFICATE = "/etc/dspam/mail.example.org.pem"
KEY = "/etc/dspam/mail.example.org.key"
DSPAM = f"""
ServerTLS required
ServerTLSCertificate {CERTIFICATE}
ServerTLSKey {KEY}
DeliveryHost 127.0.0.1
DeliveryPort {{LMTP}}
DeliveryTLS starttls
DeliveryTLSCA {CERTIFICATE}
DeliveryTLSName mail.example.org
ClamAVHost 127.0.0.1
ClamAVPort 3310
ServerMode auto
ServerPass.relay secret
ClientHost 127.0.0.1
ClientPort 2424
ClientIdent "secret@relay"
ClientTLS starttls
ClientTLSCA {CERTIFICATE}
ClientTLSName mail.example.org
"""
# who is not carla is handed to the daemon by LMTP, carla's mail by a program that talks to it
# A bounce carries headers only, else it would carry the virus, and be refused as well.
POSTFIX = """
bounce_size_limit = 1
lmtp_tls_security_level = encrypt
lmtp_tls_loglevel = 1
program_destination_recipient_limit = 1
"""
TRANSPORT = "carla@example.org program:\n"
MASTER = """
program   unix  -       n       n       -       4       pipe
  user=vmail argv=/usr/local/bin/dspamc --config /etc/dspam/dspam.conf --deliver=innocent,spam --user ${recipient} --mail-from=${sender}
"""
DOVECOT = f"""
ssl = required
ssl_cert = <{CERTIFICATE}
ssl_key = <{KEY}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {{LMTP}}
  }}
}}
"""


class Guarded(Recommended):
    def files(self):
        lmtp = str(self.site.ports["reinject"])
        files = super().files()
        files["/etc/dspam/dspam.conf"] = DSPAM.replace("{LMTP}", lmtp) + files["/etc/dspam/dspam.conf"]
        files["/etc/postfix/main.cf"] += POSTFIX
        files["/etc/postfix/master.cf"] += MASTER
        files["/etc/postfix/transport"] += TRANSPORT
        files["/etc/dovecot/local.conf"] += DOVECOT.replace("{LMTP}", lmtp)
        return files

    def configure(self):
        self.site.make("/etc/dspam")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mail.example.org",
                        "-addext", "subjectAltName=DNS:mail.example.org", "-keyout", self.site.path(KEY),
                        "-out", self.site.path(CERTIFICATE)], check=True, capture_output=True)
        shutil.chown(self.site.path(KEY), "mail", "mail")
        self.clamd = Clamd(self.site)
        super().configure()

    def servers(self):
        return [self.clamd, *super().servers()]


@pytest.fixture(scope="module")
def stack(programs):
    if clamd_is_missing():
        pytest.skip("clamd is not installed (clamav-daemon): scripts/install-packages test")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: scripts/install-packages test")
    with Guarded(programs) as running:
        yield running


@pytest.fixture(autouse=True)
def counted(stack):
    return lessons(stack)


def test_all_the_way_in_tls(stack, counted):
    with mail_flows(stack):
        stack.ledger.wait_for_count(60)
    once_each(stack, counted)
    assert "TLS connection established to 127.0.0.1" in stack.postfix.log()
    for person, hop in zip(PEOPLE, ("lmtp", "lmtp", "program")):
        assert f"to=<{person}>" in stack.postfix.log() and f"postfix/{hop if hop == 'lmtp' else 'pipe'}[" in stack.postfix.log()
    copy = stack.ledger.copies()[0]
    assert b"LMTPS" in copy.trace, copy.trace  # Dovecot's Received


@pytest.mark.parametrize("person", PEOPLE)
def test_a_virus_comes_back_to_its_sender(stack, counted, person):
    """Refused for good: Postfix tells the sender, and nobody else gets it."""
    stack.traffic.submit(small_mail(1) + EICAR + b"\n", [person], mailboxes=[])
    wait_for(lambda: [copy for copy in stack.ledger.strangers() if copy.address == "sender@example.org"],
             what=lambda: f"a bounce:\n{stack.postfix.log()[-3000:]}")
    wait_for(lambda: stack.postfix.waiting() == 0, what="an empty queue")
    assert {copy.address for copy in stack.ledger.copies()} == {"sender@example.org"}
    assert counted() == 0


def test_clamd_is_down(stack, counted):
    """Mail waits, unscanned mail goes nowhere, and a virus among it is found when the scanner is back."""
    with mail_flows(stack):
        stack.clamd.stop()
        wait_for(lambda: len(stack.ledger.missing()) >= 10 and "status=deferred" in stack.postfix.log(), what="mail that waits")
        stack.clamd.start()
    once_each(stack, counted)


def test_clamd_hangs(stack, counted):
    with mail_flows(stack):
        stack.clamd.server.pause()
        wait_for(lambda: len(stack.ledger.missing()) >= 10, what="mail that waits")
        stack.clamd.server.resume()
    once_each(stack, counted)
