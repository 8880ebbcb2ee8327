"""dspam_train with mailboxes: Maildirs, mbox files, and what is taken from them."""

import os
import re

import pytest

from cold_start_site import ADAPTIVE, Maildir, classify, folders, site, taught  # noqa: F401 (a fixture)
from labelled_mail import message


def test_folders_of_a_maildir(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("", 5)
    box.put("", 3, new=True)               # nobody has seen it
    box.put("", 2, flags="")               # fetched, and not read
    box.put("", 1, flags="ST")             # thrown away
    box.put(".Junk", 4, spam=True, flags="")
    box.put(".Junk.Sent", 2, spam=True, new=True)
    box.put(".Archive.2023", 6)
    box.put(".Archive.Spam", 1, spam=True)
    box.put(".Listen.B&APw-cher", 2)
    for folder in (".Drafts", ".Sent", ".Trash", ".Trash.Junk", ".Outbox", ".Templates", ".Gesendete Elemente"):
        box.put(folder, 1)
    before, _ = folders(site, "--maildir", box.path, "--dry-run")
    assert {name for name, folder in before.items() if folder["role"] == "left out"} == {
        "Drafts", "Sent", "Trash", "Trash/Junk", "Outbox", "Templates", "Gesendete Elemente"}
    assert {name: folder["taken"] for name, folder in before.items() if folder["role"] == "spam"} == {
        "Junk": 4, "Junk/Sent": 2, "Archive/Spam": 1}
    assert {name: folder["taken"] for name, folder in before.items() if folder["role"] == "innocent"} == {
        "INBOX": 5, "Archive/2023": 6, "Listen/Bücher": 2}
    assert (before["INBOX"]["unread"], before["INBOX"]["deleted"]) == (5, 1)
    assert taught(site) == (0, 0)
    text = site.good("dspam_train", "u1", "--maildir", box.path)
    assert "To be taught: 7 spam and 13 innocent; 0 were taught before\n" in text
    assert "  innocent  INBOX (mail that was kept): 5 of 11 messages; left out: 5 unread, 1 deleted or drafts\n" in text
    assert "  left out  Sent (its name)\n" in text
    assert "In all 7 spam and 13 innocent, of which " in text
    assert taught(site) == (7, 13)
    assert site.good("dspam_train", "u1", "--maildir", box.path).count("To be taught: 0 spam and 0 innocent; 20 were") == 1
    assert taught(site) == (7, 13)


def test_what_was_learned_is_used(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("", 30)
    box.put(".Junk", 30, spam=True)
    site.good("dspam_train", "u1", "--maildir", box.path)
    said = [classify(site, "u1", message(n, spam)) for n in range(900, 910) for spam in (True, False)]
    assert said[0::2] == ["Spam"] * 10
    assert said[1::2] == ["Innocent"] * 10


def test_a_tree_of_directories(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("INBOX", 2)
    box.put("Junk", 3, spam=True)
    box.put("Junk/old", 1, spam=True)
    box.put("Work/Projects & Plans", 2)
    box.put("Work/Entw&APw-rfe", 2)
    os.symlink(box.path, box.path / "Loop")  # leads out of the tree, or round in it
    before, _ = folders(site, "--maildir", box.path, "--dry-run")
    assert {name: (folder["role"], folder["taken"]) for name, folder in before.items() if folder["messages"]} == {
        "INBOX": ("innocent", 2), "Junk": ("spam", 3), "Junk/old": ("spam", 1),
        "Work/Projects & Plans": ("innocent", 2), "Work/Entwürfe": ("left out", 0)}


def test_the_directory_above_a_maildir(site, tmp_path):
    """A home directory in place of the Maildir in it: spam is taken, too."""
    box = Maildir(tmp_path / "home" / "Maildir")
    box.put("", 2)
    box.put(".Junk.2024", 3, spam=True)
    before, _ = folders(site, "--maildir", tmp_path / "home", "--dry-run")
    assert {name: (folder["role"], folder["taken"]) for name, folder in before.items()} == {
        "Maildir": ("innocent", 2), "Maildir/Junk/2024": ("spam", 3)}


def test_what_the_caller_says_of_folders(site, tmp_path):
    box = Maildir(tmp_path / "box")
    for folder in ("", ".Werbung", ".Werbung.Gut", ".Lists", ".Lists.Loud", ".Sent", ".Junk"):
        box.put(folder, 1)
    rules = ["--spam", "Werbung", "--innocent", "werbung/gut", "--skip", "Lists", "--innocent", "sent"]
    before, _ = folders(site, "--maildir", box.path, "--dry-run", *rules)
    assert {name: folder["role"] for name, folder in before.items()} == {
        "INBOX": "innocent", "Werbung": "spam", "Werbung/Gut": "innocent", "Lists": "left out",
        "Lists/Loud": "left out", "Sent": "innocent", "Junk": "spam"}
    answer = site.run("dspam_train", "u1", "--maildir", box.path, "--spam", "Werbng")
    assert answer.returncode == 65
    assert '"Werbng"' in answer.stderr
    assert taught(site) == (0, 0)


def test_the_newest_of_each_kind(site, tmp_path):
    """A sample of ten thousand messages is what is taken, without reading the others."""
    box = Maildir(tmp_path / "box")
    box.put("", 10000, text="From: a@example.org\n\nwords\n")
    box.put(".Junk", 10, spam=True)
    before, _ = folders(site, "--maildir", box.path, "--dry-run")
    assert (before["INBOX"]["taken"], before["INBOX"]["beyond"], before["Junk"]["taken"]) == (2000, 8000, 10)
    before, _ = folders(site, "--maildir", box.path, "--dry-run", "--limit", "30")
    assert (before["INBOX"]["taken"], before["Junk"]["taken"]) == (15, 10)
    text = site.good("dspam_train", "u1", "--maildir", box.path, "--limit", "8", "--verbose")
    assert re.findall(r"^\[test: (\w+) *\]", text, re.MULTILINE) == ["nonspam"] + ["spam"] * 4  # copies are one
    before, _ = folders(site, "--maildir", box.path, "--dry-run", "--since", "1")
    assert (before["INBOX"]["old"], before["Junk"]["old"]) == (10000, 10)


@pytest.mark.parametrize("newer, older", [("INBOX", "Junk"), ("Junk", "INBOX")])
def test_an_odd_limit(site, tmp_path, newer, older):
    """N is the most; its half is rounded up for the kind whose last message is newer."""
    box = Maildir(tmp_path / "box")
    for name in (newer, older):  # what is put first is newer
        box.put({"INBOX": "", "Junk": ".Junk"}[name], 10, spam=name == "Junk")
    for limit, first, second in ((1, 1, 0), (5, 3, 2), (19, 10, 9), (20, 10, 10)):
        found, _ = folders(site, "--maildir", box.path, "--dry-run", "--limit", str(limit))
        assert [(found[name]["taken"], found[name]["beyond"]) for name in (newer, older)] == [
            (first, 10 - first), (second, 10 - second)]
    text = site.good("dspam_train", "u1", "--maildir", box.path, "--limit", "1", "--verbose")
    assert re.findall(r"^\[test: (\w+)", text, re.MULTILINE) == [{"INBOX": "nonspam", "Junk": "spam"}[newer]]


def test_newest_first_and_mixed(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("", 6)
    box.put(".Junk", 3, spam=True)
    text = site.good("dspam_train", "u1", "--maildir", box.path, "--verbose")
    assert re.findall(r"^\[test: (\w+)", text, re.MULTILINE) == [
        "nonspam", "spam", "nonspam", "nonspam", "spam", "nonspam", "nonspam", "spam", "nonspam"]


def test_mbox_files(site, tmp_path):
    def mbox(name, texts):
        (tmp_path / name).write_text("".join(f"From a@example.org Mon Jan  1 10:00:{n:02} 2024\n{text}\n"
                                             for n, text in enumerate(texts)))
        return tmp_path / name

    read = ["Status: RO\n" + message(n, False) for n in range(4)]
    unread = ["Status: O\n" + message(10, False), "X-Mozilla-Status: 0000\n" + message(11, False)]
    gone = ["Status: RO\nX-Status: D\n" + message(12, False), "X-Mozilla-Status: 0009\n" + message(13, False)]
    kept = mbox("Kept", read + unread + gone)
    junk = mbox("Junk", ["Status: O\n" + message(n, True) for n in range(20, 23)])
    sent = mbox("Sent", [message(30, False)])
    other = mbox("other", [message(n, True) for n in range(40, 42)])
    mine = mbox("mine", [message(50, False)])
    arguments = ["--mbox", kept, "--mbox", junk, "--mbox", sent, "--spam-mbox", other, "--innocent-mbox", mine]
    found, answer = folders(site, *arguments)
    assert {os.path.basename(name): (folder["role"], folder["taught"]) for name, folder in found.items()} == {
        "Kept": ("innocent", 4), "Junk": ("spam", 3), "Sent": ("left out", 0), "other": ("spam", 2),
        "mine": ("innocent", 1)}
    assert (answer["spam"], answer["nonspam"]) == (5, 5)
    assert taught(site) == (5, 5)
    site.good("dspam_train", "u1", *arguments)
    assert taught(site) == (5, 5)
    (tmp_path / "text").write_text("no mail\n")
    assert site.run("dspam_train", "u1", "--mbox", tmp_path / "text").returncode == 65
    assert site.run("dspam_train", "u1", "--mbox", tmp_path / "missing").returncode == 66


def test_nothing_there(site, tmp_path):
    box = Maildir(tmp_path / "box")
    assert "To be taught: 0 spam and 0 innocent" in site.good("dspam_train", "u1", "--maildir", box.path)
    (tmp_path / "empty").write_text("")
    assert "To be taught: 0 spam and 0 innocent" in site.good("dspam_train", "u1", "--mbox", tmp_path / "empty")
    (tmp_path / "none").mkdir()
    answer = site.run("dspam_train", "u1", "--maildir", tmp_path / "none")
    assert (answer.returncode, "is no Maildir" in answer.stderr) == (65, True)
    for name, why in (("missing", "No such file"), ("empty", "goes with --mbox")):
        answer = site.run("dspam_train", "u1", "--maildir", tmp_path / name)
        assert (answer.returncode, why in answer.stderr) == (66, True)
    answer = site.run("dspam_train", "u1", "--mbox", box.path)
    assert (answer.returncode, "goes with --maildir" in answer.stderr) == (66, True)


def test_directories_that_hold_only_directories_are_warned_of(site, tmp_path):
    (tmp_path / "mail/anna").mkdir(parents=True)
    (tmp_path / "index").write_text("")
    for mail in ([tmp_path / "mail", tmp_path / "mail"], ["-i", tmp_path / "index"]):
        answer = site.run("dspam_train", "u1", *mail)
        assert (answer.returncode, "there is no message" in answer.stderr) == (0, True)


@pytest.mark.parametrize("arguments, complaint", [
    (["--spam", "Junk"], "say which mailbox"), (["--maildir", "x", "--limit", "0"], "--limit 0"),
    (["--maildir", "x", "--since", "a"], "--since a"), (["--imap", "h"], "--user NAME"),
    (["--user", "anna", "--maildir", "x"], "--imap HOST"), (["--imap", "h:0", "--user", "a"], "HOST:PORT"),
    (["--imap", "[::1", "--user", "a"], "HOST:PORT"), (["--maildir", "x", "-i", "y"], "do not go together"),
    (["--verbose", "-i", "y"], "options for mailboxes")])
def test_wrong_options(site, arguments, complaint):
    answer = site.run("dspam_train", *arguments)
    assert answer.returncode == 64
    assert complaint in answer.stderr


@pytest.mark.parametrize("mode", ["teft", "toe", "tum", "notrain"])
@pytest.mark.parametrize("algorithm", ["graham burton", "adaptive"])
def test_every_algorithm_and_mode(site, tmp_path, algorithm, mode):
    site.config.write_text(site.config.read_text().replace(ADAPTIVE, f"Algorithm {algorithm}\nTrainingMode {mode}\n"))
    box = Maildir(tmp_path / "box")
    box.put("", 20)
    box.put(".Junk", 20, spam=True)
    site.good("dspam_train", "u1", "--maildir", box.path)
    assert taught(site) == (20, 20)
    assert [classify(site, "u1", message(900, spam)) for spam in (True, False)] == ["Spam", "Innocent"]


def test_who_has_opted_out_is_not_taught(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("", 2)
    (site.home / "opt-out").mkdir()
    (site.home / "opt-out/u1.nodspam").write_text("")
    found, _ = folders(site, "--maildir", box.path)
    assert found["INBOX"]["bad"] == 2
    (site.home / "opt-out/u1.nodspam").unlink()
    site.good("dspam_train", "u1", "--maildir", box.path)
    assert taught(site) == (0, 2)


def test_what_cannot_be_read_is_named(site, tmp_path):
    if os.getuid() == 0:
        pytest.skip("root can read everything")
    box = Maildir(tmp_path / "box")
    box.put("", 2)
    next((box.path / "cur").iterdir()).chmod(0)
    assert site.run("dspam_train", "u1", "--maildir", box.path).returncode == 66
    assert taught(site) == (0, 1)


@pytest.mark.parametrize("mode", [0, 0o400])
def test_a_folder_that_cannot_be_read_is_no_missing_one(site, tmp_path, mode):
    if os.getuid() == 0:
        pytest.skip("root can read everything")
    box = Maildir(tmp_path / "box")
    box.put(".Junk", 2, spam=True)
    (box.path / ".Junk").chmod(mode)
    answer = site.run("dspam_train", "u1", "--maildir", box.path)
    (box.path / ".Junk").chmod(0o700)
    assert (answer.returncode, f"{box.path}/.Junk: Permission denied" in answer.stderr) == (77, True)


def test_messages_of_one_kind_in_a_row_are_warned_of(site, tmp_path):
    """Algorithm adaptive judges badly after them."""
    box = Maildir(tmp_path / "box")
    box.put("", 60)
    box.put(".Junk", 60, spam=True)
    ham, spam = ([f"{kind} {path}\n" for path in (box.path / folder / "cur").iterdir()] for kind, folder in (("ham", ""), ("spam", ".Junk")))
    index = tmp_path / "index"
    for lines, warned in ((spam + ham, True), ([line for pair in zip(spam, ham) for line in pair], False)):
        index.write_text("".join(lines))
        answer = site.run("dspam_train", "u1", "-i", index)
        assert answer.returncode == 0 and ("60 messages of one kind" in answer.stderr) == warned, answer.stderr
        site.good("dspam_admin", "reset-user", "u1", "--yes")
    assert "in a row" not in site.run("dspam_train", "u1", box.path / ".Junk", box.path).stderr
    assert "in a row" in site.run("dspam_corpus", "--addspam", "u2", box.path / ".Junk").stderr
    index.write_text("".join(spam + ham))
    site.config.write_text(site.config.read_text().replace("Algorithm adaptive", "Algorithm graham burton"))
    assert "in a row" not in site.run("dspam_train", "u3", "-i", index).stderr
