"""--deliver of dspam: what comes out, what is quarantined and what is only said, as observed with the original."""

import re

import pytest

from agent_site import site  # noqa: F401 (a fixture)

MARKED = re.compile(rb"^X-DSPAM-[^\n]*\n", re.MULTILINE)


@pytest.mark.parametrize("words, out, quarantined", [
    ([], 0, True),
    (["--stdout"], 0, True),
    (["--deliver=innocent", "--stdout"], 0, True),
    (["--deliver=summary"], 1, False),
    (["--deliver=innocent,summary", "--stdout"], 1, False),
    (["--deliver=spam", "--stdout"], 13, False),
    (["--deliver=stdout"], 13, False),
])
def test_where_spam_goes(site, words, out, quarantined):
    site.teach()
    text = site.out("--user", "u", *words, mail=site.mail("test-spam"))
    assert text.count(b"\n") == out
    assert (b"From QUARANTINE" in site.quarantine()) == quarantined
    assert site.totals()["TP"] == 1


@pytest.mark.parametrize("words", [[], ["--deliver="], ["--mode=toe"]])
def test_without_deliver_no_mail_is_lost(site, words):
    """As with the original nothing says what to deliver; innocent mail goes on all the same, where there is a way."""
    mail = site.mail("ham1")
    assert MARKED.sub(b"", site.out("--user", "u", *words, "--stdout", mail=mail)) == mail
    agent = site.script("deliver", "cat >>$D/got")
    site.configure(f'TrustedDeliveryAgent "{agent}"')
    assert site.out("--user", "u", *words, mail=mail) == b""
    assert MARKED.sub(b"", (site.directory / "got").read_bytes()) == mail
    site.configure(f'TrustedDeliveryAgent "{agent}"', "Compat discardInnocent")
    answer = site.run("--user", "u", *words, mail=mail)
    assert (answer.returncode, answer.stdout) == (0, b"") and b"discarded" in answer.stderr
    assert MARKED.sub(b"", (site.directory / "got").read_bytes()) == mail  # once


def test_what_deliver_names_is_meant(site):
    """Only asking, and lessons, hand nothing on; nor does who wants spam alone get innocent mail, and is warned."""
    agent = site.script("deliver", "cat >>$D/got")
    site.configure(f'TrustedDeliveryAgent "{agent}"')
    for words in (["--classify"], ["--deliver=summary"], ["--class=innocent", "--source=corpus"]):
        site.out("--user", "u", *words, mail=site.mail("ham1"))
    answer = site.run("--user", "u", "--deliver=spam", mail=site.mail("ham1"))
    assert answer.returncode == 0 and b"--deliver does not name innocent" in answer.stderr
    assert not (site.directory / "got").exists()


def test_the_summary_names_the_signature(site):
    site.teach()
    line = site.out("--user", "u", "--deliver=summary", mail=site.mail("test-spam"))
    signature = re.search(rb"signature=([0-9a-zA-Z,]{8,})\n", line)[1].decode()
    site.out("--user", "u", "--class=innocent", "--source=error", f"--signature={signature}")
    assert site.totals()["FP"] == 1


def test_the_summary_stands_before_the_message(site):
    out = site.out("--user", "a", "b", "--deliver=innocent,summary", "--stdout", mail=site.mail("ham1"))
    assert [line.split(b";")[0] for line in out.splitlines() if line.startswith(b"X-DSPAM-Result: ")] == [
        b"X-DSPAM-Result: a", b"X-DSPAM-Result: Innocent", b"X-DSPAM-Result: b", b"X-DSPAM-Result: Innocent"]
