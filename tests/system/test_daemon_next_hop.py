"""The next hop of the daemon fails: what the client is told, and that each message is learned once."""

import threading

from daemon_site import daemon, mail, unmarked  # noqa: F401 (a fixture)
from lmtp_peer import TEMPORARY


def test_a_next_hop_that_is_down(daemon):
    daemon.next_hop.stop()
    daemon.start()
    code, text = daemon.deliver(mail(), "u")[0]
    assert code == 451 and text.startswith("4.")
    assert f"{daemon.next_hop.address[1]}" in text
    assert daemon.learned("u") == 0
    daemon.next_hop.start()
    assert daemon.deliver(mail(), "u")[0][0] == 250
    assert daemon.learned("u") == 1


def test_a_deferred_message_is_learned_once(daemon):
    daemon.start()
    daemon.next_hop.answers = {"u": TEMPORARY, "w": {"rcpt": "452 4.2.2 full"}}
    for _ in range(3):
        assert [code for code, _ in daemon.deliver(mail(), "u", "v", "w")] == [451, 250, 451]
    daemon.next_hop.answers = {}
    assert [code for code, _ in daemon.deliver(mail(), "u", "w")] == [250, 250]
    assert [daemon.learned(user) for user in "uvw"] == [1, 3, 1]
    assert len(daemon.next_hop.messages("u")) == 1


def test_a_next_hop_that_closes_after_the_message(daemon):
    daemon.start()
    daemon.next_hop.answers = {"u": {"data": "close"}}
    assert [code for code, _ in daemon.deliver(mail(), "u", "v")] == [451, 250]
    assert daemon.learned("u") == 0


def test_a_next_hop_that_is_slow(daemon):
    daemon.next_hop.hold = threading.Event()
    daemon.configure("DeliveryTimeout 1").start()
    assert daemon.deliver(mail(), "u")[0][0] == 451
    assert daemon.learned("u") == 0


def test_a_next_hop_that_speaks_nonsense(daemon):
    daemon.next_hop.answers = {"u": {"rcpt": "I do not care"}, "v": {"data": "999 what"}}
    daemon.start()
    assert [code for code, _ in daemon.deliver(mail(), "u", "v", "w")] == [451, 451, 250]


def test_kept_connections_that_the_next_hop_has_closed(daemon):
    daemon.start()
    for _ in range(3):
        assert daemon.deliver(mail(), "u")[0][0] == 250
        daemon.next_hop.stop()
        daemon.next_hop.start()
    assert len(daemon.next_hop.messages("u")) == 3


def test_a_delivery_agent_instead_of_a_host(daemon):
    box = daemon.directory / "box"
    script = daemon.directory / "agent"
    script.write_text(f'#!/bin/sh\ncase $1 in\nbad) echo "no room" >&2; exit 75;;\nnobody) exit 67;;\nesac\ncat >> {box}\n')
    script.chmod(0o755)
    text = daemon.path.read_text()
    daemon.path.write_text("\n".join(line for line in text.splitlines() if not line.startswith("Delivery"))
                           + f'\nTrustedDeliveryAgent "{script} %u"\n')
    daemon.start()
    replies = daemon.deliver(mail(), "u", "bad", "nobody")
    assert [code for code, _ in replies] == [250, 451, 550]
    assert "no room" in replies[1][1] and "Delivered" not in replies[1][1]
    assert unmarked(box.read_bytes()) == mail()
