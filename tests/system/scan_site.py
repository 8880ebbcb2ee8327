"""A daemon with clamd and DNS for the tests of what others are asked about a message."""

import pytest

from daemon_site import Daemon, mail, program_is_missing
from scan_peers import Dns, FakeClamd

INFECTED = mail(7, b"this is a VIRUS\n")


@pytest.fixture
def site(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port)
    site.next_hop.start()
    yield site
    site.next_hop.stop()


@pytest.fixture
def clamd(free_port):
    made = []

    def make(address=None):
        made.append(FakeClamd(address or ("127.0.0.1", free_port())))
        return made[-1]

    yield make
    for each in made:
        each.stop()


@pytest.fixture
def dns(free_port):
    server = Dns(free_port())
    yield server
    server.stop()


def scanned_by(address):
    if isinstance(address, tuple):
        return [f"ClamAVHost {address[0]}", f"ClamAVPort {address[1]}"]
    return [f"ClamAVHost {address}"]


def came_from(*addresses, number=0):
    received = b"".join(b"Received: from x (x [%s])\n\tby mx.example with ESMTP\n" % each.encode() for each in addresses)
    return received + mail(number)
