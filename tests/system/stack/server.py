"""A server that runs in the foreground, in a session of its own."""

import os
import signal

from conftest import Process, listens


def wait_for(condition, seconds=60, what="what the test waits for"):
    """Poll; the end is generous, because the machine may be slow."""
    import time

    end = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"{what() if callable(what) else what} did not happen within {seconds} s")
        time.sleep(0.02)
    return result


def session_of(pid):
    """(session, state) of a process, or None."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            words = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    return int(words[3]), words[0]


class Server(Process):
    """conftest.Process, with all that it starts."""

    def __init__(self, command, log, listens_on=None, **options):
        self.address = listens_on
        if listens_on is not None and listens(listens_on)():
            raise AssertionError(f"{listens_on} is in use already")
        super().__init__([os.fspath(word) for word in command], log, start_new_session=True, **options)
        if listens_on is not None:
            self.wait_until(listens(listens_on), 60)

    def members(self):
        """The processes of its session that live."""
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        sessions = {pid: session_of(pid) for pid in pids}
        return [pid for pid, found in sessions.items() if found and found[0] == self.pid and found[1] not in "ZX"]

    def send(self, number):
        """A signal to all of its processes."""
        for pid in self.members():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def pause(self):
        self.send(signal.SIGSTOP)

    def resume(self):
        self.send(signal.SIGCONT)

    def kill(self):
        """As when the machine loses it: no time for anything."""
        self.send(signal.SIGKILL)
        self.popen.wait(30)

    def end(self, number=signal.SIGTERM):
        """Ask it to end, then kill what it has left behind; its exit status."""
        self.resume()
        status = self.stop(number, 90)
        self.send(signal.SIGKILL)
        wait_for(lambda: not self.members(), what=f"the end of {self.popen.args}")
        return status
