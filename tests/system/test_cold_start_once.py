"""dspam_train with mailboxes, again: no message is taught twice, whatever ended the run before."""

import fcntl
import os
import signal

import pytest

from cold_start_site import Maildir, ended_after, folders, site, taught  # noqa: F401 (a fixture)
from labelled_mail import message


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


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_goes_on_after_an_end(site, tmp_path, number):
    box = Maildir(tmp_path / "box")
    box.put("", 120)
    box.put(".Junk", 120, spam=True)
    command = [os.path.join(site.programs, "dspam_train"), "--config", site.config, "--maildir", box.path, "--verbose", "u1"]
    for _ in range(2):
        assert ended_after(30, number, command) == -number
    assert 60 <= sum(taught(site)) < 240
    site.good("dspam_train", "u1", "--maildir", box.path)
    # each end leaves at most the one message out that was noted and not yet learned
    assert 238 <= sum(taught(site)) <= 240
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
