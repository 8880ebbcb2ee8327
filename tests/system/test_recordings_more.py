"""The recordings of DSPAM 3.10 about scanners, whitelists and groups, replayed as the others are."""

import json
import os
import re

import pytest

from original_site import INBOUND, original  # noqa: F401 (a fixture)
from recording import THIRD, expected, steady
from scan_peers import FakeClamd


def results(text):
    return [steady(line) for line in re.findall(r"(?m)^X-DSPAM-Result: \w+; .*$", text)]


def totals(text):
    return [json.loads(line.split(" ", 1)[1]) for line in text.splitlines() if line.startswith("totals [")]


def change(before, after):
    return [now - then for then, now in zip(before, after)]


def counters(site, user):
    return json.loads(site.counters(user).split(" ", 1)[1])


# ---- viruses


@pytest.fixture
def clamd(free_port):
    peer = FakeClamd(("127.0.0.1", free_port()))
    peer.behaviour = "virus"
    yield peer
    peer.stop()


# What is refused, where nothing is configured, too, without a result line; what accept delivers, where the original let it vanish.
@pytest.mark.parametrize("response, status, delivered", [("accept", 0, True), ("reject", 255, False), ("spam", 0, False),
                                                         ("none", 255, False)])
def test_clamav(original, clamd, response, status, delivered):  # noqa: F811
    lines = [] if response == "none" else [f"ClamAVResponse {response}"]
    original.configure("ClamAVHost 127.0.0.1", f"ClamAVPort {clamd.address[1]}", "Compat exitCodes", *lines)
    recorded = re.search(rf"-- {response}\n(.*?\n)\n", THIRD["ClamAV"], re.DOTALL)[1]
    answer = original.run("--user", "v", "--deliver=innocent,summary,spam" if delivered else "--deliver=innocent,summary",
                          "--stdout", mail=original.message("test-ham"))
    assert results(answer.stdout.decode()) == (results(recorded) if status == 0 else [])
    assert answer.returncode == status
    assert response == "none" or response == "accept" or f"rc={status}\n" in recorded
    assert original.message("test-ham")[-40:] in answer.stdout if delivered else b"\n\n" not in answer.stdout
    assert steady(original.last_entry("v")).strip() == steady(recorded.splitlines()[2])
    assert not os.path.exists(original.home / "data/v/v.mbox")  # the summary stands for it
    # the original's STREAM brought the message over a second connection, as it came, and so does INSTREAM
    assert "clam data 285 bytes" in THIRD["ClamAV"]
    assert [each.replace(b"\r\n", b"\n") for each in clamd.messages] == [original.message("test-ham")]


# ---- whitelist


def test_whitelist(original):  # noqa: F811
    original.configure("Feature whitelist", "ProcessorBias off")
    original.teach("w")
    known = re.compile(rb"(?m)^From: .*$")
    ham, spam = (known.sub(b"From: Zed <zed@z.example>", original.message(name)) for name in ("ham1", "test-spam"))
    recorded = THIRD["whitelist"]
    wanted = [re.search('class="(\\w+)"', line)[1] for line in recorded.splitlines() if line.startswith("X-")]
    assert wanted == ["Innocent"] * 11 + ["Whitelisted"] * 4
    said = [original.out("--user", "w", "--deliver=summary", mail=ham).decode() for _ in range(13)]
    assert [re.search('class="(\\w+)"', line)[1] for line in said] == wanted[:13]
    shown = re.compile(r'result="\w+"; class="\w+"; probability=[\d.]+')
    assert [shown.search(line)[0] for line in said] == shown.findall(recorded)[:13]
    entries = [steady(line) for line in recorded.splitlines() if re.match(r"\d{10}\t", line)]
    assert steady(original.last_entry("w")).strip() == entries[0]
    for words, number in ((("--deliver=summary",), 13), (("--classify",), 14)):
        line = original.out("--user", "w", *words, mail=spam).decode()
        assert shown.search(line)[0].split("; prob")[0] == shown.findall(recorded)[number].split("; prob")[0]
    assert steady(original.last_entry("w")).strip() == entries[1]


# ---- groups


def set_groups(site, text, *lines):
    (site.home / "group").write_text(text)
    site.configure(f"GroupConfig {site.home}/group", *lines)


def test_shared_and_managed_groups(original):  # noqa: F811
    recorded = THIRD["shared,managed group"]
    set_groups(original, "grp:shared:g1\nmgr:shared,managed:m1,*@m.org\n")
    original.teach("m1")
    ours = original.out("--user", "g1", "--deliver=summary", mail=original.message("test-ham")).decode()
    assert results(ours) == results(recorded)
    for user in ("m1", "x@m.org"):
        original.out("--user", user, *INBOUND, mail=original.message("test-spam"))
    files = [line for line in expected(recorded, "store").splitlines() if re.match(r"(grp|g1|mgr)/", line)]
    ours = [f"{user}/{name}" for user in ("grp", "g1", "mgr") for name in original.files(user)]
    assert sorted(ours) == sorted(files) and sorted(os.listdir(original.home / "data")) == ["g1", "grp", "mgr"]
    marks = re.compile(r"(?m)^(?:From QUARANTINE|X-DSPAM-User: .*)")
    assert marks.findall(original.read("mgr", "mbox")) == marks.findall(recorded)
    entries = [steady(line) for line in recorded.splitlines() if re.match(r"\d{10}\t", line)]
    assert [steady(line) for line in original.read("mgr", "log").splitlines() if "\tS\t" in line][-2:] == entries
    # the manager releases both
    before = [counters(original, "mgr")]
    for copy in re.split(r"(?m)^(?=From QUARANTINE)", original.read("mgr", "mbox"))[1:]:
        original.out("--user", "mgr", "--class=innocent", "--source=error", *INBOUND, mail=copy.encode())
        before.append(counters(original, "mgr"))
    wanted = change(*totals(recorded))
    assert wanted == change(*before[:2]) == change(*before[1:])


def test_an_inoculation_group(original):  # noqa: F811
    set_groups(original, "ino:inoculation:i1,i2,i3\n")
    users = ("i1", "i2", "i3")
    for user in users:
        original.teach(user)
    out = original.out("--user", "i1", *INBOUND, mail=original.message("test-ham"))
    before = [counters(original, user) for user in users]
    original.out("--user", "i1", "--class=spam", "--source=error", mail=out)
    recorded = totals(THIRD["inoculation group"])
    assert [change(then, counters(original, user)) for user, then in zip(users, before)] == [
        change(recorded[i], recorded[i + 3]) for i in range(3)]


def test_classification_and_global_groups(original):  # noqa: F811
    """Someone new is sure of himself and asks nobody; with a global user, that one is asked."""
    recorded = THIRD["classification group / global"]
    for user, groups in (("k1", "cla:classification:k1,k2\n"), ("k3", "glo:classification:*k2\n")):
        set_groups(original, groups)
        if user == "k1":
            original.teach("k2")
        ours = original.out("--user", user, "--deliver=summary", mail=original.message("test-spam")).decode()
        (wanted,) = [line for line in results(recorded) if f": {user};" in line]
        assert results(ours) == [wanted]
        assert counters(original, user) == totals(recorded)[user == "k3"]
