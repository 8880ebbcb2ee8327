"""A site whose users bring mail that they kept, in Maildirs, and what dspam_train says and learns of it."""

import json
import os
import re
import subprocess

import pytest

from labelled_mail import message
from tool_site import Site

ADAPTIVE = "Algorithm adaptive\nTrainingMode teft\n"
NEWEST = 1700000000


@pytest.fixture
def site(tmp_path, programs):
    if not os.path.exists(os.path.join(programs, "dspam_train")):
        pytest.skip("the program dspam_train is not built")
    return Site(tmp_path, programs, ADAPTIVE)


class Maildir:
    """A tree; put(folder) adds a message. Folders are paths below it, "" is the inbox."""

    def __init__(self, path):
        self.path = path
        self.count = 0
        self.make("")

    def make(self, folder):
        for part in ("cur", "new", "tmp"):
            (self.path / folder / part).mkdir(parents=True, exist_ok=True)

    def put(self, folder, count=1, spam=False, flags="S", new=False, date=None, text=None):
        self.make(folder)
        for _ in range(count):
            self.count += 1
            moment = date if date is not None else NEWEST - self.count
            name = f"{moment}.M{self.count}P7.host" + ("" if new else f":2,{flags}")
            place = self.path / folder / ("new" if new else "cur") / name
            place.write_text(text if text is not None else message(self.count, spam))


def folders(site, *arguments, user="u1"):
    """{name: what --json says of it}; and the counters."""
    answer = json.loads(site.good("dspam_train", *arguments, "--json", user))
    return {folder["name"]: folder for folder in answer["folders"]}, answer


def taught(site, user="u1"):
    """(spam, innocent) that were learned of kept mail."""
    counts = dict(re.findall(r"(SC|NC): *(\d+)", site.good("dspam_stats", user)))
    return int(counts["SC"]), int(counts["NC"])


def classify(site, user, text):
    command = [os.path.join(site.programs, "dspam"), "--config", site.config, "--user", user, "--classify"]
    answer = subprocess.run([os.fspath(word) for word in command], input=text, capture_output=True, text=True, check=True)
    return re.search(r'result="(\w+)"', answer.stdout)[1]


def ended_after(count, number, command):
    """Run dspam_train until it has said so many results, then send it a signal; its exit status. Its pipe holds fewer than 70 lines."""
    with subprocess.Popen([os.fspath(word) for word in command], stdout=subprocess.PIPE, bufsize=0, pipesize=4096) as run:
        seen = 0
        while seen < count and (line := run.stdout.readline()):
            seen += line.startswith(b"[test:")
        run.send_signal(number)
        return run.wait()
