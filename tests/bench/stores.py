#!/usr/bin/python3
"""Measure the stores: how many messages a second they learn and read, alone and through the daemon.

    tests/bench/stores.py --build build [--driver NAME]... [--messages N] [--json FILE]

The servers run here, on sockets, with the durability that they have by default: a lesson is on the disk when it counts.
They share the processors with those who ask.
"""

import argparse
import json
import os
import pwd
import subprocess
import sys
import tempfile
import time

import filter as dspam
import lmtp
import mail
import process

sys.path.insert(0, os.path.join(mail.ROOT, "tests"))

import servers  # noqa: E402 (tests/servers.py)

DRIVERS = ("sqlite", "pgsql", "mysql")
CONNECTIONS = 8
TOKENS = {"300 tokens": 300, "chain": 500, "osb": 1300}  # of a message; the first is what the goals are for
GOALS = {("pgsql", "learn"): 300, ("pgsql", "read"): 1200, ("mysql", "learn"): 200, ("mysql", "read"): 700}
CPU_GOALS = {"chain": 0.3, "osb": 0.7}  # ms of the daemon, to judge a message for a warm user
TRAINED = 500


class Stores:
    """Homes with new stores of each driver, below `scratch`."""

    def __init__(self, options, scratch):
        self.build, self.scratch, self.number = os.path.abspath(options.build), scratch, 0
        self.servers = {}
        for kind in servers.KINDS:
            if kind.name in options.driver and kind.is_installed():
                self.servers[kind.name] = kind(tempfile.mkdtemp(prefix=f"{kind.name}-", dir=scratch)).start()
        self.drivers = [name for name in options.driver if name == "sqlite" or name in self.servers]

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

    def home(self, driver):
        home = tempfile.mkdtemp(prefix="home-", dir=self.scratch)
        self.place(driver, home)
        return home

    def load(self, driver, home, tokens, users, messages, what, how):
        command = [f"{self.build}/tests/bench/store_load", driver, home, tokens, users, CONNECTIONS,
                   max(1, messages // CONNECTIONS), what, how]
        self.settle(driver)
        rate, cpu = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, check=True).stdout.split()
        return {"rate": float(rate), "cpu_ms": float(cpu)}


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def measure_alone(stores, driver, messages):
    """[(users, tokens, what, how, figures)]"""
    found = []
    for users in (1, 1000):
        for text, tokens in TOKENS.items():
            home = stores.home(driver)
            stores.load(driver, home, tokens, users, messages, "learn", "cold")  # so that there is something to find
            for what in ("learn", "read"):
                for how in ("cold", "warm"):
                    progress(f"{driver}, {users} users, {text}, {what}, {how}")
                    found.append((users, text, what, how,
                                  stores.load(driver, home, tokens, users, messages, what, how)))
    return found


class StoreFilter(dspam.Filter):
    def __init__(self, stores, *arguments):
        super().__init__(*arguments)
        self.stores = stores

    def home(self, name):
        home = super().home(name)
        self.stores.place(self.driver, home)
        return home

    def prepare(self, messages):
        """A Home whose user has learned all messages."""
        home = self.home(f"{self.driver}-trained")
        index = os.path.join(home, "index")
        mail.write_index(messages, index)
        process.run([self.program("dspam_train"), "--config", self.config(home, "teft"), dspam.USER, "-i", index])
        return home

    def rounds(self, home, mode, messages, warm):
        """Messages a second, and ms of the daemon's processor time for each."""
        port = process.free_port()
        sink = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "sink.py")]
        command = [self.program("dspam"), "--daemon", "--nofork", "--config", self.config(home, mode, port)]
        log = os.path.join(home, "daemon.log")
        with process.Server([*sink, str(self.sink_port), os.devnull], self.sink_port, log):
            with process.Server(command, port, log) as daemon:
                if warm:
                    lmtp.send(port, dspam.USER, messages, 4)
                before, began = daemon.seconds(), time.monotonic()
                lmtp.send(port, dspam.USER, messages, 4)
                used, took = daemon.seconds() - before, time.monotonic() - began
        return {"rate": len(messages) / took, "cpu_ms": 1000 * used / len(messages)}


def measure_daemon(stores, driver, messages):
    login = pwd.getpwuid(os.getuid()).pw_name
    found = []
    for tokenizer in CPU_GOALS:
        progress(f"{driver}, {tokenizer}, through the daemon")
        ours = StoreFilter(stores, os.path.join(stores.build, "bin"), stores.scratch, tokenizer, login, driver)
        home = ours.prepare(messages)
        for how in ("cold", "warm"):
            found.append((tokenizer, "read", how, ours.rounds(home, "notrain", messages, how == "warm")))
        found.append((tokenizer, "learn", "warm", ours.rounds(home, "teft", messages, False)))
    return found


def judged(good, goal):
    return f"{'reached' if good else 'MISSED'} ({goal})"


def print_alone(results):
    print(f"libstore, {CONNECTIONS} connections: messages a second; ms of the caller's processor time a message")
    for driver, found in results.items():
        for users, text, what, how, figures in found:
            goal = GOALS.get((driver, what)) if how == "cold" and text == "300 tokens" else None
            verdict = judged(figures["rate"] >= goal, f"{goal} a second") if goal else ""
            print(f"  {driver:7}{users:5} users  {text:11}{what:6}{how:5}{figures['rate']:9.0f} a second"
                  f"{figures['cpu_ms']:8.3f} ms  {verdict}".rstrip())


def print_daemon(results):
    print("\nthrough the daemon, one user, 4 connections: messages a second; ms of the daemon's processor time a message")
    for driver, found in results.items():
        for tokenizer, what, how, figures in found:
            goal = CPU_GOALS[tokenizer] if (what, how) == ("read", "warm") else None
            verdict = judged(figures["cpu_ms"] <= goal, f"{goal} ms") if goal else ""
            print(f"  {driver:7}{tokenizer:6}{'judge' if what == 'read' else 'learn':6}{how:5}{figures['rate']:9.0f} a second"
                  f"{figures['cpu_ms']:8.3f} ms  {verdict}".rstrip())


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, metavar="DIRECTORY", help="a build directory")
    parser.add_argument("--driver", action="append", choices=DRIVERS, help="only this one")
    parser.add_argument("--messages", type=int, default=1600, metavar="N", help="of each round (1600)")
    parser.add_argument("--only-daemon", action="store_true", help="only the table of the daemon")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE, too")
    options = parser.parse_args()
    options.driver = options.driver or list(DRIVERS)
    return options


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="dspam-bench-") as scratch:
        os.chmod(scratch, 0o755)
        stores = Stores(options, scratch)
        try:
            directory = mail.directory(scratch)
            alone = {}
            if not options.only_daemon:
                alone = {driver: measure_alone(stores, driver, options.messages) for driver in stores.drivers}
                progress("")
                print_alone(alone)
            if directory is None:
                print("\nthrough the daemon: skipped, there is no corpus; set DSPAM_CORPUS to a directory with `index`")
                through = {}
            else:
                messages = mail.spread(mail.read_index(directory, 1000000), TRAINED)
                through = {driver: measure_daemon(stores, driver, messages) for driver in stores.drivers}
                progress("")
                print_daemon(through)
        finally:
            stores.stop()
        print(f"\nload average {os.getloadavg()[0]:.2f} at the end, {os.cpu_count()} processors")
        if options.json:
            with open(options.json, "w", encoding="utf-8") as file:
                json.dump({"alone": alone, "daemon": through}, file, indent=1)


if __name__ == "__main__":
    main()
