#!/usr/bin/python3
"""What a model of the site is worth to somebody new: errors among his first messages, with it and without.

    tests/bench/site_model.py [--programs DIRECTORY] [--index FILE] [--order index|shuffled] [--first FRACTION]

The first part of an index of labelled mail (FILE, else that of $DSPAM_CORPUS) teaches the site, by dspam_train --global;
the rest comes in for a new user, whose errors are corrected at once (dspam_train -i), with SiteModel and without. A third
run lets the site judge alone, and learn nothing. Printed are the errors among the first 100, 500, 2000 and all messages.
"""

import argparse
import os
import pathlib
import random
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
STEPS = (100, 500, 2000)


def write_index(path, lines, directory):
    path.write_text("".join(f"{kind} {directory}/{name}\n" for kind, name in lines))
    return path


def run(programs, config, *words):
    command = [f"{programs}/dspam_train", "--config", config, *words]
    return subprocess.run([os.fspath(word) for word in command], capture_output=True, text=True, check=True,
                          errors="replace").stdout


def errors(output):
    """[missed spam, false positive] among the first of each step, and all."""
    lines = re.findall(r"^\[test: (\w+) *\] .*result: (\w+)", output, re.MULTILINE)
    steps = (*[step for step in STEPS if step < len(lines)], len(lines))
    return {step: (sum(kind == "spam" and result != "PASS" for kind, result in lines[:step]),
                   sum(kind == "nonspam" and result != "PASS" for kind, result in lines[:step])) for step in steps}


def judged_alone(programs, config, rest):
    """The same figures of somebody who learns nothing: spam is what is more likely spam than the score of nothing, 0.411."""
    missed = wrong = 0
    found, lines = {}, rest.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        kind, path = line.split(" ", 1)
        with open(path, "rb") as message:
            answer = subprocess.run([f"{programs}/dspam", "--config", config, "--user", "nobody", "--classify"], stdin=message,
                                    capture_output=True, text=True, check=True)
        spam = float(re.search(r"probability=([0-9.]+)", answer.stdout)[1]) > 0.4111
        missed += kind == "spam" and not spam
        wrong += kind != "spam" and spam
        if number in STEPS or number == len(lines):
            found[number] = (missed, wrong)
    return found


def measure(programs, directory, name, settings, site, rest, learns=True):
    home = directory / name.split()[-1]
    home.mkdir()
    config = home / "dspam.conf"
    config.write_text(f"Home {home}\nStorageDriver sqlite\nSQLitePragma synchronous=OFF\nAlgorithm adaptive\n{settings}")
    if "SiteModel" in settings:
        run(programs, config, "--global", "-i", site)
    found = errors(run(programs, config, "new", "-i", rest)) if learns else judged_alone(programs, config, rest)
    print(f"{name:14}", *(f"{step}: {missed + wrong} ({missed} missed, {wrong} false)"
                          for step, (missed, wrong) in found.items()), sep="  ", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", default=ROOT / "build/bin")
    parser.add_argument("--index", default=os.path.join(os.environ.get("DSPAM_CORPUS", ""), "index"))
    parser.add_argument("--order", default="index", help="index, or a number: shuffled, with this seed")
    parser.add_argument("--first", type=float, default=0.5, help="part of the index that teaches the site")
    options = parser.parse_args()
    with open(options.index, encoding="utf-8") as file:
        lines = [tuple(line.split(maxsplit=1)) for line in file.read().splitlines() if line]
    if options.order != "index":
        random.Random(options.order).shuffle(lines)
    where = os.path.dirname(os.path.abspath(options.index))
    middle = int(len(lines) * options.first)
    with tempfile.TemporaryDirectory(prefix="dspam-site-") as name:
        directory = pathlib.Path(name)
        site = write_index(directory / "site.index", lines[:middle], where)
        rest = write_index(directory / "rest.index", lines[middle:], where)
        print(f"{middle} messages teach the site; of the first of {len(lines) - middle} others are judged wrongly:")
        measure(options.programs, directory, "own memory", "TrainingMode teft\n", site, rest)
        measure(options.programs, directory, "with the site", "TrainingMode teft\nSiteModel site\n", site, rest)
        measure(options.programs, directory, "the site alone", "TrainingMode teft\nSiteModel site\n", site, rest, False)


if __name__ == "__main__":
    main()
