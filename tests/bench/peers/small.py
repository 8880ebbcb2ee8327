"""The smaller filters of Debian: one process judges a message, another learns it. Settings as they come."""

import re

from peers.peer import Contender, Judgement, Programs, Trouble, every, on_error


class Bmf(Programs):
    """Its manual: in its normal mode of operation it registers all mail."""

    def judge(self, message):
        status, said = self.call("bmf", "-d", self.home, "-t", "-i", message.path, good=(0, 1))
        return Judgement("ham" if status else "spam", number(r"Spamicity: ([0-9.]+)", said))

    def teach(self, message, spam):
        self.call("bmf", "-d", self.home, "-s" if spam else "-n", "-i", message.path, good=(0, 1))


class SpamOracle(Programs):
    """Its manual: yes from 0.8 with five words it knows, unknown between; add what was not classified rightly."""

    def __init__(self, home):
        super().__init__(home)
        self.empty = True

    def judge(self, message):
        if self.empty:
            return Judgement("unsure", 0.5)
        _, said = self.call("spamoracle", "-f", f"{self.home}/words", "mark", source=message.path)
        found = re.search(r"^X-Spam: (yes|no|unknown); ([0-9.]+|-?nan);", said, re.MULTILINE)
        if not found:
            raise Trouble("spamoracle did not mark the message")
        score = 0.5 if "nan" in found[2] else float(found[2])  # while it has seen only one kind
        return Judgement({"yes": "spam", "no": "ham", "unknown": "unsure"}[found[1]], score)

    def teach(self, message, spam):
        self.call("spamoracle", "-f", f"{self.home}/words", "add", "-spam" if spam else "-good", message.path)
        self.empty = False


class SylFilter(Programs):
    def judge(self, message):
        status, said = self.call("sylfilter", "-p", self.home, message.path, good=(0, 1, 2))
        return Judgement(("spam", "ham", "unsure")[status], number(r"\(prob: ([0-9.]+)\)", said, 0.5))

    def teach(self, message, spam):
        self.call("sylfilter", "-p", self.home, "-j" if spam else "-c", message.path)


class Bsfilter(Programs):
    """Its manual: add mail to a token database, and update the table of probabilities."""

    def judge(self, message):
        status, said = self.call("bsfilter", "--homedir", self.home, "-v", message.path, good=(0, 1))
        return Judgement("ham" if status else "spam", number(r"combined probability .* ([0-9.]+)$", said, 0.5))

    def teach(self, message, spam):
        self.call("bsfilter", "--homedir", self.home, "-s" if spam else "-c", "-u", message.path)


class Ifile(Programs):
    """Its manual: -h for Subject, From and To only of the header; the folder with the highest rating."""

    def __init__(self, home):
        super().__init__(home)
        self.known = set()

    def judge(self, message):
        if len(self.known) < 2:
            return Judgement("unsure", 0.0)
        _, said = self.call("ifile", "-b", f"{self.home}/words", "-h", "-q", message.path)
        score = number(r"^spam (\S+)", said) - number(r"^ham (\S+)", said)
        return Judgement("spam" if score > 0 else "ham", score)

    def teach(self, message, spam):
        self.call("ifile", "-b", f"{self.home}/words", "-h", "-i", "spam" if spam else "ham", message.path)
        self.known.add(spam)


def number(pattern, said, missing=None):
    found = re.search(pattern, said, re.MULTILINE)
    if not found and missing is None:
        raise Trouble(f"there is no score in what it said: {said[:200]!r}")
    return float(found[1]) if found else missing


CONTENDERS = [
    Contender(name, way, make, wants, name.lower(), 0.0 if make is Ifile else 0.5)
    for name, make in (("bmf", Bmf), ("SpamOracle", SpamOracle), ("SylFilter", SylFilter), ("bsfilter", Bsfilter), ("ifile", Ifile))
    for way, wants in (("every message", every), ("on error and unsure", on_error))
]
