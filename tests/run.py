#!/usr/bin/python3
"""Build with sanitizers, run every test there is, and count them in one last line.

    tests/run.py [--only unit|system|style|format|clang|release]... [pytest arguments after --]

Counted are: each case of each unit test (cmocka's TAP output), each fuzz target's replay, each Python test,
and the checks of the whole source (format; compiles with clang, and as a release, without warnings). A step that cannot
even run counts as one failure.
"""

import argparse
import json
import os
import re
import signal
import shutil
import subprocess
import tempfile
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build-test")
CLANG_BUILD = os.path.join(ROOT, "build-clang")
RELEASE_BUILD = os.path.join(ROOT, "build-release")
SANITIZED = ["-Dwerror=true", "-Db_sanitize=address,undefined", "-Db_lundef=false"]
PYTEST_FOLDERS = ["tests/model", "tests/system", "tests/style"]
PYTEST_SECONDS = 1200
SEARCH_BROKE = "LeakSanitizer has encountered a fatal error"
# Those of the system's tests that look at what a store does run again with their store on each of the servers. Any
# other does with DSPAM_TEST_DRIVER=pgsql or mysql.
DRIVERS = ["pgsql", "mysql"]
STORE_TESTS = [f"tests/system/test_{name}.py" for name in (
    "admin", "agent_caller", "agent_corrections", "agent_deliver", "agent_next_hop", "agent_odd_mail", "agent_options",
    "agent_quarantine", "agent_status", "agent_unjudged", "agent_verdict", "clean", "corpus_tool", "crc",
    "daemon_connections", "daemon_end", "daemon_next_hop", "daemon_protocol", "daemon_reload", "daemon_replies",
    "daemon_start", "daemon_store", "delivery_agent", "dump", "eval_run", "groups", "lookup", "lookup_directory", "manuals",
    "on_fail", "stats", "tools", "train", "transcript", "transcript_whole", "user_copies", "user_files", "user_logs",
    "user_notices")]
# What a sanitizer finds ends the program, so that a test sees it whatever the program's output was.
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=1:strict_string_checks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:print_stacktrace=1",
}


class Count:
    """How many tests passed, failed and were skipped, and what the failures are called."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []

    def add(self, passed=0, skipped=0, failures=()):
        self.passed += passed
        self.skipped += skipped
        self.failed += len(failures)
        self.failures += failures

    def check(self, name, good):
        """One test that is a whole step."""
        self.add(passed=int(good), failures=[] if good else [name])
        return good


def say(text):
    print(text, flush=True)


def step(name, command, environment=None):
    """Run a command that is quiet when it is content; whether it was."""
    started = time.monotonic()
    run = subprocess.run(command, cwd=ROOT, env={**os.environ, **(environment or {})},
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    say(f"{'ok  ' if run.returncode == 0 else 'FAIL'} {name} ({time.monotonic() - started:.0f} s)")
    if run.returncode != 0:
        say(run.stdout.decode(errors="replace"))
    return run.returncode == 0


def build(directory, options, environment):
    """Configure (again, because a new file may have become a target), build, link the programs."""
    configured = os.path.exists(os.path.join(directory, "build.ninja"))
    name = os.path.basename(directory)
    return (
        step(f"configure {name}",
             ["meson", "setup", *(["--reconfigure"] if configured else []), directory, *options], environment)
        and step(f"build {name}", ["ninja", "-C", directory, "--quiet", "-k", "0"])
        and step(f"link programs of {name}", ["scripts/link-programs", directory])
    )


def count_tap(name, output, good):
    """(passed, skipped, failures) of one program's TAP output; a program that says nothing is one test."""
    # cmocka writes a skipped case as "not ok 2 # SKIP name".
    results = re.findall(r"^(not ok|ok) \d+(?: - )?(.*)", output, re.MULTILINE)
    planned = sum(int(number) for number in re.findall(r"^1\.\.(\d+)", output, re.MULTILINE))
    skipped = sum("# SKIP" in case.upper() for _, case in results)
    failures = [f"{name}: {case}" for word, case in results if word == "not ok" and "# SKIP" not in case.upper()]
    passed = len(results) - len(failures) - skipped
    if planned > len(results):
        failures.append(f"{name}: ended after {len(results)} of {planned} cases")
    if not good and not failures:
        failures.append(name)
    if not results and not failures:
        passed = 1
    return passed, skipped, failures


class Databases:
    """Database servers for the tests of the stores: those that are installed, on sockets of their own."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="dspam-servers-")
        self.process = subprocess.Popen([sys.executable, "tests/servers.py", self.directory], cwd=ROOT,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        if self.process.stdout.readline() == "ready\n":
            return {"DSPAM_TEST_SERVERS": self.directory}
        say("database servers do not start; the tests that need them are skipped")
        return {}

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def unit_tests(count):
    """All tests that Meson knows, run side by side; a crash or a timeout is a failure."""
    with Databases() as environment:
        run_unit_tests(count, environment)


def run_unit_tests(count, environment):
    results = meson_test(environment, [])
    if results is None:
        count.check("meson test did not run", False)
        return
    # Now and then, on a busy machine, the search for leaks itself breaks behind the last case: then it is made again.
    broken = [test["name"].split(" / ")[-1] for test in results if SEARCH_BROKE in test.get("stderr", "")]
    if broken:
        again = {test["name"]: test for test in meson_test(environment, broken) or []}
        results = [again.get(test["name"], test) for test in results]
    for test in results:
        unit_test(count, test)


def meson_test(environment, names):
    """What Meson's log says of the tests of these names, or of all; None: there is no log."""
    log = os.path.join(BUILD, "meson-logs/testlog.json")
    if os.path.exists(log):
        os.unlink(log)
    subprocess.run(["meson", "test", "-C", BUILD, "--no-rebuild", "--quiet", "--timeout-multiplier", "20", *names],
                   cwd=ROOT, env={**os.environ, **SANITIZERS, **environment, "CMOCKA_MESSAGE_OUTPUT": "TAP"},
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not os.path.exists(log):
        return None
    with open(log, encoding="utf-8", errors="replace") as lines:
        return [json.loads(line) for line in lines]


def unit_test(count, test):
    if test["result"] == "SKIP":
        count.add(skipped=1)
        return
    good = test["result"] in ("OK", "EXPECTEDFAIL")
    name = test["name"].split(" / ")[-1]
    passed, skipped, failures = count_tap(name, test.get("stdout", ""), good)
    count.add(passed, skipped, failures)
    say(f"{'FAIL' if failures else 'ok  '} {name}: {passed} cases ({test['duration']:.1f} s)")
    if failures:
        say(f"{test['result']}\n{test.get('stdout', '')}\n{test.get('stderr', '')}")


def python_tests(count, folders, arguments):
    folders = [folder for folder in folders if os.path.isdir(os.path.join(ROOT, folder))]
    if not folders:
        return
    with Databases() as environment:
        whole = PythonRun("pytest", folders, arguments, environment)
        if "tests/system" in folders and not arguments and environment:
            for driver in DRIVERS:  # beside it, since most tests wait more than they work
                PythonRun(driver, STORE_TESTS, [], {**environment, "DSPAM_TEST_DRIVER": driver}).wait(count)
        whole.wait(count)


class PythonRun:
    """A run of pytest, which may go on beside another; `name` is that of its report, and of what fails in it."""

    def __init__(self, name, places, arguments, environment):
        self.name = name
        self.report = os.path.join(BUILD, f"{name}.xml")
        if os.path.exists(self.report):
            os.unlink(self.report)
        command = [sys.executable, "-m", "pytest", "-qq", "--tb=short", "-rs", "-p", "no:cacheprovider",
                   "--junitxml=" + self.report, *arguments, *places]
        self.process = subprocess.Popen(
            command, cwd=ROOT, start_new_session=True,
            env={**os.environ, **SANITIZERS, **environment, "DSPAM_BIN": os.path.join(BUILD, "bin"),
                 "PYTHONDONTWRITEBYTECODE": "1"})

    def wait(self, count):
        try:
            status = self.process.wait(PYTEST_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            count.check(f"the Python tests ({self.name}) did not end within {PYTEST_SECONDS} s", False)
            return
        if not os.path.exists(self.report):
            count.check(f"pytest ({self.name}) did not run", False)
            return
        count_junit(count, self.name, self.report, status)


def count_junit(count, name, report, status):
    before = count.failed
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            count.add(failures=[f"{name}: {case.get('classname')}.{case.get('name')}"])
        elif "skipped" in kinds:
            count.add(skipped=1)
        else:
            count.add(passed=1)
    # 5: no tests were found, which is no failure of a test.
    if status not in (0, 5) and count.failed == before:
        count.check(f"pytest ({name}) ended with {status}", False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=["unit", "system", "style", "format", "clang", "release"])
    parser.add_argument("pytest", nargs="*", help="further arguments of pytest, after --")
    arguments = parser.parse_args()
    wanted = arguments.only or ["format", "unit", "system", "style", "clang", "release"]
    os.chdir(ROOT)
    count = Count()
    if "format" in wanted:
        count.check("format: run make format", step("format", ["scripts/format", "--check"]))
    if {"unit", "system", "style"} & set(wanted):
        # Meson remembers the compiler of the first set-up, so CC matters only then.
        if count.check("build with gcc and sanitizers", build(BUILD, SANITIZED, {"CC": "gcc"})):
            if "unit" in wanted:
                unit_tests(count)
            folders = [folder for folder in PYTEST_FOLDERS
                       if "system" in wanted and "style" not in folder or "style" in wanted and "style" in folder]
            python_tests(count, folders, arguments.pytest)
    if "clang" in wanted:
        count.check("compile with clang without warnings", build(CLANG_BUILD, ["-Dwerror=true"], {"CC": "clang"}))
    if "release" in wanted:
        count.check("compile a release with gcc without warnings",
                    build(RELEASE_BUILD, ["-Dwerror=true", "--buildtype=release"], {"CC": "gcc"}))
    for failure in count.failures:
        say(f"FAILED {failure}")
    say(f"{count.passed} passed, {count.failed} failed, {count.skipped} skipped")
    sys.exit(1 if count.failed or not count.passed else 0)


if __name__ == "__main__":
    main()
