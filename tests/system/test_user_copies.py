"""Copies of mail for its user: fragments, and a corpus that follows his corrections."""

import os

from agent_site import signature_of, site  # noqa: F401 (a fixture)


def test_a_fragment_is_kept(site):
    site.configure('Preference "storeFragments=on"')
    mail = site.mail("ham1") + b"x" * 2000
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=mail)
    fragment = site.home / "data/u/u.frag" / (signature_of(out).decode() + ".frag")
    assert fragment.read_bytes() == (b"\n\n" + mail.split(b"\n\n", 1)[1])[:1023]


def test_the_corpus_follows_corrections(site):
    site.configure('Preference "makeCorpus=on"')
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    name = signature_of(out).decode() + ".msg"
    corpus = site.home / "data/u/u.corpus"
    assert (corpus / "nonspam" / name).read_bytes() == site.mail("ham1")
    site.out("--user", "u", "--class=spam", "--source=error", mail=out)
    assert os.listdir(corpus / "nonspam") == [] and (corpus / "spam" / name).read_bytes() == site.mail("ham1")
    site.out("--user", "u", "--class=innocent", "--source=error", f"--signature={name[:-4]}")
    assert os.listdir(corpus / "spam") == [] and os.listdir(corpus / "nonspam") == [name]
