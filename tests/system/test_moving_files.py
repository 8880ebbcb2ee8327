"""dspam_admin import from the files of the original: where they are, and what they are."""

import json
import os
import struct
import time

import pytest

from moving_site import VERIFIED, Learned, content, exported, made_up
from moving_site import site  # noqa: F401 (fixtures)
from tool_site import run_untrusted


def test_css_with_ages_and_signatures(site, tmp_path):
    learned = made_up(3000)
    path = learned.css(tmp_path / "old/data/anna/anna.css", records=509, age=35)
    assert path.stat().st_size > 5 * 509 * 24
    (path.parent / "anna.sig/no signature.sig").write_text("x")
    (path.parent / "anna.sig/ab.sig").symlink_to("/etc/passwd")
    then = time.time() - 10 * 86400
    os.utime(path, (then, then))
    answer = site.run("dspam_admin", "import", tmp_path / "old")
    assert answer.returncode == 0, answer.stderr
    assert "ab.sig: left out" in answer.stderr
    assert content(site, "anna") == (learned.totals, learned.tokens, learned.signatures)
    days = {line.split()[4] for line in exported(site, "anna").splitlines() if line.startswith("token ")}
    assert days == {time.strftime("%Y-%m-%d", time.gmtime(then - 35 * 86400))}


@pytest.mark.parametrize("form", ["css", "sdb"])
def test_mail_from_before_can_be_corrected(site, tmp_path, form):
    """A signature that came along teaches as it would have there: hits of its tokens move to the other side."""
    learned = Learned([9, 9, 0, 0, 0, 0, 0, 0], {token: (1, 3) for token in range(1, 6)},
                      {"6b0286dd115771442212479": b"".join(struct.pack("<QB7x", token, 1) for token in (2, 4, 7))})
    getattr(learned, form)(tmp_path / f"u/u.{form}")
    site.good("dspam_admin", "import", tmp_path / "u")
    site.good("dspam", "--user", "u", "--class=spam", "--source=error", "--signature=6b0286dd115771442212479", "--mode=teft")
    totals, tokens, _ = content(site, "u")
    assert totals == [10, 8, 1, 0, 0, 0, 0, 0]
    assert tokens == {1: (1, 3), 2: (2, 2), 3: (1, 3), 4: (2, 2), 5: (1, 3), 7: (1, 0)}


@pytest.mark.parametrize("order, long, machine", [("<", "I", "32-bit"), (">", "Q", "other order")])
def test_css_of_another_machine(site, tmp_path, order, long, machine):
    """What such a file is, and the way out of it, is said; nothing is made of it."""
    path = tmp_path / "old/data/anna/anna.css"
    path.parent.mkdir(parents=True)
    records = [(number * 0x9E3779B97F4A7C15 % 2**64, 1, 2) for number in range(1, 50)]
    records += [(0, 0, 0)] * (1009 - len(records))
    path.write_bytes(struct.pack(f"{order}9{long}8x", 1009, 30, 40, *[0] * 6)
                     + b"".join(struct.pack(f"{order}Q2{long}", *record) for record in records))
    answer = site.run("dspam_admin", "import", tmp_path / "old")
    assert answer.returncode == 65
    assert machine in answer.stderr and "dspam_dump -d sqlite_drv" in answer.stderr and "anna.css" in answer.stderr
    assert site.run("dspam_admin", "export-user", "anna").returncode == 67


@pytest.mark.parametrize("paths", [
    {"anna": "anna/anna.css", "bert@example.org": "bert@example.org/bert@example.org.sdb", "x": "x/x.css"},
    {"anna": "a/n/anna/anna.css", "bert@example.org": "b/e/bert@example.org/bert@example.org.sdb", "x": "x/x/x/x.css"},
    {"anna": "local/anna/anna.css", "bert@example.org": "example.org/bert/bert.sdb", "x@a.b": "a.b/x/x.css"}])
@pytest.mark.parametrize("top", ["home", "data"])
def test_trees_of_home(site, tmp_path, paths, top):
    data = tmp_path / "old/data"
    for number, path in enumerate(paths.values(), 1):
        learned = made_up(50 * number)
        (learned.css if path.endswith("css") else learned.sdb)(data / path)
    (data / "stray.css").write_text("not of a user")
    answer = site.good("dspam_admin", "import", data if top == "data" else data.parent)
    assert {user: int(count) for user, count, _ in VERIFIED.findall(answer)} == dict(zip(paths, (50, 100, 150)))
    assert answer.endswith("3 users, 300 tokens, 12 signatures\n")
    again = site.good("dspam_admin", "import", data)
    assert again.count("was there already") == 3
    assert {user["user"]: user["tokens"] for user in json.loads(site.good("dspam_admin", "list-users", "--json"))["users"]} \
        == dict(zip(paths, (50, 100, 150)))


def test_one_user_of_many(site, tmp_path):
    for user in ("anna", "bert"):
        made_up(20).css(tmp_path / f"old/data/{user}/{user}.css")
    site.good("dspam_admin", "import", tmp_path / "old", "--user=bert")
    assert [user["user"] for user in json.loads(site.good("dspam_admin", "list-users", "--json"))["users"]] == ["bert"]
    answer = site.run("dspam_admin", "import", tmp_path / "old", "--user=carl")
    assert answer.returncode == 66 and "for carl" in answer.stderr


def test_a_damaged_file_keeps_nobody_else_out(site, tmp_path):
    made_up(20).css(tmp_path / "old/data/anna/anna.css")
    bad = made_up(2000).css(tmp_path / "old/data/bert/bert.css")
    made_up(30).sdb(tmp_path / "old/data/carl/carl.sdb")
    with open(bad, "r+b") as file:
        file.truncate(bad.stat().st_size - 1000)
    (tmp_path / "old/data/dora").mkdir()
    (tmp_path / "old/data/dora/dora.sdb").write_text("SQLite format 3 it is not, though it begins like that" * 30)
    answer = site.run("dspam_admin", "import", tmp_path / "old")
    assert answer.returncode == 65
    assert [user for user, _, _ in VERIFIED.findall(answer.stdout)] == ["anna", "carl"]
    assert "bert.css: extent 2 says" in answer.stderr and "dora.sdb" in answer.stderr
    assert answer.stdout.endswith("2 users, 50 tokens, 8 signatures; 2 failed\n")
    report = json.loads(site.run("dspam_admin", "import", tmp_path / "old", "--json").stdout)
    assert (report["failed"], report["complete"]) == (2, False)


def test_a_damaged_source_keeps_no_other_out(site, tmp_path):
    """Wherever it stands among those that were given."""
    good = [made_up(20).css(tmp_path / "anna.css"), made_up(30).sdb(tmp_path / "bert.sdb")]
    bad = tmp_path / "carl.css"
    bad.write_bytes(b"")
    answer = site.run("dspam_admin", "import", bad, good[0], tmp_path / "nowhere.sdb", good[1])
    assert answer.returncode == 65
    assert [user for user, _, _ in VERIFIED.findall(answer.stdout)] == ["anna", "bert"]
    assert "carl.css" in answer.stderr and "nowhere.sdb" in answer.stderr
    assert answer.stdout.endswith("2 users, 50 tokens, 8 signatures; 2 failed\n")
    report = json.loads(site.run("dspam_admin", "import", *good, bad, "--json").stdout)
    assert (report["failed"], report["complete"], len(report["users"])) == (1, False, 2)


@pytest.mark.parametrize("text, status, words", [
    (b"", 65, "empty"), (b"\x7fELF\0\0", 65, "no file that can be imported"), (b"Dear sir or madam,\n", 65, "nothing of DSPAM's"),
    (b"** This file contains an SQLite 2.1 database **", 65, "SQLite 3"),
    (b"v\t3\tdb_version # this must be the first line!!!\nv\t5\tnum_spam\nt\t1\t0\t1700000000\t0123456789\n", 65, "dspam_train"),
    (b'insert into dspam_token_data (uid, token) values (1, "x");\n', 65, "line 1")])
def test_what_is_no_source(site, tmp_path, text, status, words):
    path = tmp_path / "file"
    path.write_bytes(text)
    answer = site.run("dspam_admin", "import", path, "--user=u")
    assert answer.returncode == status
    assert words in answer.stderr and "file" in answer.stderr


@pytest.mark.parametrize("arguments, status, words", [
    (["import"], 64, "import SOURCE"), (["import", "/nowhere/at/all"], 66, "/nowhere/at/all"), (["import", "-"], 64, "--format"),
    (["import", "x", "--format=paper"], 64, "--format=paper"), (["import", "x", "--totals=1"], 64, "--totals"),
    (["import", "x", "--dialect=latin"], 64, "--dialect"), (["import", "x", "--yes"], 64, "import knows no --yes"),
    (["import", "--from-config", "/nowhere.conf"], 78, "/nowhere.conf"), (["export-user"], 64, "export-user USER"),
    (["export-user", "nobody"], 67, "nobody"), (["export-user", "a/b"], 67, "a/b"), (["delete-user", "nobody"], 67, "nobody"),
    (["reset-user", "nobody", "--yes"], 67, "nobody"), (["list-users", "nobody"], 67, "nobody"),
    (["import-user", "/nowhere"], 66, "/nowhere"), (["list", "preference", "u", "--user=x"], 64, "preferences"),
    (["export-user", "a", "b"], 64, "export-user USER")])
def test_wrong_commands(site, arguments, status, words):
    answer = site.run("dspam_admin", *arguments)
    assert (answer.returncode, words in answer.stderr) == (status, True), answer.stderr


def test_who_may(site, tmp_path):
    site.good("dspam_admin", "add", "preference", "u", "trainingMode", "TOE")
    for words in (["list-users"], ["export-user", "u"], ["import", str(tmp_path)], ["delete-user", "u", "--yes"]):
        answer = run_untrusted(site, tmp_path, "dspam_admin", *words)
        assert answer.returncode == 77
