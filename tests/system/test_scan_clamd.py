"""clamd: what it is sent, over TLS as well, and what becomes of mail while it fails."""

import re
import subprocess

import pytest

from daemon_site import agent, mail, unmarked, wait_for
from scan_peers import EICAR, real_clamd
from scan_site import INFECTED, clamd, scanned_by, site  # noqa: F401 (fixtures)
from test_delivery_tls import server_context


def check_eicar(site):
    """A virus is refused for good, clean mail passes, and nothing was learned from the virus."""
    site.start()
    infected = mail(1, b"attached:\n" + EICAR + b"\n")
    ((code, text),) = site.deliver(infected, "u")
    assert code == 550 and text.startswith("5.7.1 <u>") and "Test.Eicar" in text
    assert [code for code, _ in site.deliver(mail(2), "u")] == [250]
    assert [unmarked(message) for message in site.next_hop.messages("u")] == [mail(2)]
    assert site.learned("u") == 1
    assert "result=Virus status=refused" in site.log()


def test_real_clamd_over_tcp(site, tmp_path, start, free_port):
    address = ("127.0.0.1", free_port())
    if real_clamd(tmp_path, start, address) is None:
        pytest.skip("clamd is not installed (clamav-daemon)")
    site.configure("ClamAVHost localhost", f"ClamAVPort {address[1]}")
    check_eicar(site)


def test_real_clamd_over_a_socket(site, tmp_path, start):
    path = str(tmp_path / "clamd.sock")
    if real_clamd(tmp_path, start, path) is None:
        pytest.skip("clamd is not installed (clamav-daemon)")
    site.configure(*scanned_by(path))
    check_eicar(site)


def test_real_clamd_is_given_too_much(site, tmp_path, start, free_port):
    address = ("127.0.0.1", free_port())
    if real_clamd(tmp_path, start, address, limit="200K") is None:
        pytest.skip("clamd is not installed (clamav-daemon)")
    site.configure(*scanned_by(address)).start()
    large = mail(1, b"a long line of a long message\n" * 100000)
    assert [code for code, _ in site.deliver(large, "u")] == [250]
    assert "goes on without a virus scan, because it is too large for clamd" in site.log()
    assert "StreamMaxLength" in site.log()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "socket"])
def test_clamd_gets_the_message_as_it_came(site, clamd, tmp_path, free_port, host):
    if host == "::1":
        try:
            peer = clamd((host, free_port()))
        except OSError:
            pytest.skip("no IPv6 here")
    else:
        peer = clamd(str(tmp_path / "c.sock") if host == "socket" else None)
    site.configure(*scanned_by(peer.address)).start()
    message = mail(1, b"line\n" * 50000)
    assert [code for code, _ in site.deliver(message, "u", "v")] == [250, 250]
    assert [each.replace(b"\r\n", b"\n") for each in peer.messages] == [message]  # once for both


def test_clamd_is_asked_over_tls(site, clamd, pem):
    """A large message, both verdicts, our certificate; by the daemon and by dspam itself."""
    peer = clamd()
    peer.tls = server_context(pem, clients="ca.pem")
    site.configure(*scanned_by(peer.address), "ClamAVTLS implicit", f"ClamAVTLSCA {pem('ca.pem')}",
                   f"ClamAVTLSCertificate {pem('client.pem')}", f"ClamAVTLSKey {pem('client.key')}").start()
    message = mail(1, b"line\n" * 200000)
    assert [code for code, _ in site.deliver(message, "u", "v")] == [250, 250]
    assert [each.replace(b"\r\n", b"\n") for each in peer.messages] == [message]
    assert [code for code, _ in site.deliver(INFECTED, "u")] == [550]
    agent(site, "--deliver=innocent", message=INFECTED, status=69)
    peer.behaviour = "limit"  # which closes in the middle of what we send
    assert [code for code, _ in site.deliver(message, "u")] == [250], site.log()
    assert "too large for clamd" in site.log()


@pytest.mark.parametrize("tls, lines, complaint", [
    (None, ["ClamAVTLSCA ca.pem"], "speaks no TLS here"),
    ("server", ["ClamAVTLSCA other-ca.pem"], "ClamAVTLSCA"),
    ("server", ["ClamAVTLSCA ca.pem", "ClamAVTLSName other.example"], "ClamAVTLSName"),
    ("expired", ["ClamAVTLSCA ca.pem"], "expired")])
@pytest.mark.parametrize("failure", ["defer", "deliver"])
def test_without_the_tls_asked_for_nothing_is_scanned(site, clamd, pem, tls, lines, complaint, failure):
    """What becomes of the mail is ClamAVFailure's word; clamd never sees it."""
    peer = clamd()
    peer.tls = server_context(pem, tls) if tls else None
    if tls is None:
        peer.behaviour = "unknown"
    lines = [re.sub(r"(\S+\.pem)", lambda name: pem(name[1]), line) for line in lines]
    site.configure(*scanned_by(peer.address), "ClamAVTLS implicit", f"ClamAVFailure {failure}", *lines).start()
    assert [code for code, _ in site.deliver(mail(1), "u")] == [451 if failure == "defer" else 250]
    assert complaint in site.log()
    assert peer.messages == []


def test_files_for_the_scanner_are_read_at_the_start(site, clamd):
    """By the daemon, by --check-config, and by dspam itself when it needs them."""
    site.configure(*scanned_by(clamd().address), "ClamAVTLS implicit", "ClamAVTLSCA /nonexistent/ca.pem")
    for words in (["--check-config"], ["--daemon", "--nofork"]):
        run = subprocess.run([f"{site.programs}/dspam", *words, "--config", site.path], capture_output=True, check=False,
                             timeout=60)
        assert run.returncode == 78 and b"ClamAVTLSCA /nonexistent/ca.pem" in run.stdout + run.stderr, run
    _, said = agent(site, "--deliver=innocent", message=mail(1), status=75)
    assert "no virus scan" in said and "ClamAVTLSCA /nonexistent/ca.pem" in said


FAILURES = ["refuse", "close", "late", "garbage", "endless", "error", "hang", "stuck"]


@pytest.mark.parametrize("behaviour", FAILURES)
def test_clamd_fails_and_mail_waits(site, clamd, behaviour):
    peer = clamd()
    peer.behaviour = behaviour
    if behaviour == "refuse":
        peer.stop()
    site.configure(*scanned_by(peer.address), "ClamAVTimeout 1").start()
    ((code, text),) = site.deliver(mail(1, b"text\n" * 300000), "u")
    assert code == 451 and "cannot be scanned for viruses" in text
    assert site.next_hop.count() == 0 and site.learned("u") == 0
    assert "no virus scan by clamd at 127.0.0.1" in site.log()


@pytest.mark.parametrize("behaviour", ["refuse", "error", "hang"])
def test_clamd_fails_and_mail_is_delivered(site, clamd, behaviour):
    peer = clamd()
    peer.behaviour = behaviour
    if behaviour == "refuse":
        peer.stop()
    site.configure(*scanned_by(peer.address), "ClamAVTimeout 1", "ClamAVFailure deliver").start()
    assert [code for code, _ in site.deliver(mail(), "u")] == [250]
    assert site.learned("u") == 1
    assert "no virus scan by clamd" in site.log()


def test_what_is_too_large_for_clamd_goes_on(site, clamd):
    peer = clamd()
    peer.behaviour = "limit"
    site.configure(*scanned_by(peer.address)).start()
    assert [code for code, _ in site.deliver(mail(1, b"text\n" * 600000), "u")] == [250]
    assert "too large for clamd" in site.log()


def test_a_slow_scan_holds_up_nobody_else(site, clamd):
    """With one thread that judges, a message whose scan hangs does not keep another from being judged."""
    peer = clamd()
    peer.behaviour = "hang"
    site.configure(*scanned_by(peer.address), "ServerWorkers 1", "MaxMessageSize 1000").start()
    with site.client() as waiting:
        waiting.begin(["u"])
        waiting.send(mail().replace(b"\n", b"\r\n") + b".\r\n")
        wait_for(lambda: peer.messages, what="the scan of the first message")
        # larger than MaxMessageSize: nobody is asked about it
        assert [code for code, _ in site.deliver(mail(1, b"text\n" * 1000), "v")] == [250]
        assert len(peer.messages) == 1
        peer.over.set()
        assert waiting.reply()[0] == 451


def test_deliveries_go_on_while_all_scans_hang(site, clamd):
    """As many scans hang as may run at once, and another waits for its turn: what needs no scan is delivered."""
    peer = clamd()
    peer.behaviour = "hang"
    site.configure(*scanned_by(peer.address), "DeliveryWorkers 2", "MaxMessageSize 1000").start()
    waiting = [site.client() for _ in range(3)]
    try:
        for client in waiting:
            client.begin(["u"])
            client.send(mail().replace(b"\n", b"\r\n") + b".\r\n")
        wait_for(lambda: len(peer.messages) == 2, what="two scans")
        for user in ("v", "w"):
            assert [code for code, _ in site.deliver(mail(1, b"text\n" * 1000), user)] == [250]
        assert len(peer.messages) == 2
        peer.over.set()
        assert [client.reply()[0] for client in waiting] == [451] * 3
    finally:
        for client in waiting:
            client.close()
