"""Connections to the daemon: many at once, too many, silent ones, deaf ones, over a socket and a port."""

import threading

import pytest

from daemon_site import daemon, mail, number_of, wait_for  # noqa: F401 (a fixture)
from lmtp_peer import Client


def test_too_many_connections_are_told_so(daemon):
    daemon.configure("ServerMaxConnections 3").start()
    # the probe that saw the daemon listen may still be there
    wait_for(lambda: Client(daemon.address, greet=False).reply()[0] == 220)
    held = []
    for _ in range(10):
        client = Client(daemon.address, greet=False)
        code, text = client.reply()
        if code == 421:
            assert "Too many connections" in text
            assert client.reply() is None
            client.close()
            break
        held.append(client)
    else:
        pytest.fail("there is no limit")
    assert len(held) <= 3
    for client in held:
        client.close()
    wait_for(lambda: Client(daemon.address, greet=False).reply()[0] == 220)


@pytest.mark.parametrize("said, codes", [
    ("", [220, 421]),
    ("LHLO x\r\n", [220, 250, 421]),
    ("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<u>\r\nDATA\r\nSubject: never ends\r\n", [220, 250, 250, 250, 354, 421]),
], ids=["before LHLO", "before MAIL", "in DATA"])
def test_the_silent_are_sent_away(daemon, said, codes):
    daemon.configure("ServerTimeout 1").start()
    with Client(daemon.address, greet=False) as client:
        client.send(said)
        assert [code for code, _ in iter(client.reply, None)] == codes
    assert daemon.next_hop.count() == 0


def test_a_client_that_reads_nothing_holds_up_nobody(daemon):
    daemon.configure("ServerTimeout 2").start()
    with daemon.client() as deaf:
        deaf.socket.settimeout(0.5)
        with pytest.raises(OSError):
            for _ in range(100000):
                deaf.send(b"NOOP\r\n" * 1000)
        assert daemon.deliver(mail(), "u")[0][0] == 250
    assert daemon.memory("VmRSS") < (1 << 30)


def test_forty_at_once(daemon):
    daemon.start()
    failures = []

    def client(number):
        try:
            with daemon.client() as connection:
                for i in range(3):
                    replies = connection.deliver(mail(number * 100 + i), [f"u{number % 7}", f"v{number}"])
                    assert [code for code, _ in replies] == [250, 250]
        except Exception as error:  # pylint: disable=broad-except
            failures.append((number, error))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert daemon.next_hop.count() == 240
    assert sum(daemon.learned(f"u{number}") for number in range(7)) == 120
    seen = sorted(number_of(message) for i in range(40) for message in daemon.next_hop.messages(f"v{i}"))
    assert seen == sorted(number * 100 + i for number in range(40) for i in range(3))


def test_a_unix_socket_and_a_port(daemon):
    path = daemon.directory / "socket"
    daemon.configure(f"ServerDomainSocketPath {path}", "ServerSocketMode 0600").start()
    with Client(str(path)) as client:
        assert path.stat().st_mode & 0o777 == 0o600
        assert client.deliver(mail(), ["u"])[0][0] == 250
    assert daemon.deliver(mail(), "u")[0][0] == 250
    assert daemon.process.stop() == 0
    assert not path.exists()
