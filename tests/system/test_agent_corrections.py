"""Corrections: how dspam, working alone, finds what it is to learn anew, and whose it is."""

import email
import email.mime.message
import email.mime.multipart
import os
import subprocess

import pytest

from agent_site import SIGNATURE, site  # noqa: F401 (a fixture)


def delivered(site, name="ham1", location="headers"):
    site.configure(location=location)
    return site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail(name))


def test_retraining_by_the_signature_in_the_header(site):
    out = site.out("--user", "u", "--class=spam", "--source=error", "--deliver=spam", "--stdout", mail=delivered(site))
    assert b"X-DSPAM-Reclassified: Spam\n" in out
    assert {name: count for name, count in site.totals().items() if count} == {"FN": 1}


def test_retraining_a_message_with_crlf(site):
    site.out("--user", "u", "--class=spam", "--source=error", mail=delivered(site).replace(b"\n", b"\r\n"))
    assert site.totals()["FN"] == 1


def test_retraining_by_the_signature_in_the_text(site):
    text = delivered(site, location="message").split(b"\n\n", 1)[1]
    quoted = b"".join(b"> " + line for line in text.splitlines(True))
    site.out("--user", "u", "--class=spam", "--source=error", mail=b"Subject: Fwd\n\nThis is spam:\n" + quoted)
    assert site.totals()["FN"] == 1


@pytest.mark.parametrize("location", ["headers", "message"])
def test_retraining_by_a_forwarded_attachment(site, location):
    forward = email.mime.multipart.MIMEMultipart()
    forward["Subject"] = "This is spam"
    forward.attach(email.mime.message.MIMEMessage(email.message_from_bytes(delivered(site, location=location))))
    site.out("--user", "u", "--class=spam", "--source=error", mail=forward.as_bytes())
    assert site.totals()["FN"] == 1


def test_retraining_by_signature_alone_reads_no_message(site):
    signature = SIGNATURE.search(delivered(site))[1].decode()
    reader, writer = os.pipe()  # would block for ever if it were read
    answer = subprocess.run([f"{site.programs}/dspam", "--config", site.path, "--user", "u", "--class=spam",
                             "--source=error", f"--signature={signature}"], stdin=reader, capture_output=True, timeout=60)
    os.close(reader)
    os.close(writer)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, b"", b"")
    assert site.totals()["FN"] == 1


@pytest.mark.parametrize("mail, words, why", [
    (b"Subject: x\n\nno signature\n", [], b"no signature"),
    (b"X-DSPAM-Signature: 0123456789\n\nx\n", [], b"0123456789 is not in the store"),
    (b"", ["--signature=0123456789"], b"0123456789 is not in the store"),
])
def test_retraining_that_fails_says_so_and_ends_well(site, mail, words, why):
    delivered(site)
    before = site.totals()
    command = ["--user", "u", "--class=spam", "--source=error", *words]
    answer = site.run(*command, mail=mail)
    assert answer.returncode == 0
    assert b"nothing is learned" in answer.stderr and why in answer.stderr
    assert site.totals() == before
    # also where nobody is known to look
    environment = {name: value for name, value in os.environ.items() if name != "DSPAM_CONFIG"}
    assert b"nothing is learned" in site.run(*command, mail=mail, env=environment).stderr


def test_class_and_user_from_the_address(site):
    site.configure("ParseToHeaders on", "ChangeModeOnParse on", "ChangeUserOnParse full")
    mail = site.out("--user", "joe@x.org", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    site.out(mail=b"To: spam-joe@x.org\n" + mail)
    assert site.totals("joe@x.org")["FN"] == 1


def test_a_user_of_the_headers_is_believed_of_the_trusted_only(site):
    """X-DSPAM-User in the headers of a false positive names whom it teaches; one in the text does not."""
    site.teach("ann")
    out = site.out("--user", "ann", "--deliver=spam", "--stdout", mail=site.mail("test-spam"))
    lesson = ("--user", "boss", "--class=innocent", "--source=error")
    assert b"nothing is learned" in site.run(*lesson, mail=out.replace(b"\n\n", b"\n\nX-DSPAM-User: ann\n", 1)).stderr
    site.out(*lesson, mail=b"X-DSPAM-User: ann\n" + out)
    assert site.totals("ann")["FP"] == 1
