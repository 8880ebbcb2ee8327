#!/usr/bin/python3
"""Build the fuzz targets with clang and run each for a bounded time.

Starts from tests/fuzz/seeds/NAME and tests/data/regress/NAME, keeps what reaches new code in
build-fuzz/corpus/NAME, and fails when an input crashes, hangs or leaks. Such an input is left in
build-fuzz/findings/; once it is understood it belongs into tests/data/regress/NAME.
"""

import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build-fuzz")
FINDINGS = os.path.join(BUILD, "findings")


def build():
    setup = ["meson", "setup", BUILD, "-Dfuzz=true", "-Db_sanitize=address,undefined", "-Db_lundef=false",
             "--buildtype=debugoptimized"]
    if os.path.exists(os.path.join(BUILD, "build.ninja")):
        setup.append("--reconfigure")
    subprocess.run(setup, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "CC": "clang"})
    subprocess.run(["ninja", "-C", BUILD, "--quiet", "fuzzers"], check=True)


def command(name, seconds):
    """How one target is run; the first directory is the one that libFuzzer adds to."""
    corpus = os.path.join(BUILD, "corpus", name)
    os.makedirs(corpus, exist_ok=True)
    starts = [os.path.join(ROOT, "tests/fuzz/seeds", name), os.path.join(ROOT, "tests/data/regress", name)]
    dictionary = os.path.join(ROOT, "tests/fuzz", name + ".dict")
    return [
        os.path.join(BUILD, "tests/fuzz/fuzz_" + name),
        f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1",
        "-max_len=65536", f"-artifact_prefix={FINDINGS}/{name}-",
        *([f"-dict={dictionary}"] if os.path.exists(dictionary) else []),
        corpus, *filter(os.path.isdir, starts),
    ]


def fuzz(name, seconds):
    """(name, executions, None or what was found)"""
    environment = {**os.environ, "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}
    try:
        run = subprocess.run(command(name, seconds), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             timeout=seconds + 300, env=environment, cwd=BUILD)
        output, status = run.stdout.decode(errors="replace"), run.returncode
    except subprocess.TimeoutExpired as late:
        output, status = (late.stdout or b"").decode(errors="replace"), "no end in sight"
    executions = re.search(r"number_of_executed_units: (\d+)", output)
    if status == 0 and executions:
        return name, int(executions.group(1)), None
    progress = re.compile(r"#\d+\s|INFO:|stat::")
    report = [line for line in output.splitlines() if not progress.match(line)]
    return name, 0, "\n".join([f"ended with {status}", *report[-60:]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=int(os.environ.get("FUZZ_SECONDS", "10")))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("names", nargs="*", help="only these targets, such as: message lmtp")
    arguments = parser.parse_args()
    names = arguments.names or sorted(
        os.path.basename(path)[len("fuzz_"):-len(".c")] for path in glob.glob(os.path.join(ROOT, "tests/fuzz/fuzz_*.c"))
    )
    if not names:
        sys.exit("there is no fuzz target (tests/fuzz/fuzz_NAME.c)")
    build()
    os.makedirs(FINDINGS, exist_ok=True)
    findings = total = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for name, executions, finding in pool.map(lambda name: fuzz(name, arguments.seconds), names):
            total += executions
            print(f"{name:16} {executions:>12,} executions" if finding is None else f"{name:16} FINDING: {finding}",
                  flush=True)
            findings += finding is not None
    print(f"{len(names)} targets, {total:,} executions, {findings} findings"
          + (f" (inputs in {os.path.relpath(FINDINGS, os.getcwd())}/)" if findings else ""))
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
