"""Delivery agents: what dspam, working alone, gives them, and what becomes of mail that they refuse."""

import pytest

from agent_site import site, without_marks  # noqa: F401 (a fixture)


def test_the_delivery_agent_gets_message_and_arguments(site):
    agent = site.script("agent", 'for a; do echo "<$a>"; done >> $D/arguments; cat > $D/mail')
    site.configure(f'TrustedDeliveryAgent "{agent} %u %r %s"')
    site.out("--user", "a9", 'we"ird$u', "--mail-from=snd@x.org", "--deliver=innocent", "-f", "x y", "", "--foo",
             "$(id)", "%u", mail=site.mail("ham1"))
    assert (site.directory / "arguments").read_text().splitlines() == [
        line for user in ("a9", 'we"ird$u')
        for line in (f"<{user}>", f"<{user}>", "<snd@x.org>", "<-f>", "<x y>", "<>", "<--foo>", "<$(id)>", f"<{user}>")]
    assert without_marks((site.directory / "mail").read_bytes()) == site.mail("ham1")


def test_plused_detail(site):
    agent = site.script("agent", 'echo "$*" > $D/arguments; cat > /dev/null')
    site.configure(f'TrustedDeliveryAgent "{agent} %u %r"', "EnablePlusedDetail on", "PlusedUserLowercase on",
                   "QuarantineMailbox +Junk", action="tag")
    site.teach("joe@example.org")
    site.out("--user", "Joe+Lists@Example.org", "--deliver=innocent", mail=site.mail("test-ham"))
    assert (site.directory / "arguments").read_text() == "joe@example.org Joe+Lists@Example.org\n"
    site.out("--user", "Joe+Lists@Example.org", "--deliver=innocent", mail=site.mail("test-spam"))
    assert (site.directory / "arguments").read_text() == "joe@example.org joe+Junk@Example.org\n"


@pytest.mark.parametrize("status, permanent, expected", [(75, False, 75), (1, False, 75), (67, False, 69), (1, True, 69)])
def test_what_the_agent_refuses_is_not_learned(site, status, permanent, expected):
    agent = site.script("agent", f"cat > /dev/null; echo no room >&2; exit {status}")
    site.configure(f"TrustedDeliveryAgent {agent}", *(["LMTPLDAErrorsPermanent on"] if permanent else []))
    answer = site.run("--user", "u", "--deliver=innocent", mail=site.mail("ham1"))
    assert answer.returncode == expected
    assert b"no room" in answer.stderr and str(agent).encode() in answer.stderr
    assert site.totals()["TN"] == 0


def test_a_deferred_message_is_learned_once(site):
    agent = site.script("agent", "cat > /dev/null; test -e $D/open || exit 75")
    site.configure(f"TrustedDeliveryAgent {agent}")
    for _ in range(3):
        assert site.run("--user", "u", "--deliver=innocent", mail=site.mail("ham1")).returncode == 75
    (site.directory / "open").touch()
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("ham1"))
    assert {name: count for name, count in site.totals().items() if count} == {"TN": 1}
