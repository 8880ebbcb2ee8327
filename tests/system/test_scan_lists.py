"""Lists of sources, in DNS and of users: who is asked, and what an answer does."""

import subprocess

import pytest

from daemon_site import agent, mail
from scan_site import came_from, dns, site  # noqa: F401 (fixtures)


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
