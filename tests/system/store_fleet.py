"""
Several daemons on one store, clients that teach them, and the ledger of what they have promised.

All mail is for one user and has the same words, SHARED, and one word of its own. So what the store should hold is known to
the last hit: of each shared word as many as there are lessons of that class, of each other word one.
"""

import collections
import getpass
import itertools
import re
import signal
import subprocess
import sys
import threading

from daemon_site import wait_for
from database import ROOT, Database
from lmtp_peer import Client, wire

sys.path.insert(0, f"{ROOT}/tests/model")

from token_ids import token_id  # noqa: E402 (tests/model)

SHARED = [f"shared{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(120)]
USER = "u"
SIGNATURE = re.compile(rb"^X-DSPAM-Signature: (\S+)\r?$", re.MULTILINE)
RESULT = re.compile(rb"^X-DSPAM-Result: (\w+)\r?$", re.MULTILINE)
OTHER = {"spam": "innocent", "innocent": "spam"}


def letters(number):
    """A word that no other number has."""
    return "own" + "".join(chr(97 + int(digit)) for digit in str(number))


def message(number):
    return f"Subject: storm\n\n{letters(number)} {' '.join(SHARED)}\n".encode()


class Teacher(Client):
    """A client of the daemon that learns what became of its mail and corrects it."""

    def order(self, arguments, mail, user=USER):
        for line in (f'MAIL FROM: <secret@Relay1> DSPAMPROCESSMODE="{arguments}" DSPAMEXTENDED', f"RCPT TO: <{user}>"):
            answer = self.say(line)
            if answer is None or answer[0] != 250:
                return answer
        answer = self.say("DATA")
        if answer is None or answer[0] != 354:
            return answer
        self.send(wire(mail))
        return None

    def text(self):
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            if not line.endswith(b"\n"):
                return None
            if not lines and re.match(rb"\d{3} ", line):  # a reply, because there is no text
                return None
            lines.append(line)
        return b"".join(lines)

    def give(self, number):
        """Have a message judged and learned: (signature, class), or None: it was not accepted."""
        if self.order("--deliver=innocent,spam --stdout", message(number)) is not None:
            return None
        text = self.text()
        answer = self.reply() if text else None
        if answer is None or answer[0] != 250:
            return None
        return SIGNATURE.search(text)[1].decode(), RESULT.search(text)[1].decode().lower()

    def correct(self, signature, to):
        """The reply."""
        return self.order(f"--class={to} --source=error --signature={signature}", b"\n") or self.reply()

    def corpus(self, number, kind):
        return self.order(f"--class={kind} --source=corpus", message(number)) or self.reply()


class Lesson:
    """What the store may say of a message: one of the classes in `may`; None there: nothing was learned."""

    def __init__(self, number):
        self.number, self.signature, self.now, self.may = number, None, None, {None}

    def give(self, client):
        """False: it was not accepted."""
        self.may = {None, "spam", "innocent"}
        given = client.give(self.number)
        if given is not None:
            self.signature, self.now = given
            self.may = {self.now}
        return given is not None

    def correct(self, client, to):
        """The reply."""
        self.may = {self.now, to}
        answer = client.correct(self.signature, to)
        if answer is not None and answer[0] == 250:
            self.now, self.may = to, {to}
        return answer


class Ledger:
    """All lessons, and whether a store says the same."""

    def __init__(self):
        self.lessons, self.numbers = [], itertools.count()

    def lesson(self):
        lesson = Lesson(next(self.numbers))
        self.lessons.append(lesson)
        return lesson

    def check(self, fleet):
        """How many lessons the store has; it has what was promised, and nothing else."""
        fleet.settle()
        hits = fleet.hits()
        classes = {(0, 0): None, (1, 0): "spam", (0, 1): "innocent"}
        found = collections.Counter()
        for lesson in self.lessons:
            learned = hits.get(token_id(letters(lesson.number).encode()), (0, 0))
            assert learned in classes, (lesson.number, learned)
            assert classes[learned] in lesson.may, (lesson.number, learned, lesson.may, fleet.log()[-2000:])
            found[classes[learned]] += 1
        expected = (found["spam"], found["innocent"])
        totals, shared = fleet.totals(), {hits.get(token_id(word.encode()), (0, 0)) for word in SHARED}
        assert (totals, shared) == (expected, {expected}), (totals, shared, expected)
        return sum(expected)


class Fleet:
    """`count` daemons on one store, each with its own Home."""

    def __init__(self, directory, programs, start, free_port, driver, count=1, lines=()):
        self.programs, self._start = programs, start
        self.homes = [directory / f"home{i}" for i in range(count)]
        for home in self.homes:
            home.mkdir()
        self.store = Database(self.homes[0], driver)
        self.addresses = [("127.0.0.1", free_port()) for _ in self.homes]
        self.paths = [directory / f"dspam{i}.conf" for i in range(count)]
        self.daemons = [None] * count
        self.lines = lines
        for number in range(count):
            self.configure(number)

    def configure(self, number, *lines):
        home, (host, port) = self.homes[number], self.addresses[number]
        judges = [] if any(line.startswith("Algorithm") for line in self.lines) else ["Algorithm graham burton"]
        place = [f"SQLiteFile {self.store.file}"]
        if self.store.driver != "sqlite":
            place = []
            self.store.place(home)
        self.paths[number].write_text("\n".join([
            f"Home {home}", *lines, self.store.line, *place, f"Trust {getpass.getuser()}", f"ServerHost {host}",
            f"ServerPort {port}", f"ServerPID {home}/dspam.pid", "ServerMode dspam", "ServerPass.Relay1 secret",
            "TrustedDeliveryAgent /bin/true", "TrainingMode teft", "Tokenizer word", *judges,
            "PValue bcr", 'Preference "signatureLocation=headers"', *self.lines, ""]))

    def start(self):
        for number, daemon in enumerate(self.daemons):
            if daemon is None or daemon.popen.poll() is not None:
                command = [f"{self.programs}/dspam", "--daemon", "--nofork", "--config", self.paths[number]]
                self.daemons[number] = self._start(command, listens_on=self.addresses[number])
        return self

    def kill(self, number=0):
        self.daemons[number].popen.send_signal(signal.SIGKILL)
        self.daemons[number].popen.wait()

    def stop(self):
        for daemon in self.daemons:
            assert daemon.stop() == 0, daemon.output()

    def settle(self):
        """A server goes on with what a daemon that was killed has sent: wait until nothing is under way."""
        busy = {"pgsql": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
                         " AND pid <> pg_backend_pid()",
                "mysql": "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() AND command <> 'Sleep'"
                         " AND id <> connection_id()"}.get(self.store.driver)
        if busy:
            wait_for(lambda: self.store.query(busy) == [(0,)], what="the end of what was sent")

    def client(self, number=0):
        return Teacher(self.addresses[number % len(self.addresses)])

    def log(self):
        return "".join(daemon.output() for daemon in self.daemons)

    def totals(self):
        """spam_learned, innocent_learned"""
        return tuple(self.store.row_of(USER, "spam_learned, innocent_learned"))

    def hits(self):
        """{token: (spam, innocent)} as dspam_dump says."""
        command = [f"{self.programs}/dspam_dump", "--config", str(self.paths[0]), USER]
        text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        return {int(token): (int(spam), int(innocent))
                for token, spam, innocent in re.findall(r"^(\d+) +S: (\d+) +I: (\d+)", text, re.MULTILINE)}


def all_at_once(*works):
    """Run functions in threads; the first thing that goes wrong in one of them goes wrong here."""
    problems = []

    def guarded(work):
        try:
            work()
        except BaseException as problem:  # pylint: disable=broad-except
            problems.append(problem)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
