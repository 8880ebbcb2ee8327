"""The Bayes classifier of SpamAssassin alone: no other rule, no network, no learning by itself, in one process of Perl.

BAYES_60 and up count for spam, BAYES_40 and down for ham: its own rules, what is between is unsure. Its manual: it does not
judge before 200 of each kind are learned, which can be tuned; sa-learn is given all mail.
"""

import os
import select
import subprocess

import process

from peers.peer import SECONDS, Absent, Contender, Judgement, Trouble, every, on_error

SPAM, HAM = 0.6, 0.4


class SpamAssassin:
    def __init__(self, home, least):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "spamassassin.pl")
        environment = {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8"}
        with open(f"{home}/said", "wb") as said:
            self.child = subprocess.Popen(["perl", script, home, str(least)], stdin=subprocess.PIPE,
                                          stdout=subprocess.PIPE, stderr=said, env=environment)
        try:
            self._answer()
        except Trouble as error:
            self.close()
            with open(f"{home}/said", encoding="utf-8", errors="replace") as said:
                raise Absent(f"SpamAssassin does not run: {said.readline().strip() or error}") from error

    def _answer(self):
        if not select.select([self.child.stdout], [], [], SECONDS)[0]:
            self.child.kill()
            raise Trouble(f"no answer within {SECONDS} s")
        line = self.child.stdout.readline().decode().strip()
        if not line:
            raise Trouble("its process has ended")
        return line

    def _ask(self, what, message):
        try:
            self.child.stdin.write(f"{what} {message.path}\n".encode("utf-8", "surrogateescape"))
            self.child.stdin.flush()
        except OSError as error:
            raise Trouble("its process has ended") from error
        return self._answer()

    def judge(self, message):
        said = self._ask("judge", message)
        score = 0.5 if said == "-" else float(said)
        return Judgement("spam" if score >= SPAM else "ham" if score <= HAM else "unsure", score)

    def teach(self, message, spam):
        self._ask("spam" if spam else "ham", message)

    def seconds(self):
        return process.tree_seconds(self.child.pid)

    def close(self):
        try:
            self.child.stdin.close()
            self.child.wait(SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            self.child.kill()
            self.child.wait()
        self.child.stdout.close()


CONTENDERS = [
    Contender("SpamAssassin Bayes", f"{words}, from {least} of each kind", lambda home, least=least: SpamAssassin(home, least),
              wants, "spamassassin")
    for words, wants, least in (("every message", every, 200), ("every message", every, 1), ("on error and unsure", on_error, 1))
]
