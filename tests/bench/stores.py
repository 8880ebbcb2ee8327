#!/usr/bin/python3
"""Measure the stores: how many messages a second they learn and read, alone and through the daemon.

    tests/bench/stores.py --build build [--driver NAME]... [--messages N] [--only alone|daemon]
                          [--tokenizer NAME] [--json FILE]

The servers run here, on sockets, with the durability that they have by default: a lesson is on the disk when it counts.
They share the processors with those who ask, and with whatever else this machine does.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile

import bogofilter
import mail
import process
import raw_load
import store_daemon
import store_report

sys.path.insert(0, os.path.join(mail.ROOT, "tests"))

import servers  # noqa: E402 (tests/servers.py)

DRIVERS = ("sqlite", "pgsql", "mysql")
CONNECTIONS = 8
TOKENS = {"300 tokens": 300, "chain": 500, "osb": 1300}  # of a message; the first is what the goals are for
USERS = (1, 1000)


class Stores:
    """Homes with new stores of each driver, below `scratch`."""

    def __init__(self, build, drivers, scratch):
        self.build, self.scratch, self.number = os.path.abspath(build), scratch, 0
        self.servers = {}
        for kind in servers.KINDS:
            if kind.name in drivers and kind.is_installed():
                self.servers[kind.name] = kind(tempfile.mkdtemp(prefix=f"{kind.name}-", dir=scratch)).start()
        self.drivers = [name for name in drivers if name == "sqlite" or name in self.servers]

    def stop(self):
        for server in self.servers.values():
            server.stop()

    def settle(self, driver):
        """What was written before does not slow down what is measured now."""
        if driver == "pgsql":
            self.servers[driver].sql("CHECKPOINT")

    def place(self, driver, home):
        """A new database for a Home."""
        if driver == "sqlite":
            return
        self.number += 1
        server, name = self.servers[driver], f"dspam_bench_{self.number}"
        server.sql(f"CREATE DATABASE {name}")
        with open(os.path.join(server.home, f"{driver}.data"), encoding="ascii") as data:
            lines = data.read().splitlines()
        with open(os.path.join(home, f"{driver}.data"), "w", encoding="ascii") as data:
            data.write("\n".join([*lines[:4], name, ""]))
        with open(f"{mail.ROOT}/schema/{driver}.sql", encoding="utf-8") as schema:
            server.sql(schema.read(), name)

    def database(self, driver, home):
        with open(os.path.join(home, f"{driver}.data"), encoding="ascii") as data:
            return data.read().splitlines()[4]

    def home(self, driver):
        home = tempfile.mkdtemp(prefix="home-", dir=self.scratch)
        self.place(driver, home)
        return home

    def seconds(self, driver):
        """Of the processor, that the server has used."""
        return process.tree_seconds(self.servers[driver].process.pid) if driver in self.servers else 0

    def load(self, driver, home, tokens, users, messages, what, how):
        each = max(1, messages // CONNECTIONS)
        command = [f"{self.build}/tests/bench/store_load", driver, home, tokens, users, CONNECTIONS, each, what, how]
        self.settle(driver)
        before = self.seconds(driver)
        rate, cpu = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, check=True).stdout.split()
        rounds = CONNECTIONS * each * (2 if how == "warm" else 1)
        return {"rate": float(rate), "cpu_ms": float(cpu),
                "server_ms": 1000 * (self.seconds(driver) - before) / rounds}

    def raw(self, driver, home, tokens, users, messages, what):
        """The same batches, sent by the server's own client; None: that is no server."""
        if driver not in self.servers:
            return None
        self.settle(driver)
        return raw_load.rate(self.servers[driver], self.database(driver, home), self.scratch, what, tokens, users,
                             CONNECTIONS, max(1, messages // CONNECTIONS))


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def say(text):
    progress("")
    print(text, flush=True)


def alone_rows(stores, driver, messages):
    """Many users have each a few messages, so that most of what is learned first is new."""
    for users in USERS:
        for text, tokens in TOKENS.items():
            home = stores.home(driver)
            about = {"users": users, "text": text}
            progress(f"{driver}, {users} users, {text}")
            yield about | {"what": "learn", "how": "new"} | stores.load(driver, home, tokens, users, messages, "learn", "cold")
            for what in ("learn", "read"):
                row = about | {"what": what, "how": "cold"} | stores.load(driver, home, tokens, users, messages, what, "cold")
                yield row | {"raw": stores.raw(driver, home, tokens, users, messages, what)}
            yield about | {"what": "read", "how": "warm"} | stores.load(driver, home, tokens, users, messages, "read", "warm")


def measure_alone(stores, messages):
    found = {}
    for driver in stores.drivers:
        for row in alone_rows(stores, driver, messages):
            found.setdefault(driver, []).append(row)
            say(store_report.alone_row(driver, row))
    return found


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, metavar="DIRECTORY", help="a build directory")
    parser.add_argument("--driver", action="append", choices=DRIVERS, help="only this one")
    parser.add_argument("--messages", type=int, default=800, metavar="N", help="of each round (800)")
    parser.add_argument("--only", choices=("alone", "daemon"), help="only the table of the stores alone, or of the daemon")
    parser.add_argument("--tokenizer", action="append", choices=store_daemon.TOKENIZERS, help="of the daemon: only this one")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE, too")
    options = parser.parse_args()
    options.driver = options.driver or list(DRIVERS)
    options.tokenizer = options.tokenizer or store_daemon.TOKENIZERS
    return options


def bogofilter_ms(scratch, messages):
    """What it needs to judge a message, for what is said of this machine; None: it is not there."""
    program = bogofilter.find(None)
    if program is None:
        return None
    progress("bogofilter")
    needed = bogofilter.Bogofilter(program, scratch).growing(messages)
    say(f"bogofilter, in process: judge {needed:.3f} ms")
    return needed


def measure(options, stores, scratch):
    """What was found; it is printed as soon as it is known."""
    results = {"load": [os.getloadavg()[0]]}
    if options.only != "daemon":
        say("\n".join(store_report.alone_head(CONNECTIONS)))
        results["alone"] = measure_alone(stores, options.messages)
        say(store_report.ALONE_NOTES)
    directory = mail.directory(scratch)
    if directory is None:
        say("through the daemon: skipped, there is no corpus; set DSPAM_CORPUS to a directory with `index`")
    elif options.only != "alone":
        say("\n".join(store_report.daemon_head(store_daemon.CONNECTIONS)))
        messages = mail.read_index(directory, 1000000)
        results["daemon"] = store_daemon.measure(stores, messages, options.tokenizer, progress, say)
        say(store_report.DAEMON_NOTES)
        results["bogofilter_ms"] = bogofilter_ms(scratch, messages)
    results["load"].append(os.getloadavg()[0])
    say("\n".join(store_report.goals(results)))
    return results


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="dspam-bench-") as scratch:
        os.chmod(scratch, 0o755)
        stores = Stores(options.build, options.driver, scratch)
        try:
            results = measure(options, stores, scratch)
        finally:
            stores.stop()
        if options.json:
            with open(options.json, "w", encoding="utf-8") as file:
                json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
