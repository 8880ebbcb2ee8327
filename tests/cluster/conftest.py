"""The helpers of the other tests are used here, too."""

import os
import sys

import pytest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
for folder in (TESTS, os.path.join(TESTS, "system")):
    if folder not in sys.path:
        sys.path.insert(0, folder)


@pytest.fixture
def next_hop(free_port):
    """An LMTP server that keeps what it is given."""
    from lmtp_peer import NextHop  # pylint: disable=import-outside-toplevel
    hop = NextHop(free_port())
    hop.start()
    yield hop
    hop.stop()
