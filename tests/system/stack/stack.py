"""All servers of a stack, started and ended together."""

import os
import pathlib
import re

from .dovecot import Dovecot
from .dspam import Dspam
from .ledger import Ledger
from .page import files_of
from .postfix import Postfix
from .server import wait_for
from .site import Site
from .traffic import Traffic

ROOT = pathlib.Path(__file__).resolve().parents[3]
PEOPLE = tuple(f"{name}@example.org" for name in ("anna", "bert", "carla"))
MAILBOXES = (*PEOPLE, "sender@example.org", "postmaster@example.org", "MAILER-DAEMON@example.org")


class Stack:
    """
    A subclass makes `postfix`, `dovecot` and `dspam` in `configure`.

    with Stack(programs) as stack: all of them run; at the end they are ended, and must have ended well.
    """

    same = None  # for the ledger, when more than headers is added
    expected = None  # for the ledger, when Postfix changes something

    def __init__(self, programs):
        self.site = Site(programs)
        self.postfix = self.dovecot = self.dspam = None
        self.configure()
        self.ledger = self.traffic = None
        self.new_books()

    def configure(self):
        raise NotImplementedError

    def new_books(self):
        """A ledger for what is sent from now on."""
        options = {"same": type(self).same} if self.same else {}
        options["expected"] = type(self).expected
        self.ledger = Ledger(self.site.path("/var/vmail"), MAILBOXES, before=self.ledger, **options)
        self.traffic = Traffic(self.site.smtp, self.ledger)

    def __enter__(self):
        try:
            for server in self.servers():
                server.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def servers(self):
        return [server for server in (self.dovecot, self.dspam, self.postfix) if server]

    def __exit__(self, *_):
        try:
            for server in reversed(self.servers()):
                server.stop()
        finally:
            self.clear()

    def clear(self):
        """Leave nothing behind; $DSPAM_KEEP_STACK keeps it, to be looked at."""
        if not os.environ.get("DSPAM_KEEP_STACK"):
            self.site.remove()

    def send(self, jobs, connections=4):
        self.traffic.send(jobs, connections)

    def settle(self, seconds=300):
        """Until Postfix has nothing left, and all that was accepted has arrived. A server may sulk for minutes."""
        self.ledger.wait(seconds, lambda: "\n".join(part.log()[-3000:] for part in (self.postfix, self.dspam, self.dovecot)))
        wait_for(lambda: self.postfix.waiting() == 0, seconds, what=lambda: f"an empty queue:\n{self.postfix.log()[-3000:]}")
        return self.ledger


class Recommended(Stack):
    """As docs/postfix-dovecot.md says; subclasses may change the files before they are written."""

    def files(self):
        files = files_of(ROOT / "docs/postfix-dovecot.md")
        files["/etc/postfix/mailboxes"] += "".join(f"{address} -\n" for address in MAILBOXES if address not in PEOPLE)
        return files

    def configure(self):
        files = self.files()
        main, master = files.pop("/etc/postfix/main.cf"), files.pop("/etc/postfix/master.cf")
        local, config = files.pop("/etc/dovecot/local.conf"), files.pop("/etc/dspam/dspam.conf")
        service = files.pop("/etc/systemd/system/dspam.service")
        for path, text in files.items():
            self.site.write(path, text, 0o755 if text.startswith("#!") else 0o644)
        self.dspam = Dspam(self.site, config, re.search(r"^ExecStart=(.*)$", service, re.MULTILINE).group(1))
        self.dovecot = Dovecot(self.site, local)
        self.postfix = Postfix(self.site, main, master)
        for path in files:
            if path.endswith(".sieve"):
                self.dovecot.compile(path)
