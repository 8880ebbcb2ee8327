"""What all filters have in common that are measured for their accuracy.

A filter is an object with judge(message), which gives a Judgement, teach(message, spam) and close(). It keeps what it
learns in a home of its own. Trouble is a message that it could not judge or learn; Absent: it cannot be used at all.
"""

import os
import subprocess
from typing import Callable, NamedTuple

SECONDS = 120  # for one message; then it counts as one that could not be judged


class Trouble(Exception):
    pass


class Absent(Exception):
    pass


class Judgement(NamedTuple):
    verdict: str  # spam, ham, unsure
    score: float  # the higher, the spammier


class Contender(NamedTuple):
    """A row of the table: a filter, and the rule by which it is taught."""
    name: str
    way: str                     # how it is taught, and how it was set for that
    make: Callable               # of a home: the filter
    wants: Callable              # of a Judgement and what the user takes the message for: whether it is taught
    package: str = ""            # of Debian; empty: ours
    neutral: float = 0.5         # the score that says nothing


def every(_judgement, _spam):
    return True


def on_error(judgement, spam):
    """When it was wrong or unsure."""
    return judgement.verdict != ("spam" if spam else "ham")


def within(thickness):
    """When it was wrong, or right by less than so much of its score, which is 0 at its threshold."""
    return lambda judgement, spam: (judgement.score if spam else -judgement.score) < thickness


class Programs:
    """A filter of which each message is a process of its own; nothing of the user who measures is read or written."""

    def __init__(self, home):
        self.home = home
        self.environment = {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8"}

    def call(self, *command, source=os.devnull, text=None, good=(0,)):
        """Its exit status, and what it said as text; `source` is a file, `text` bytes in its place."""
        try:
            with open(source, "rb") as file:
                given = {"input": text} if text is not None else {"stdin": file}
                ended = subprocess.run(command, **given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                                       cwd=self.home, env=self.environment, timeout=SECONDS)
        except FileNotFoundError as error:
            raise Absent(f"{command[0]} is not installed") from error
        except subprocess.TimeoutExpired as error:
            raise Trouble(f"{command[0]} did not end within {SECONDS} s") from error
        if ended.returncode not in good:
            said = (ended.stderr or ended.stdout).decode(errors="replace").strip()[-300:]
            raise Trouble(f"{command[0]} ended with {ended.returncode}: {said}")
        return ended.returncode, ended.stdout.decode(errors="replace")

    def close(self):
        pass
