"""One person: export-user, import-user, from store to store, list-users, reset-user, delete-user."""

import json
import os
import re
import struct
import subprocess

import pytest

from moving_site import VERIFIED, content, exported, made_up, on_server
from moving_site import site, other, databases  # noqa: F401 (fixtures)
from tool_site import SETTINGS, Site


@pytest.fixture
def anna(site, tmp_path):
    """A site where anna has a bit of everything."""
    made_up(5000).css(tmp_path / "anna.css")
    site.good("dspam_admin", "import", tmp_path / "anna.css")
    site.good("dspam_admin", "add", "preference", "anna", "spamSubject", "[secret word]")
    site.good("dspam_admin", "add", "preference", "anna", "trainingMode", "TUM")
    return site


def test_export_import_export(anna, other, tmp_path):
    """Out, in elsewhere, from there into a third store, and out again: the same bytes."""
    file = tmp_path / "anna.txt"
    anna.good("dspam_admin", "export-user", "anna", f"--output={file}")
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text()
    assert text.startswith("dspam-user 1\nname anna\ntotals 30 40 1 2 3 4 5 6\npreference spamSubject [secret%20word]\n")
    assert anna.run("dspam_admin", "export-user", "anna", f"--output={file}").returncode == 73
    other.good("dspam_admin", "import-user", file)
    assert exported(other, "anna") == text
    directory = tmp_path / "third"
    directory.mkdir()
    third = Site(directory, anna.programs, SETTINGS)
    answer = third.good("dspam_admin", "import", "--from-config", other.config)
    assert VERIFIED.findall(answer) == [("anna", "5000", "4")]
    assert exported(third, "anna") == text
    assert "was there already" in third.good("dspam_admin", "import-user", file)
    # under another name
    third.good("dspam_admin", "import-user", file, "bert")
    assert exported(third, "bert").splitlines()[2:-1] == text.splitlines()[2:-1]


@pytest.mark.seconds(300)
def test_from_database_to_database(anna, programs, tmp_path, databases):
    """SQLite to PostgreSQL to MariaDB and back: the same bytes; and nothing is left of who is deleted."""
    if len(databases) < 2:
        pytest.skip("PostgreSQL or MariaDB is not installed")
    anna.good("dspam_admin", "add", "preference", "default", "spamAction", "tag")
    made_up(300, seed=5).css(tmp_path / "b.css")
    anna.good("dspam_admin", "import", tmp_path / "b.css", "--user=o'hara")
    texts = {user: exported(anna, user) for user in ("anna", "o'hara")}
    sites = [anna, on_server(tmp_path / "pgsql", programs, databases["pgsql"]),
             on_server(tmp_path / "mysql", programs, databases["mysql"])]
    directory = tmp_path / "back"
    directory.mkdir()
    sites.append(Site(directory, programs, SETTINGS))
    for before, after in zip(sites, sites[1:]):
        answer = after.good("dspam_admin", "import", "--from-config", before.config)
        assert VERIFIED.findall(answer) == [("anna", "5000", "4"), ("o'hara", "300", "4")]
        assert {user: exported(after, user) for user in texts} == texts
        assert after.good("dspam_admin", "list", "preference", "default") == "spamAction=tag\n"
        assert after.good("dspam_admin", "import", "--from-config", before.config).count("was there already") == 2
        sizes = {user["user"]: user["tokens"] for user in json.loads(after.good("dspam_admin", "list-users", "--json"))["users"]}
        assert sizes == {"anna": 5000, "o'hara": 300}
    for site in sites[1:3]:
        site.good("dspam_admin", "delete-user", "anna", "--yes")
        assert {user: exported(site, user) for user in ["o'hara"]} == {"o'hara": texts["o'hara"]}
        assert site.run("dspam_admin", "export-user", "anna").returncode == 67
        for table in ("token_data", "stats", "signature_data", "preferences", "virtual_uids"):
            others = databases[site.config.parent.name].sql(
                f"SELECT count(DISTINCT uid) FROM dspam_{table} WHERE uid <> 0").strip()
            assert int(others) <= 1, table


def test_a_changed_file_is_refused_whole(anna, other, tmp_path):
    text = exported(anna, "anna")
    file = tmp_path / "anna.txt"
    file.write_text(text.replace("token ", "token 1", 1))
    answer = other.run("dspam_admin", "import-user", file)
    assert answer.returncode == 65 and "line" in answer.stderr
    assert json.loads(other.good("dspam_admin", "list-users", "--json"))["users"] == []


def test_who_has_learned_is_not_added_to_by_mistake(anna, tmp_path):
    path = made_up(100, seed=3).css(tmp_path / "old/data/anna/anna.css")
    before = content(anna, "anna")
    answer = anna.run("dspam_admin", "import", path)
    assert answer.returncode == 65 and "--add" in answer.stderr and "70 messages" in answer.stderr
    assert content(anna, "anna") == before
    assert "would be imported" in anna.good("dspam_admin", "import", path, "--add", "--dry-run")
    assert content(anna, "anna") == before
    anna.good("dspam_admin", "import", path, "--add")
    totals, tokens, _ = content(anna, "anna")
    assert totals == [60, 80, 2, 4, 6, 8, 10, 12]
    assert sum(spam + innocent for spam, innocent in tokens.values()) == sum(
        spam + innocent for learned in (made_up(5000), made_up(100, seed=3)) for spam, innocent in learned.tokens.values())
    anna.good("dspam_admin", "import", path, "--add")  # twice is once
    assert content(anna, "anna")[0] == totals


def test_from_itself(anna):
    answer = anna.run("dspam_admin", "import", "--from-config", anna.config)
    assert answer.returncode == 64 and "itself" in answer.stderr


def test_list_users(anna, tmp_path):
    made_up(10).css(tmp_path / "b.css")
    anna.good("dspam_admin", "import", tmp_path / "b.css")
    lines = [line.split() for line in anna.good("dspam_admin", "list-users").splitlines()]
    assert lines[0] == ["TOKENS", "SIGNATURES", "BYTES", "USER"]
    assert [(line[0], line[3]) for line in lines[1:]] == [("5000", "anna"), ("10", "b"), ("5010", "(2")]
    assert 5000 * 16 < int(lines[1][2]) < 5000 * 100
    listed = json.loads(anna.good("dspam_admin", "list-users", "b", "--json"))
    assert [user["user"] for user in listed["users"]] == ["b"] and listed["complete"]


def test_reset(anna):
    answer = subprocess.run([os.path.join(anna.programs, "dspam_admin"), "--config", anna.config, "reset-user", "anna"],
                            input="n\n", capture_output=True, text=True, check=False)
    assert answer.returncode == 64 and "5000 tokens" in answer.stderr and "nothing was removed" in answer.stderr
    assert len(content(anna, "anna")[1]) == 5000
    answer = subprocess.run([os.path.join(anna.programs, "dspam_admin"), "--config", anna.config, "reset-user", "anna"],
                            input="yes\n", capture_output=True, text=True, check=False)
    assert answer.returncode == 0 and "5000 tokens" in answer.stdout
    assert content(anna, "anna") == ([0] * 8, {}, {})
    assert "trainingMode=TUM" in anna.good("dspam_admin", "list", "preference", "anna")


def bytes_below(directory):
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize("layout, place", [("user", "data/anna@a.b"), ("domain", "data/a.b/anna"), ("large", "data/a/n/anna@a.b")])
def test_delete_leaves_nothing(site, tmp_path, layout, place):
    """No byte of the person is left below Home: not in files, not in the store, and nobody else has lost one."""
    with open(site.config, "a", encoding="ascii") as config:
        config.write(f"HomeLayout {layout}\nUserLog on\nTrainingMode teft\n")
    made_up(5000).css(tmp_path / "anna.css")
    site.good("dspam_admin", "import", tmp_path / "anna.css", "--user=anna@a.b")
    made_up(30, seed=7).css(tmp_path / "bert.css")
    site.good("dspam_admin", "import", tmp_path / "bert.css", "--user=bert@a.b")
    site.good("dspam_admin", "add", "preference", "anna@a.b", "spamSubject", "[secret word]")
    mail = ("From: x@example.org\nSubject: a private matter\n\nhello\n").encode()
    for user in ("anna@a.b", "bert@a.b"):
        subprocess.run([os.path.join(site.programs, "dspam"), "--config", site.config, "--user", user, "--deliver=innocent",
                        "--stdout"], input=mail, capture_output=True, check=True)
    home = site.home / place
    local = home.name
    (home / f"{local}.mbox").write_text("From somebody\n\nanna, a secret word\n")
    (home / f"{local}.frag").mkdir()
    (home / f"{local}.frag" / "1.frag").write_text("secret word")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    (home / f"{local}.link").symlink_to(outside)
    mark = site.home / "opt-out" / ("a.b/anna.nodspam" if layout == "domain" else "anna@a.b.nodspam")
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    bert = exported(site, "bert@a.b")
    assert any(b"secret word" in content or b"anna" in content for content in bytes_below(site.home).values())
    answer = site.good("dspam_admin", "delete-user", "anna@a.b", "--yes", "--optimize")
    assert re.match(r"anna@a\.b: \d+ tokens, \d+ signatures, \d+ files removed$", answer)
    assert not home.exists() and not mark.exists() and (outside / "kept").exists()
    for path, content in bytes_below(site.home).items():
        for word in (b"anna", b"secret word", struct.pack(">Q", next(iter(made_up(5000).tokens)))):
            assert word not in content, (path, word)
    assert exported(site, "bert@a.b") == bert
    assert site.run("dspam_admin", "export-user", "anna@a.b").returncode == 67
    assert site.run("dspam_admin", "delete-user", "anna@a.b", "--yes").returncode == 67
    # a name that comes back begins anew
    site.good("dspam_admin", "add", "preference", "anna@a.b", "trainingMode", "TOE")
    assert exported(site, "anna@a.b").splitlines()[2:4] == ["totals 0 0 0 0 0 0 0 0", "preference trainingMode TOE"]


def test_delete_of_one_who_has_only_files(site):
    directory = site.home / "data/anna"
    directory.mkdir(parents=True)
    (directory / "anna.mbox").write_text("x")
    (directory / "notes").write_text("of the administrator")
    answer = site.run("dspam_admin", "delete-user", "anna", "--yes")
    assert answer.returncode == 0 and "stays" in answer.stderr
    assert [path.name for path in directory.iterdir()] == ["notes"]
