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
DEAD = "None"  # as an answer: nobody listens, or the connection was lost
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

    def check(self, daemons, seconds):
        """What clients saw: no refusal but of a daemon that is dead, nobody waited longer, nothing went on unlearned."""
        assert set(self.answers) <= {DEAD}, self.answers
        assert self.longest <= seconds, f"{self.longest:.1f} s until a message was taken; {seconds:.1f} are allowed"
        # What is deferred comes again; a message that went on without its lesson does not.
        unlearned = [line for daemon in daemons for line in daemon.log().splitlines() if "nothing is learned" in line]
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
        for attempt in range(ATTEMPTS):
            answer = self._try((side + attempt) % len(self.daemons), text, user, sender)
            if answer is not None and answer[0] == 250:
                with self.lock:
                    self.longest = max(self.longest, time.monotonic() - began)
                return
            with self.lock:
                self.refused += 1
                self.answers[str(answer)] = self.answers.get(str(answer), 0) + 1
            if answer is not None and answer[0] >= 500:
                raise AssertionError(f"{user}: refused for good: {answer}")
            time.sleep(PAUSE)
        raise AssertionError(f"{user}: not taken after {ATTEMPTS} attempts: {answer}")

    def _try(self, daemon, text, user, sender):
        """The first answer that is a refusal, or the one to the message; None: the connection was lost."""
        answer = None
        try:
            with Client(self.daemons[daemon].address, greet=False) as client:
                answer = client.reply()
                if answer is None or answer[0] != 220:
                    return answer
                name = "Relay1" if sender == TEACH else "mx.example.org"
                for line, good in ((f"LHLO {name}", 250), (f"MAIL FROM:{sender}", 250), (f"RCPT TO:<{user}>", 250),
                                   ("DATA", 354)):
                    answer = client.say(line)
                    if answer is None or answer[0] != good:
                        return answer
                client.send(wire(text))
                return client.reply()
        except (OSError, AssertionError):
            return None
