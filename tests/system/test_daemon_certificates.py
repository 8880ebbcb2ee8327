"""Certificates of the daemon and of its clients: whom it lets in, who believes it, and how a new one comes."""

import os
import re
import shutil
import subprocess

import pytest

from daemon_site import mail, wait_for
from tls_site import TLSClient, believing, daemon  # noqa: F401 (a fixture)


@pytest.mark.parametrize("demand, certificate, good", [
    ("ask", None, True), ("ask", "client", True), ("ask", "stranger", False),
    ("require", None, False), ("require", "client", True), ("require", "expired", False), ("off", "stranger", True),
])
def test_certificates_of_clients(daemon, pem, demand, certificate, good):
    daemon.configure(f"ServerTLSPort {daemon.tls_address[1]}", f"ServerTLSClientCertificate {demand}",
                     f"ServerTLSCA {pem('ca.pem')}", *daemon.tls_lines).start("--debug")
    try:
        with TLSClient(daemon.tls_address, believing(pem, certificate)) as client:
            served = client.deliver(mail(1), ["u"])[0][0] == 250
    except (OSError, AssertionError, TypeError):
        served = False
    assert served == good
    if not good:
        wait_for(lambda: "TLS handshake: " in daemon.log(), what="a line in the log")
        assert re.search(r"client 127\.0\.0\.1:\d+: TLS handshake: ", daemon.log())
    elif certificate == "client" and demand != "off":
        assert "certificate of /CN=client.example" in daemon.log()


@pytest.mark.parametrize("certificate, good", [("server", True), ("wrong-name", False), ("stranger", False)])
def test_postfix_is_content(daemon, pem, certificate, good):
    """Postfix's own client of TLS, as with lmtp_tls_security_level = verify."""
    finger = shutil.which("posttls-finger", path=f"{os.environ['PATH']}:/usr/sbin")
    if finger is None:
        pytest.skip("posttls-finger is not installed (postfix)")
    daemon.configure("ServerTLS required", f"ServerTLSCertificate {pem(certificate + '.pem')}",
                     f"ServerTLSKey {pem(certificate + '.key')}").start()
    config = daemon.directory / "postfix"
    config.mkdir()
    (config / "main.cf").write_text("compatibility_level = 3.6\nmyhostname = client.example\n")
    run = subprocess.run([finger, "-c", "-S", "-l", "verify", "-F", pem("ca.pem"), "-L", "routine,certmatch",
                          f"[127.0.0.1]:{daemon.address[1]}", "localhost"], capture_output=True, text=True, timeout=60,
                         env={**os.environ, "MAIL_CONFIG": str(config)})
    said = run.stdout + run.stderr
    assert "TLS connection established" in said, said
    assert ("Verified TLS connection established" in said) == good, said


def serial(address, pem):
    with TLSClient(address, believing(pem)) as client:
        return client.socket.getpeercert()["serialNumber"]


def test_a_new_certificate_by_sighup(daemon, pem):
    current, key = daemon.directory / "current.pem", daemon.directory / "current.key"

    def use(name):
        shutil.copy(pem(f"{name}.pem"), current)
        shutil.copy(pem(f"{name}.key"), key)

    use("server")
    daemon.configure(f"ServerTLSPort {daemon.tls_address[1]}", f"ServerTLSCertificate {current}", f"ServerTLSKey {key}")
    daemon.start()
    with TLSClient(daemon.tls_address, believing(pem)) as old:
        first = serial(daemon.tls_address, pem)
        assert first == old.socket.getpeercert()["serialNumber"]
        use("renewed")
        daemon.reload()
        second = serial(daemon.tls_address, pem)
        assert second != first
        assert old.deliver(mail(1), ["u"])[0][0] == 250  # nobody is thrown out
        # a pair that does not fit is not taken over
        shutil.copy(pem("server.pem"), current)
        daemon.process.popen.send_signal(1)
        wait_for(lambda: "the configuration stays as it was" in daemon.log(), what="a refusal in the log")
        assert f"ServerTLSKey {key}: the key is not that of the certificate" in daemon.log()
        assert serial(daemon.tls_address, pem) == second


@pytest.mark.parametrize("lines, complaint", [
    (["ServerTLS starttls"], "ServerTLSCertificate is missing"),
    (["ServerTLS starttls", "ServerTLSCertificate /nonexistent/x.pem"],
     "ServerTLSCertificate /nonexistent/x.pem: No such file or directory"),
    (["ServerTLS required", "ServerTLSCertificate {server.pem}", "ServerTLSKey {client.key}"], "not that of the certificate"),
    (["ServerTLS required", "ServerTLSCertificate {server.pem}", "ServerTLSKey {locked.key}"], "behind a passphrase"),
    (["ServerTLS required", "ServerTLSCertificate {combined.pem}", "ServerTLSClientCertificate require"],
     "ServerTLSCA is missing"),
])
def test_what_is_wrong_with_the_files_is_said(daemon, pem, programs, lines, complaint):
    lines = [re.sub(r"\{(.*)\}", lambda hit: pem(hit.group(1)), line) for line in lines]
    daemon.configure(*lines)
    run = subprocess.run([f"{programs}/dspam", "--daemon", "--nofork", "--config", daemon.path], capture_output=True,
                         text=True, timeout=60)
    assert run.returncode == 78, run
    assert complaint in run.stderr and str(daemon.path) in run.stderr
