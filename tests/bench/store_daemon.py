"""The stores through the daemon: LMTP in, judge, perhaps learn, LMTP out, for one user and for a thousand."""

import os
import pwd
import sys
import time

import filter as dspam
import lmtp
import mail
import process
import store_report

TOKENIZERS = ("chain", "osb", dspam.ADAPTIVE)
CONNECTIONS = 4
MESSAGES = 300
USERS = 1000
CACHE = "128M"


class StoreFilter(dspam.Filter):
    def __init__(self, stores, *arguments):
        super().__init__(*arguments)
        self.stores = stores

    def home(self, name):
        home = super().home(name)
        if name != "eval":
            self.stores.place(self.driver, home)
        return home

    def config(self, home, mode, port=24):
        """As a site with a thousand users at once would have it: all that they use is remembered."""
        path = super().config(home, mode, port)
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"StoreCache {CACHE}\n")
        return path

    def run(self, home, mode, users, messages, warm=False):
        """Messages a second; ms of the processor: of those who judge and learn, of the whole daemon, of the server."""
        port = process.free_port()
        sink = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "sink.py")]
        command = [self.program("dspam"), "--daemon", "--nofork", "--config", self.config(home, mode, port)]
        log = os.path.join(home, "daemon.log")
        with process.Server([*sink, str(self.sink_port), os.devnull], self.sink_port, log):
            with process.Server(command, port, log) as daemon:
                if warm:
                    lmtp.send(port, users, messages, CONNECTIONS)
                before, server, began = daemon.threads(), self.stores.seconds(self.driver), time.monotonic()
                lmtp.send(port, users, messages, CONNECTIONS)
                took = time.monotonic() - began
                after, server = daemon.threads(), self.stores.seconds(self.driver) - server
        used = {name: 1000 * (seconds - before.get(name, 0)) / len(messages) for name, seconds in after.items()}
        return {"rate": len(messages) / took, "filter_ms": used.get("filter", 0) + used.get("learner", 0),
                "cpu_ms": sum(used.values()), "server_ms": 1000 * server / len(messages)}


def _rows(ours, users, messages):
    """A store that learns the messages, then judges them: from the store, and from what the daemon remembers."""
    home = ours.home(f"{ours.driver}-{len(users)}")
    about = {"tokenizer": ours.tokenizer, "users": len(users)}
    yield about | {"what": "learn", "how": "new"} | ours.run(home, "teft", users, messages)
    for how in ("cold", "warm"):
        yield about | {"what": "judge", "how": how} | ours.run(home, "notrain", users, messages, how == "warm")


def measure(stores, messages, tokenizers, progress, say):
    """{driver: rows}, and what the engine alone takes for the same messages: {"engine": {tokenizer: figures}}."""
    login = pwd.getpwuid(os.getuid()).pw_name
    one, many = mail.spread(messages, MESSAGES), mail.spread(messages, USERS)
    found = {"engine": {}}
    for tokenizer in tokenizers:
        for driver in stores.drivers:
            ours = StoreFilter(stores, os.path.join(stores.build, "bin"), stores.scratch, tokenizer, login, driver)
            for users, chosen in (([dspam.USER], one), ([f"{dspam.USER}{i}" for i in range(USERS)], many)):
                progress(f"{driver}, {tokenizer}, {len(users)} users, through the daemon")
                for row in _rows(ours, users, chosen):
                    found.setdefault(driver, []).append(row)
                    say(store_report.daemon_row(driver, row))
        found["engine"][tokenizer] = ours.replay(one)
        say(store_report.engine_row(tokenizer, found["engine"][tokenizer]))
    return found
