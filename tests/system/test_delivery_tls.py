"""What the daemon and the agent call over TLS: the delivery host, its certificate and ours, and what happens without."""

import ssl
import subprocess

import pytest

from daemon_site import Daemon, mail, number_of, program_is_missing, unmarked, wait_for


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port)
    yield site
    site.next_hop.stop()


def server_context(pem, certificate="server", clients=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem(f"{certificate}.pem"), pem(f"{certificate}.key"))
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(pem(clients))
    return context


def hop(daemon, pem, implicit=False, smtp=False, certificate="server", clients=None):
    daemon.next_hop.tls = server_context(pem, certificate, clients)
    daemon.next_hop.implicit, daemon.next_hop.smtp = implicit, smtp
    return daemon.next_hop.start()


def configure(daemon, pem, *lines, smtp=False):
    daemon.configure(f"DeliveryTLSCA {pem('ca.pem')}", *lines)
    if smtp:
        daemon.path.write_text(daemon.path.read_text().replace("DeliveryProto LMTP", "DeliveryProto SMTP"))
    return daemon.start()


@pytest.mark.parametrize("smtp", [False, True], ids=["LMTP", "SMTP"])
@pytest.mark.parametrize("mode", ["starttls", "implicit", "opportunistic"])
def test_mail_goes_out_encrypted(daemon, pem, mode, smtp):
    next_hop = hop(daemon, pem, implicit=mode == "implicit", smtp=smtp)
    configure(daemon, pem, f"DeliveryTLS {mode}", "DeliveryWorkers 1", smtp=smtp)
    with daemon.client() as client:
        for number in range(5):  # two users, one connection
            assert [code for code, _ in client.deliver(mail(number), ["u@a", "v@b"])] == [250, 250]
    assert next_hop.handshakes == [""]
    assert [number_of(message) for message in next_hop.messages("v@b")] == [0, 1, 2, 3, 4]
    assert unmarked(next_hop.messages("u@a")[0]) == mail(0)
    assert daemon.process.stop() == 0, daemon.log()


def test_large_mail(daemon, pem):
    next_hop = hop(daemon, pem)
    configure(daemon, pem, "DeliveryTLS starttls")
    message = mail(1, b"".join(b"line %d\n" % number for number in range(300000)))
    assert daemon.deliver(message, "u")[0][0] == 250
    assert unmarked(next_hop.messages("u")[0]) == message


NOT_ACCEPTED = "the certificate is not accepted: "


@pytest.mark.parametrize("mode", ["starttls", "implicit"])
@pytest.mark.parametrize("certificate, lines, complaint", [
    ("stranger", [], NOT_ACCEPTED + "unable to get local issuer certificate"),
    ("expired", [], NOT_ACCEPTED + "certificate has expired"),
    ("wrong-name", [], NOT_ACCEPTED + "IP address mismatch; it is not one of 127.0.0.1"),
    ("server", ["DeliveryTLSName mx.example"], NOT_ACCEPTED + "hostname mismatch; it is not one of mx.example"),
    ("stranger", ["DeliveryTLSVerify off"], None),
    ("wrong-name", ["DeliveryTLSName mx.example"], None),
    ("chain", [], None),
])
def test_whom_we_believe(daemon, pem, mode, certificate, lines, complaint):
    next_hop = hop(daemon, pem, implicit=mode == "implicit", certificate=certificate)
    configure(daemon, pem, f"DeliveryTLS {mode}", *lines)
    code, text = daemon.deliver(mail(1), "u")[0]
    if complaint is None:
        assert code == 250
        return
    assert code == 451 and text.startswith("4.7.5 ") and complaint in text
    assert "see DeliveryTLSCA, DeliveryTLSName, DeliveryTLSVerify" in text
    assert complaint in daemon.log()
    assert next_hop.count() == 0 and daemon.learned("u") == 0


def test_the_authorities_of_the_system_are_believed_without_another(daemon, pem):
    hop(daemon, pem)
    daemon.configure("DeliveryTLS starttls").start()
    code, text = daemon.deliver(mail(1), "u")[0]
    assert code == 451 and NOT_ACCEPTED in text  # it is not one of theirs


def test_no_fallback_to_clear_text(daemon, pem):
    next_hop = daemon.next_hop.start()
    configure(daemon, pem, "DeliveryTLS starttls")
    assert daemon.deliver(mail(1), "u") == [
        (451, "4.7.4 <u> TLS is required, and the next hop does not offer STARTTLS")]
    assert next_hop.raw == [] and daemon.learned("u") == 0
    # it learns it, and the same mail gets through
    next_hop.tls = server_context(pem)
    assert daemon.deliver(mail(1), "u")[0][0] == 250
    assert daemon.learned("u") == 1


def test_implicit_tls_at_a_port_without(daemon, pem):
    next_hop = daemon.next_hop.start()
    configure(daemon, pem, "DeliveryTLS implicit")
    code, text = daemon.deliver(mail(1), "u")[0]
    assert code == 451 and "the other side speaks no TLS here" in text
    assert next_hop.count() == 0


@pytest.mark.parametrize("offers", [False, True])
def test_opportunistic_takes_what_there_is(daemon, pem, offers):
    if offers:
        hop(daemon, pem, certificate="expired")
    else:
        daemon.next_hop.start()
    configure(daemon, pem, "DeliveryTLS opportunistic")
    assert daemon.deliver(mail(1), "u")[0][0] == 250
    assert len(daemon.next_hop.handshakes) == int(offers)


def test_opportunistic_goes_on_where_tls_fails(daemon, pem):
    """A next hop that offers STARTTLS and then insists on a certificate that we do not have."""
    next_hop = hop(daemon, pem)
    next_hop.tls.minimum_version = next_hop.tls.maximum_version = ssl.TLSVersion.TLSv1_2
    next_hop.tls.verify_mode = ssl.CERT_REQUIRED
    next_hop.tls.load_verify_locations(pem("ca.pem"))
    configure(daemon, pem, "DeliveryTLS opportunistic")
    assert daemon.deliver(mail(1), "u")[0][0] == 250
    assert len(next_hop.messages("u")) == 1
    wait_for(lambda: len(next_hop.handshakes) == 1, what="the end of the handshake that failed")
    assert "going on in clear text, because DeliveryTLS is opportunistic" in daemon.log()


def test_our_certificate(daemon, pem):
    next_hop = hop(daemon, pem, clients="ca.pem")
    configure(daemon, pem, "DeliveryTLS starttls", f"DeliveryTLSCertificate {pem('client.pem')}",
              f"DeliveryTLSKey {pem('client.key')}")
    assert daemon.deliver(mail(1), "u")[0][0] == 250
    assert next_hop.handshakes == ["client.example"]


def test_our_certificate_is_missing(daemon, pem):
    next_hop = hop(daemon, pem, clients="ca.pem")
    configure(daemon, pem, "DeliveryTLS starttls")
    code, text = daemon.deliver(mail(1), "u")[0]
    assert code == 451 and text.startswith("4.")
    assert next_hop.count() == 0


def test_each_domain_has_its_own(daemon, pem, free_port):
    """One domain in clear text, one with TLS and another name."""
    plain = daemon.next_hop.start()
    secure = type(plain)(free_port())
    secure.tls, secure.implicit = server_context(pem, "wrong-name"), True
    secure.start()
    try:
        configure(daemon, pem, f"DeliveryHost.b.example {secure.address[0]}", f"DeliveryPort.b.example {secure.address[1]}",
                  "DeliveryTLS.b.example implicit", "DeliveryTLSName.b.example mx.example")
        replies = daemon.deliver(mail(1), "u@a.example", "v@b.example", "w@B.EXAMPLE")
        assert [code for code, _ in replies] == [250, 250, 250]
        assert [one.recipient for one in plain.mails] == ["u@a.example"]
        assert [one.recipient for one in secure.mails] == ["v@b.example", "w@B.EXAMPLE"]
    finally:
        secure.stop()


def test_a_connection_made_with_other_settings_is_not_used_again(daemon, pem):
    next_hop = hop(daemon, pem)
    configure(daemon, pem, "DeliveryTLS starttls", "DeliveryWorkers 1")
    assert daemon.deliver(mail(1), "u")[0][0] == 250
    daemon.configure("DeliveryTLS starttls", f"DeliveryTLSCA {pem('other-ca.pem')}", "DeliveryWorkers 1")
    daemon.reload()
    code, text = daemon.deliver(mail(2), "u")[0]
    assert code == 451 and NOT_ACCEPTED in text
    daemon.configure("DeliveryTLS off", "DeliveryWorkers 1")
    daemon.reload()
    assert daemon.deliver(mail(3), "u")[0][0] == 250
    assert [number_of(one.message) for one in next_hop.mails] == [1, 3]


@pytest.mark.parametrize("lines, complaint", [
    (["DeliveryTLS starttls", "DeliveryTLSCA /nonexistent/ca.pem"], "DeliveryTLSCA /nonexistent/ca.pem: No such file"),
    (["DeliveryTLS.example.org implicit", "DeliveryTLSCertificate /nonexistent/c.pem"],
     "for the domain example.org: DeliveryTLSCertificate /nonexistent/c.pem: No such file"),
    (["DeliveryTLS startls"], "DeliveryTLS startls: it must be off, opportunistic, starttls or implicit"),
    (["ServerTLS on"], "ServerTLS on: it must be off, starttls or required"),
])
def test_what_is_wrong_is_said_at_the_start(daemon, programs, lines, complaint):
    daemon.configure(*lines)
    run = subprocess.run([f"{programs}/dspam", "--daemon", "--nofork", "--config", daemon.path], capture_output=True,
                         text=True, timeout=60)
    assert run.returncode == 78 and complaint in run.stderr, run
    # and before that by whoever asks
    run = subprocess.run([f"{programs}/dspam", "--check-config", "--config", daemon.path], capture_output=True, text=True,
                         timeout=60)
    assert run.returncode == 78 and (complaint in run.stdout or "it must be one of" in run.stdout), run


def test_the_agent_delivers_over_tls_too(daemon, programs, pem):
    """dspam without daemon, and what its exit status says when TLS is not to be had."""
    next_hop = hop(daemon, pem)
    daemon.configure("DeliveryTLS starttls", f"DeliveryTLSCA {pem('ca.pem')}")
    command = [f"{programs}/dspam", "--config", daemon.path, "--user", "u", "--deliver=innocent,spam"]
    run = subprocess.run(command, input=mail(1), capture_output=True, timeout=60)
    assert run.returncode == 0, run
    assert unmarked(next_hop.messages("u")[0]) == mail(1)
    daemon.configure("DeliveryTLS starttls", "DeliveryTLSCA /nonexistent/ca.pem")
    run = subprocess.run(command, input=mail(2), capture_output=True, timeout=60)
    assert run.returncode == 75 and b"DeliveryTLSCA /nonexistent/ca.pem" in run.stderr, run
    assert next_hop.count() == 1
