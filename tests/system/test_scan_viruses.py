"""Viruses: refused, delivered, quarantined or dropped, by the daemon and by dspam alone."""

from daemon_site import agent, mail
from database import away
from scan_site import INFECTED, clamd, scanned_by, site  # noqa: F401 (fixtures)

QUARANTINED = ['Preference "spamAction=quarantine"', 'ServerParameters "--deliver=innocent"']


def quarantine(site, user="u"):
    file = site.home / "data" / user / f"{user}.mbox"
    return file.read_bytes() if file.exists() else b""


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
