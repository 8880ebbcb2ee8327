"""The verdict of dspam, working alone: what it says of a message, and the marks that the message gets."""

import email
import re

import pytest

from agent_site import SIGNATURE, site, without_marks  # noqa: F401 (a fixture)


def test_classify_only_says_what_it_is(site):
    site.teach()
    before = site.totals()
    line = rb'X-DSPAM-Result: u; result="%s"; class="%s"; probability=%s; confidence=0\.\d\d; signature=N/A\n'
    spam = site.out("--user", "u", "--classify", mail=site.mail("test-spam"))
    assert re.fullmatch(line % (b"Spam", b"Spam", rb"1\.0000"), spam)
    ham = site.out("--user", "u", "--classify", mail=site.mail("test-ham"))
    assert re.fullmatch(line % (b"Innocent", b"Innocent", rb"0\.0000"), ham)
    assert site.totals() == before
    assert site.quarantine() == b""


def test_classify_answers_for_each_user(site):
    site.teach("a")
    lines = site.out("--user", "a", "b", "--classify", mail=site.mail("test-spam")).splitlines()
    assert [line.split(b"; ")[:2] for line in lines] == [
        [b"X-DSPAM-Result: a", b'result="Spam"'], [b"X-DSPAM-Result: b", b'result="Innocent"']]
    assert b"probability=0.0023; confidence=1.00" in lines[1]


def test_a_message_is_marked_and_else_unchanged(site):
    mail = site.mail("ham1")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=mail)
    headers = out.split(b"\n\n")[0].split(b"\n")
    added = headers[len(mail.split(b"\n\n")[0].split(b"\n")):]
    assert [line.split(b": ")[0] for line in added] == [
        b"X-DSPAM-Result", b"X-DSPAM-Processed", b"X-DSPAM-Confidence", b"X-DSPAM-Probability", b"X-DSPAM-Signature"]
    assert b"X-DSPAM-Result: Innocent\n" in out
    assert b"X-DSPAM-Confidence: 1.0000\n" in out
    assert b"X-DSPAM-Probability: 0.0023\n" in out
    assert without_marks(out) == mail
    assert site.totals()["TN"] == 1


def test_the_signature_stands_in_the_text(site):
    site.configure(location="message")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    signature = SIGNATURE.search(out)[1]
    assert without_marks(out) == site.mail("ham1") + b"\n!DSPAM:" + signature + b"!\n\n"


def test_a_signed_message_stays_as_it_is_inside(site):
    signed = (b"Content-Type: multipart/signed; boundary=sgn\n\n--sgn\nContent-Type: text/plain\n\nSigned text =3D here\n"
              b"--sgn\nContent-Type: application/pgp-signature\n\nxx\n--sgn--\n")
    site.configure(location="message")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=b"From: a@x.org\nSubject: s\n" + signed)
    parts = email.message_from_bytes(out).get_payload()
    assert [part.get_content_type() for part in parts] == ["multipart/signed", "text/plain"]
    assert signed.split(b"\n\n", 1)[1].rstrip() in out
    assert parts[1].get_payload().strip().encode() == b"!DSPAM:" + SIGNATURE.search(out)[1] + b"!"


@pytest.mark.parametrize("strip", [False, True])
def test_cr_stays_unless_it_is_stripped(site, strip):
    site.configure(*(["Broken lineStripping"] if strip else []))
    mail = site.mail("ham1").replace(b"\n", b"\r\n")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=mail)
    assert without_marks(out.replace(b"\r\n", b"\n")) == site.mail("ham1")
    assert out.count(b"\r\n") == (0 if strip else out.count(b"\n"))


def test_tagging(site):
    site.teach()
    site.configure("TxtDirectory " + str(site.directory), 'Preference "tagSpam=on"', action="tag")
    (site.directory / "msgtag.spam").write_text("tagged as spam\n")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    assert b"\nSubject: [SPAM] Claim your FREE pills prize now\n" in out
    assert b"tagged as spam\n" in out.split(b"\n\n", 1)[1]
    assert site.quarantine() == b""


def test_a_missing_tag_file_is_no_reason_to_deliver_spam_unmarked(site):
    site.teach()
    site.configure('Preference "tagSpam=on"')
    answer = site.run("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    assert (answer.returncode, answer.stdout) == (0, b"")
    assert b"msgtag.spam" in answer.stderr
    assert b"X-DSPAM-Result: Spam\n" in site.quarantine()


def test_marks_of_others_go_unless_they_are_kept(site):
    mail = b"X-DSPAM-Result: Innocent\nX-DSPAM-Signature: 0123\n" + site.mail("ham1")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=mail)
    assert out.count(b"X-DSPAM-Result") == out.count(b"X-DSPAM-Signature") == 1
    site.configure("KeepDSPAMHeaders on")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=mail)
    assert out.startswith(mail[:50]) and out.count(b"X-DSPAM-Result") == 2
