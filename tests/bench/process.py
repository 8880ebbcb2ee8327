"""Programs that are run to be measured: processor time, peak memory, and an end in any case."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")
# What wait4 says of memory begins with that of the starting process, so a small program starts them.
TIME = shutil.which("time")


class Used:
    """What a program has used: seconds of the processor (user and system) and KiB at most (None: unknown)."""

    def __init__(self, seconds, peak, output):
        self.seconds = seconds
        self.peak = peak
        self.output = output


def run(command, stdin=os.devnull, good=(0,), with_peak=False, environment=None):
    """Run to its end; `stdin` is the path of a file. An exit status that is not among `good` is an error."""
    with tempfile.TemporaryFile() as said, tempfile.NamedTemporaryFile() as peak, open(stdin, "rb") as source:
        watched = with_peak and TIME
        full = [TIME, "-f", "%M", "-o", peak.name, *command] if watched else command
        child = subprocess.Popen(full, stdin=source, stdout=said, stderr=subprocess.STDOUT, env=environment)
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            child.wait()
            raise
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read().decode(errors="replace")
        if child.returncode not in good:
            raise SystemExit(f"{' '.join(command)} ended with {child.returncode}:\n{output[-2000:]}")
        kib = int(peak.read().split()[-1]) if watched else None
        return Used(usage.ru_utime + usage.ru_stime, kib, output)


def free_port():
    """A loopback port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tree_seconds(pid):
    """Of the processor, so far: a process, its children, and those that have ended."""
    return sum(_own_seconds(each) for each in [pid, *_children(pid)])


def _children(pid):
    said = subprocess.run(["pgrep", "-P", str(pid)], stdout=subprocess.PIPE, text=True, check=False).stdout
    return [int(number) for number in said.split()]


def _own_seconds(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return sum(int(field) for field in stat.read().rsplit(b")", 1)[1].split()[11:15]) / TICK
    except OSError:  # it has ended meanwhile
        return 0


class Server:
    """A program that serves until it is stopped. Use it with `with`."""

    def __init__(self, command, port, log):
        self.command = command
        self.port = port
        self.log = log
        self.child = None

    def __enter__(self):
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._wait_until_it_listens()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(60)
        except BaseException:
            self.child.kill()
            self.child.wait()
            raise

    def _wait_until_it_listens(self):
        for _ in range(1500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.child.poll() is not None:
                break
            time.sleep(0.02)
        raise SystemExit(f"{' '.join(self.command)} does not listen on port {self.port}:\n{self.said()}")

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()[-2000:]

    def seconds(self):
        """Of the processor, so far: all threads, user and system; no child processes."""
        with open(f"/proc/{self.child.pid}/stat", "rb") as stat:
            fields = stat.read().rsplit(b")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def threads(self):
        """The same of its threads, by the first word of their names."""
        found = {}
        for task in os.scandir(f"/proc/{self.child.pid}/task"):
            with open(f"{task.path}/comm", encoding="ascii") as name, open(f"{task.path}/schedstat", "rb") as used:
                word = name.read().split()[0]
                found[word] = found.get(word, 0) + int(used.read().split()[0]) / 1e9
        return found

    def peak(self):
        """The most resident memory so far, in KiB."""
        with open(f"/proc/{self.child.pid}/status", "rb") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(b"VmHWM:"))
