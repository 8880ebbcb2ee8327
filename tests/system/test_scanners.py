"""Viruses, lists and sources: dspam and its daemon between a mail server, clamd and DNS."""

import os
import re
import stat
import subprocess

import pytest

from database import away
from daemon_site import Daemon, mail, program_is_missing, unmarked, wait_for
from scan_peers import EICAR, Dns, FakeClamd, real_clamd
from test_delivery_tls import server_context

INFECTED = mail(7, b"this is a VIRUS\n")
QUARANTINED = ['Preference "spamAction=quarantine"', 'ServerParameters "--deliver=innocent"']


@pytest.fixture
def site(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port)
    site.next_hop.start()
    yield site
    site.next_hop.stop()


@pytest.fixture
def clamd(free_port):
    made = []

    def make(address=None):
        made.append(FakeClamd(address or ("127.0.0.1", free_port())))
        return made[-1]

    yield make
    for each in made:
        each.stop()


@pytest.fixture
def dns(free_port):
    server = Dns(free_port())
    yield server
    server.stop()


def scanned_by(address):
    if isinstance(address, tuple):
        return [f"ClamAVHost {address[0]}", f"ClamAVPort {address[1]}"]
    return [f"ClamAVHost {address}"]


def quarantine(site, user="u"):
    file = site.home / "data" / user / f"{user}.mbox"
    return file.read_bytes() if file.exists() else b""


def agent(site, *words, message=b"", status=0):
    """dspam for one message; (standard output, standard error)."""
    run = subprocess.run([f"{site.programs}/dspam", "--config", site.path, "--user", "u", *words], input=message,
                         capture_output=True, check=False)
    assert run.returncode == status, run.stderr
    return run.stdout, run.stderr.decode()


# ---- viruses -------------------------------------------------------------------------------------------------


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


def test_a_virus_is_refused_by_default(site, clamd):
    site.configure(*scanned_by(clamd().address)).start()
    assert [code for code, _ in site.deliver(INFECTED, "u", "v")] == [550, 550]
    assert site.next_hop.count() == 0 and quarantine(site) == b""
    assert site.learned("u") == 0


def test_a_virus_treated_as_spam(site, clamd):
    site.configure(*scanned_by(clamd().address), "ClamAVResponse spam", *QUARANTINED).start()
    assert [code for code, _ in site.deliver(INFECTED, "u")] == [250]
    assert site.next_hop.count() == 0
    assert b"\nX-DSPAM-Result: Virus\n" in quarantine(site)
    assert site.learned("u") == 0
    signature = quarantine(site).split(b"X-DSPAM-Signature: ")[1].split()[0].decode()
    _, said = agent(site, "--class=innocent", "--source=error", f"--signature={signature}")
    assert "nothing to correct" in said
    assert site.learned("u") == 0


def test_a_virus_accepted_is_delivered_and_marked(site, clamd):
    site.configure(*scanned_by(clamd().address), "ClamAVResponse accept").start()
    assert [code for code, _ in site.deliver(INFECTED, "u")] == [250]
    (message,) = site.next_hop.messages("u")
    assert b"\nX-DSPAM-Result: Virus\n" in message and b"\nSubject: [SPAM] message" in message
    assert site.learned("u") == 0


def test_a_virus_discarded(site, clamd):
    site.configure(*scanned_by(clamd().address), "ClamAVResponse discard").start()
    assert [code for code, _ in site.deliver(INFECTED, "u")] == [250]
    assert site.next_hop.count() == 0 and quarantine(site) == b""
    assert "the virus Test.Virus was detected; the message is not handed on" in site.log()


def test_a_virus_waits_while_the_store_is_away(site, clamd):
    """Nobody can say then whether the user wants it; clean mail goes on, as StoreFailure says."""
    site.configure(*scanned_by(clamd().address), "StoreFailure deliver", *away(site.directory)[0]).start()
    assert [code for code, _ in site.deliver(mail(), "u")] == [250]
    assert [code for code, _ in site.deliver(INFECTED, "u")] == [451]
    assert site.next_hop.count() == 1


def test_who_opted_out_gets_his_mail(site, clamd):
    site.configure(*scanned_by(clamd().address), "AllowOverride optOutClamAV")
    (site.home / "data/v").mkdir(parents=True)
    (site.home / "data/v/v.prefs").write_text("optOutClamAV=on\n")
    site.start()
    assert [code for code, _ in site.deliver(INFECTED, "u", "v", "u")] == [550, 250, 550]
    assert len(site.next_hop.messages("v")) == 1 and site.next_hop.count() == 1


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


def test_the_agent_ends_as_the_mail_server_needs_it(site, clamd):
    peer = clamd()
    site.configure(*scanned_by(peer.address))
    out, said = agent(site, "--stdout", "--deliver=innocent,spam", message=INFECTED, status=69)
    assert out == b"" and "Test.Virus" in said and "refused" in said
    out, _ = agent(site, "--stdout", "--deliver=innocent,spam", message=mail())
    assert b"\nX-DSPAM-Result: Innocent\n" in out
    out, _ = agent(site, "--classify", message=INFECTED)
    assert b'result="Spam"; class="Virus"; probability=1.0000; confidence=1.00' in out
    peer.stop()
    _, said = agent(site, "--stdout", "--deliver=innocent,spam", message=mail(), status=75)
    assert "cannot be scanned" in said
    agent(site, "--class=spam", "--source=error", message=INFECTED)  # is not scanned, and so does not wait
    site.configure(*scanned_by(peer.address), "ClamAVFailure deliver")
    agent(site, "--stdout", "--deliver=innocent,spam", message=mail())


def test_the_agent_ends_as_the_original_did(site, clamd):
    site.configure(*scanned_by(clamd().address), "Compat exitCodes")
    agent(site, "--stdout", "--deliver=innocent,spam", message=INFECTED, status=255)


# ---- lists ------------------------------------------------------------------------------------------------------


def came_from(*addresses, number=0):
    received = b"".join(b"Received: from x (x [%s])\n\tby mx.example with ESMTP\n" % each.encode() for each in addresses)
    return received + mail(number)


def looked_up(dns, *lines):
    return [*lines, f"LookupServer 127.0.0.1:{dns.address[1]}", "Lookup one.example two.example",
            "LookupTimeout 60"]


def test_a_listed_source(site, dns):
    dns.names = {"5.113.0.203.two.example": ["127.0.0.2"]}
    site.configure(*looked_up(dns, "LocalMX 198.51.100.7")).start()
    message = came_from("127.0.0.1", "10.1.1.1", "198.51.100.7", "203.0.113.5", "192.0.2.99")
    assert [code for code, _ in site.deliver(message, "u")] == [250]
    (delivered,) = site.next_hop.messages("u")
    assert b"\nX-DSPAM-Result: Blacklisted\n" in delivered and b"\nSubject: [SPAM] " in delivered
    assert sorted(dns.asked) == ["5.113.0.203.one.example", "5.113.0.203.two.example"]
    assert site.learned("u") == 0
    assert [code for code, _ in site.deliver(came_from("203.0.113.6"), "u")] == [250]
    assert b"\nX-DSPAM-Result: Innocent\n" in site.next_hop.messages("u")[1]
    assert [code for code, _ in site.deliver(mail(), "u")] == [250]  # without a source nobody is asked
    assert len(dns.asked) == 4


def test_a_listed_ipv6_source(site, dns):
    name = "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.one.example"
    dns.names = {name: ["127.0.0.4"]}
    site.configure(*looked_up(dns)).start()
    site.deliver(came_from("fe80::1", "IPv6:2001:db8::25"), "u")
    assert b"\nX-DSPAM-Result: Blacklisted\n" in site.next_hop.messages("u")[0]


@pytest.mark.parametrize("answer", [["192.0.2.1"], ["127.255.255.254"], [], 2, 5, None])
def test_answers_that_list_nobody(site, dns, answer):
    """Wild cards, a list that refuses, an empty answer, server failure, refused, none in time."""
    dns.names = {"5.113.0.203.one.example": answer}
    site.configure(*looked_up(dns, *(["LookupTimeout 1"] if answer is None else []))).start()
    assert [code for code, _ in site.deliver(came_from("203.0.113.5"), "u")] == [250]
    assert b"\nX-DSPAM-Result: Innocent\n" in site.next_hop.messages("u")[0]
    if isinstance(answer, int) or answer is None:
        assert "the list one.example cannot be asked about 203.0.113.5" in site.log()
    if answer == ["127.255.255.254"]:
        assert "the list one.example refuses to answer" in site.log()


def test_one_list_that_is_silent_does_not_hide_another(site, dns):
    dns.names = {"5.113.0.203.one.example": None, "5.113.0.203.two.example": ["127.0.0.2"]}
    site.configure(*looked_up(dns, "LookupTimeout 5")).start()
    site.deliver(came_from("203.0.113.5"), "u")
    assert b"\nX-DSPAM-Result: Blacklisted\n" in site.next_hop.messages("u")[0]


def test_who_wants_no_lists(site, dns):
    dns.names = {"5.113.0.203.one.example": ["127.0.0.2"]}
    site.configure(*looked_up(dns, "Preference ignoreRBLLookups=on")).start()
    site.deliver(came_from("203.0.113.5"), "u")
    assert b"\nX-DSPAM-Result: Innocent\n" in site.next_hop.messages("u")[0]


def test_listed_mail_is_learned_if_so_wanted(site, dns):
    dns.names = {"5.113.0.203.one.example": ["127.0.0.2"]}
    site.configure(*looked_up(dns, "RBLInoculate on")).start()
    site.deliver(came_from("203.0.113.5"), "u")
    assert b"\nX-DSPAM-Result: Spam\n" in site.next_hop.messages("u")[0]
    assert site.learned("u") == 1


def test_the_agent_looks_up_too(site, dns):
    dns.names = {"5.113.0.203.one.example": ["127.0.0.2"]}
    site.configure(*looked_up(dns))
    out, _ = agent(site, "--classify", message=came_from("203.0.113.5"))
    assert b'class="Blacklisted"' in out
    before = len(dns.asked)
    agent(site, "--class=spam", "--source=corpus", message=came_from("203.0.113.5"))
    assert len(dns.asked) == before


def test_a_resolver_that_is_none_is_found_by_the_check(site):
    site.configure("Lookup one.example", "LookupServer nameserver.example")
    run = subprocess.run([f"{site.programs}/dspam", "--config", site.path, "--check-config"], capture_output=True,
                         check=False)
    assert run.returncode == 78 and b"LookupServer" in run.stdout
    agent(site, "--stdout", "--deliver=innocent,spam", message=came_from("203.0.113.5"))  # unlisted all the same


def test_the_block_list_of_a_user(site):
    (site.home / "data/u").mkdir(parents=True)
    (site.home / "data/u/u.blocklist").write_text("example.org\n")
    site.configure().start()
    assert [code for code, _ in site.deliver(mail(), "u", "v")] == [250, 250]
    assert b"\nX-DSPAM-Result: Blocklisted\n" in site.next_hop.messages("u")[0]
    assert b"\nX-DSPAM-Result: Innocent\n" in site.next_hop.messages("v")[0]
    assert site.learned("u") == 0 and site.learned("v") == 1


# ---- sources --------------------------------------------------------------------------------------------------------


def season(site, user="u"):
    """As if the user had received much mail."""
    site.store.query("UPDATE dspam_stats SET innocent_learned = 2501 WHERE uid = "
                     f"(SELECT uid FROM dspam_virtual_uids WHERE username = '{user}')")


def test_sources_are_tracked(site, clamd, tmp_path):
    queue = tmp_path / "queue"
    queue.mkdir()
    (site.home / "data/u").mkdir(parents=True)
    (site.home / "data/u/u.blocklist").write_text("spam.example\n")
    site.configure(*scanned_by(clamd().address), "TrackSources spam nonspam virus", f"RABLQueue {queue}").start()
    spam = came_from("203.0.113.5").replace(b"alice@example.org", b"x@spam.example")
    site.deliver(spam, "u")
    site.deliver(mail(), "u")
    assert "203.0.113.5" not in site.log() and not list(queue.iterdir())  # nobody knows this user's judgement yet
    site.process.stop()
    season(site)
    site.start()
    site.deliver(spam, "u")
    site.deliver(came_from("IPv6:2001:db8::7"), "u")
    site.deliver(came_from("203.0.113.9", number=9) + b"a VIRUS\n", "u")
    log = site.log()
    assert "spam from 203.0.113.5, user u" in log
    assert "nonspam from 2001:db8::7, user u" in log
    assert "virus from 203.0.113.9, user u" in log
    assert [file.name for file in queue.iterdir()] == ["203.0.113.5"]
    file = queue / "203.0.113.5"
    assert stat.S_ISREG(file.stat().st_mode) and file.stat().st_size == 0
    os.utime(file, (1, 1))
    site.deliver(spam, "u")
    assert file.stat().st_mtime > 1


def test_a_queue_that_is_missing_stops_no_mail(site, tmp_path):
    site.configure(f"RABLQueue {tmp_path}/nowhere", "TrackSources nonspam").start()
    site.deliver(mail(), "u")
    site.process.stop()
    season(site)
    (site.home / "data/u").mkdir(parents=True, exist_ok=True)
    (site.home / "data/u/u.blocklist").write_text("example.org\n")
    site.start()
    assert [code for code, _ in site.deliver(came_from("203.0.113.5"), "u")] == [250]
    assert "RABLQueue: cannot touch" in site.log()


# ---- debugging --------------------------------------------------------------------------------------------------------


def test_debug_in_the_log_of_the_daemon(site):
    site.configure("Debug u", "DebugOpt process", "LogLevel warning").start()
    site.deliver(mail(), "u", "v")
    wait_for(lambda: "learned in" in site.log(), what="the lesson")
    log = site.log()
    for text in ("debug: u +", "process, ", "algorithm graham: ", "token ", "delivered in ", "250 2.1.5 taken", "learned in"):
        assert text in log, text
    assert "v +" not in log and "river" not in log


def test_debug_in_a_file(site, tmp_path):
    file = tmp_path / "dspam.debug"
    site.configure("Debug *", f"DebugFile {file}", "DebugText on").start()
    site.deliver(mail(), "u", "v")
    wait_for(lambda: file.exists() and file.read_text().count("learned in") == 2, what="both lessons")
    text = file.read_text()
    assert "] u +" in text and "] v +" in text and "river" in text
    assert "debug:" not in site.log()


def test_debug_on_the_command_line(site):
    site.configure()
    _, said = agent(site, "--debug", "--stdout", "--deliver=innocent,spam", message=mail())
    assert "debug: u +" in said and "algorithm burton: " in said and "written to standard output in" in said
    _, said = agent(site, "--stdout", "--deliver=innocent,spam", message=mail())
    assert "debug: " not in said


def test_debug_of_the_whole_daemon(site):
    site.configure().start("--debug")
    site.deliver(mail(), "u")
    assert "debug: u +" in site.log() and "result Innocent" in site.log()
