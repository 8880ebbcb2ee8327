"""
The books: every message that a client was told is accepted must arrive once for each recipient, in one place, and
unchanged but for what we say that we add.
"""

import difflib
import itertools
import re
import threading

from daemon_site import unmarked

from .dovecot import folders
from .server import wait_for

NUMBER = re.compile(rb"^X-Ledger: (\d+)\r?\n", re.MULTILINE)
# In front of our first line stands only what mail servers put there.
TRACE = re.compile(rb"(?:(?:Return-Path|Delivered-To|Received|X-Original-To)(?::[^\n]*\n(?:[ \t][^\n]*\n)*))*\Z")


def plain(message):
    """With LF, and an end of the last line, as it is kept."""
    message = message.replace(b"\r\n", b"\n")
    return message if message.endswith(b"\n") else message + b"\n"


def messages_of(mbox):
    """The messages of a quarantine."""
    text = b"\n\n" + mbox.read_bytes().removesuffix(b"\n\n") if mbox.exists() else b""
    messages = re.split(rb"\n\nFrom QUARANTINE [^\n]*\n", text)[1:]
    return [re.sub(rb"(?m)^>(>*From )", rb"\1", message) for message in messages]


class Copy:
    """One message in a mailbox."""

    def __init__(self, address, folder, content):
        self.address, self.folder = address, folder
        self.bytes = content.replace(b"\r\n", b"\n")
        hit = NUMBER.search(self.bytes)
        self.number = int(hit.group(1)) if hit else None
        self.trace = self.bytes[: hit.start()] if hit else b""
        self.message = self.bytes[hit.start():] if hit else self.bytes

    def header(self, name):
        """The value of a header, or None."""
        head = self.bytes.partition(b"\n\n")[0] + b"\n"
        hit = re.search(rb"^%s:[ \t]*([^\n]*)\n" % name.encode(), head, re.MULTILINE | re.IGNORECASE)
        return hit.group(1).decode(errors="replace") if hit else None


class Ledger:
    """
    `maildirs` holds DOMAIN/LOCALPART. `same(delivered, sent)` says whether a message is the one that was sent; our headers
    have been taken away. `expected` makes of a message what mail servers make of it before us. What `before`,
    an older ledger, knows of is none of our business.
    """

    def __init__(self, maildirs, addresses, same=bytes.__eq__, expected=None, before=None):
        self.maildirs, self.addresses, self.same, self.expected = maildirs, addresses, same, expected or (lambda sent: sent)
        self.sent = {}  # number: (message, recipients)
        self.quarantine = None  # path of an mbox; whose messages they are stands in the books
        self.lock = threading.Lock()
        self.last = self.first = before.last if before else 0
        self.files = {}  # (address, folder, name of a file): Copy
        self.old = before.old | before.files.keys() if before else set()

    def enter(self, message):
        """Give a message its number, in a first line; (number, message)."""
        with self.lock:
            self.last += 1
            return self.last, b"X-Ledger: %d\n" % self.last + plain(message)

    def accepted(self, number, message, recipients):
        with self.lock:
            self.sent[number] = (message, tuple(recipients))

    def due(self):
        """{(number, address)} of what was accepted."""
        with self.lock:
            return {(number, address) for number, (_, recipients) in self.sent.items() for address in recipients}

    def copies(self):
        """All that is there now, of the messages of these books and of nobody's."""
        now = {}
        for address in self.addresses:
            for folder, files in folders(self.maildirs, address).items():
                for file in files:
                    key = (address, folder, file.name.partition(":")[0])
                    try:
                        now[key] = self.files.get(key) or Copy(address, folder, file.read_bytes())
                    except FileNotFoundError:
                        pass  # moved this moment
        for position, content in enumerate(messages_of(self.quarantine) if self.quarantine else []):
            copy = Copy("", "quarantine", content)
            copy.address = (self.sent.get(copy.number, (None, ("",)))[1] or ("",))[0]
            now["", "quarantine", str(position)] = copy
        self.files = now
        return [copy for key, copy in now.items()
                if (copy.number > self.first if copy.number else key not in self.old)]

    def arrived(self):
        return {(copy.number, copy.address) for copy in self.copies()}

    def missing(self):
        return self.due() - self.arrived()

    def wait(self, seconds, logs):
        """Until all that was accepted has arrived; `logs` gives what to show if it does not."""
        wait_for(lambda: not self.missing(), seconds,
                 what=lambda: f"the arrival of {sorted(self.missing())[:10]}\n{logs()}\n")
        return self

    def wait_for_count(self, count, seconds=100):
        """Until so many copies have arrived; how many have."""
        wait_for(lambda: len(self.copies()) >= count, seconds, what=lambda: f"{count} arrivals of {len(self.copies())}")
        return len(self.copies())

    def of(self, number, address=None):
        return [copy for copy in self.copies() if copy.number == number and address in (None, copy.address)]

    def twice(self):
        """{(number, address): how often} of what has arrived more than once."""
        counted = {}
        for copy in self.copies():
            counted[copy.number, copy.address] = counted.get((copy.number, copy.address), 0) + 1
        return {key: count for key, count in counted.items() if count > 1}

    def strangers(self):
        """What nobody has sent to whom it was delivered: bounces, and mail that went astray."""
        return [copy for copy in self.copies() if (copy.number, copy.address) not in self.due()]

    def changed(self):
        """{number: difference} of the messages that are not what was sent."""
        wrong = {}
        for copy in self.copies():
            message, _ = self.sent.get(copy.number, (b"", ()))
            delivered, sent = unmarked(copy.message), self.expected(message)
            if not TRACE.match(copy.trace):
                wrong[copy.number] = copy.trace
            elif not self.same(delivered, sent):
                lines = [message.decode("latin-1").splitlines() for message in (sent, delivered)]
                wrong[copy.number] = "\n".join(itertools.islice(difflib.unified_diff(*lines, "sent", "delivered", n=1), 40))
        return wrong

    def unfiltered(self):
        return [copy.number for copy in self.copies() if copy.header("X-DSPAM-Result") is None]

    def check(self, twice=0, filtered=True):
        """All has arrived once, unchanged and filtered; `twice` deliveries too many are forgiven."""
        assert not self.missing(), sorted(self.missing())
        assert not self.strangers(), self.strangers()[0].bytes[:4000].decode(errors="replace")
        assert sum(self.twice().values()) - len(self.twice()) <= twice, self.twice()
        changed = self.changed()
        assert not changed, f"{len(changed)} are changed; the first: {next(iter(changed.items()))[0]}\n{next(iter(changed.values()))}"
        assert not filtered or not self.unfiltered()
