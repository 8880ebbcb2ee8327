"""What a client may do, at its limits, and what it hears beyond them; how the daemon is reached; clients of ours when it ends."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading

import pytest

from daemon_site import Daemon, mail, program_is_missing, unmarked, wait_for
from lmtp_peer import Client, wire


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port)
    site.next_hop.start()
    yield site
    site.next_hop.stop()
    if site.process is not None:
        assert site.process.stop() == 0, site.log()


def test_what_is_offered(daemon):
    daemon.start()
    with Client(daemon.address, greet=False) as client:
        client.reply()
        client.send("LHLO x\r\n")
        offered = []
        while (line := client.file.readline())[3:4] == b"-":
            offered.append(line[4:].strip())
        assert offered[1:] == [b"PIPELINING", b"ENHANCEDSTATUSCODES", b"8BITMIME", b"SMTPUTF8"]
        size = int(re.fullmatch(rb"250 SIZE (\d+)\r\n", line).group(1))
        assert client.say(f"MAIL FROM:<> SIZE={size + 1}")[0] == 552
        assert client.say(f"MAIL FROM:<> SIZE={size} BODY=8BITMIME SMTPUTF8")[0] == 250
        assert client.say("RSET")[0] == 250
        assert [client.say(command)[0] for command in ("NOOP", "HELP", "VRFY u", "VRFY")] == [250, 214, 252, 501]


def test_addresses_beyond_ascii(daemon):
    daemon.next_hop.answers = {}
    daemon.start()
    with daemon.client() as client:
        assert client.say("MAIL FROM:<>")[0] == 250
        client.send("RCPT TO:<jürgen@example.org>\r\n")
        assert client.reply()[0] == 553
        client.say("RSET")
        client.send("MAIL FROM:<ä@example.org> SMTPUTF8\r\nRCPT TO:<jürgen@example.org>\r\nDATA\r\n")
        assert [client.reply()[0] for _ in range(3)] == [250, 250, 354]
        client.send(wire(mail()))
        code, text = client.reply()  # the next hop does not offer it, and it must not get such addresses unasked
        assert code == 550 and text.startswith("5.6.7 ")


def test_two_hundred_connections(daemon):
    daemon.start()
    clients = [daemon.client() for _ in range(200)]
    for number, client in enumerate(clients):
        client.begin([f"u{number % 5}"])
    for number, client in enumerate(clients):
        client.send(wire(mail(number)))
    assert [client.reply()[0] for client in clients] == 200 * [250]
    for client in clients:
        client.close()
    assert daemon.next_hop.count() == 200


def test_a_line_of_a_megabyte(daemon):
    daemon.start()
    message = mail(1, b"x" * (1 << 20) + b"\nnext\n")
    assert daemon.deliver(message, "u")[0][0] == 250
    (delivered,) = daemon.next_hop.messages("u")
    assert unmarked(delivered) == message


def test_recipients_beyond_the_limit(daemon):
    daemon.start()
    with daemon.client() as client:
        client.send("MAIL FROM:<>\r\n" + "".join(f"RCPT TO:<u{number}>\r\n" for number in range(1001)))
        assert [client.reply()[0] for _ in range(1002)] == [250] + 1000 * [250] + [452]
        assert client.say("NOOP")[0] == 250


def test_command_lines_beyond_the_limit(daemon):
    daemon.start()
    with daemon.client() as client:
        assert client.say("NOOP " + 4000 * "x")[0] == 250
        assert client.say("NOOP " + 40000 * "x") == (500, "5.5.2 Command line too long")
        assert client.say("NOOP")[0] == 250


def test_421_closes(daemon):
    daemon.start()
    with daemon.client() as client:
        for _ in range(20):
            assert client.say("NONSENSE")[0] == 500
        assert client.say("NONSENSE")[0] == 421
        assert client.reply() is None


@pytest.mark.parametrize("host", ["::1", "localhost"])
def test_addresses_of_the_daemon(daemon, host):
    daemon.path.write_text(re.sub(r"ServerHost .*", f"ServerHost {host}", daemon.path.read_text()))
    try:
        socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError:
        pytest.skip(f"this machine has no {host}")
    command = [f"{daemon.programs}/dspam", "--daemon", "--nofork", "--config", daemon.path]
    daemon.process = daemon._start(command)
    wait_for(lambda: "listens on" in daemon.log())
    with socket.create_connection((host, daemon.address[1]), timeout=30) as client:
        assert client.recv(4) == b"220 "


def test_a_client_that_reads_a_byte_now_and_then(daemon):
    """Some progress is not enough: whoever takes 64 KiB not once in the time of ServerTimeout is sent away."""
    daemon.configure("ServerTimeout 1").start()
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.settimeout(0.2)
    slow.connect(daemon.address)
    slow.sendall(b"LHLO x\r\n")
    with pytest.raises(OSError):
        for _ in range(100000):
            slow.sendall(b"HELP\r\n" * 1000)
    ended = threading.Event()

    def read():
        try:
            while slow.recv(1):
                ended.wait(0.05)
        except TimeoutError:
            pass
        except OSError:
            ended.set()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        wait_for(lambda: connections(daemon) == 0, what="sending it away")
    finally:
        ended.set()
        reader.join()
        slow.close()


def test_a_client_that_talks_on_after_the_end(daemon):
    daemon.start()
    with Client(daemon.address) as client:
        assert client.say("QUIT")[0] == 221
        with pytest.raises(OSError):
            for _ in range(600):
                client.socket.sendall(b"x")
                threading.Event().wait(0.02)


def connections(daemon):
    """Descriptors of the daemon that are sockets with a peer; the listening one is not."""
    text = open(f"/proc/{daemon.process.pid}/net/tcp", encoding="ascii").read()
    port = f":{daemon.address[1]:04X} "
    return sum(1 for line in text.splitlines()[1:] if line.split()[1].endswith(port.strip()) and line.split()[3] == "01")


# ---- clients of ours, when the daemon reads its configuration again, or ends -----------------------------------------------


def order(client, password, users=("u",), arguments="--deliver=innocent,spam"):
    answers = [client.say(f'MAIL FROM: <{password}@Relay1> DSPAMPROCESSMODE="{arguments}"')]
    return answers + [client.say(f"RCPT TO: <{user}>") for user in users] + [client.say("DATA")]


def test_reload_with_dlmtp(daemon):
    daemon.configure("ServerMode dspam", "ServerPass.Relay1 old").start()
    with daemon.client() as client:
        assert order(client, "old")[-1][0] == 354
        daemon.configure("ServerMode dspam", "ServerPass.Relay1 new")
        daemon.reload()
        client.send(wire(mail(1)))  # what was begun is finished
        assert client.reply() == (250, "2.6.0 <u> Message accepted for delivery: INNOCENT")
        assert order(client, "old")[0][0] == 503  # a password that is taken away is so at once
        assert order(client, "new")[-1][0] == 354
        client.send(wire(mail(2)))
        assert client.reply()[0] == 250
    assert daemon.next_hop.count() == 2


@pytest.mark.parametrize("arguments", ["--deliver=innocent,spam", "--deliver=innocent,spam,summary"])
def test_stopped_with_dlmtp(daemon, arguments):
    daemon.next_hop.hold = threading.Event()
    daemon.configure("ServerMode dspam", "ServerPass.Relay1 secret").start()
    with daemon.client() as busy, daemon.client() as late:
        assert order(late, "secret")[-1][0] == 354
        assert order(busy, "secret", arguments=arguments)[-1][0] == 354
        busy.send(wire(mail(1)))
        wait_for(lambda: daemon.next_hop.asked == 1)
        daemon.process.popen.send_signal(signal.SIGTERM)
        wait_for(lambda: "ending; 2 connections, 1 messages" in daemon.log())
        daemon.next_hop.hold.set()
        if "summary" in arguments:
            assert busy.file.readline().startswith(b"X-DSPAM-Result: u; ")
            assert busy.file.readline() == b".\r\n"
        else:
            assert busy.reply()[0] == 250
        assert busy.reply()[0] == 421 and busy.reply() is None
        late.send(wire(mail(2)))  # its message may be completed
        assert late.reply()[0] == 250
        assert late.reply()[0] == 421 and late.reply() is None
    assert daemon.process.stop() == 0
    assert daemon.next_hop.count() == 2 and daemon.learned("u") == 2


@pytest.mark.parametrize("lines, mode", [([], 0o660), (["ServerSocketMode 0666"], 0o666), (["ServerSocketMode 0600"], 0o600)])
def test_who_may_use_the_socket(daemon, lines, mode):
    """Whatever the umask is; and the queue is as long as it was said."""
    path = str(daemon.directory / "s")
    daemon.configure(f"ServerDomainSocketPath {path}", "ServerQueueSize 77", *lines)
    before = os.umask(0o077)
    try:
        daemon.start(listens_on=path)
    finally:
        os.umask(before)
    found = os.stat(path)
    assert stat.S_ISSOCK(found.st_mode) and stat.S_IMODE(found.st_mode) == mode
    if shutil.which("ss"):
        listening = subprocess.run(["ss", "-Hltnx"], capture_output=True, check=True, text=True).stdout.splitlines()
        queues = [line.split()[3] for line in listening if path in line or f":{daemon.address[1]} " in line]
        assert queues == ["77", "77"]
