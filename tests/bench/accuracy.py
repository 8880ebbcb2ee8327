#!/usr/bin/python3
"""Measure how well dspam judges beside every other statistical filter of Debian, on one corpus of labelled mail.

    tests/bench/accuracy.py --library build/include/libdspam.so [--index FILE] [--order index|shuffled[:SEED]] [--first N]
        [--noise P] [--seed S] [--only NAMES] [--jobs N] [--patience SECONDS]
        [--json FILE]

The mail is that of the index, else of $DSPAM_CORPUS (a directory with `index`) or of ../shared/corpus. Each filter begins with
nothing; it judges each message, then its user tells it what the message is, as its own manual wants to be taught: every message,
or those that were wrong or unsure. Filters for which that is open are measured in several ways; the better one is printed.
What is not installed is named and left out. Most filters wait for the disk: TMPDIR=/dev/shm saves that.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import chance
import library
import mail
import outcome
import peers
from peers.peer import Absent, Trouble

TROUBLES = 20  # so many messages a filter may fail on before it is given up, or one in twenty
NOTES = """\
errors: messages taken for what they are not, at the filter's own threshold; what it is unsure of is delivered, and counts as
taken for innocent. missed: spam among them; false: innocent mail taken for spam. unsure: how many were (errors or not).
rather: errors if unsure mail counted as what its score says rather, as dspam_eval counts it.
1-ROCA: how often innocent mail has a higher score than spam, of all such pairs, in percent; equal scores count half, also
where a filter tells few digits. best cut: errors with the one threshold that would have been best for all of the mail,
known only afterwards. first: errors among the first {steps} messages. seconds: of the processor, to judge and to learn,
with a process for each message where that is how the filter is used."""


# ---- the protocol -------------------------------------------------------------------------------


def used_seconds(tested):
    """Of the processor: this process, those that have ended, and those that serve the filter."""
    times = os.times()
    living = tested.seconds() if hasattr(tested, "seconds") else 0
    return times.user + times.system + times.children_user + times.children_system + living


class Run:
    """One filter on all of the mail."""

    def __init__(self, contender, scratch, patience):
        self.contender = contender
        self.home = tempfile.mkdtemp(dir=scratch)
        self.patience = patience
        self.rows, self.unsure, self.taught, self.troubles, self.last = [], 0, 0, 0, ""

    def _meet(self, tested, message, label):
        """A message that it cannot judge is delivered, and one that it cannot learn is not learned."""
        verdict, score = "unsure", self.contender.neutral
        try:
            judgement = tested.judge(message)
            verdict, score = judgement
            if self.contender.wants(judgement, label):
                self.taught += 1
                tested.teach(message, label)
        except Trouble as error:
            self.troubles, self.last = self.troubles + 1, str(error)
            if self.troubles > max(TROUBLES, len(self.rows) / 20):
                raise Absent(f"{self.troubles} of {len(self.rows) + 1} messages failed, the last because {self.last}") from error
        rather = verdict == "spam" or verdict == "unsure" and score > self.contender.neutral
        self.rows.append((message.gold == "spam", verdict == "spam", score, rather))
        self.unsure += verdict == "unsure"

    def replay(self, lessons):
        tested = self.contender.make(self.home)
        try:
            before, started = used_seconds(tested), time.monotonic()
            for count, (message, label) in enumerate(lessons):
                if time.monotonic() - started > self.patience:
                    raise Absent(f"too slow: after {self.patience} s {count} of {len(lessons)} messages were done")
                self._meet(tested, message, label)
            seconds = used_seconds(tested) - before
        finally:
            tested.close()
        return outcome.figures(self.rows) | {
            "name": self.contender.name, "way": self.contender.way, "unsure": self.unsure, "taught": self.taught,
            "troubles": self.troubles, "trouble": self.last, "seconds": seconds}


def figures_of(contender, lessons, scratch, patience):
    """What came of it, or why nothing did: no filter keeps the others from being measured."""
    try:
        return Run(contender, scratch, patience).replay(lessons)
    except (Absent, Trouble) as error:
        reason = str(error)
    except (Exception, SystemExit) as error:  # pylint: disable=broad-except
        reason = f"{type(error).__name__}: {error}"
    return {"name": contender.name, "way": contender.way, "absent": reason}


def begin(function, path):
    """A copy of this process that writes what `function` gives to a file; its number."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with open(path, "w", encoding="utf-8") as file:
                json.dump(function(), file)
            status = 0
        finally:
            os._exit(status)
    return child


def measure(contenders, lessons, scratch, options):
    """The figures of all, in their order; each filter in a process of its own, `jobs` of them at a time. Stopped early, it gives
    those that are done: it may have taken an hour."""
    waiting, running = list(range(len(contenders))), {}
    try:
        while waiting or running:
            while waiting and len(running) < options.jobs:
                number = waiting.pop(0)
                child = begin(lambda number=number: figures_of(contenders[number], lessons, scratch, options.patience),
                              f"{scratch}/{number}.json")
                running[child] = number
            progress("; ".join(title(contenders[number]) for number in running.values()) + f"; {len(waiting)} to come")
            running.pop(os.wait()[0], None)
    except (KeyboardInterrupt, SystemExit):
        print("stopped early", file=sys.stderr)
    finally:
        for child in running:
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)
    return [read_figures(contender, f"{scratch}/{number}.json") for number, contender in enumerate(contenders)]


def read_figures(contender, path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return {"name": contender.name, "way": contender.way, "absent": "not measured to its end"}


def lessons_of(messages, options):
    """[(message, what the user takes it for: whether it is spam)], in the order of the run."""
    numbers = range(len(messages)) if options.order is None else chance.order(len(messages), options.order)
    return [(messages[number],
             (messages[number].gold == "spam") != chance.is_mistaken(number, options.noise, options.seed))
            for number in numbers]


# ---- the table ----------------------------------------------------------------------------------


def title(row):
    name, way = (row["name"], row["way"]) if isinstance(row, dict) else (row.name, row.way)
    return f"{name} ({way})"


def merit(row):
    return row["errors"], row["roca"] if row["roca"] is not None else 0


def better_ways(rows):
    """The best row of each filter, in the order of errors."""
    best = {}
    for row in sorted((row for row in rows if "errors" in row), key=merit):
        best.setdefault(row["name"], row)
    return list(best.values())


def line(row):
    share = "-" if row["roca"] is None else f"{row['roca']:.3f}"
    first = "/".join(str(count) for count in row["errors_in_first"].values()) or "-"
    return (f"{row['name']:20}{row['errors']:7}{row['missed']:8}{row['false']:7}{row['unsure']:8}{row['rather']:8}{share:>8}"
            f"{row['least_errors']:9}{first:>14}{row['seconds']:9.1f}  {row['way']}")


def lines(rows):
    yield f"{'':20} errors  missed  false  unsure  rather  1-ROCA best cut         first  seconds  taught"
    shown = better_ways(rows)
    yield from (line(row) for row in shown)
    others = [row for row in rows if "errors" in row and row not in shown]
    if others:
        yield "\nThe same filters, taught or set in another way:"
        yield from (line(row) for row in others)
    for row in rows:
        if row.get("troubles"):
            yield f"\n{title(row)}: could not judge or learn {row['troubles']} messages, the last because {row['trouble']}"
    for row in rows:
        if "absent" in row:
            yield f"\nleft out: {title(row)}: {row['absent']}"


# ---- the whole ----------------------------------------------------------------------------------


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def versions(contenders):
    """Of Debian's packages."""
    names = sorted({contender.package for contender in contenders if contender.package})
    if not names:
        return []
    try:
        said = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *names], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, check=False).stdout
    except FileNotFoundError:
        return []
    return [words for words in said.splitlines() if " " in words.strip()]


def share_of(text):
    if not 0 <= float(text) <= 1:
        raise argparse.ArgumentTypeError(f"{text}: should be a share from 0 to 1, such as 0.05")
    return float(text)


def order_of(text):
    """None: as in the index; else the seed of the shuffle."""
    word, _, seed = text.partition(":")
    if word == "index" and not seed:
        return None
    if word == "shuffled" and (not seed or seed.isdigit()):
        return int(seed or 1)
    raise argparse.ArgumentTypeError(f"{text}: should be index, shuffled or shuffled:SEED")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", required=True, metavar="FILE", help="libdspam.so")
    parser.add_argument("--index", metavar="FILE", help='lines "spam FILE" or "ham FILE", oldest first')
    parser.add_argument("--order", type=order_of, metavar="ORDER", help="index, or shuffled:SEED as dspam_eval --shuffle")
    parser.add_argument("--first", type=int, default=1000000, metavar="N", help="only the first N messages")
    parser.add_argument("--noise", type=share_of, default=0, metavar="P", help="this share of what the user says is wrong")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of --noise, as with dspam_eval (1)")
    parser.add_argument("--only", metavar="NAMES", help="only filters with one of these, joined by commas, in their name")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="measure so many filters at a time (1)")
    parser.add_argument("--patience", type=int, default=3600, metavar="SECONDS", help="give a filter up after so long (3600)")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE, too")
    options = parser.parse_args()
    options.json = options.json and os.path.abspath(options.json)
    return options


def read_mail(options, scratch):
    """The messages; None: there is no corpus."""
    if options.index:
        return mail.read_index(os.path.abspath(options.index), options.first)
    directory = mail.directory(scratch)
    return directory and mail.read_index(directory, options.first)


def chosen(contenders, only):
    words = (only or "").lower().split(",")
    return [row for row in contenders if any(word.strip() in title(row).lower() for word in words)]


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    contenders = chosen(peers.contenders(library.load(os.path.abspath(options.library))), options.only)
    with tempfile.TemporaryDirectory(prefix="dspam-accuracy-") as scratch:
        messages = read_mail(options, scratch)
        if not messages:
            print("skipped: there is no corpus; set DSPAM_CORPUS to a directory with `index`, or name one with --index")
            return
        os.chdir(scratch)
        rows = measure(contenders, lessons_of(messages, options), scratch, options)
    progress("")
    spam = sum(message.gold == "spam" for message in messages)
    order = "in the order of the index" if options.order is None else f"shuffled with seed {options.order}"
    noise = f"; {options.noise:g} of the labels wrong, seed {options.seed}" if options.noise else ""
    print(f"{len(messages)} messages, {spam} of them spam, {order}{noise}")
    print(f"{'; '.join(versions(contenders))}\n")
    print("\n".join(lines(rows)) + "\n\n" + NOTES.format(steps=", ".join(map(str, outcome.STEPS))))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"messages": len(messages), "spam": spam, "order": options.order, "noise": options.noise,
                       "seed": options.seed, "versions": versions(contenders), "rows": rows}, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
