"""dspam_train with mailboxes: Maildirs, mbox files, what is taken from them, and going on after an end."""

import fcntl
import json
import os
import re
import signal
import subprocess

import pytest

from test_tools import Site, message

ADAPTIVE = "Algorithm adaptive\nTrainingMode teft\n"
NEWEST = 1700000000


@pytest.fixture
def site(tmp_path, programs):
    if not os.path.exists(os.path.join(programs, "dspam_train")):
        pytest.skip("the program dspam_train is not built")
    return Site(tmp_path, programs, ADAPTIVE)


class Maildir:
    """A tree; put(folder) adds a message. Folders are paths below it, "" is the inbox."""

    def __init__(self, path):
        self.path = path
        self.count = 0
        self.make("")

    def make(self, folder):
        for part in ("cur", "new", "tmp"):
            (self.path / folder / part).mkdir(parents=True, exist_ok=True)

    def put(self, folder, count=1, spam=False, flags="S", new=False, date=None, text=None):
        self.make(folder)
        for _ in range(count):
            self.count += 1
            moment = date if date is not None else NEWEST - self.count
            name = f"{moment}.M{self.count}P7.host" + ("" if new else f":2,{flags}")
            place = self.path / folder / ("new" if new else "cur") / name
            place.write_text(text if text is not None else message(self.count, spam))


def folders(site, *arguments, user="u1"):
    """{name: what --json says of it}; and the counters."""
    answer = json.loads(site.good("dspam_train", *arguments, "--json", user))
    return {folder["name"]: folder for folder in answer["folders"]}, answer


def taught(site, user="u1"):
    """(spam, innocent) that were learned of kept mail."""
    counts = dict(re.findall(r"(SC|NC): *(\d+)", site.good("dspam_stats", user)))
    return int(counts["SC"]), int(counts["NC"])


# ---- which mail -------------------------------------------------------------------------------------------------


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


def classify(site, user, text):
    command = [os.path.join(site.programs, "dspam"), "--config", site.config, "--user", user, "--classify"]
    answer = subprocess.run([os.fspath(word) for word in command], input=text, capture_output=True, text=True, check=True)
    return re.search(r'result="(\w+)"', answer.stdout)[1]


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
    for name, why in (("missing", "No such file"), ("empty", "Not a directory")):
        answer = site.run("dspam_train", "u1", "--maildir", tmp_path / name)
        assert (answer.returncode, why in answer.stderr) == (66, True)


@pytest.mark.parametrize("arguments, complaint", [
    (["--spam", "Junk"], "say which mailbox"), (["--maildir", "x", "--limit", "0"], "--limit 0"),
    (["--maildir", "x", "--since", "a"], "--since a"), (["--imap", "h"], "--user NAME"),
    (["--user", "anna", "--maildir", "x"], "--imap HOST"), (["--imap", "h:0", "--user", "a"], "HOST:PORT"),
    (["--imap", "[::1", "--user", "a"], "HOST:PORT"), (["--maildir", "x", "-i", "y"], "do not go together")])
def test_wrong_options(site, arguments, complaint):
    answer = site.run("dspam_train", *arguments)
    assert answer.returncode == 64
    assert complaint in answer.stderr


# ---- once, and not twice -------------------------------------------------------------------------------------------


def test_a_message_is_taught_once_wherever_it_is(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("", 3)
    box.put(".Copies", 1, text=message(1, False))
    box.put(".Dos", 1, text=message(2, False).replace("\n", "\r\n"))
    found, _ = folders(site, "--maildir", box.path)
    assert sum(folder["same"] for folder in found.values()) == 2
    assert taught(site) == (0, 3)
    name = next((box.path / "cur").iterdir())
    os.rename(name, box.path / ".Copies/cur" / name.name.replace(":2,S", ":2,RS"))  # answered, and put away
    found, _ = folders(site, "--maildir", box.path)
    assert sum(folder["known"] for folder in found.values()) == 5
    assert taught(site) == (0, 3)
    box.put("", 1)
    folders(site, "--maildir", box.path)
    assert taught(site) == (0, 4)
    folders(site, "--maildir", box.path, "--again")
    assert taught(site) == (0, 8)


def test_what_was_moved_to_junk_since_is_taught_as_spam(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("", 3)
    box.put(".Junk", 1, text=message(2, False))  # of a message that is both only one copy is believed
    box.put(".Junk", 1, spam=True)
    found, _ = folders(site, "--maildir", box.path)
    assert [sum(folder[key] for folder in found.values()) for key in ("taught", "same")] == [4, 1]
    name = next(path for path in (box.path / "cur").iterdir() if "M1P" in path.name)
    os.rename(name, box.path / ".Junk/cur" / name.name)
    found, _ = folders(site, "--maildir", box.path)
    assert (found["INBOX"]["taught"], found["Junk"]["taught"]) == (0, 1)
    assert folders(site, "--maildir", box.path)[1]["messages"] == 0
    assert sum(taught(site)) == 5


def test_a_reset_forgets_it(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("", 3)
    site.good("dspam_train", "u1", "--maildir", box.path)
    site.good("dspam_admin", "reset-user", "u1", "--yes")
    assert taught(site) == (0, 0)
    site.good("dspam_train", "u1", "--maildir", box.path)
    assert taught(site) == (0, 3)


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


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_goes_on_after_an_end(site, tmp_path, number):
    box = Maildir(tmp_path / "box")
    box.put("", 60)
    box.put(".Junk", 60, spam=True)
    command = [os.path.join(site.programs, "dspam_train"), "--config", site.config, "--maildir", box.path, "--verbose", "u1"]
    for _ in range(2):
        with subprocess.Popen([os.fspath(word) for word in command], stdout=subprocess.PIPE, text=True) as run:
            seen = 0
            while seen < 30 and (line := run.stdout.readline()):
                seen += line.startswith("[test:")
            run.send_signal(number)
        assert run.returncode == -number
    assert 60 <= sum(taught(site)) < 120
    site.good("dspam_train", "u1", "--maildir", box.path)
    # each end leaves at most the one message out that was noted and not yet learned
    assert 118 <= sum(taught(site)) <= 120
    before = taught(site)
    site.good("dspam_train", "u1", "--maildir", box.path)
    assert taught(site) == before


def test_a_torn_note_is_none(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("", 3)
    site.good("dspam_train", "u1", "--maildir", box.path)
    notes = site.home / "data/u1/u1.taken"
    assert notes.stat().st_size == 3 * 34
    notes.write_bytes(notes.read_bytes() + b"0123456789")
    box.put("", 1)
    site.good("dspam_train", "u1", "--maildir", box.path)
    assert notes.stat().st_size == 4 * 34
    site.good("dspam_train", "u1", "--maildir", box.path)
    assert taught(site) == (0, 4)


def test_two_at_once(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("", 2)
    (site.home / "data/u1").mkdir(parents=True)
    with open(site.home / "data/u1/u1.taken", "a", encoding="ascii") as notes:
        fcntl.lockf(notes, fcntl.LOCK_EX)
        answer = site.run("dspam_train", "u1", "--maildir", box.path)
        assert answer.returncode == 75
        assert "another dspam_train is teaching u1" in answer.stderr
    site.good("dspam_train", "u1", "--maildir", box.path)
    assert taught(site) == (0, 2)


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


# ---- the model of the site ----------------------------------------------------------------------------------------


def test_the_site_judges_with_everybody(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("", 40)
    box.put(".Junk", 40, spam=True)
    answer = site.run("dspam_train", "--global", "--maildir", box.path)
    assert (answer.returncode, "SiteModel" in answer.stderr) == (78, True)
    assert [classify(site, "new", message(n, spam)) for n in (900, 901) for spam in (True, False)] != [
        "Spam", "Innocent"] * 2
    with open(site.config, "a", encoding="ascii") as config:
        config.write("SiteModel everybody\n")
    assert [classify(site, "new", message(900, True))] != ["Spam"]  # there is none yet
    site.good("dspam_train", "--global", "--maildir", box.path)
    assert taught(site, "everybody") == (40, 40)
    assert [classify(site, "new", message(n, spam)) for n in (900, 901) for spam in (True, False)] == ["Spam", "Innocent"] * 2
    assert site.run("dspam_train", "--global", "u1", "--maildir", box.path).returncode == 64


def deliver(site, user, text, *more):
    command = [os.path.join(site.programs, "dspam"), "--config", site.config, "--user", user, "--deliver=innocent,spam",
               "--stdout", *more]
    return subprocess.run([os.fspath(word) for word in command], input=text, capture_output=True, text=True, check=False)


def test_nobody_else_teaches_the_site(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("", 10)
    box.put(".Junk", 10, spam=True)
    with open(site.config, "a", encoding="ascii") as config:
        config.write("SiteModel everybody\n")
    site.good("dspam_train", "--global", "--maildir", box.path)
    rows = site.good("dspam_dump", "everybody")
    stats = site.good("dspam_stats", "everybody")
    assert deliver(site, "everybody", message(900, True)).returncode == 0
    deliver(site, "everybody", message(901, True), "--class=innocent", "--source=error")
    deliver(site, "u1", message(902, True))
    deliver(site, "u1", message(903, True), "--class=innocent", "--source=corpus")
    assert site.good("dspam_dump", "everybody") == rows
    assert site.good("dspam_stats", "everybody") == stats
    assert site.good("dspam_dump", "u1") != ""
    deliver(site, "everybody", message(904, True), "--class=spam", "--source=corpus")
    assert taught(site, "everybody") == (11, 10)


def test_check_config_knows_the_site(site):
    def check(text):
        site.config.write_text(f"Home {site.home}\nTrainingMode teft\n{text}")
        return site.run("dspam", "--check-config")

    assert "SiteModel" not in check("Algorithm adaptive\nSiteModel everybody\n").stderr
    told = check("Algorithm graham\nSiteModel everybody\n")
    assert "no effect" in told.stdout + told.stderr
    answer = site.run("dspam_train", "u1", "--dry-run", "--maildir", site.home)
    assert answer.returncode == 65
    check("Algorithm adaptive\nSiteModel ../x\n")
    answer = site.run("dspam_train", "--global", "--dry-run", "--maildir", site.home)
    assert (answer.returncode, "SiteModel ../x" in answer.stderr) == (78, True)
