#!/usr/bin/python3
"""Measure what users teach each other by SiteModelQuorum, and what hostile ones among them achieve.

    tests/bench/site_quorum.py --library build/include/libdspam.so [--people N] [--copies N] [--limit N] [--seed N]

The mail is that of $DSPAM_CORPUS (a directory with `index`) or of ../shared/corpus. Each message of its first half comes
to some of the people, whose filters teach themselves (TrainingMode teft); they report what was judged wrongly or as
unsure. Hostile ones get every message, and report the reverse of what it is. Then the second half comes to somebody new,
who reports like the others. Printed are his errors among the first 100, 500, 2000 and all messages: [innocent mail
taken for spam, spam missed]. Everything happens in this process, with stores in memory.
"""

import argparse
import os
import random
import tempfile

import library
import mail

COMMON = "Algorithm adaptive\nTrainingMode teft\n"
STEPS = (100, 500, 2000)
CASES = (  # name, settings, hostile people
    ("no site model", "", 0),
    ("quorum 3", "SiteModel everybody\nSiteModelQuorum 3\n", 0),
    ("quorum 3, 1 hostile", "SiteModel everybody\nSiteModelQuorum 3\n", 1),
    ("quorum 3, 2 hostile", "SiteModel everybody\nSiteModelQuorum 3\n", 2),
    ("quorum 3, 3 hostile", "SiteModel everybody\nSiteModelQuorum 3\n", 3),
    ("quorum 3, 5 hostile", "SiteModel everybody\nSiteModelQuorum 3\n", 5),
    ("quorum 1", "SiteModel everybody\nSiteModelQuorum 1\n", 0),
    ("quorum 1, 1 hostile", "SiteModel everybody\nSiteModelQuorum 1\n", 1),
)


def read(message):
    with open(message.path, "rb") as file:
        return file.read().replace(b"\r\n", b"\n"), message.gold == "spam"


def receive(box, user, text, spam, hostile=False):
    """Whether it was judged wrongly."""
    box.user = user.encode()
    opinion, signature = box.receive(text)
    sure = opinion.caught if spam else opinion.plain
    if hostile:
        box.report(signature, not spam)
    elif not sure:
        box.report(signature, spam)
    return opinion.spam != spam


def run(loaded, settings, hostile, messages, options):
    chance, half = random.Random(options.seed), len(messages) // 2
    box = library.Filter(loaded, COMMON + settings)
    for text, spam in messages[:half]:
        for person in sorted(chance.sample(range(options.people), options.copies)):
            receive(box, f"person{person}", text, spam)
        for person in range(hostile):
            receive(box, f"hostile{person}", text, spam, True)
    wrong, errors = {False: 0, True: 0}, {}
    for number, (text, spam) in enumerate(messages[half:], 1):
        wrong[spam] += receive(box, "new", text, spam)
        if number in STEPS or number == len(messages) - half:
            errors[number] = [wrong[False], wrong[True]]
    box.close()
    return errors


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", required=True, help="libdspam.so")
    parser.add_argument("--people", type=int, default=20, metavar="N", help="who get the first half (20)")
    parser.add_argument("--copies", type=int, default=5, metavar="N", help="how many of them get each message (5)")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N messages")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    return parser.parse_args()


def main():
    options = arguments()
    loaded = library.load(os.path.abspath(options.library))
    with tempfile.TemporaryDirectory(prefix="dspam-quorum-") as scratch:
        directory = mail.directory(scratch)
        if directory is None:
            print("skipped: there is no corpus; set DSPAM_CORPUS to a directory with `index`")
            return
        messages = [read(message) for message in mail.read_index(directory, options.limit)]
        os.chdir(scratch)
        for name, settings, hostile in CASES:
            errors = library.apart(lambda: run(loaded, settings, hostile, messages, options))
            print(f"{name:22}", "  ".join(f"{step}: {count}" for step, count in errors.items()), flush=True)


if __name__ == "__main__":
    main()
