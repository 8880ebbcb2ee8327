"""The end of the daemon, killed or stopped: no message is lost, and none is doubled."""

import os
import signal
import subprocess
import threading

import pytest

from conftest import listens
from daemon_site import daemon, mail, number_of, wait_for  # noqa: F401 (a fixture)
from lmtp_peer import wire
from mail_stream import Stream


def test_killed_between_data_and_reply(daemon):
    daemon.next_hop.hold = threading.Event()
    daemon.start()
    with daemon.client() as client:
        client.begin(["u"])
        client.send(wire(mail()))
        wait_for(lambda: daemon.next_hop.asked == 1)
        daemon.process.stop(signal.SIGKILL)
        assert client.reply() is None
    daemon.next_hop.stop()
    daemon.next_hop.hold.set()
    wait_for(lambda: not daemon.next_hop.connections)
    daemon.next_hop.mails.clear()
    daemon.next_hop.start()
    daemon.start()
    assert daemon.deliver(mail(), "u")[0][0] == 250
    assert len(daemon.next_hop.messages("u")) == 1
    assert daemon.learned("u") == 1


def test_stopped_while_a_message_is_being_sent(daemon):
    daemon.start()
    with daemon.client() as idle, daemon.client() as busy:
        busy.begin(["u", "v"])
        daemon.process.popen.send_signal(signal.SIGTERM)
        assert idle.reply()[0] == 421
        assert idle.reply() is None
        busy.send(wire(mail()))
        assert [busy.reply()[0] for _ in range(2)] == [250, 250]
        assert busy.reply()[0] == 421
        assert busy.reply() is None
    assert daemon.process.stop() == 0
    assert len(daemon.next_hop.messages("u")) == 1
    assert not (daemon.directory / "dspam.pid").exists()


def test_stopped_while_a_message_is_handed_on(daemon):
    daemon.next_hop.hold = threading.Event()
    daemon.start()
    with daemon.client() as client:
        client.begin(["u"])
        client.send(wire(mail()))
        wait_for(lambda: daemon.next_hop.asked == 1)
        daemon.process.popen.send_signal(signal.SIGTERM)
        wait_for(lambda: "ending; 1 connections, 1 messages" in daemon.log())
        daemon.next_hop.hold.set()
        assert [client.reply()[0] for _ in range(2)] == [250, 421]
    assert daemon.process.stop() == 0
    assert daemon.learned("u") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_restart_while_messages_flow(daemon, number):
    daemon.start()
    stream = Stream(daemon)
    for _ in range(4):
        before = len(stream.accepted)
        wait_for(lambda: len(stream.accepted) > before + 5)
        assert daemon.process.stop(number) == (0 if number == signal.SIGTERM else -number)
        daemon.start()
    stream.end()
    assert not stream.refused
    delivered = [number_of(message) for message in daemon.next_hop.messages("u")]
    # a reply that was cut off may make the client send again what it had not been told of, and nothing else
    assert stream.accepted <= set(delivered)
    if number == signal.SIGTERM:
        assert sorted(delivered) == sorted(stream.accepted)
        assert daemon.learned("u") == len(delivered)


def test_the_terminal_is_closed(daemon, terminal):
    """What was started by hand does not live on where nobody sees it."""
    master, slave = terminal
    process = subprocess.Popen(
        ["setsid", "--ctty", f"{daemon.programs}/dspam", "--daemon", "--nofork", "--config", daemon.path],
        stdin=slave, stdout=slave, stderr=slave)
    try:
        os.close(slave)
        wait_for(lambda: listens(daemon.address)())
        os.close(master)
        assert process.wait(30) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
