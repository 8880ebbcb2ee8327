"""
While mail flows, clients come that trickle, never read, leave in the middle, or are too many at once: others do not
notice, and what was accepted arrives once.
"""

import contextlib
import itertools
import socket
import threading

import pytest

from lmtp_peer import Client, wire
from stack.flow import lessons, mail_flows, once_each
from stack.server import wait_for
from stack.stack import PEOPLE, Recommended
from stack.traffic import small_mail

pytestmark = pytest.mark.seconds(240)
CLIENTS = 200


@pytest.fixture(scope="module")
def stack(programs):
    with Recommended(programs) as running:
        yield running


@pytest.fixture(autouse=True)
def counted(stack):
    return lessons(stack)


def trickle(stack, number):
    """A message, byte by byte; it is in the books when it is accepted."""
    number, message = stack.ledger.enter(small_mail(number))
    with Client(stack.dspam.address) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.begin([PEOPLE[0]])
        for byte in wire(message):
            client.send(bytes([byte]))
        stack.ledger.accepted(number, message, [PEOPLE[0]])
        assert client.reply()[0] == 250


def leave_in_data(stack, number):
    """Half of a message, and then nobody."""
    with Client(stack.dspam.address) as client:
        client.begin([PEOPLE[0]])
        client.send(wire(small_mail(number))[:40])


def leave_before_the_dot(stack, number):
    with Client(stack.dspam.address) as client:
        client.begin([PEOPLE[0]])
        client.send(wire(small_mail(number)).removesuffix(b".\r\n"))


def leave_by_reset(stack, number):
    with Client(stack.dspam.address) as client:
        client.begin([PEOPLE[0]])
        client.send(wire(small_mail(number))[:40])
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def talk_nonsense(stack, number):
    with Client(stack.dspam.address, greet=False) as client:
        with contextlib.suppress(OSError):
            client.send(b"GET / HTTP/1.1\r\n\r\n" + bytes(range(256)) * number)


BROKEN = [trickle, leave_in_data, leave_before_the_dot, leave_by_reset, talk_nonsense]


@pytest.mark.parametrize("behave", BROKEN, ids=lambda behave: behave.__name__)
def test_clients_that_misbehave(stack, counted, behave):
    with mail_flows(stack):
        for number in range(20):
            behave(stack, number)
    once_each(stack, counted)


def test_clients_that_never_read(stack, counted):
    """They ask and ask, until their replies fill all there is; mail of others goes on."""
    with contextlib.ExitStack() as clients:
        with mail_flows(stack):
            for _ in range(20):
                client = clients.enter_context(Client(stack.dspam.address))
                client.socket.settimeout(0.01)
                with contextlib.suppress(OSError):
                    for _ in range(200):
                        client.send(b"NOOP\r\n" * 1000)
        once_each(stack, counted)


def test_many_at_once(stack, counted):
    """All of them are connected before the first one sends its message."""
    ready, results = threading.Barrier(CLIENTS), []

    def deliver(person):
        number, message = stack.ledger.enter(small_mail(0))
        try:
            with Client(stack.dspam.address) as client:
                client.begin([person])
                ready.wait(100)
                stack.ledger.accepted(number, message, [person])
                client.send(wire(message))
                results.append(client.reply()[0])
        except Exception as error:  # pylint: disable=broad-except
            ready.abort()
            results.append(error)

    with mail_flows(stack):
        threads = [threading.Thread(target=deliver, args=[person])
                   for person in itertools.islice(itertools.cycle(PEOPLE), CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == [250] * CLIENTS
    once_each(stack, counted)


def test_too_many_at_once(stack, counted):
    """Those beyond the limit are told to come again; Postfix is one of them, and does."""
    stack.dspam.change("ServerMaxConnections 10")
    stack.dspam.restart()
    with mail_flows(stack):
        with contextlib.ExitStack() as clients:
            greetings = [clients.enter_context(Client(stack.dspam.address, greet=False)).reply() for _ in range(15)]
            assert (421, "4.3.2 Too many connections, try again later") in greetings
            wait_for(lambda: "status=deferred" in stack.postfix.log() or "refused to talk" in stack.postfix.log(),
                     what="a message that waits")
    once_each(stack, counted)
