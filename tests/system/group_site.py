"""A configuration with a file of groups, and dspam called with it."""

import getpass
import os
import re
import subprocess

import pytest

from daemon_site import program_is_missing
from database import Database

SPAM = b"From: win@deals.example\nSubject: pills\nMessage-Id: <1@deals.example>\n\nbuy cheap pills casino winner now\n"
HAM = b"From: bob@example.org\nSubject: minutes\nMessage-Id: <2@example.org>\n\nminutes of the meeting, agenda and schedule\n"
COUNTERS = ("spam_learned", "innocent_learned", "spam_misclassified", "innocent_misclassified", "spam_corpusfed",
            "innocent_corpusfed")


class Site:
    """A configuration with a file of groups, and dspam called with it."""

    def __init__(self, directory, programs):
        self.directory, self.programs = directory, programs
        self.home = directory / "home"
        self.home.mkdir()
        self.store = Database(self.home)
        self.path = directory / "dspam.conf"
        self.group = directory / "group"

    def configure(self, groups, *lines):
        if isinstance(groups, str):
            self.group.write_text(groups)
        self.path.write_text("\n".join([
            f"Home {self.home}", self.store.line, f"Trust {getpass.getuser()}", "TrainingMode teft",
            "Tokenizer chain", "Algorithm graham burton", "PValue bcr", f"GroupConfig {self.group}",
            'Preference "signatureLocation=headers"', *lines, ""]))
        return self

    def run(self, *words, message=b"", program="dspam"):
        command = [f"{self.programs}/{program}", "--config", os.fspath(self.path), *words]
        return subprocess.run(command, input=message, capture_output=True, check=False, cwd=self.directory)

    def out(self, *words, message=b""):
        answer = self.run(*words, message=message)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def school(self, user):
        for _ in range(6):
            self.out("--user", user, "--class=spam", "--source=corpus", message=SPAM)
            self.out("--user", user, "--class=innocent", "--source=corpus", message=HAM)

    def receive(self, user, message):
        return self.out("--user", user, "--deliver=innocent,spam", "--stdout", message=message)

    def totals(self, user):
        """The six counters; None for somebody who is not known."""
        known = self.store.query(f"SELECT uid FROM dspam_virtual_uids WHERE username = '{user}'")
        row = known and self.store.row_of(user, ", ".join(COUNTERS))
        return list(row) if row else ([0] * 6 if known else None)


@pytest.fixture
def site(tmp_path, programs):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    return Site(tmp_path, programs)


def result(message):
    return re.search(rb"^X-DSPAM-Result: (\w+)$", message, re.MULTILINE).group(1)
