"""Our daemon and our tools, as the user who owns the store."""

import os
import re
import shlex
import signal
import subprocess

from .server import Server, wait_for
from .site import USER

COUNTERS = ("TP", "TN", "FP", "FN", "SC", "NC")
OPTIONS = {"user": USER, "group": USER, "extra_groups": []}


class Dspam:
    """`config` is dspam.conf of a real machine; `command` is how the daemon is started there."""

    def __init__(self, site, config, command="/usr/local/bin/dspam --daemon --nofork --config /etc/dspam/dspam.conf"):
        self.site = site
        self.config = site.write("/etc/dspam/dspam.conf", config)
        self.command = shlex.split(site.adapt(command))
        self.address = ("127.0.0.1", site.ports["dspam"])
        self.home = site.path("/var/lib/dspam")
        self.server = None

    def start(self):
        self.server = Server(self.command, str(self.site.log("dspam")), listens_on=self.address, **OPTIONS)
        return self

    def stop(self):
        if self.server:
            status = self.server.end()
            self.server = None
            assert status == 0, self.log()

    def kill(self):
        self.server.kill()
        self.server = None

    def restart(self):
        self.stop()
        self.start()

    def reload(self):
        before = self.log().count("read again and in force")
        os.kill(self.server.pid, signal.SIGHUP)
        wait_for(lambda: self.log().count("read again and in force") > before, what="reading the configuration again")

    def change(self, *lines):
        """Put lines in front of dspam.conf, where they are the ones that count."""
        self.config.write_text("\n".join(map(self.site.adapt, lines)) + "\n" + self.config.read_text())
        return self

    def log(self):
        log = self.site.log("dspam")
        return log.read_text(errors="replace") if log.exists() else ""

    def run(self, program, *words, check=True, **options):
        """Run one of our programs."""
        command = [self.site.bin / program, "--config", self.config, *words]
        return subprocess.run(command, capture_output=True, check=check, timeout=300, **OPTIONS, **options)

    def stats(self, user):
        """{TP: ..., TN: ...} as dspam_stats says; zeros for a user that nobody knows."""
        output = self.run("dspam_stats", user, check=False).stdout.decode()
        return {name: int((re.findall(rf"\b{name}:\s*(\d+)", output) or [0])[0]) for name in COUNTERS}

    def seen(self, user):
        """How many messages of a user were judged and counted."""
        stats = self.stats(user)
        return sum(stats[name] for name in ("TP", "TN", "FP", "FN"))
