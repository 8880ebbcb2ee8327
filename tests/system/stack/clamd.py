"""clamd on a loopback port, with a database of one signature."""

import os
import shutil

from scan_peers import CLAMD, EICAR

from .server import Server


def clamd_is_missing():
    return not os.path.exists(CLAMD) and shutil.which("clamd") is None


class Clamd:
    def __init__(self, site):
        self.site = site
        self.address = ("127.0.0.1", site.ports["clamd"])
        database = site.make("clamav")
        (database / "test.ndb").write_text(f"Test.Eicar:0:*:{EICAR.hex()}\n")
        self.config = site.directory / "clamd.conf"
        self.config.write_text(
            f"DatabaseDirectory {database}\nForeground yes\nTCPSocket {self.address[1]}\nTCPAddr {self.address[0]}\n"
            f"SelfCheck 0\nTemporaryDirectory {database}\nLogFile {site.log('clamd')}\n")
        self.server = None

    def start(self):
        self.server = Server([CLAMD, "--config-file", self.config], str(self.site.log("clamd-start")), listens_on=self.address)
        return self

    def stop(self):
        if self.server:
            self.server.end()
            self.server = None
