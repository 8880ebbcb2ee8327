"""Clients that send mail to Postfix."""

import os
import smtplib
import threading

from lmtp_peer import wire

SENDER = "sender@example.org"  # a mailbox of ours, so that a bounce would be seen


def real_mail(corpus, count, largest=100_000):
    """[(label, message)] of a corpus, half spam and half ham, without the line that mbox files put in front."""
    found = {"spam": [], "ham": []}
    with open(os.path.join(corpus, "index"), encoding="utf-8") as index:
        for line in index:
            label, name = line.split(None, 1)
            if len(found[label]) >= (count + 1) // 2:
                continue
            with open(os.path.join(corpus, name.strip()), "rb") as file:
                message = file.read()
            if message.startswith(b"From "):
                message = message.partition(b"\n")[2]
            if len(message) <= largest:
                found[label].append((label, message))
    return [mail for pair in zip(found["spam"], found["ham"]) for mail in pair][:count]


def small_mail(number):
    """A message that was made here."""
    return (b"From: Alice <alice@elsewhere.example>\nTo: anna@example.org\nSubject: walk %d\n\n"
            b"A walk along the river number %d, if the weather holds.\n" % (number, number))


class Traffic:
    """Sends messages over several connections, and keeps the books; every message must be accepted."""

    def __init__(self, address, ledger):
        self.address, self.ledger = address, ledger
        self.refused = []

    def _connection(self, jobs, lock):
        with smtplib.SMTP(*self.address, timeout=100) as smtp:
            smtp.ehlo("client.example")
            while True:
                with lock:
                    if not jobs:
                        return
                    message, recipients = jobs.pop()
                self.one(smtp, message, recipients)

    def one(self, smtp, message, recipients, sender=SENDER, mailboxes=None):
        """Send a message; its number. It is due in `mailboxes`, where these are not the recipients."""
        number, message = self.ledger.enter(message)
        smtp.mail(sender)
        for recipient in recipients:
            code, text = smtp.rcpt(recipient)
            assert code == 250, text
        smtp.putcmd("data")
        assert smtp.getreply()[0] == 354
        # in the books before the last dot: it may arrive before we hear of it
        self.ledger.accepted(number, message, recipients if mailboxes is None else mailboxes)
        smtp.send(wire(message))
        code, text = smtp.getreply()
        if code != 250:
            self.refused.append((number, code, text))
        return number

    def send(self, jobs, connections=4):
        """All of [(message, recipients)]."""
        jobs, lock = list(reversed(jobs)), threading.Lock()
        failures = []

        def work():
            try:
                self._connection(jobs, lock)
            except Exception as error:  # pylint: disable=broad-except
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, failures
        assert not self.refused, self.refused
        return self

    def submit(self, message, recipients, sender=SENDER, mailboxes=None):
        """One message on a connection of its own; its number."""
        with smtplib.SMTP(*self.address, timeout=100) as smtp:
            smtp.ehlo("client.example")
            return self.one(smtp, message, recipients, sender, mailboxes)
