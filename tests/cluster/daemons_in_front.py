"""Daemons in front of a cluster: one configuration each, which names all database servers, its own first."""

import getpass
import signal
import time

from ledger import PAUSE as CLIENT_PAUSE

STORE_TIMEOUT = 30  # seconds: more than a cluster needs to put one member out and take it in again

CONFIGURATION = """
Home {home}
StorageDriver {driver}
{servers}
StoreTimeout {timeout}
Trust {user}
ServerHost 127.0.0.1
ServerPort {port}
ServerPID {home}/dspam.pid
ServerMode auto
ServerPass.Relay1 secret
ServerParameters "--deliver=innocent,spam"
DeliveryHost 127.0.0.1
DeliveryPort {next_port}
DeliveryProto LMTP
TrainingMode teft
Tokenizer chain
Algorithm graham burton
PValue bcr
Preference "signatureLocation=headers"
Preference "spamAction=tag"
"""


class Daemon:
    """One daemon, which may be killed and started again."""

    def __init__(self, directory, programs, start, port, next_hop, driver, servers):
        directory.mkdir()
        self.address = ("127.0.0.1", port)
        self.path = directory / "dspam.conf"
        self.path.write_text(CONFIGURATION.format(
            home=directory, driver=driver, servers="\n".join(servers), user=getpass.getuser(), port=port,
            next_port=next_hop.address[1], timeout=STORE_TIMEOUT))
        self.command = [f"{programs}/dspam", "--daemon", "--nofork", "--config", self.path]
        self._start = start
        self.processes = []

    def start(self):
        self.processes.append(self._start(self.command, listens_on=self.address, seconds=60))
        return self

    def kill(self):
        assert self.processes[-1].stop(signal.SIGKILL) == -signal.SIGKILL

    def log(self):
        return "".join(process.output() for process in self.processes)


def failover_seconds(servers, takeover):
    """
    How long a message may be refused at the most: what it waits for a server that hangs, then for those behind it that do not
    answer either, `takeover` until the database serves again, and one more attempt of a client that is patient.
    """
    return STORE_TIMEOUT + STORE_TIMEOUT / servers * (servers - 1) + takeover + CLIENT_PAUSE


def wait_for(condition, what, seconds=120):
    for _ in range(seconds * 10):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds} s")
