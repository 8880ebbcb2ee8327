"""The daemon reads its configuration again, while messages flow."""

import signal

import pytest

from daemon_site import daemon, mail, number_of, wait_for  # noqa: F401 (a fixture)
from lmtp_peer import wire
from mail_stream import Stream


def test_reload_while_messages_flow(daemon):
    daemon.start()
    stream = Stream(daemon)
    for _ in range(10):
        before = len(stream.accepted)
        daemon.reload()
        wait_for(lambda: len(stream.accepted) > before + 5)
    stream.end()
    assert not stream.refused and stream.deferred == 0
    delivered = [number_of(message) for message in daemon.next_hop.messages("u")]
    assert sorted(delivered) == sorted(stream.accepted)
    assert daemon.learned("u") == len(delivered)


def test_a_new_configuration_is_for_the_next_message(daemon):
    daemon.start()
    with daemon.client() as client:
        client.begin(["u@example.org"])
        daemon.configure("StripRcptDomain on")
        daemon.reload()
        client.send(wire(mail()))
        assert client.reply()[0] == 250
        assert client.deliver(mail(), ["u@example.org"])[0][0] == 250
    assert daemon.learned("u@example.org") + daemon.learned("u") == 2
    assert daemon.learned("u") >= 1


@pytest.mark.parametrize("line", ["Tokenizer chian", 'ServerParameters "--deliver=everything"', "Include /nonexistent/x"])
def test_a_wrong_configuration_is_not_taken_over(daemon, line):
    daemon.start()
    daemon.configure(line)
    daemon.process.popen.send_signal(signal.SIGHUP)
    wait_for(lambda: "the configuration stays as it was" in daemon.log(), what="the complaint about the configuration")
    assert str(daemon.path) in daemon.log()
    assert daemon.deliver(mail(), "u")[0][0] == 250
    assert daemon.learned("u") == 1
