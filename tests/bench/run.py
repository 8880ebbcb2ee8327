#!/usr/bin/python3
"""Measure dspam beside bogofilter, on real mail: processor time, memory, store.

    tests/bench/run.py --bin build/bin [--limit N] [--repeat N] [--json FILE]

The mail is that of $DSPAM_CORPUS (a directory with `index`, lines "spam|ham path") or of ../shared/corpus.
All times are milliseconds of the processor, user and system, for one message. Everything happens on the
loopback and in a directory of its own, which is removed at the end.
"""

import argparse
import json
import os
import platform
import pwd
import signal
import sys
import tempfile

import adaptive
import bogofilter
import filter as dspam
import mail
import process
import report
import through

NOTES = """\
in process: all messages in one process. dspam_eval judges, then learns each one, with a store in memory;
  bogofilter classifies {chunks} chunks, each with the database that has learned what came before it (-TT -b),
  and learns all spam, then all ham (-s -b, -n -b).
adaptive, in process: one process parses all messages, finds their features, judges each and learns it, with rows in
  memory; classify is all of that, learning included ({adaptive}).
daemon: LMTP in and out, SQLite on disk; only the daemon's own time. Learning is judging, learning, keeping the
  signature and delivering, TrainingMode teft, from an empty store. Classifying is TrainingMode notrain, for a
  user whose store has learned all {messages} messages; the ratio is to bogofilter that has learned all, too.
one process a message: dspam --classify and dspam --class --source=corpus, bogofilter -TT and -s or -n, for
  {alone} of the messages, with stores that have learned all.
memory: the most that was resident. trained store: after dspam_train with all messages; a row: the bytes of the
  tables of tokens for each token ({tokens}). The file also holds the signatures.
there: what it would be on the machine that the goals were set on, on which bogofilter took {classify} ms to classify
  and {learn} to learn in process.
LMTP in to LMTP out: {seconds} seconds each; sender, sink and daemon share the processors. A message's time runs from MAIL
  FROM to the reply to its end. An idle connection: what each of {idle} adds to the daemon's resident memory."""


def positive(text):
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text}: should be 1 or more")
    return count


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, metavar="DIRECTORY", help="where the programs are")
    parser.add_argument("--limit", type=positive, default=1000000, metavar="N", help="only the first N messages")
    parser.add_argument("--alone", type=positive, default=500, metavar="N", help="so many with one process each (500)")
    parser.add_argument("--learn-limit", type=positive, default=2000, metavar="N",
                        help="learn N messages through the daemon where it takes long: osb, 8 connections (2000)")
    parser.add_argument("--repeat", type=positive, default=1, metavar="N", help="measure N times, print the least")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE, too")
    parser.add_argument("--through", action="store_true", help="only the table of LMTP in to LMTP out")
    parser.add_argument("--bogofilter", metavar="PROGRAM", help="compare with this one")
    parser.add_argument("--tokenizer", action="append", choices=["word", "chain", "sbph", "osb"],
                        help="only this one (chain and osb)")
    options = parser.parse_args()
    for name in ("dspam", "dspam_dump", "dspam_eval", "dspam_train"):
        if not os.access(os.path.join(options.bin, name), os.X_OK):
            parser.error(f"--bin {options.bin}: there is no program {name}; build first, with make")
    return options


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def measure_bogofilter(program, scratch, messages, alone):
    progress("bogofilter")
    other = bogofilter.Bogofilter(program, scratch)
    return {report.BULK: other.in_process(messages), report.ALONE: other.one_by_one(alone)}


def measure_daemon(ours, trained, messages, connections, learned):
    progress(f"{ours.tokenizer}, daemon, {connections} connections")
    learn = ours.serve(ours.home("learn"), "teft", learned, connections)
    classify = ours.serve(trained, "notrain", messages, connections)
    return {
        "classify_ms": classify["ms"], "learn_ms": learn["ms"], "learned": learn["messages"],
        "peak_kib": max(learn["peak_kib"], classify["peak_kib"]),
    }


def measure_ours(ours, messages, alone, learn_limit):
    name = ours.tokenizer
    progress(f"{name}, in process")
    results = {f"{name}, in process": ours.replay(messages)}
    progress(f"{name}, training a store")
    trained, results[f"{name}, trained store"] = ours.train(messages)
    few = messages[:learn_limit]
    for connections, text in ((1, "1 connection"), (8, "8 connections")):
        learned = messages if name == "chain" and connections == 1 else few
        results[f"{name}, daemon, {text}"] = measure_daemon(ours, trained, messages, connections, learned)
    progress(f"{name}, one process a message")
    results[f"{name}, one process a message"] = ours.one_by_one(trained, alone)
    return results


def measure(options, program, scratch, messages):
    """One round; a dictionary of row: figures."""
    alone = mail.spread(messages, options.alone)
    login = pwd.getpwuid(os.getuid()).pw_name
    results = measure_bogofilter(program, scratch, messages, alone) if program else {}
    progress(report.ADAPTIVE)
    results |= adaptive.measure(os.path.dirname(os.path.abspath(options.bin)), scratch, messages)
    for tokenizer in options.tokenizer or ["chain", "osb"]:
        ours = dspam.Filter(os.path.abspath(options.bin), scratch, tokenizer, login)
        results |= measure_ours(ours, messages, alone, options.learn_limit)
    progress("")
    return results


def measure_through(options, scratch, messages):
    progress("LMTP in to LMTP out")
    programs = os.path.abspath(options.bin)
    login = pwd.getpwuid(os.getuid()).pw_name
    results = through.measure(os.path.dirname(programs), programs, scratch, login, messages)
    progress("")
    print("\n".join(through.lines(results)) if results else "LMTP in to LMTP out: skipped, lmtp_load is not built")
    return results


def least(rounds):
    """The least of each figure over all rounds; what is no figure is the same in all."""
    def smallest(row, name):
        values = [results[row][name] for results in rounds]
        return min(values) if isinstance(values[0], (int, float)) else values[0]

    return {row: {name: smallest(row, name) for name in figures} for row, figures in rounds[0].items()}


def machine(program, options):
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as cpuinfo:
        models = [line.split(":", 1)[1].strip() for line in cpuinfo if line.startswith("model name")]
    said = process.run([os.path.join(options.bin, "dspam"), "--version"]).output.split("\n")
    return {
        "processor": models[0] if models else platform.machine(), "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2), "kernel": platform.release(), "dspam": next(line for line in said if line),
        "bogofilter": bogofilter.version(program) if program else "not installed",
    }


def print_all(results, about, options, messages):
    print(f"{about['processor']}, {about['cores']} cores, load {about['load']} before, "
          f"{os.getloadavg()[0]:.2f} after, Linux {about['kernel']}")
    print(f"{about['dspam']}; {about['bogofilter']}")
    print(f"{len(messages)} messages, least of {options.repeat}\n")
    print("\n".join(report.measured(results, len(messages))))
    limited = [f"{row} ({figures['learned']})" for row, figures in results.items()
               if figures.get("learned", len(messages)) < len(messages)]
    if limited:
        print(f"Learned from fewer messages, the first so many, to save time: {', '.join(limited)}.")
    for row, figures in results.items():
        if "errors" in figures:
            print(f"{row}: {figures['errors']} errors, 1-ROCA {figures['1-ROCA%']} %")
    print("\n" + "\n".join(report.goals(results)) + "\n")
    tokens = ", ".join(f"{row.split(',')[0]} {figures['rows']}" for row, figures in results.items()
                       if "rows" in figures)
    ours = results.get(report.ADAPTIVE)
    print(NOTES.format(classify=report.THERE[report.CLASSIFY], learn=report.THERE[report.LEARN],
                       adaptive=adaptive.stages(ours) if ours else "not built", chunks=bogofilter.CHUNKS,
                       messages=len(messages), alone=min(options.alone, len(messages)), tokens=tokens,
                       seconds=through.SECONDS, idle=through.IDLE))


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="dspam-bench-") as scratch:
        directory = mail.directory(scratch)
        if directory is None:
            print("skipped: there is no corpus; set DSPAM_CORPUS to a directory with `index`")
            return
        messages = mail.read_index(directory, options.limit)
        program = bogofilter.find(options.bogofilter)
        about = machine(program, options)
        results = {}
        if not options.through:
            results = least([measure(options, program, scratch, messages) for _ in range(options.repeat)])
            print_all(results, about, options, messages)
            print()
        whole_way = measure_through(options, scratch, messages)
        if options.json:
            everything = {"machine": about, "messages": len(messages), "repeat": options.repeat,
                          "results": results, "through": whole_way, "goals": list(report.judged(results))}
            with open(options.json, "w", encoding="utf-8") as file:
                json.dump(everything, file, indent=1)
                file.write("\n")


main()
