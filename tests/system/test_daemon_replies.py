"""Replies of the daemon for each recipient: in order, and saying what happened to the message."""

import pytest

from daemon_site import daemon, mail, unmarked  # noqa: F401 (a fixture)
from lmtp_peer import PERMANENT, TEMPORARY, wire


def test_a_message_passes_marked_and_is_learned(daemon):
    daemon.start()
    assert daemon.deliver(mail(), "u") == [(250, "2.6.0 <u> Message accepted for delivery")]
    (delivered,) = daemon.next_hop.messages("u")
    assert b"\nX-DSPAM-Result: Innocent\n" in delivered
    assert unmarked(delivered) == mail()
    assert daemon.next_hop.mails[0].sender == "sender@example.org"
    assert daemon.learned("u") == 1
    assert "river" not in daemon.log()
    assert "user=u recipient=<u> result=Innocent status=delivered signature=" in daemon.log()


@pytest.mark.parametrize("count", [1, 2, 17, 100])
def test_replies_come_in_order_and_say_what_happened(daemon, count):
    daemon.start()
    kinds = [("good", 250), ("busy", 451), ("gone", 550), ("late", 451), ("unknown", 550)]
    daemon.next_hop.answers = {
        f"{kind}{i}": answer
        for i in range(count)
        for kind, answer in [("busy", TEMPORARY), ("gone", PERMANENT), ("late", {"rcpt": "450 4.2.2 full"}),
                             ("unknown", {"rcpt": "550 5.1.1 nobody"})]
    }
    recipients = [f"{kinds[i % len(kinds)][0]}{i}@example.org" for i in range(count)]
    replies = daemon.deliver(mail(), *recipients)
    assert [code for code, _ in replies] == [kinds[i % len(kinds)][1] for i in range(count)]
    for (code, text), recipient in zip(replies, recipients):
        assert f"<{recipient}>" in text
        assert text.startswith({250: "2.", 451: "4.", 550: "5."}[code])
        if recipient.startswith("busy"):
            assert "4.2.0" in text and "try later, please" in text
        if recipient.startswith("gone"):
            assert "5.7.1" in text and "go away" in text
        assert (code == 250) == (len(daemon.next_hop.messages(recipient)) == 1)
        assert daemon.learned(recipient) == (code == 250)


def test_one_recipient_twice_gets_it_twice(daemon):
    daemon.start()
    assert [code for code, _ in daemon.deliver(mail(), "u", "v", "u")] == [250, 250, 250]
    assert len(daemon.next_hop.messages("u")) == 2


@pytest.mark.parametrize("recipient", ["a/b", "..", "x" * 129, "/etc/passwd"])
def test_who_cannot_be_a_user_is_refused_at_once(daemon, recipient):
    daemon.start()
    with daemon.client() as client:
        refused, taken = client.begin([recipient, "u"])
        assert refused[0] == 553 and refused[1].startswith("5.1.3")
        assert taken[0] == 250
        client.send(wire(mail()))
        assert client.reply()[0] == 250
        assert client.say("QUIT")[0] == 221
        assert client.reply() is None
    assert not (daemon.home / ".." / "etc").exists()


def test_detail_and_domain(daemon):
    daemon.configure("EnablePlusedDetail on", "PlusedUserLowercase on", "StripRcptDomain on").start()
    assert daemon.deliver(mail(), "Anna+Junk@Example.org")[0][0] == 250
    assert daemon.learned("anna") == 1
    assert daemon.next_hop.mails[0].recipient == "Anna+Junk@Example.org"


def test_users_of_the_parameters_take_turns(daemon):
    daemon.configure('ServerParameters "--deliver=innocent,spam --user one two"').start()
    assert [code for code, _ in daemon.deliver(mail(), "a@x", "b@x", "c@x")] == [250, 250, 250]
    assert (daemon.learned("one"), daemon.learned("two"), daemon.learned("a@x")) == (2, 1, 0)
