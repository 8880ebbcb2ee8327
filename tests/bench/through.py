"""Through the daemon: LMTP in to LMTP out, beside the same way without it; and what memory waiting costs."""

import os
import subprocess

import filter as dspam
import process

CONNECTIONS = (1, 8, 32)
SECONDS = 5
IDLE = 400
MESSAGES = 500
KIB = 1024
# text, row, figure, goal, unit, and whether more is better
GOALS = (
    ("through the daemon, 8 connections", "judging, 8 connections", "rate", 800, "a second", True),
    ("the same, half of them within", "judging, 8 connections", "p50", 10, "ms", False),
    ("the same, 99 of 100 within", "judging, 8 connections", "p99", 40, "ms", False),
    ("idle daemon", "memory", "idle_kib", 16 * KIB, "KiB", False),
    ("an idle connection", "memory", "connection_kib", 64, "KiB", False),
)


class Way:
    """Programs of the build directory `build`; `ours` is the filter to measure."""

    def __init__(self, build, ours):
        self.load = os.path.join(build, "tests/bench/lmtp_load")
        self.sink = os.path.join(build, "tests/bench/lmtp_sink")
        self.ours = ours

    def ready(self):
        return os.access(self.load, os.X_OK) and os.access(self.sink, os.X_OK)

    def _send(self, port, connections, paths):
        command = [self.load, str(port), str(connections), str(SECONDS), *paths]
        said = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.split()
        return {"rate": int(said[0]) / float(said[1]), "p50": float(said[2]), "p99": float(said[3])}

    def _sink(self):
        return process.Server([self.sink, str(self.ours.sink_port)], self.ours.sink_port, os.devnull)

    def alone(self, paths):
        with self._sink():
            return {f"nothing between, {count}": self._send(self.ours.sink_port, number, paths)
                    for number, count in named()}

    def between(self, name, home, mode, paths):
        port = process.free_port()
        config = self.ours.config(home, mode, port)
        command = [self.ours.program("dspam"), "--daemon", "--nofork", "--config", config]
        log = os.path.join(home, "through.log")
        results = {}
        with self._sink(), process.Server(command, port, log) as daemon:
            for number, count in named():
                before = daemon.seconds()
                figures = self._send(port, number, paths)
                used = daemon.seconds() - before
                results[f"{name}, {count}"] = figures | {"cpu_ms": 1000 * used / max(1, figures["rate"] * SECONDS)}
        return results

    def memory(self, home):
        """KiB resident with nobody there, and what each of many idle connections adds."""
        port = process.free_port()
        command = [self.ours.program("dspam"), "--daemon", "--nofork", "--config", self.ours.config(home, "teft", port)]
        with process.Server(command, port, os.path.join(home, "memory.log")) as daemon:
            idle = resident(daemon.child.pid)
            with subprocess.Popen([self.load, "--idle", str(port), str(IDLE)], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE) as load:
                if load.stdout.readline() != b"open\n":
                    raise SystemExit(f"{IDLE} idle connections cannot be opened:\n{daemon.said()}")
                grown = resident(daemon.child.pid)
                load.stdin.close()
        return {"idle_kib": idle, "connection_kib": (grown - idle) / IDLE}


def named():
    return [(number, f"{number} connection{'s' if number > 1 else ''}") for number in CONNECTIONS]


def resident(pid):
    with open(f"/proc/{pid}/status", "rb") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(b"VmRSS:"))


def measure(build, programs, scratch, login, messages):
    """Rows of figures, or nothing where the programs for it are not built."""
    ours = dspam.Filter(programs, scratch, "chain", login)
    way = Way(build, ours)
    if not way.ready():
        return {}
    paths = [message.path for message in messages[:MESSAGES]]
    trained, _ = ours.train(messages[:2000])
    return (way.alone(paths) | way.between("judging", trained, "notrain", paths)
            | way.between("judging and learning", ours.home("through"), "teft", paths)
            | {"memory": way.memory(ours.home("memory"))})


def lines(results):
    """The table and the goals."""
    yield f"{'LMTP in to LMTP out (chain, SQLite)':36}{'a second':>10}{'p50 ms':>10}{'p99 ms':>10}{'CPU ms':>10}"
    for row, figures in results.items():
        if "rate" in figures:
            used = f"{figures['cpu_ms']:10.2f}" if "cpu_ms" in figures else ""
            yield f"{row:36}{figures['rate']:10.0f}{figures['p50']:10.2f}{figures['p99']:10.2f}{used}"
    yield ""
    for text, row, figure, goal, unit, more in GOALS:
        value = results[row][figure]
        reached = value >= goal if more else value <= goal
        yield f"{text:36}{value:10.1f} {unit:9} goal {goal:6}  {'reached' if reached else 'missed'}"
