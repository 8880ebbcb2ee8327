"""What bogofilter needs for the same, in the ways in which it is fastest."""

import os
import shutil

import mail
import process

CHUNKS = 12


def find(named):
    """The program to compare with: Berkeley DB, its default in Debian, is its fastest store."""
    for name in [named] if named else ["bogofilter-bdb", "bogofilter"]:
        if shutil.which(name):
            return shutil.which(name)
    return None


def version(program):
    lines = process.run([program, "-V"]).output.splitlines()
    return ", ".join(line.strip() for line in lines[:2])


class Bogofilter:
    def __init__(self, program, scratch):
        self.program = program
        self.scratch = scratch
        self.home = None

    def new_home(self):
        self.home = os.path.join(self.scratch, "bogofilter")
        shutil.rmtree(self.home, ignore_errors=True)
        os.mkdir(self.home)

    def call(self, *options, stdin, good=(0,), with_peak=False):
        return process.run([self.program, "-C", "-d", self.home, *options], stdin, good, with_peak)

    def _list(self, messages):
        path = os.path.join(self.scratch, "bogofilter.list")
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.writelines(message.path + "\n" for message in messages)
        return path

    def classify(self, messages):
        return self.call("-TT", "-b", stdin=self._list(messages), good=(0, 1, 2), with_peak=True)

    def learn(self, messages):
        """Two processes, one for each class; the database is written once in each."""
        runs = [
            self.call(option, "-b", stdin=self._list(chosen), with_peak=True)
            for gold, option in (("spam", "-s"), ("ham", "-n"))
            if (chosen := [message for message in messages if message.gold == gold])
        ]
        return sum(used.seconds for used in runs), max((used.peak or 0 for used in runs), default=0) or None

    def growing(self, messages):
        """Milliseconds to classify with a database that has learned what came before, as dspam_eval does."""
        self.new_home()
        size = -(-len(messages) // CHUNKS)
        self.learn(messages[:1])  # it does not classify without a database
        seconds = 0
        for begin in range(0, len(messages), size):
            chunk = messages[begin : begin + size]
            seconds += self.classify(chunk).seconds
            self.learn(chunk)
        return 1000 * seconds / len(messages)

    def in_process(self, messages):
        """Leaves a database that has learned all messages."""
        growing = self.growing(messages)
        self.new_home()
        learn, peak = self.learn(messages)
        trained = self.classify(messages)
        return {
            "classify_ms": growing, "classify_trained_ms": 1000 * trained.seconds / len(messages),
            "learn_ms": 1000 * learn / len(messages), "peak_kib": max(peak or 0, trained.peak or 0) or None,
            "store_bytes": self.store_bytes(),
        }

    def store_bytes(self):
        return sum(entry.stat().st_size for entry in os.scandir(self.home) if entry.is_file())

    def one_by_one(self, messages):
        options = {"spam": "-s", "ham": "-n"}
        classify = [self.call("-TT", stdin=message.path, good=(0, 1, 2)).seconds for message in messages]
        learn = [self.call(options[message.gold], stdin=message.path).seconds for message in messages]
        peak = [self.call("-TT", stdin=message.path, good=(0, 1, 2), with_peak=True).peak
                for message in mail.spread(messages, 20)]
        return {
            "classify_ms": 1000 * sum(classify) / len(classify), "learn_ms": 1000 * sum(learn) / len(learn),
            "peak_kib": max(peak) if peak[0] else None, "messages": len(messages),
        }
