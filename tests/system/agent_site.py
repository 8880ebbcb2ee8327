"""A configuration with its own Home, and the program dspam called with it, for the tests of dspam working alone."""

import getpass
import os
import re
import subprocess

import pytest

from database import Database

SIGNATURE = re.compile(rb"^X-DSPAM-Signature: (\S+)$", re.MULTILINE)


class Site:
    """A configuration with its own Home, and ways to call dspam with it."""

    def __init__(self, directory, programs, data):
        self.directory, self.programs, self.data = directory, programs, data
        self.home = directory / "home"
        self.home.mkdir()
        self.store = Database(self.home)
        self.path = directory / "dspam.conf"
        self.configure()

    def configure(self, *lines, location="headers", action="quarantine"):
        """Write the configuration anew, with further lines."""
        self.path.write_text("\n".join([
            f"Home {self.home}", self.store.line, f"Trust {getpass.getuser()}", "TrainingMode teft", "Tokenizer chain",
            "Algorithm graham burton", "PValue bcr", "ProcessorBias on", "ProcessorURLContext on",
            f'Preference "signatureLocation={location}"', f'Preference "spamAction={action}"', *lines, ""]))

    def mail(self, name):
        return (self.data / f"{name}.eml").read_bytes()

    def run(self, *words, mail=b"", **options):
        command = [f"{self.programs}/dspam", "--config", self.path, *words]
        return subprocess.run([os.fspath(word) for word in command], input=mail, capture_output=True, check=False,
                              **options)

    def out(self, *words, mail=b"", status=0):
        """Standard output of a run that ends with `status` and complains only when it fails."""
        answer = self.run(*words, mail=mail)
        assert answer.returncode == status, answer.stderr
        assert bool(answer.stderr) == (status not in (0, 99)), answer.stderr
        return answer.stdout

    def teach(self, user="u"):
        """Learn what makes test-spam spam and test-ham innocent."""
        for _ in range(4):
            for name in ("ham1", "spam1", "ham2", "spam2"):
                kind = "innocent" if name.startswith("ham") else "spam"
                self.out("--user", user, f"--class={kind}", "--source=corpus", mail=self.mail(name))

    def totals(self, user="u"):
        answer = subprocess.run([f"{self.programs}/dspam_stats", "--config", self.path, user], capture_output=True,
                                check=True)
        return {name: int(number) for name, number in re.findall(r"(\w\w): +(\d+)", answer.stdout.decode())}

    def quarantine(self, user="u"):
        file = self.home / "data" / user / f"{user}.mbox"
        return file.read_bytes() if file.exists() else b""

    def script(self, name, text):
        """A program; $D in its text is a directory for what it writes."""
        path = self.directory / name
        path.write_text(f"#!/bin/sh\nD={self.directory}\n{text}\n")
        path.chmod(0o755)
        return path


@pytest.fixture
def site(tmp_path, programs, root):
    if not os.path.exists(f"{programs}/dspam"):
        pytest.skip("the program dspam is not built")
    from pathlib import Path

    return Site(tmp_path, programs, Path(root) / "tests/data/statistics")


def signature_of(message):
    return SIGNATURE.search(message)[1]


def without_marks(message):
    """The message without the header lines that we add."""
    headers, body = message.split(b"\n\n", 1)
    headers = re.sub(rb"\nX-DSPAM-[^\n]*(\n[ \t][^\n]*)*", b"", headers)
    return headers + b"\n\n" + body
