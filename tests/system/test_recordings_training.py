"""The recordings of DSPAM 3.10 about training, replayed: corrections, and where their signature is found."""

import json
import re

import pytest

from agent_site import SIGNATURE
from original_site import INBOUND, original  # noqa: F401 (a fixture)
from recording import FIRST, THIRD, expected, steady


def test_reclassify(original):
    out = original.out("--user", "a8", *INBOUND, mail=original.message("ham1"))
    ours = original.say("--user", "a8", "--class=spam", "--source=error", "--deliver=spam", "--stdout", mail=out)
    ours += original.read("a8", "log") + original.read("a8", "stats")
    ours += "HOME/data/a8:\n" + "\n".join(original.files("a8")) + "\n"
    recorded = FIRST["8 reclassify spam from stdout msg with headers"].split("\nHOME/data/a8/a8.sig:")[0]
    assert steady(ours) == expected(recorded, "store")


def test_parse_to(original):
    original.teach("p")
    for _ in range(2):
        original.out("--user", "p", "--deliver=summary", mail=original.message("test-ham"))
    out = original.out("--user", "p", *INBOUND, mail=original.message("test-ham"))
    report = re.sub(rb"To: .*\n", b"To: Report <spam-p@example.org>\n", out)
    before = original.counters("p")
    recorded = THIRD["ParseTo"].splitlines()
    assert recorded[1] == "rc=1" and recorded[-7:] == ["a", "b", "p", "p@example.org", "v", "w", "zzz"]
    # nobody is named
    original.configure("ParseToHeaders on")
    assert original.run(mail=report).returncode == 64
    expected("[exit 1]", "prompt")
    assert original.counters("p") == before
    for lines, changed in ((["ParseToHeaders on", "ChangeUserOnParse full"], False),
                           (["ParseToHeaders on", "ChangeUserOnParse on", "ChangeModeOnParse on"], True)):
        original.configure(*lines)
        assert original.run(mail=report).returncode == 0
        after = original.counters("p")
        assert (after != before) == changed, (lines, after)
    before, after = (json.loads(text.split(" ", 1)[1]) for text in (before, after))
    assert [now - then for now, then in zip(after, before)] == [1, -1, 1, 0, 0, 0, 0, 0]


FORMS = {
    "!DSPAM:%s!": True, "> !DSPAM:%s!": True, "!DSPAM: %s!": True, "X-DSPAM-Signature: %s": True,
    "!DSPAM:1234,%s!": False, "=21DSPAM:%s=21": False,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_signature_is_found_as_it_was(original, form):
    recorded = dict(re.findall(r"(?m)^\[(.*)\] changed=(\w+)", THIRD["sig search: forwarded body forms (message location)"]))
    assert recorded[form % "6b0288e243101794639075"] == ("yes" if FORMS[form] else "no")
    original.configure(location="message")
    out = original.out("--user", "s", *INBOUND, mail=original.message("ham1"))
    report = b"From: a@example.org\nSubject: Fwd\n\n" + form.encode() % SIGNATURE.search(out)[1] + b"\n"
    before = original.counters("s")
    original.run("--user", "s", "--class=spam", "--source=error", mail=report)
    assert (original.counters("s") != before) == FORMS[form]


def test_pristine(original):
    original.configure("TrainPristine on")
    original.teach("tp")
    for _ in range(2):
        original.out("--user", "tp", "--deliver=summary", mail=original.message("ham2"))
    ours = original.say("--user", "tp", "--deliver=summary", name="test-ham")
    recorded = THIRD["TrainPristine"]
    assert re.sub(r"confidence=\S+", "", ours.splitlines()[0]) == re.sub(
        r"confidence=\S+", "", expected(recorded.splitlines()[0], "no signature"))
    assert original.files("tp") == [line for line in expected(recorded, "store").splitlines() if line.startswith("tp.")]
    before = json.loads(original.counters("tp").split(" ", 1)[1])
    original.out("--user", "tp", "--class=spam", "--source=error", mail=original.message("test-ham"))
    after = json.loads(original.counters("tp").split(" ", 1)[1])
    wanted = [json.loads(line.split(" ", 1)[1]) for line in recorded.splitlines() if line.startswith("totals")]
    assert [now - then for now, then in zip(after, before)] == [now - then for now, then in zip(wanted[1], wanted[0])]
