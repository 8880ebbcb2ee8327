"""Loopback ports for the servers of tests: none is given twice, nor to two runs of tests beside each other."""

import random
import socket

# Below those that the system takes for clients, who might get one before its server does.
FIRST, LAST, BLOCK = 20000, 32000, 50

_names = []  # sockets whose names say which blocks are ours
_left = []  # ports of the last of them


def _take_block():
    """Ports that no other process has: a name without a file is taken at once, and goes with its process."""
    blocks = list(range(FIRST, LAST, BLOCK))
    random.SystemRandom().shuffle(blocks)
    for first in blocks:
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0dspam-test-ports-{first}")
        except OSError:
            name.close()
            continue
        _names.append(name)
        return range(first, first + BLOCK)
    raise OSError("no port is free")


def free_port():
    """A port on which nobody listens."""
    while True:
        if not _left:
            _left.extend(_take_block())
        port = _left.pop()
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
