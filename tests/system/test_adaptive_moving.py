"""What Algorithm adaptive has learned, on its way through the tools: exported, imported, dumped, merged, purged; to the last bit."""

import getpass
import os
import re
import subprocess

import pytest

import adaptive_signatures
from database import DRIVERS, Database
from original import OldSite
from store_fleet import SIGNATURE


class Site:
    def __init__(self, directory, programs, driver):
        if not os.path.exists(f"{programs}/dspam_admin"):
            pytest.skip("the programs are not built")
        self.programs, self.home = programs, directory / f"home-{driver}"
        self.home.mkdir()
        self.store = Database(self.home, driver)
        self.config = directory / f"{driver}.conf"
        self.config.write_text("\n".join([
            f"Home {self.home}", self.store.line, f"Trust {getpass.getuser()}", "Algorithm adaptive", "TrainingMode teft",
            "Feature whitelist", 'Preference "signatureLocation=headers"', ""]))

    def run(self, program, *words, mail=b""):
        command = [os.path.join(self.programs, program), "--config", self.config, *words]
        return subprocess.run([os.fspath(word) for word in command], input=mail, capture_output=True, check=False)

    def good(self, program, *words, mail=b""):
        answer = self.run(program, *words, mail=mail)
        assert answer.returncode == 0, (words, answer.stdout[-500:], answer.stderr)
        return answer.stdout

    def learn(self, user, first):
        for number in range(first, first + 4):
            kind = ("deals", "work")[number % 2]
            mail = f"From: n@{kind}.example\nSubject: {kind} {number}\n\nwords of {kind} and {number * 7919}\n".encode()
            text = self.good("dspam", "--user", user, "--deliver=innocent,spam", "--stdout", mail=mail)
            if number % 4 < 3:  # the last one is what it has taught itself
                self.good("dspam", "--user", user, f"--class={('spam', 'innocent')[number % 2]}", "--source=error",
                          f"--signature={SIGNATURE.search(text)[1].decode()}")
        return self

    def rows(self, user):
        """By the tables; nothing goes in this purge."""
        self.good("dspam_clean", "-p36500", user)
        return adaptive_signatures.rows_of(self.store, user)

    def dump(self, user):
        """By dspam_dump: the whole lines, sorted."""
        return sorted(self.good("dspam_dump", user).decode().splitlines())


@pytest.fixture
def taught(tmp_path, programs):
    return Site(tmp_path, programs, "sqlite").learn("u", 0).learn("v", 2)


def test_shown(taught):
    rows, lines = taught.rows("u"), taught.dump("u")
    shown = [re.fullmatch(r"(\d+) +S: (\d+) +I: (\d+) +P: [\d.]+ LH: .{24}(?: W: (-?\d+) G: (-?\d+))?", line) for line in lines]
    assert {int(line[1]): tuple(int(number or 0) for number in line.groups()[1:]) for line in shown} == {
        token: tuple(row) for token, row in rows.items()}
    assert sum(rows[adaptive_signatures.LESSONS][:2]) == 4
    assert rows == adaptive_signatures.add_up(adaptive_signatures.signatures_of(taught.store, "u"))


@pytest.mark.seconds(300)
def test_from_store_to_store(taught, tmp_path, programs):
    """As a file, from one configuration to the next, as SQL and as a dump; and back."""
    taught.good("dspam_admin", "export-user", "u", f"--output={tmp_path / 'u.txt'}")
    assert (tmp_path / "u.txt").read_text().startswith("dspam-user 2\n")
    rows, lines = taught.rows("u"), taught.dump("u")
    for driver in DRIVERS[1:]:
        other = Site(tmp_path, programs, driver)
        other.good("dspam_admin", "import-user", tmp_path / "u.txt")
        assert other.rows("u") == rows and other.dump("u") == lines
        assert other.good("dspam_admin", "export-user", "u").decode() == (tmp_path / "u.txt").read_text()
        # lessons go on, and can be taken back, where they are now
        signature = re.search(r"^signature (\w+) ", (tmp_path / "u.txt").read_text(), re.MULTILINE)[1]
        other.good("dspam", "--user", "u", "--mode=unlearn", "--class=spam", f"--signature={signature}")
        assert other.rows("u") == adaptive_signatures.add_up(adaptive_signatures.signatures_of(other.store, "u")) != rows
        # all of it, by its configuration; and one user's lines of dspam_dump
        (tmp_path / "dump.txt").write_text("\n".join(lines) + "\n")
        other.good("dspam_admin", "import", tmp_path / "dump.txt", "--user=w")
        assert other.rows("w") == rows
    other.good("dspam_admin", "reset-user", "u", "--yes")
    other.good("dspam_admin", "import", "--from-config", taught.config)
    assert (other.rows("u"), other.rows("v")) == (rows, taught.rows("v"))


@pytest.mark.parametrize("driver", DRIVERS)
def test_as_sql(driver, taught, tmp_path, programs):
    """What dspam_2sql writes is loaded by the database itself, and read by import."""
    directory = tmp_path / "to"
    directory.mkdir()
    other = Site(directory, programs, driver)
    text = taught.good("dspam_2sql", f"--dialect={driver}").decode()
    if driver == "sqlite":
        other.good("dspam_admin", "create-store")
        subprocess.run(["sqlite3", other.store.file], input=text, check=True, text=True)
    else:
        other.store.query(text)
    for user in "uv":
        assert other.rows(user) == taught.rows(user)
        other.good("dspam_admin", "reset-user", user, "--yes")
    (tmp_path / "all.sql").write_text(text)
    other.good("dspam_admin", "import", tmp_path / "all.sql")
    for user in "uv":
        assert other.rows(user) == taught.rows(user)


@pytest.mark.parametrize("driver", DRIVERS)
def test_merged_and_purged(driver, tmp_path, programs):
    site = Site(tmp_path, programs, driver).learn("u", 0).learn("v", 2)
    one, two = site.rows("u"), site.rows("v")
    site.good("dspam_merge", "u", "v", "-o", "w")
    zero = (0, 0, 0, 0)
    assert {token: tuple(row) for token, row in site.rows("w").items()} == {
        token: tuple(map(sum, zip(one.get(token, zero), two.get(token, zero)))) for token in one | two}
    # everything is old: what is rare goes, what is known and the row that counts the lessons stay
    site.store.query(f"UPDATE dspam_token_data SET last_hit = {site.store.date(400)}")
    site.good("dspam_clean", "-u90,30,15,15", "-p30", "w")
    rows = site.rows("w")
    assert sum(rows[adaptive_signatures.LESSONS][:2]) == 8
    assert 1 < len(rows) < len(one | two)
    assert all(2 * row.innocent + row.spam >= 5 for token, row in rows.items() if token != adaptive_signatures.LESSONS)
    site.learn("w", 4)


def test_ballots_stay_behind(tmp_path, programs):
    """They name users by numbers of one store. What the site has learned moves."""
    words = " ".join(f"offer{n}" for n in range(60))
    mail = f"From: n@deals.example\nSubject: offer\n\n{words}\n".encode()
    one, other = Site(tmp_path, programs, "sqlite"), tmp_path / "to"
    other.mkdir()
    other = Site(other, programs, "sqlite")
    with one.config.open("a") as config:
        config.write("SiteModel everybody\nSiteModelQuorum 1\n")
    text = one.good("dspam", "--user", "u", "--deliver=innocent,spam", "--stdout", mail=mail)
    one.good("dspam", "--user", "u", "--class=spam", "--source=error", f"--signature={SIGNATURE.search(text)[1].decode()}")
    assert [ballot.lesson for ballot in adaptive_signatures.signatures_of(one.store, "everybody")] == ["spam"]
    said = b"everybody: 1 ballots (SiteModelQuorum) stay behind"
    answer = one.run("dspam_admin", "export-user", "everybody")
    assert answer.returncode == 0 and said in answer.stderr and b"signature" not in answer.stdout, answer
    answer = other.run("dspam_admin", "import", "--from-config", one.config)
    assert answer.returncode == 0 and said in answer.stderr and b"u: 1 ballots" not in answer.stderr, answer
    for user in ("u", "everybody"):
        assert other.rows(user) == one.rows(user)
    assert adaptive_signatures.signatures_of(other.store, "everybody") == []


def test_a_database_without_room(taught, tmp_path, programs):
    """Nothing is imported that would lose its weights."""
    taught.good("dspam_admin", "export-user", "u", f"--output={tmp_path / 'u.txt'}")
    old = OldSite(tmp_path, programs, "pgsql-bigint")
    answer = old.run("dspam_admin", "import-user", tmp_path / "u.txt")
    assert answer.returncode == 78 and b"run dspam_admin migrate" in answer.stderr, answer
    assert old.store.query("SELECT count(*) FROM dspam_token_data") == [(0,)]
    old.migrate()
    old.good("dspam_admin", "import-user", tmp_path / "u.txt")
    assert adaptive_signatures.rows_of(old.store, "u") == taught.rows("u")
