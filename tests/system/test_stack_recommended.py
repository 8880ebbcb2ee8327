"""docs/postfix-dovecot.md, word by word: mail arrives filtered, spam in Junk, and people teach by moving and forwarding."""

import itertools
import re
import smtplib

import pytest

from stack.server import wait_for
from stack.stack import PEOPLE, Recommended
from stack.traffic import real_mail, small_mail


@pytest.fixture(scope="module")
def stack(programs):
    with Recommended(programs) as running:
        yield running


@pytest.fixture(autouse=True)
def _books(stack):
    stack.new_books()


def test_configuration_is_good(stack):
    checked = stack.dspam.run("dspam", "--check-config", check=False)
    assert checked.returncode == 0 and checked.stdout.endswith(b": good\n"), checked.stdout


def teach(stack, corpus, person, count=60):
    """Train a person's filter with mail of the corpus, so that it knows something."""
    directory = stack.site.make(f"kept/{person}")
    for number, (label, message) in enumerate(real_mail(corpus, count)):
        (stack.site.make(f"kept/{person}/{label}") / str(number)).write_bytes(message)
    stack.dspam.run("dspam_train", person, directory / "spam", directory / "ham")


def test_spam_goes_to_junk_and_says_so(stack, corpus):
    teach(stack, corpus, "anna@example.org", 200)
    mails = real_mail(corpus, 260)[200:]
    for _, message in mails:
        stack.traffic.submit(message, ["anna@example.org"])
    ledger = stack.settle()
    ledger.check()
    spam = [copy for copy in ledger.copies() if copy.number and copy.header("X-DSPAM-Result") == "Spam"]
    junk = [copy for copy in ledger.copies() if copy.number and copy.folder == "Junk"]
    assert len(spam) >= 10
    assert {copy.number for copy in spam} == {copy.number for copy in junk}


@pytest.mark.seconds(300)
def test_real_mail_arrives_once_and_unchanged(stack, corpus):
    mails = real_mail(corpus, 240)
    before = {person: stack.dspam.seen(person) for person in PEOPLE}
    jobs = [(message, [person]) for (_, message), person in zip(mails, itertools.cycle(PEOPLE))]
    stack.send(jobs)
    ledger = stack.settle(250)
    ledger.check()
    for person in PEOPLE:
        assert stack.dspam.seen(person) - before[person] == len(mails) // 3


def test_headers_that_mail_brings_decide_nothing(stack):
    forged = b"X-DSPAM-Result: Spam\n" + small_mail(1)
    number = stack.traffic.submit(forged, ["bert@example.org"])
    ledger = stack.settle()
    (copy,) = ledger.of(number)
    assert copy.folder == "INBOX"
    assert re.findall(rb"^X-DSPAM-Result: (\w+)$", copy.bytes, re.MULTILINE) == [b"Innocent"]


def test_several_recipients_and_details(stack):
    """Each person's filter judges for itself; a +detail is the same person."""
    before = {person: stack.dspam.seen(person) for person in PEOPLE}
    number = stack.traffic.submit(small_mail(2), ["anna@example.org", "bert+Lists@example.org", "Carla@Example.org"],
                                  mailboxes=PEOPLE)
    ledger = stack.settle()
    ledger.check()
    signatures = {copy.header("X-DSPAM-Signature") for copy in ledger.of(number)}
    assert len(signatures) == 3
    assert {person: stack.dspam.seen(person) - before[person] for person in PEOPLE} == {person: 1 for person in PEOPLE}


# ---- people teach ----------------------------------------------------------------------------------------------------


def move(imap, number, source, target):
    """Move a message from folder to folder; what MOVE answers."""
    assert imap.select(source)[0] == "OK"
    _, (found,) = imap.search(None, "HEADER", "X-Ledger", str(number))
    assert len(found.split()) == 1, found
    imap._simple_command("MOVE", found.decode(), target)  # pylint: disable=protected-access


def changes(stack, person, before):
    now = stack.dspam.stats(person)
    return {name: now[name] - before[name] for name in now if now[name] != before[name]}


def test_moving_to_junk_and_back_teaches_once(stack):
    person = "carla@example.org"
    number = stack.traffic.submit(small_mail(3), [person])
    stack.settle()
    (copy,) = stack.ledger.of(number)
    assert copy.folder == "INBOX" and copy.header("X-DSPAM-Result") == "Innocent"
    imap = stack.dovecot.login(person)
    before = stack.dspam.stats(person)

    move(imap, number, "INBOX", "Junk")
    wait_for(lambda: changes(stack, person, before), what=lambda: f"a lesson:\n{stack.dovecot.log()[-3000:]}")
    assert changes(stack, person, before) == {"FN": 1, "TN": -1}
    (copy,) = stack.ledger.of(number)
    assert copy.folder == "Junk"

    # to the trash: says nothing; back from there to Junk: the lesson is known already
    move(imap, number, "Junk", "Trash")
    move(imap, number, "Trash", "Junk")
    assert changes(stack, person, before) == {"FN": 1, "TN": -1}

    move(imap, number, "Junk", "INBOX")
    wait_for(lambda: changes(stack, person, before) != {"FN": 1, "TN": -1}, what="the other lesson")
    imap.logout()
    stack.ledger.check()


def attached(original, subject=b"this is spam"):
    return (b"From: anna@example.org\nTo: spam@example.org\nSubject: " + subject + b"\nMIME-Version: 1.0\n"
            b"Content-Type: multipart/mixed; boundary=cut\n\n--cut\nContent-Type: text/plain\n\nsee below\n"
            b"--cut\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\n" + original + b"\n--cut--\n")


def test_forwarding_as_attachment_teaches_once(stack):
    person = "bert@example.org"
    number = stack.traffic.submit(small_mail(4), [person])
    stack.settle()
    (copy,) = stack.ledger.of(number)
    before = stack.dspam.stats(person)
    for _ in range(2):
        stack.traffic.submit(attached(copy.bytes), ["spam@example.org"], sender=person, mailboxes=[])
        wait_for(lambda: stack.postfix.waiting() == 0, what=lambda: f"an empty queue: {stack.postfix.log()[-2000:]}")
        assert changes(stack, person, before) == {"FN": 1, "TN": -1}
    stack.traffic.submit(attached(copy.bytes), ["ham@example.org"], sender=person, mailboxes=[])
    wait_for(lambda: stack.postfix.waiting() == 0, what="an empty queue")
    assert changes(stack, person, before) != {"FN": 1, "TN": -1}
    stack.ledger.check()


def test_strangers_cannot_teach(stack):
    """The restriction that the page gives for the two addresses, asked as Postfix asks it."""
    stack.postfix.command("postconf", "-e", "mynetworks = 192.0.2.1/32")
    try:
        stack.postfix.command("postfix", "reload", capture_output=True)

        def refused():
            with smtplib.SMTP(*stack.site.smtp, timeout=60) as smtp:
                smtp.ehlo("client.example")
                smtp.mail("anna@example.org")
                return smtp.rcpt("spam@example.org")[0] == 554 and smtp.rcpt("bert@example.org")[0] == 250
        wait_for(refused, what="a refusal")
    finally:
        stack.postfix.command("postconf", "-e", "mynetworks = 127.0.0.0/8")
        stack.postfix.command("postfix", "reload", capture_output=True)
