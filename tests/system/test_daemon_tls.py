"""The daemon and its clients over TLS: STARTTLS, the port of its own, and who is kept out."""

import os
import socket
import ssl
import subprocess
import threading

import pytest

from daemon_site import mail, number_of, unmarked, wait_for
from lmtp_peer import Client
from tls_site import TLSClient, believing, daemon  # noqa: F401 (a fixture)

FIRST = (530, "5.7.0 Must issue a STARTTLS command first")


def capabilities(client):
    client.send("LHLO client.example\r\n")
    lines = []
    while True:
        lines.append(client.file.readline().decode().strip())
        if lines[-1][3] == " ":
            return {line[4:].split(" ")[0] for line in lines}


def test_starttls(daemon, pem):
    daemon.configure("ServerTLS starttls", *daemon.tls_lines).start()
    with Client(daemon.address) as plain:
        assert "STARTTLS" in capabilities(plain)
        assert plain.deliver(mail(1), ["u"])[0][0] == 250
    with TLSClient(daemon.address, believing(pem), starttls=True) as client:
        assert client.socket.version() == "TLSv1.3"
        assert "STARTTLS" not in capabilities(client)
        assert client.say("STARTTLS")[0] == 503
        assert client.deliver(mail(2), ["u", "v"]) == [(250, "2.6.0 <u> Message accepted for delivery"),
                                                       (250, "2.6.0 <v> Message accepted for delivery")]
        assert client.say("QUIT")[0] == 221
        assert client.socket.recv(1) == b""  # a proper end: no exception for a connection that was cut
    assert [number_of(message) for message in daemon.next_hop.messages("u")] == [1, 2]
    assert daemon.process.stop() == 0, daemon.log()


def test_a_port_of_its_own(daemon, pem):
    daemon.configure(f"ServerTLSPort {daemon.tls_address[1]}", *daemon.tls_lines).start()
    with Client(daemon.address) as plain:
        assert "STARTTLS" not in capabilities(plain)
        assert plain.say("STARTTLS")[0] == 502
    with TLSClient(daemon.tls_address, believing(pem)) as client:
        assert "STARTTLS" not in capabilities(client)
        assert client.deliver(mail(1), ["u"])[0][0] == 250
    assert unmarked(daemon.next_hop.messages("u")[0]) == mail(1)
    assert f"port {daemon.tls_address[1]} with TLS" in daemon.log()


def test_required(daemon, pem, free_port):
    path = daemon.directory / "lmtp"
    daemon.configure("ServerTLS required", f"ServerDomainSocketPath {path}", *daemon.tls_lines).start()
    with Client(daemon.address) as plain:
        assert plain.say("MAIL FROM:<a@b>") == FIRST
        assert plain.say("NOOP")[0] == 250
    with TLSClient(daemon.address, believing(pem), starttls=True) as client:
        assert client.deliver(mail(1), ["u"])[0][0] == 250
    with Client(str(path)) as local:  # what does not leave the machine needs no TLS
        assert "STARTTLS" not in capabilities(local)
        assert local.deliver(mail(2), ["u"])[0][0] == 250


@pytest.mark.parametrize("injected", ["NOOP", "LHLO evil", "MAIL FROM:<evil>", "LHLO x\r\nMAIL FROM:<e>\r\nRCPT TO:<u>", "QUIT"])
def test_what_comes_with_starttls_in_clear_text_is_dropped(daemon, pem, injected):
    daemon.configure("ServerTLS starttls", *daemon.tls_lines).start()
    with Client(daemon.address) as client:
        client.send(f"STARTTLS\r\n{injected}\r\n")
        assert client.reply()[0] == 220
        client.context = believing(pem)
        TLSClient.secure(client)
        # no answer to it has come, and it has changed nothing
        assert client.say("RCPT TO:<u>") == (503, "5.5.1 Need LHLO here")
        assert client.say("LHLO client.example")[0] == 250
        assert client.deliver(mail(1), ["u"])[0][0] == 250


def test_what_was_said_in_clear_text_is_forgotten(daemon, pem):
    daemon.configure("ServerTLS starttls", *daemon.tls_lines).start()
    with Client(daemon.address) as client:
        client.say("MAIL FROM:<a@b>")
        client.say("RCPT TO:<u>")
        assert client.say("STARTTLS")[0] == 220
        client.context = believing(pem)
        TLSClient.secure(client)
        assert client.say("DATA") == (503, "5.5.1 Need LHLO here")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_versions_are_refused(daemon, pem):
    daemon.configure(f"ServerTLSPort {daemon.tls_address[1]}", *daemon.tls_lines).start()
    context = believing(pem)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(OSError):
        TLSClient(daemon.tls_address, context)
    context = believing(pem)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with TLSClient(daemon.tls_address, context) as client:
        assert client.socket.version() == "TLSv1.2"
        assert client.socket.cipher()[0].startswith("ECDHE")


def test_openssl_is_content(daemon, pem):
    """Another implementation of STARTTLS: s_client checks chain and name."""
    daemon.configure("ServerTLS required", f"ServerTLSCertificate {pem('chain.pem')}", f"ServerTLSKey {pem('chain.key')}"
                     ).start()
    run = subprocess.run(
        ["openssl", "s_client", "-starttls", "lmtp", "-connect", f"127.0.0.1:{daemon.address[1]}", "-CAfile",
         pem("ca.pem"), "-verify_return_error", "-verify_hostname", "localhost", "-crlf", "-quiet"],
        input=b"LHLO x\nMAIL FROM:<a@b>\nQUIT\n", capture_output=True, timeout=60)
    assert b"250 2.1.0 OK\r\n" in run.stdout, run
    assert b"221 2.0.0 OK\r\n" in run.stdout, run


def test_one_byte_at_a_time(daemon, pem):
    """Records in pieces of one byte, commands in records of one byte."""
    daemon.configure(f"ServerTLSPort {daemon.tls_address[1]}", *daemon.tls_lines).start()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = believing(pem).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with socket.create_connection(daemon.tls_address) as raw:
        raw.settimeout(60)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def step(call, *arguments):
            while True:
                try:
                    result = call(*arguments)
                except ssl.SSLWantReadError:
                    result = None
                for byte in outgoing.read():
                    raw.sendall(bytes([byte]))
                if result is not None or call == tls.do_handshake and tls.version() and not outgoing.pending and \
                        tls.getpeercert():
                    return result
                incoming.write(raw.recv(1))

        step(tls.do_handshake)
        text = b""
        for byte in b"LHLO x\r\nMAIL FROM:<a@b>\r\nQUIT\r\n":
            step(tls.write, bytes([byte]))
        while b"221" not in text:
            text += step(tls.read, 1000)
    assert b"250 2.1.0 OK\r\n" in text


def test_large_mail_both_ways_through_small_windows(daemon, pem):
    """8 MB in, with the socket full for most of the time, and a client that reads its replies late."""
    daemon.configure(f"ServerTLSPort {daemon.tls_address[1]}", *daemon.tls_lines).start()
    body = b"".join(b"line %d of many, not to be judged by its length\n" % number for number in range(160000))
    with TLSClient(daemon.tls_address, believing(pem)) as client:
        assert client.deliver(mail(7, body), ["u"])[0][0] == 250
        client.send("NOOP\r\n" * 5000)  # more replies than a socket holds are the client's to fetch
        assert [client.reply()[0] for _ in range(5000)] == [250] * 5000
    assert unmarked(daemon.next_hop.messages("u")[0]) == mail(7, body)


def test_a_client_that_reads_nothing_is_not_kept_in_memory(daemon, pem):
    daemon.configure(f"ServerTLSPort {daemon.tls_address[1]}", *daemon.tls_lines).start()
    with TLSClient(daemon.tls_address, believing(pem)) as client:
        before = daemon.memory("VmRSS")
        client.socket.settimeout(2)
        with pytest.raises(OSError):
            for _ in range(20000):
                client.send("NOOP\r\n" * 1000)
        assert daemon.memory("VmRSS") < before + (48 << 20)
    with TLSClient(daemon.tls_address, believing(pem)) as other:
        assert other.deliver(mail(1), ["u"])[0][0] == 250


def test_a_slow_record_ends(daemon, pem):
    """Bytes of TLS that make no word for us do not keep a session open."""
    daemon.configure(f"ServerTLSPort {daemon.tls_address[1]}", "ServerTimeout 1", *daemon.tls_lines).start()
    with TLSClient(daemon.tls_address, believing(pem)) as client:
        with socket.socket(fileno=os.dup(client.socket.fileno())) as below:
            below.sendall(b"\x17\x03\x03\x3e\x80")
            with pytest.raises(OSError):
                for _ in range(1200):
                    below.sendall(b"x")
                    threading.Event().wait(0.01)


def test_slow_handshakes_end(daemon, pem):
    daemon.configure(f"ServerTLSPort {daemon.tls_address[1]}", "ServerTLS starttls", "ServerTimeout 1",
                     *daemon.tls_lines).start()
    silent = socket.create_connection(daemon.tls_address)
    with Client(daemon.address) as after:
        assert after.say("STARTTLS")[0] == 220
        after.file.close()
        # a record that says it is 16,000 bytes long, a byte at a time
        dripping = socket.create_connection(daemon.tls_address)
        dripping.settimeout(0.1)
        dripping.sendall(b"\x16\x03\x01\x3e\x80")
        closed = False
        for _ in range(600):
            try:
                dripping.sendall(b"x")
                closed = dripping.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                closed = True
            if closed:
                break
        assert closed
        for one in (silent, after.socket):
            one.settimeout(30)
            try:
                assert one.recv(100) == b""
            except ConnectionResetError:
                pass
    silent.close()
    dripping.close()
    assert "no TLS handshake in time" in daemon.log()
    with TLSClient(daemon.tls_address, believing(pem)) as client:
        assert client.deliver(mail(1), ["u"])[0][0] == 250


@pytest.mark.seconds(300)
def test_two_hundred_connections(daemon, pem):
    daemon.configure(f"ServerTLSPort {daemon.tls_address[1]}", "ServerTLS required", *daemon.tls_lines).start()
    context = believing(pem)
    clients = []
    for number in range(200):
        starttls = number % 2 == 0
        clients.append(TLSClient(daemon.address if starttls else daemon.tls_address, context, starttls))
    failures = []

    def work(first):
        for number in range(first, 200, 8):
            if clients[number].deliver(mail(number), [f"u{number % 5}"])[0][0] != 250:
                failures.append(number)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    assert failures == []
    assert sorted(number_of(one.message) for one in daemon.next_hop.mails) == list(range(200))
    assert daemon.process.stop() == 0, daemon.log()


def test_an_end_while_hands_are_shaken(daemon, pem):
    daemon.configure(f"ServerTLSPort {daemon.tls_address[1]}", *daemon.tls_lines).start()
    with socket.create_connection(daemon.tls_address) as half, TLSClient(daemon.tls_address, believing(pem)) as client:
        half.sendall(b"\x16\x03\x01")
        client.begin(["u"])
        daemon.process.popen.terminate()
        client.send(b"Subject: x\r\n\r\nlast\r\n.\r\n")
        assert client.reply()[0] == 250
        assert client.reply()[0] == 421
        assert daemon.process.popen.wait(30) == 0


def test_clear_text_on_the_port_for_tls(daemon, pem):
    daemon.configure(f"ServerTLSPort {daemon.tls_address[1]}", *daemon.tls_lines).start()
    with Client(daemon.tls_address, greet=False) as lost:
        lost.send("LHLO x\r\n")
        while lost.socket.recv(100):
            pass
    wait_for(lambda: "the other side speaks no TLS here" in daemon.log(), what="a line in the log")


def test_too_many_connections_are_told_so(daemon, pem):
    daemon.configure(f"ServerTLSPort {daemon.tls_address[1]}", "ServerMaxConnections 1", *daemon.tls_lines).start()
    first = []

    def is_let_in():  # as soon as the connection that looked whether the daemon listens is gone
        try:
            first.append(TLSClient(daemon.tls_address, believing(pem)))
        except (OSError, TypeError):
            pass
        return first

    wait_for(is_let_in, what="a connection")
    with first[0]:
        with socket.create_connection(daemon.tls_address) as raw:
            with believing(pem).wrap_socket(raw, server_hostname="localhost") as second:
                assert second.recv(100).startswith(b"421 4.3.2 Too many")
