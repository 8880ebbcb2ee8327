"""The recordings of DSPAM 3.10 about files of users, replayed: notices, fragments, corpus, localStore."""

import os

from agent_site import SIGNATURE
from original_site import INBOUND, original  # noqa: F401 (a fixture)
from recording import SECOND, THIRD, expected, steady


def test_notices(original):
    original.teach("q9")
    texts = original.home / "txt"
    texts.mkdir()
    (texts / "firstrun.txt").write_text("From: admin\nTo: $u\nSubject: first run for $u and $u\n\nWelcome $u\n")
    (texts / "firstspam.txt").write_text("Subject: first spam\n\nSpam for $u\n")
    agent = original.script("lda", 'echo "--- DELIVERY to $1" >>$D/delivered\ncat >>$D/delivered')
    original.configure(f'TrustedDeliveryAgent "{agent} %u"', "Notifications on")
    ours = original.say("--user", "q9", "--deliver=innocent", name="test-spam")
    ours = (original.directory / "delivered").read_text() + ours + "\n".join(original.files("q9")) + "\n"
    recorded = SECOND["notifications"]
    first = recorded[:recorded.index("q9.stats\n") + len("q9.stats\n")]
    assert steady(ours) == expected(first, "store")
    (original.directory / "delivered").unlink()
    original.say("--user", "q9", "--deliver=innocent", name="test-ham")
    assert steady((original.directory / "delivered").read_text()).startswith(
        steady(recorded[len(first):]).rsplit("X-DSPAM-Confidence", 1)[0])


def tree(site, user):
    place = site.home / "data" / user
    return sorted("./" + os.path.relpath(os.path.join(directory, name), place)
                  for directory, _, names in os.walk(place) for name in names)


def test_fragments_and_corpus(original):
    original.configure('Preference "storeFragments=on"', 'Preference "makeCorpus=on"')
    out = original.out("--user", "fc", *INBOUND, mail=original.message("ham1"))
    recorded = THIRD["fragments, corpus"]
    listing = [line for line in expected(recorded, "store").splitlines() if line.startswith("./")]
    assert [steady(line) for line in tree(original, "fc")] == listing[:-1]
    identifier = SIGNATURE.search(out)[1].decode()
    fragment = (original.home / f"data/fc/fc.frag/{identifier}.frag").read_text()
    assert fragment.startswith("\n\nHi Alice, attached are the minutes of the project meeting.\n")
    kept = (original.home / f"data/fc/fc.corpus/nonspam/{identifier}.msg").read_bytes()
    assert kept == original.message("ham1")
    original.out("--user", "fc", "--class=spam", "--source=error", mail=out)
    assert [steady(line) for line in tree(original, "fc") if "corpus" in line] == listing[-1:]


def test_localStore(original):
    for user in ("ls1", "ls2"):
        original.configure('Preference "localStore=shared1"')
        if user == "ls2":
            original.teach(user)
    original.configure('Preference "localStore=shared1"')
    ours = original.say("--user", "ls1", "--deliver=summary", name="ham1")
    original.out("--user", "ls2", *INBOUND, mail=original.message("test-spam"))
    recorded = THIRD["localStore"]
    assert steady(ours.splitlines()[0]) == steady(recorded.splitlines()[0])
    files = {line.split("/")[1] for line in expected(recorded, "store").splitlines() if line.startswith("shared1/")}
    assert set(original.files("shared1")) == files and os.listdir(original.home / "data") == ["shared1"]
    assert "\n" + recorded.splitlines()[-1] + "\n" in original.read("shared1", "mbox")
