"""DeliveryHost: what may stand there, our name, connections that are used again, and two hosts for two domains."""

import socket

import pytest

from daemon_site import Daemon, mail, number_of, program_is_missing, unmarked
from lmtp_peer import NextHop


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port)
    yield site
    site.next_hop.stop()


def has_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def configure(daemon, host, port, *lines, protocol="LMTP"):
    """The configuration of the tests with another next hop."""
    daemon.configure(*lines)
    text = daemon.path.read_text().splitlines()
    text = [line for line in text if not line.startswith(("DeliveryHost ", "DeliveryPort ", "DeliveryProto "))]
    own = [f"DeliveryHost {host}", f"DeliveryProto {protocol}"] + ([f"DeliveryPort {port}"] if port else [])
    daemon.path.write_text("\n".join(own + text) + "\n")
    return daemon.start()


@pytest.mark.parametrize("protocol", ["LMTP", "SMTP"])
@pytest.mark.parametrize("host, address", [("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("::1", "::1"),
                                           ("[::1]", "::1"), (None, None)])
def test_addresses(daemon, free_port, host, address, protocol):
    if address == "::1" and not has_ipv6():
        pytest.skip("there is no IPv6 here")
    hop, port = daemon.next_hop, free_port()
    hop.address = (address, port) if address else str(daemon.directory / "hop")
    hop.smtp = protocol == "SMTP"
    hop.start()
    configure(daemon, host or hop.address, port if host else None, "DeliveryIdent filter.example", "DeliveryWorkers 1",
              protocol=protocol)
    with daemon.client() as client:
        for number in range(3):
            assert [code for code, _ in client.deliver(mail(number), ["u", "v", "w"])] == [250, 250, 250]
    assert [number_of(one) for one in hop.messages("v")] == [0, 1, 2]
    assert unmarked(hop.messages("w")[2]) == mail(2)
    assert hop.hellos == ["filter.example"]  # nine messages, one connection


def test_two_domains_two_hosts(daemon, free_port):
    first = daemon.next_hop.start()
    second = NextHop(free_port()).start()
    try:
        daemon.configure(f"DeliveryHost.b.example {second.address[0]}", f"DeliveryPort.b.example {second.address[1]}",
                         "DeliveryWorkers 1").start()
        for number in range(3):
            replies = daemon.deliver(mail(number), "u@a.example", "v@b.example", "w")
            assert [code for code, _ in replies] == [250, 250, 250]
        assert [one.recipient for one in first.mails] == 3 * ["u@a.example", "w"]
        assert [one.recipient for one in second.mails] == 3 * ["v@b.example"]
        assert len(first.hellos) == 1 and len(second.hellos) == 1
        # one that is down keeps only its own
        second.stop()
        replies = daemon.deliver(mail(9), "u@a.example", "v@b.example")
        assert [code for code, _ in replies] == [250, 451]
    finally:
        second.stop()


def test_a_name_that_is_none(daemon):
    configure(daemon, "no-such-host.invalid", 24)
    code, text = daemon.deliver(mail(), "u")[0]
    assert code == 451 and "no-such-host.invalid" in text
