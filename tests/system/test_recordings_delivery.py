"""The recordings of DSPAM 3.10 about delivery, by agents and to hosts, replayed."""

import os
import re

import pytest

from lmtp_peer import NextHop
from original_site import original  # noqa: F401 (a fixture)
from recording import FIRST, SECOND, THIRD, expected, steady


# ---- agents


def test_the_delivery_agent(original):
    agent = original.arguments()
    original.configure(f'TrustedDeliveryAgent "{agent} $u %r %s"', "SystemLog on")
    words = ("--user", "a9", 'we"ird$u', "--mail-from=snd@example.org", "--deliver=innocent", "--", "-f", "x y", "", "--foo", "$(id)")
    ours = original.say(*words, name="ham1") + (original.directory / "arguments").read_text()
    fails = original.script("fails", "cat >/dev/null; exit 75")
    original.configure(f'TrustedDeliveryAgent "{fails}"', "SystemLog on")
    for users, what in ((["a9"], "lda75"), (["a9", "b9"], "lda75 two users")):
        status = original.run("--user", *users, "--deliver=innocent", mail=original.message("ham1")).returncode
        ours += f"rc {what}={status}\n"
    recorded = FIRST["9 deliver via agent args"]
    head, log = recorded[:recorded.index("17953")], recorded[recorded.index("17953"):]
    assert steady(ours) == expected(head, "quoting of arguments", "ten arguments", "temporary")
    logged = (original.home / "system.log").read_text().splitlines()
    fields = [line.split("\t") for line in logged if "\ta9\t" in line]
    assert steady(logged[0] + "\n") == steady(log.splitlines(True)[0])
    assert [line[1] for line in fields] == ["I", "E", "E"]


def test_plused_detail(original):
    agent = original.arguments()
    original.configure(f'TrustedDeliveryAgent "{agent} %u %r"', "EnablePlusedDetail on", "PlusedUserLowercase on")
    original.say("--user", "Joe+Lists@Example.org", "--deliver=innocent", name="ham1")
    assert (original.directory / "arguments").read_text() == "".join(SECOND["plused"].splitlines(True)[:3])
    assert os.listdir(original.home / "data") == ["joe@example.org"]


def test_the_quarantine_agent(original):
    original.teach("q6")
    agent = original.arguments()
    original.configure(f'QuarantineAgent "{agent} -Q %u %s %r"')
    original.configure(f'QuarantineAgent "{agent} -Q %u %s %r"', f"TrustedDeliveryAgent {agent}")
    ours = original.say("--user", "q6", "--mail-from=me@x.org", "--deliver=innocent", "--", "-x", name="test-spam")
    assert ours + (original.directory / "arguments").read_text() == SECOND["QuarantineAgent"]

# ---- hosts


@pytest.fixture
def hop(free_port):
    peer = NextHop(free_port()).start()
    yield peer
    peer.stop()


def host(hop, *lines):
    return (f"DeliveryHost {hop.address[0]}", f"DeliveryPort {hop.address[1]}", "DeliveryProto LMTP", *lines)


def test_the_quarantine_mailbox(original, hop):
    recorded = THIRD["LMTP, no rcpt-to, spam, QuarantineMailbox"]
    recipients = re.findall(r"RCPT TO:<(.*)>", recorded)
    original.teach("joe@example.org")
    original.teach("a")
    original.configure(*host(hop, "QuarantineMailbox +Junk", "EnablePlusedDetail on", "PlusedUserLowercase on"), action="tag")
    for user in ("Joe+Lists@example.org", "a"):
        assert original.run("--user", user, "--deliver=innocent", mail=original.message("test-spam")).returncode == 0
    assert [mail.recipient for mail in hop.mails] == recipients
    assert all(b"\nSubject: [SPAM] Claim your FREE pills prize now\n" in mail.message.replace(b"\r\n", b"\n") for mail in hop.mails)
    assert steady(original.last_entry("a")).rstrip("\n") == steady(recorded.splitlines()[-1])


@pytest.mark.parametrize("title, step, reply, status", [
    ("RCPT 550", "rcpt", "550 5.1.1 no such user", "refused"),
    ("RCPT 451", "rcpt", "451 4.2.0 later", "temporary"),
    ("after-DATA 552", "data", "552 5.2.2 full", "refused"),
])
def test_a_host_that_refuses(original, hop, title, step, reply, status):
    original.configure(*host(hop))
    hop.answers["b"] = {step: reply}
    before = original.totals("b")
    ours = original.say("--user", "b", "--deliver=innocent", name="test-ham") + original.last_entry("b")
    recorded = THIRD[title]
    wanted = expected(recorded, status, "failed delivery", *(["not learned"] if "totals" in recorded else []))
    wanted = re.sub(r"totals .*\n", "", wanted)
    assert re.sub(r"Delivery Failed \(.*?\)(?=\t)", "FAILED", steady(ours)) == wanted
    assert original.totals("b") == before


def test_smtp(original, free_port):
    """The same conversation, with a server that knows no EHLO."""
    import socket
    import threading

    said = []
    listening = socket.create_server(("127.0.0.1", free_port()))

    def serve():
        connection, _ = listening.accept()
        with connection, connection.makefile("rwb") as lines:
            def say(text):
                said.append(f"S: {text}")
                lines.write(text.encode() + b"\r\n")
                lines.flush()

            say("220 sink ready")
            for line in lines:
                words = line.decode().strip()
                said.append(f"C: {words}")
                if words == "DATA":
                    say("354 go")
                    while lines.readline() not in (b".\r\n", b""):
                        pass
                    say("250 ok")
                elif words == "QUIT":
                    say("221 bye")
                    return
                else:
                    say("500 what" if words.startswith("EHLO") else "250 ok")

    thread = threading.Thread(target=serve)
    thread.start()
    address = listening.getsockname()
    original.configure(f"DeliveryHost {address[0]}", f"DeliveryPort {address[1]}", "DeliveryProto SMTP")
    assert original.say("--user", "b", "--deliver=innocent", name="test-ham") == "rc=0\n"
    thread.join()
    listening.close()
    recorded = [line for line in THIRD["SMTP"].splitlines()[2:]]
    ours = [line for line in said if line not in ("C: EHLO localhost", "S: 500 what")]
    assert ours == recorded
