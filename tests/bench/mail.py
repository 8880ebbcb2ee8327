"""The labelled mail that is measured with."""

import glob
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Message:
    """One file, and what it is: "spam" or "ham"."""

    def __init__(self, path, gold):
        self.path = path
        self.gold = gold

    def wire(self):
        """As it goes over LMTP after DATA: lines end with CR LF, dots are doubled, the end is marked."""
        with open(self.path, "rb") as file:
            text = re.sub(rb"\r?\n", b"\r\n", file.read())
        text = re.sub(rb"(?m)^\.", b"..", text)
        return text + (b"" if text.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def directory(scratch):
    """The directory with `index`: $DSPAM_CORPUS, else unpacked into `scratch`; None: there is no corpus."""
    named = os.environ.get("DSPAM_CORPUS")
    if named:
        if not os.path.exists(os.path.join(named, "index")):
            raise SystemExit(f"DSPAM_CORPUS is {named}, but there is no file `index` in it")
        return os.path.abspath(named)
    archives = sorted(glob.glob(os.path.join(os.path.dirname(ROOT), "shared/corpus/*.tar.zst")))
    if not archives:
        return None
    unpacked = os.path.join(scratch, "corpus")
    os.mkdir(unpacked)
    subprocess.run(["tar", "--zstd", "-xf", archives[0], "-C", unpacked], check=True)
    return unpacked


def read_index(directory_of_index, limit):
    """The first `limit` messages."""
    with open(os.path.join(directory_of_index, "index"), encoding="utf-8", errors="surrogateescape") as index:
        lines = (line.rstrip("\n").split(" ", 1) for line in index if line.strip())
        return [Message(os.path.join(directory_of_index, path), gold) for gold, path in lines][:limit]


def write_index(messages, path):
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as index:
        index.writelines(f"{message.gold} {message.path}\n" for message in messages)


def spread(messages, count):
    """`count` of the messages, taken at equal distances."""
    if count >= len(messages):
        return list(messages)
    return [messages[i * len(messages) // count] for i in range(count)]
