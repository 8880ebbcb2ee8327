"""LMTP as the daemon speaks it: in pieces of any size, and without delay."""

import socket
import time

from daemon_site import daemon, mail, wait_for  # noqa: F401 (a fixture)
from lmtp_peer import Client, wire


def test_everything_in_one_write(daemon):
    """Pipelining of several messages: all replies, in the order of the commands."""
    daemon.start()
    with Client(daemon.address, greet=False) as client:
        assert client.reply()[0] == 220
        one = b"MAIL FROM:<>\r\nRCPT TO:<u>\r\nRCPT TO:<v>\r\nDATA\r\n" + wire(mail())
        client.send(b"LHLO x\r\n" + 5 * one + b"NOOP\r\nQUIT\r\n")
        codes = [client.reply()[0] for _ in range(1 + 5 * 6 + 2)]
        assert codes == [250] + 5 * [250, 250, 250, 354, 250, 250] + [250, 221]
        assert client.reply() is None
    assert len(daemon.next_hop.messages("u")) == 5


def test_one_byte_at_a_time(daemon):
    daemon.start()
    with Client(daemon.address, greet=False) as client:
        assert client.reply()[0] == 220
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<u>\r\nDATA\r\n" + wire(mail()) + b"QUIT\r\n":
            client.send(bytes([byte]))
        assert [client.reply()[0] for _ in range(6)] == [250, 250, 250, 354, 250, 221]


def test_replies_do_not_wait_for_acknowledgements(daemon):
    """The original needed 44 ms for each reply, always; on a busy machine it may take some rounds until one is free of others."""
    daemon.start()
    with daemon.client() as client:

        def seconds():
            before = time.monotonic()
            assert client.deliver(mail(), ["u"])[0][0] == 250
            return time.monotonic() - before

        wait_for(lambda: seconds() < 0.040, what="a round without a delay")
