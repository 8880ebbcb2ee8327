"""A configuration of the daemon with its own Home, next hop and ports, for the tests of the daemon."""

import getpass
import os
import re
import signal
import sqlite3
import subprocess
import time

import pytest

from database import Database
from lmtp_peer import Client, NextHop

RECOVERY = 20  # seconds
COUNTED = ("spam_learned", "innocent_learned")
MARKS = re.compile(rb"^X-DSPAM-[^\n]*\n(?:[ \t][^\n]*\n)*", re.MULTILINE)


def mail(number=0, body=b"A walk along the river, if the weather holds.\n"):
    return (b"From: Alice <alice@example.org>\nTo: u@example.org\nSubject: message %d\nX-Number: %d\n\n" % (number, number)
            ) + body


def number_of(message):
    return int(re.search(rb"^X-Number: (\d+)$", message, re.MULTILINE).group(1))


def unmarked(message):
    """The message without our headers."""
    head, separator, body = message.partition(b"\n\n")
    if not separator:
        return MARKS.sub(b"", message)
    return MARKS.sub(b"", head + b"\n") + b"\n" + body


def wait_for(condition, seconds=30, what="what the test waits for"):
    for _ in range(seconds * 50):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {seconds} s")


class Daemon:
    """Writes dspam.conf, starts the daemon, and looks into its store."""

    def __init__(self, directory, programs, start, free_port, store=Database):
        self.directory, self.programs, self._start = directory, programs, start
        self.home = directory / "home"
        self.home.mkdir()
        self.store = store(self.home)
        self.path = directory / "dspam.conf"
        self.address = ("127.0.0.1", free_port())
        self.next_hop = NextHop(free_port())
        self.process = None
        self.runs_as = []  # a command in front
        self.configure()

    def configure(self, *lines, base=None):
        """
        Write the configuration anew, with further lines.

        `base` is a configuration to begin from: our lines come before it, so that they are the ones that count.
        """
        common = [
            f"Home {self.home}", self.store.line, f"Trust {getpass.getuser()}",
            f"ServerHost {self.address[0]}", f"ServerPort {self.address[1]}", f"ServerPID {self.directory}/dspam.pid",
            f"DeliveryHost {self.next_hop.address[0]}", f"DeliveryPort {self.next_hop.address[1]}",
            "DeliveryProto LMTP", *lines,
        ]
        own = [
            "ServerMode standard", 'ServerParameters "--deliver=innocent,spam"', "TrainingMode teft", "Tokenizer chain",
            "Algorithm graham burton", "PValue bcr", 'Preference "signatureLocation=headers"',
            'Preference "spamAction=tag"',
        ]
        rest = "\n".join(own) if base is None else base
        self.path.write_text("\n".join(common) + "\n" + rest + "\n")
        return self

    def start(self, *words, listens_on=None):
        command = [*self.runs_as, f"{self.programs}/dspam", "--daemon", "--nofork", "--config", self.path, *words]
        self.process = self._start(command, listens_on=listens_on or self.address)
        return self

    def reload(self):
        before = self.log().count("read again and in force")
        self.process.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: self.log().count("read again and in force") > before, what="reading the configuration again")

    def log(self):
        return self.process.output()

    def client(self):
        return Client(self.address)

    def deliver(self, message, *recipients):
        with self.client() as client:
            return client.deliver(message, recipients)

    def learned(self, user):
        """How many messages the store has learned for a user."""
        row = self.store.row_of(user, " + ".join(COUNTED))
        return row[0] if row else 0

    def _learned_if_it_can_be_told(self, user):
        if self.store.driver == "sqlite" and not os.path.exists(self.store.file):
            return 0
        try:
            return self.learned(user)
        except (RuntimeError, sqlite3.Error):
            return 0

    def recovers(self, user="u"):
        """Mail is judged and learned again, by itself, and soon: within two seconds, on a machine that has nothing else to do."""
        began, before = time.monotonic(), self._learned_if_it_can_be_told(user)
        wait_for(lambda: self.deliver(mail(), user)[0][0] == 250 and self._learned_if_it_can_be_told(user) > before,
                 what="a lesson")
        took = time.monotonic() - began
        print(f"mail is learned again after {took:.2f} s")
        assert took < RECOVERY

    def memory(self, name="VmHWM"):
        """Bytes, from /proc."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(name + ":"))


def program_is_missing(programs):
    return not os.path.exists(f"{programs}/dspam")


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port)
    site.next_hop.start()
    yield site
    if site.next_hop.hold is not None:
        site.next_hop.hold.set()
    site.next_hop.stop()


def agent(site, *words, message=b"", status=0):
    """dspam for one message; (standard output, standard error)."""
    run = subprocess.run([f"{site.programs}/dspam", "--config", site.path, "--user", "u", *words], input=message,
                         capture_output=True, check=False)
    assert run.returncode == status, run.stderr
    return run.stdout, run.stderr.decode()
