"""Mail clients that try until a message is taken, as a mail server does, and a ledger of what was taken."""

import random
import re
import threading
import time

from lmtp_peer import Client, wire

# Teaching goes by DSPAM's own dialect of LMTP, for those who say the right name.
DELIVER = "<sender@example.org>"
TEACH = ' <secret@Relay1> DSPAMPROCESSMODE="--class=spam --source=error"'
PAUSE = 0.3
ATTEMPTS = 200
SIGNATURE = re.compile(rb"^X-DSPAM-Signature: (\S+)", re.MULTILINE)
# What a client may be told when a daemon dies: nothing; or, if it died with the message and its lesson is still on its way
# into the database, by the next daemon, that somebody else is learning from it.
NOBODY, DIED, CLASH = (0, "nobody listens"), (0, "died with the message"), (0, "the lesson of the one who died is under way")
NUMBER = re.compile(rb"^X-Number: (\S+)$", re.MULTILINE)


def message(number, signature=None):
    mark = b"X-DSPAM-Signature: " + signature + b"\n" if signature else b""
    return (b"From: <sender@example.org>\nTo: <me@example.org>\nSubject: a walk\nX-Number: %s\n%s\n"
            b"A walk along the river, if the weather of %s holds.\n" % (number.encode(), mark, number.encode()))


class Ledger:
    """
    Sends mail through all `daemons` at once, each client to its own daemon first, and teaches what it has delivered.

    `delivered`: number -> user, `taught`: signature -> user: what was answered 250. `refused`: times that a client was
    told to come again, or lost its connection; `longest`: seconds until a message was taken in the end.
    """

    def __init__(self, daemons, next_hop, users, clients=2):
        self.daemons, self.next_hop, self.users = daemons, next_hop, users
        self.lock = threading.Lock()
        self.delivered, self.taught = {}, {}
        self.refused, self.longest, self.answers = 0, 0.0, {}
        self.taken = [0] * len(daemons)
        self.failures = []
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self._guard, args=(daemon, client), daemon=True)
                        for daemon in range(len(daemons)) for client in range(clients)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def end(self):
        """No new message; the ones that are under way come to their end."""
        self.ending.set()
        for thread in self.threads:
            thread.join(180)
            if thread.is_alive():
                self.failures.append("a client did not come to its end")
        assert not self.failures, self.failures

    @staticmethod
    def number(text):
        """Which message this copy is of."""
        return NUMBER.search(text).group(1).decode()

    def check(self, daemons, seconds, explained="(?!)"):
        """
        What clients saw: no refusal but because a daemon died, or one that is `explained`; nobody waited longer; nothing went
        on unlearned.
        """
        known = {NOBODY[1], DIED[1], CLASH[1]}
        assert [answer for answer in self.answers if answer not in known and not re.search(explained, answer)] == []
        assert self.longest <= seconds, f"{self.longest:.1f} s until a message was taken; {seconds:.1f} are allowed"
        # What is deferred comes again; a message that went on without its lesson does not.
        unlearned = [line for daemon in daemons for line in daemon.log().splitlines()
                     if "nothing is learned" in line and "deferred: " not in line]
        assert unlearned == []

    def progress(self, count, seconds=120):
        """Wait until each side, by whatever daemon, has had so many more messages taken."""
        with self.lock:
            before = list(self.taken)
        for _ in range(seconds * 10):
            with self.lock:
                if all(now - then >= count for now, then in zip(self.taken, before)):
                    return
            assert not self.failures, self.failures
            time.sleep(0.1)
        raise AssertionError(f"mail does not flow: {before} were taken {seconds} s ago, {self.taken} now; {self.answers}")

    def _guard(self, side, client):
        try:
            self._run(side, client)
        except Exception as error:  # pylint: disable=broad-except
            self.failures.append(repr(error))

    def _run(self, side, client):
        chance = random.Random(100 * side + client)
        count = 0
        while not self.ending.is_set():
            user = chance.choice(self.users)
            number = f"n{side}x{client}x{count}"
            count += 1
            self._send(side, message(number), user, DELIVER)
            with self.lock:
                self.delivered[number] = user
            if chance.random() < 0.4:
                self._teach(chance.randrange(len(self.daemons)), number, user)
            with self.lock:
                self.taken[side] += 1

    def _teach(self, side, number, user):
        """It was spam: say so to whichever daemon, at once."""
        copies = [text for text in self.next_hop.messages(user)
                  if self.number(text) == number]
        signature = SIGNATURE.search(copies[-1]).group(1)
        self._send(side, message(number, signature), user, TEACH)
        with self.lock:
            self.taught[signature.decode()] = user

    def _send(self, side, text, user, sender):
        began = time.monotonic()
        died = False
        for attempt in range(ATTEMPTS):
            answer = self._try((side + attempt) % len(self.daemons), text, user, sender)
            died |= answer is DIED
            if died and answer[0] == 451 and "another program has learned from it" in answer[1]:
                answer = CLASH
            if answer[0] == 250:
                with self.lock:
                    self.longest = max(self.longest, time.monotonic() - began)
                return
            with self.lock:
                self.refused += 1
                self.answers[answer[1]] = self.answers.get(answer[1], 0) + 1
            if answer[0] >= 500:
                raise AssertionError(f"{user}: refused for good: {answer}")
            time.sleep(PAUSE)
        raise AssertionError(f"{user}: not taken after {ATTEMPTS} attempts: {answer}")

    def _try(self, daemon, text, user, sender):
        """The first answer that is a refusal, or the one to the message."""
        lost = NOBODY
        try:
            with Client(self.daemons[daemon].address, greet=False) as client:
                answer = client.reply() or lost
                if answer[0] != 220:
                    return answer
                name = "Relay1" if sender == TEACH else "mx.example.org"
                for line, good in ((f"LHLO {name}", 250), (f"MAIL FROM:{sender}", 250), (f"RCPT TO:<{user}>", 250),
                                   ("DATA", 354)):
                    answer = client.say(line) or lost
                    if answer[0] != good:
                        return answer
                lost = DIED
                client.send(wire(text))
                return client.reply() or lost
        except (OSError, AssertionError):
            return lost
