"""The daemon under a supervisor such as systemd: it tells how it is, and takes over sockets that were opened for it."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from daemon_site import Daemon, mail, program_is_missing, wait_for
from lmtp_peer import Client
from tls_site import TLSClient, believing

# Becomes the daemon, with the sockets of its arguments from descriptor 3 on; LISTEN_PID must be its own number.
LAUNCHER = """
import os, sys
count, names, *command = sys.argv[1:]
for number in range(int(count)):
    os.set_inheritable(3 + number, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=count, LISTEN_FDNAMES=names)
os.execv(command[0], command)
"""


class Supervisor:
    """The socket of NOTIFY_SOCKET."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.settimeout(30)

    def hear(self):
        """The next datagram as a dictionary."""
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())

    def until(self, name):
        while name not in (heard := self.hear()):
            assert set(heard) == {"WATCHDOG"}, heard
        return heard


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("dspam is not built")
    return Daemon(tmp_path, programs, start, free_port)


def launch(daemon, *words, environment=None, pass_fds=(), before=()):
    command = [*before, f"{daemon.programs}/dspam", "--daemon", "--nofork", "--config", daemon.path, *words]
    daemon.process = daemon._start(command, env={**os.environ, **(environment or {})}, pass_fds=pass_fds)


@pytest.mark.parametrize("abstract", [False, True])
def test_it_tells_how_it_is(daemon, tmp_path, abstract):
    name = f"@dspam-test-{os.getpid()}" if abstract else f"{tmp_path}/notify"
    supervisor = Supervisor(name.replace("@", "\0"))
    launch(daemon, environment={"NOTIFY_SOCKET": name})
    ready = supervisor.hear()
    assert ready["READY"] == "1" and ready["MAINPID"] == str(daemon.process.pid) and ready["STATUS"] == "serving"
    with daemon.client() as client:  # whoever is told READY finds it listening
        assert client.greeting[0] == 220
    daemon.process.popen.send_signal(signal.SIGHUP)
    reloading = supervisor.hear()
    assert reloading["RELOADING"] == "1" and int(reloading["MONOTONIC_USEC"]) > 0
    assert supervisor.hear()["READY"] == "1"
    daemon.path.write_text(daemon.path.read_text() + "Tokenizer nonsense\n")
    daemon.process.popen.send_signal(signal.SIGHUP)
    assert "RELOADING" in supervisor.hear()
    assert "errors" in supervisor.hear()["STATUS"]
    daemon.process.popen.send_signal(signal.SIGTERM)
    assert supervisor.hear()["STOPPING"] == "1"
    assert daemon.process.popen.wait(30) == 0


def test_signs_of_life(daemon, tmp_path):
    supervisor = Supervisor(f"{tmp_path}/notify")
    launch(daemon, environment={"NOTIFY_SOCKET": f"{tmp_path}/notify", "WATCHDOG_USEC": "100000"})
    assert "READY" in supervisor.hear()
    for _ in range(3):
        assert supervisor.hear() == {"WATCHDOG": "1"}
    daemon.process.popen.send_signal(signal.SIGSTOP)  # whoever hangs gives none
    supervisor.socket.settimeout(0.01)
    with pytest.raises(TimeoutError):
        while True:
            supervisor.hear()
    supervisor.socket.settimeout(30)
    daemon.process.popen.send_signal(signal.SIGCONT)
    assert supervisor.hear() == {"WATCHDOG": "1"}
    daemon.process.popen.send_signal(signal.SIGTERM)
    supervisor.until("STOPPING")
    assert daemon.process.popen.wait(30) == 0


def test_the_watchdog_of_somebody_else(daemon, tmp_path):
    supervisor = Supervisor(f"{tmp_path}/notify")
    launch(daemon, environment={"NOTIFY_SOCKET": f"{tmp_path}/notify", "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"})
    assert "READY" in supervisor.hear()
    daemon.process.popen.send_signal(signal.SIGTERM)
    assert "STOPPING" in supervisor.hear()


def launch_with(daemon, sockets, names):
    """With descriptors from 3 on, however many this process has itself."""
    script = "; ".join(f"os.dup2({each.fileno()}, {100 + i})" for i, each in enumerate(sockets))
    script = f"import os; {script}; " + "; ".join(f"os.dup2({100 + i}, {3 + i})" for i in range(len(sockets)))
    launch(daemon, before=[sys.executable, "-c", script + "\n" + LAUNCHER, str(len(sockets)), names],
           pass_fds=[each.fileno() for each in sockets])


def test_sockets_that_it_is_given(daemon, tmp_path):
    tcp = socket.create_server(("127.0.0.1", 0))
    path = f"{tmp_path}/given"
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(path)
    unix.listen()
    clients = [Client(tcp.getsockname(), greet=False), Client(path, greet=False)]  # they wait until it is there
    daemon.next_hop.start()
    launch_with(daemon, [tcp, unix], "lmtp:local")
    for client in clients:
        with client:
            assert client.reply()[0] == 220
            client.say("LHLO x")
            assert client.deliver(mail(), ["u"]) == [(250, "2.6.0 <u> Message accepted for delivery")]
    assert "listens on sockets that it was given: lmtp local" in daemon.log()
    with pytest.raises(OSError):
        socket.create_connection(daemon.address)  # ServerPort is not listened on
    assert daemon.process.stop() == 0
    assert os.path.exists(path)  # it is not ours to remove
    client = Client(tcp.getsockname(), greet=False)  # who comes now waits for the next one
    launch_with(daemon, [tcp], "")
    assert client.reply()[0] == 220
    client.close()
    daemon.next_hop.stop()
    assert daemon.process.stop() == 0


def test_a_socket_for_tls_that_it_is_given(daemon, pem):  # noqa: F811
    """By its name, FileDescriptorName=tls; the one beside it is for clear text, and STARTTLS."""
    secure, plain = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    daemon.configure("ServerTLS starttls", f"ServerTLSCertificate {pem('server.pem')}", f"ServerTLSKey {pem('server.key')}")
    daemon.next_hop.start()
    launch_with(daemon, [secure, plain], "tls-lmtp:lmtp")
    with TLSClient(secure.getsockname(), believing(pem)) as client:
        assert client.deliver(mail(1), ["u"]) == [(250, "2.6.0 <u> Message accepted for delivery")]
    with TLSClient(plain.getsockname(), believing(pem), starttls=True) as client:
        assert client.deliver(mail(2), ["u"])[0][0] == 250
    assert daemon.next_hop.count() == 2
    daemon.next_hop.stop()
    assert daemon.process.stop() == 0


def test_descriptors_that_are_no_such_sockets(daemon):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wrong:
        launch_with(daemon, [wrong], "odd")
        assert daemon.process.popen.wait(30) == 78
    assert "descriptor 3 (odd)" in daemon.log()


def test_variables_of_somebody_else(daemon):
    """They came down from a process above, and do not mean us."""
    launch(daemon, environment={"LISTEN_PID": "1", "LISTEN_FDS": "1"})
    wait_for(lambda: "listens on 127.0.0.1" in daemon.log())
    assert daemon.process.stop() == 0


def test_agents_know_nothing_of_it(daemon, tmp_path):
    supervisor = Supervisor(f"{tmp_path}/notify")
    script = tmp_path / "agent"
    script.write_text(f"#!/bin/sh\nenv >{tmp_path}/env\ncat >/dev/null\n")
    script.chmod(0o755)
    daemon.path.write_text("\n".join(line for line in daemon.path.read_text().splitlines()
                                     if not line.startswith("Delivery")) + f"\nTrustedDeliveryAgent {script}\n")
    launch(daemon, environment={"NOTIFY_SOCKET": f"{tmp_path}/notify", "WATCHDOG_USEC": "60000000", "LISTEN_PID": "1"})
    assert "READY" in supervisor.hear()
    assert daemon.deliver(mail(), "u")[0][0] == 250
    environment = (tmp_path / "env").read_text()
    assert "NOTIFY_SOCKET" not in environment and "WATCHDOG" not in environment and "LISTEN_" not in environment
    assert daemon.process.stop() == 0


def test_in_the_background_it_says_who_it_is(daemon, tmp_path):
    supervisor = Supervisor(f"{tmp_path}/notify")
    subprocess.run([f"{daemon.programs}/dspam", "--daemon", "--config", daemon.path], check=True,
                   env={**os.environ, "NOTIFY_SOCKET": f"{tmp_path}/notify"}, stderr=subprocess.DEVNULL)
    pid = int(supervisor.hear()["MAINPID"])
    assert pid == int((daemon.directory / "dspam.pid").read_text())
    os.kill(pid, signal.SIGTERM)
    assert "STOPPING" in supervisor.hear()
    wait_for(lambda: not os.path.exists(daemon.directory / "dspam.pid"))
