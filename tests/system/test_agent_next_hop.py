"""The next hop of dspam, working alone: it gets every byte, and what it refuses is not learned."""

import socket
import threading

import pytest

from agent_site import site, without_marks  # noqa: F401 (a fixture)


class LmtpServer(threading.Thread):
    """A next hop on the loopback: answers by script, and keeps commands and messages."""

    def __init__(self, **replies):
        super().__init__(daemon=True)
        self.replies = {"greet": "220 hop", "LHLO": "250 hop", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go",
                        "end": "250 2.0.0 taken", "QUIT": "221 bye", "RSET": "250 ok", **replies}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(60)
        self.port = self.listener.getsockname()[1]
        self.commands, self.messages = [], []
        self.start()

    def run(self):
        try:
            while True:
                connection, _ = self.listener.accept()
                connection.settimeout(60)
                with connection, connection.makefile("rwb") as stream:
                    self.talk(stream)
        except OSError:
            pass

    def say(self, stream, step):
        stream.write(self.replies[step].encode() + b"\r\n")
        stream.flush()
        return self.replies[step]

    def talk(self, stream):
        self.say(stream, "greet")
        for line in stream:
            self.commands.append(line.decode().rstrip("\r\n"))
            verb = line[:4].decode().upper()
            if self.say(stream, verb).startswith("354"):
                self.messages.append(self.read(stream))
                self.say(stream, "end")
            if verb == "QUIT":
                return

    def read(self, stream):
        message = b""
        for line in stream:
            if line == b".\r\n":
                break
            message += line[1:] if line.startswith(b".") else line
        return message

    def close(self):
        if self.listener.fileno() < 0:
            return
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.join(60)


@pytest.fixture
def hop():
    started = []

    def start(**replies):
        started.append(LmtpServer(**replies))
        return started[-1]

    yield start
    for server in started:
        server.close()


def by_host(site, port, *lines, **options):
    site.configure("DeliveryProto LMTP", "DeliveryHost 127.0.0.1", f"DeliveryPort {port}", "DeliveryIdent here",
                   "DeliveryTimeout 30", *lines, **options)


def test_the_next_hop_gets_every_byte(site, hop):
    server = hop()
    by_host(site, server.port)
    mail = site.mail("ham1") + b".\n..\nFrom x\n.dot\n\xff\xe9 8bit\n"
    site.out("--user", "u", "--rcpt-to", "u@x.org", "--mail-from=s@x.org", "--deliver=innocent", mail=mail)
    server.close()
    assert server.commands[:3] == ["LHLO here", "MAIL FROM:<s@x.org>", "RCPT TO:<u@x.org>"]
    assert [without_marks(message.replace(b"\r\n", b"\n")) for message in server.messages] == [mail]
    assert server.messages[0].count(b"\r\n") == server.messages[0].count(b"\n")
    assert site.totals()["TN"] == 1


def test_spam_goes_to_the_quarantine_mailbox(site, hop):
    server = hop()
    by_host(site, server.port, "QuarantineMailbox +Junk", action="tag")
    site.teach()
    site.out("--user", "u", "--rcpt-to", "u+a@x.org", "--deliver=innocent", mail=site.mail("test-spam"))
    site.out("--user", "u", "--rcpt-to", "u+a@x.org", "--deliver=innocent", mail=site.mail("test-ham"))
    server.close()
    assert [line for line in server.commands if line.startswith("RCPT")] == ["RCPT TO:<u+Junk@x.org>", "RCPT TO:<u+a@x.org>"]


def test_each_recipient_is_a_delivery_of_its_own(site, hop):
    server = hop()
    by_host(site, server.port)
    site.out("--user", "a", "b", "--rcpt-to", "a@x.org", "b@x.org", "--deliver=innocent", mail=site.mail("ham1"))
    server.close()
    assert [line for line in server.commands if line.startswith("RCPT")] == ["RCPT TO:<a@x.org>", "RCPT TO:<b@x.org>"]
    assert len(server.messages) == 2 and server.messages[0] != server.messages[1]  # two signatures
    assert (site.totals("a")["TN"], site.totals("b")["TN"]) == (1, 1)


@pytest.mark.parametrize("step, reply, status", [
    ("greet", "421 busy", 75), ("greet", "554 never", 75), ("LHLO", "500 what", 75), ("MAIL", "451 later", 75),
    ("MAIL", "550 no", 69), ("RCPT", "450 full", 75), ("RCPT", "550 5.1.1 nobody", 69), ("DATA", "451 later", 75),
    ("end", "452 4.2.2 full", 75), ("end", "554 5.6.0 bad", 69), ("end", "hello", 75),
])
def test_what_the_next_hop_refuses_is_not_learned(site, hop, step, reply, status):
    server = hop(**{step: reply})
    by_host(site, server.port)
    answer = site.run("--user", "u", "--rcpt-to", "u@x.org", "--deliver=innocent", mail=site.mail("ham1"))
    assert answer.returncode == status, answer.stderr
    assert b"could not be delivered" in answer.stderr
    assert site.totals()["TN"] == 0


def test_a_next_hop_that_is_down_defers(site, free_port):
    port = free_port()
    by_host(site, port)
    answer = site.run("--user", "u", "--rcpt-to", "u@x.org", "--deliver=innocent", mail=site.mail("ham1"))
    assert answer.returncode == 75
    assert str(port).encode() in answer.stderr
    assert site.totals()["TN"] == 0


def test_the_domain_chooses_the_host(site, hop, free_port):
    server = hop()
    by_host(site, free_port(), "DeliveryHost.x.org 127.0.0.1", f"DeliveryPort.x.org {server.port}")
    site.out("--user", "u", "--rcpt-to", "u@X.org", "--deliver=innocent", mail=site.mail("ham1"))
    assert site.run("--user", "u", "--rcpt-to", "u@y.org", "--deliver=innocent", mail=site.mail("ham1")).returncode == 75
    assert len(server.messages) == 1
