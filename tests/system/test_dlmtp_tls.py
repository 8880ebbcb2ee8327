"""dspamc over TLS: the daemon is who it should be, or hears neither password nor message."""

import getpass
import socket
import subprocess
import threading

import pytest

import transcripts
from daemon_site import Daemon, program_is_missing


@pytest.fixture
def daemon(tmp_path, programs, start, free_port, pem):
    if program_is_missing(programs):
        pytest.skip("dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port)
    site.tls_port = free_port()
    site.configure("ServerMode dspam", "ServerPass.Relay1 secret", f"ServerTLSCertificate {pem('server.pem')}",
                   f"ServerTLSKey {pem('server.key')}", "ServerTLS required", f"ServerTLSPort {site.tls_port}")
    yield site
    if site.process is not None:
        assert site.process.stop() == 0, site.log()


@pytest.fixture
def dspamc(programs, tmp_path, pem):
    def run(port, *lines, host="localhost"):
        (tmp_path / "client.conf").write_text("\n".join([
            f"Home {tmp_path}", f"Trust {getpass.getuser()}", f"ClientHost {host}", f"ClientPort {port}",
            'ClientIdent "secret@Relay1"', "ClientTimeout 20", *lines]) + "\n")
        return subprocess.run([f"{programs}/dspamc", "--config", tmp_path / "client.conf", "--user", "u",
                               "--deliver=stdout"], input=transcripts.HAM, capture_output=True, check=False)

    return run


def test_both_ways(daemon, dspamc, pem):
    daemon.start()
    for port, mode in ((daemon.address[1], "starttls"), (daemon.tls_port, "implicit")):
        answer = dspamc(port, f"ClientTLS {mode}", f"ClientTLSCA {pem('ca.pem')}")
        assert answer.returncode == 0, answer.stderr
        assert b"river" in answer.stdout


def test_clear_text_is_not_taken(daemon, dspamc):
    daemon.start()
    answer = dspamc(daemon.address[1])
    assert answer.returncode == 75 and b"530 5.7.0 Must issue a STARTTLS" in answer.stderr


@pytest.mark.parametrize("lines", [("ClientTLSCA other-ca.pem",), ("ClientTLSCA ca.pem", "ClientTLSName mx.example")])
def test_a_stranger_gets_nothing(daemon, dspamc, pem, lines):
    daemon.start()
    lines = [line.replace("ca.pem", pem("ca.pem")) if "other" not in line
             else line.replace("other-ca.pem", pem("other-ca.pem")) for line in lines]
    for port, mode in ((daemon.address[1], "starttls"), (daemon.tls_port, "implicit")):
        answer = dspamc(port, f"ClientTLS {mode}", *lines)
        assert answer.returncode == 75 and answer.stdout == b"" and b"certificate" in answer.stderr.lower()
    assert "authentication" not in daemon.log() and "user=u" not in daemon.log()


@pytest.mark.parametrize("after", [b"250-x\r\n250-STARTTLS\r\n250 DSPAMPROCESSMODE\r\n", b"250 DSPAMPROCESSMODE\r\n"])
def test_the_password_stays_here_without_tls(dspamc, pem, after):
    """Somebody in between takes STARTTLS out of the offer, or speaks on behind it in clear text."""
    listening = socket.create_server(("127.0.0.1", 0))
    heard = []

    def serve():
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 x\r\n")
            heard.append(lines.readline())
            connection.sendall(after)
            heard.append(lines.readline())
            if heard[-1] == b"STARTTLS\r\n":
                connection.sendall(b"220 go\r\n250 DSPAMPROCESSMODE\r\n")
                heard.append(connection.recv(1000))

    thread = threading.Thread(target=serve)
    thread.start()
    answer = dspamc(listening.getsockname()[1], "ClientTLS starttls", f"ClientTLSCA {pem('ca.pem')}", host="127.0.0.1")
    thread.join()
    listening.close()
    assert answer.returncode == 75 and b"STARTTLS" in answer.stderr
    assert not any(b"secret" in line or b"MAIL" in line for line in heard)
