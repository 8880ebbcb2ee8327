"""Moving users: dspam_admin import from all that the original wrote, export-user, import-user, reset, delete, list."""

import json
import os
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import time

import pytest

import servers
from labelled_mail import write_mail
from tool_site import SETTINGS, Site, run_untrusted

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STATISTICS = os.path.join(ROOT, "tests/data/statistics")
TOTALS = ["spam_learned", "innocent_learned", "spam_misclassified", "innocent_misclassified", "spam_corpusfed",
          "innocent_corpusfed", "spam_classified", "innocent_classified"]
TODAY = time.strftime("%Y-%m-%d", time.gmtime())
VERIFIED = re.compile(r"^(\S+): (\d+) tokens, (\d+) signatures, checksums [0-9a-f]{16} [0-9a-f]{16}: verified$", re.MULTILINE)


def load(name):
    with open(os.path.join(STATISTICS, name), encoding="utf-8") as file:
        return json.load(file)


# ---- the original's files ------------------------------------------------------------------------------------


class Learned:
    """What somebody's store holds: totals, {token: (spam, innocent)}, {signature: data}."""

    def __init__(self, totals, tokens, signatures=None):
        self.totals = totals
        self.tokens = tokens
        self.signatures = signatures or {}

    def css(self, path, records=1009, age=0):
        """As the hash driver keeps it: open addressing, and one more extent when one is full."""
        path.parent.mkdir(parents=True, exist_ok=True)
        extents = [[(0, 0, 0)] * records]
        for token, (spam, innocent) in self.tokens.items():
            for extent in extents + [None]:
                if extent is None:
                    extent = [(0, 0, 0)] * records
                    extents.append(extent)
                place = token % records
                for step in range(100):  # HashMaxSeek
                    at = (place + step) % records
                    if extent[at][0] == 0 and (step == 0 or at * 24 + 80 < records * 24):
                        extent[at] = (token, innocent | (age & 15) << 28, spam | (age >> 4) << 28)
                        break
                else:
                    continue
                break
        with open(path, "wb") as file:
            for number, extent in enumerate(extents):
                file.write(struct.pack("<9Q8x", records, *(self.totals if number == 0 else [0] * 8)))
                file.write(b"".join(struct.pack("<3Q", *record) for record in extent))
        if self.signatures:
            directory = path.with_suffix(".sig")
            directory.mkdir()
            for name, data in self.signatures.items():
                (directory / f"{name}.sig").write_bytes(data)
        return path

    def sdb(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(path) as database:
            database.executescript(
                "CREATE TABLE dspam_token_data (token char(20) primary key, spam_hits int, innocent_hits int, last_hit date);"
                "CREATE INDEX id_token_data_02 ON dspam_token_data (innocent_hits);"
                "CREATE TABLE dspam_signature_data (signature char(128) primary key, data blob, created_on date);"
                "CREATE TABLE dspam_stats (dspam_stat_id int primary key, " + " int, ".join(TOTALS) + " int);")
            database.execute(f"INSERT INTO dspam_stats VALUES (0, {', '.join('?' * 8)})", self.totals)
            database.executemany("INSERT INTO dspam_token_data VALUES (?, ?, ?, ?)",
                                 [(str(token), *hits, TODAY) for token, hits in self.tokens.items()])
            database.executemany("INSERT INTO dspam_signature_data VALUES (?, ?, ?)",
                                 [(name, data, TODAY) for name, data in self.signatures.items()])
        database.close()
        return path

    def sql(self, path, uid=4711):
        """As the original's dspam_2sql writes it: tokens in double quotes, days in seconds."""
        now = int(time.time())
        lines = [f"insert into dspam_stats (uid, {', '.join(TOTALS)}) values({uid}, {', '.join(map(str, self.totals))});"]
        lines += [f'insert into dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit) values({uid}, "{token}", '
                  f"{spam}, {innocent}, {now});" for token, (spam, innocent) in self.tokens.items()]
        path.write_text("\n".join(lines) + "\n")
        return path

    def dump(self, path):
        """As the original's dspam_dump writes it: ctime brings a LF of its own."""
        path.write_text("".join(
            f"{token:<20} S: {spam:05}  I: {innocent:05}  P: 0.4000 LH: {time.strftime('%a %b %e %H:%M:%S %Y', time.gmtime())}\n\n"
            for token, (spam, innocent) in self.tokens.items()))
        return path


def made_up(count, seed=1):
    tokens = {(number * seed * 0x9E3779B97F4A7C15) % 2**64 or 1: (number % 7, number % 5 + 1) for number in range(1, count + 1)}
    signatures = {f"{number:032x}": struct.pack("<QB7x", number, 1) * 3 for number in range(1, 5)}
    return Learned([30, 40, 1, 2, 3, 4, 5, 6], tokens, signatures)


@pytest.fixture
def site(tmp_path, programs):
    return Site(tmp_path, programs, SETTINGS)


@pytest.fixture
def other(tmp_path, programs):
    directory = tmp_path / "other"
    directory.mkdir()
    return Site(directory, programs, SETTINGS)


def exported(site, user):
    return site.good("dspam_admin", "export-user", user)


def content(site, user):
    """(totals, {token: (spam, innocent)}, {signature: data}) of a store."""
    lines = [line.split(" ") for line in exported(site, user).splitlines()]
    totals = next([int(word) for word in line[1:]] for line in lines if line[0] == "totals")
    tokens = {int(line[1]): (int(line[2]), int(line[3])) for line in lines if line[0] == "token"}
    signatures = {line[1]: bytes.fromhex(line[3]) for line in lines if line[0] == "signature"}
    return totals, tokens, signatures


# ---- the original's verdicts ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original():
    """{tokenizer: Learned} of DSPAM 3.10, and its verdicts."""
    return ({tokenizer: Learned([state["totals"][name] for name in TOTALS],
                                {int(token): tuple(hits) for token, hits in state["tokens"].items()})
             for tokenizer, state in load("trained-store.json").items() if tokenizer != "note"},
            load("combinations.json")["results"])


def verdict(site, message, rule):
    site.config.write_text(f"Home {site.home}\n{site.store.line}\nProcessorURLContext on\nTokenizer {rule['tokenizer']}\n"
                           f"PValue {rule['pvalue']}\nAlgorithm {rule['algorithm']}\nProcessorBias {rule['processorBias']}\n"
                           'Preference "signatureLocation=headers"\nTrainingMode teft\n')
    with open(os.path.join(STATISTICS, message), "rb") as mail:
        answer = subprocess.run([os.path.join(site.programs, "dspam"), "--config", site.config, "--user", "u", "--classify"],
                                stdin=mail, capture_output=True, text=True, check=True)
    return re.search(r'result="(\w+)"; class="\w+"; probability=([\d.]+); confidence=([\d.]+)', answer.stdout).groups()


@pytest.mark.parametrize("tokenizer", ["word", "chain", "sbph", "osb"])
@pytest.mark.parametrize("form", ["css", "sdb", "sql", "dump"])
def test_the_originals_verdicts(site, tmp_path, original, tokenizer, form):
    """A store filled by DSPAM 3.10, in each of its formats, judges as it did there, to the printed digits."""
    learned = original[0][tokenizer]
    path = getattr(learned, form)(tmp_path / f"u.{form}")
    words = ["--totals=" + ",".join(map(str, learned.totals))] if form == "dump" else []
    answer = site.good("dspam_admin", "import", path, "--user=u", *words)
    assert VERIFIED.findall(answer) == [("u", str(len(learned.tokens)), "0")]
    assert content(site, "u") == (learned.totals, learned.tokens, {})
    rules = [rule for rule in original[1] if rule["tokenizer"] == tokenizer and
             (rule["pvalue"], rule["algorithm"], rule["processorBias"]) in [
                 ("bcr", "graham burton", "on"), ("robinson", "chi-square", "on"), ("markov", "graham burton", "off")]]
    assert len(rules) == 9
    for rule in rules:
        assert verdict(site, rule["message"], rule) == (rule["result"], rule["probability"], rule["confidence"])


def test_as_if_it_had_been_trained_here(site, other, tmp_path):
    """Training here gives what an import of the original's training gives."""
    for site_of in (site, other):
        site_of.config.write_text(f"Home {site_of.home}\n{site_of.store.line}\nProcessorURLContext on\nTokenizer chain\n"
                                  'Preference "signatureLocation=headers"\nTrainingMode teft\nAlgorithm graham\n')
    for _ in range(4):
        for name, kind in (("ham1", "innocent"), ("spam1", "spam"), ("ham2", "innocent"), ("spam2", "spam")):
            with open(os.path.join(STATISTICS, f"{name}.eml"), "rb") as mail:
                subprocess.run([os.path.join(site.programs, "dspam"), "--config", site.config, "--user", "u",
                                f"--class={kind}", "--source=corpus"], stdin=mail, capture_output=True, check=True)
    state = load("trained-store.json")["chain"]
    learned = Learned([state["totals"][name] for name in TOTALS], {int(t): tuple(h) for t, h in state["tokens"].items()})
    other.good("dspam_admin", "import", learned.css(tmp_path / "u/u.css"))
    assert exported(other, "u") == exported(site, "u")


# ---- where files are, and what they are ------------------------------------------------------------------------


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


# ---- dumps -----------------------------------------------------------------------------------------------------


def test_names_for_a_dump_without(site, tmp_path):
    path = made_up(10).sql(tmp_path / "dump.sql", uid=471147)
    answer = site.run("dspam_admin", "import", path)
    assert answer.returncode == 67 and "471147" in answer.stderr and "--names" in answer.stderr
    names = tmp_path / "passwd"
    names.write_text("root:x:0:0:root:/root:/bin/sh\nanna:x:471147:100::/:/bin/sh\n")
    assert VERIFIED.findall(site.good("dspam_admin", "import", path, f"--names={names}")) == [("anna", "10", "0")]
    path.write_text(path.read_text().replace("471147", "0471148"))
    names.write_text("# of the old machine\n471148 bert\n")
    assert VERIFIED.findall(site.good("dspam_admin", "import", path, f"--names={names}")) == [("bert", "10", "0")]


def test_a_dump_with_numbers_that_cannot_be(site, tmp_path):
    """Nobody of NFS, in the dump and in the list of names: one warning, and everybody else is there."""
    paths = [made_up(10).sql(tmp_path / f"{uid}.sql", uid=uid) for uid in (4294967294, 471147)]
    dump = tmp_path / "dump.sql"
    dump.write_text("".join(path.read_text() for path in paths))
    names = tmp_path / "passwd"
    names.write_text("nfsnobody:x:4294967294:4294967294:Anonymous NFS User:/:/sbin/nologin\nanna:x:471147:100::/:/bin/sh\n")
    answer = site.run("dspam_admin", "import", dump, f"--names={names}")
    assert answer.returncode == 0 and answer.stderr.count("4294967294") == 1, answer.stderr
    assert VERIFIED.findall(answer.stdout) == [("anna", "10", "0")]


@pytest.mark.parametrize("dialect", ["mysql", "pgsql", "sqlite"])
def test_our_own_dump(site, other, tmp_path, dialect):
    user = "o'hara\\@example.org"
    made_up(300).css(tmp_path / "u.css")
    site.good("dspam_admin", "import", tmp_path / "u.css", f"--user={user}")
    site.good("dspam_admin", "add", "preference", user, "spamSubject", "[it's; \\spam\\]")
    site.good("dspam_admin", "add", "preference", "default", "spamAction", "tag")
    dump = tmp_path / "dump.sql"
    dump.write_text(site.good("dspam_2sql", f"--dialect={dialect}"))
    answer = other.good("dspam_admin", "import", dump, f"--dialect={dialect}")
    assert "defaults of the site: 1 preferences" in answer
    without = [line for line in exported(site, user).splitlines() if line.split()[0] not in ("signature", "end")]
    assert exported(other, user).splitlines()[:-1] == without
    assert other.good("dspam_admin", "list", "preference", "default") == "spamAction=tag\n"


def test_dump_of_sqlite_and_standard_input(site, other, tmp_path):
    made_up(40).css(tmp_path / "u.css")
    site.good("dspam_admin", "import", tmp_path / "u.css")
    dump = tmp_path / "dump"
    dump.write_text(site.good("dspam_dump", "-d", "sqlite_drv", "u"))
    answer = other.run("dspam_admin", "import", dump)
    assert answer.returncode == 64 and "--user" in answer.stderr
    with open(dump, encoding="ascii") as text:
        subprocess.run([os.path.join(other.programs, "dspam_admin"), "--config", other.config, "import", "-", "--format=sql",
                        "--user=u"], stdin=text, check=True, capture_output=True)
    assert content(other, "u")[:2] == content(site, "u")[:2]


def test_text_of_dspam_dump_without_totals(site, tmp_path):
    tokens = {1: (8, 1), 2: (0, 9)}
    path = Learned([0] * 8, tokens).dump(tmp_path / "dump")
    answer = site.run("dspam_admin", "import", path, "--user=u")
    assert answer.returncode == 0 and "--totals" in answer.stderr
    assert content(site, "u") == ([8, 9, 0, 0, 0, 0, 0, 0], tokens, {})


# ---- from other filters ------------------------------------------------------------------------------------------


def test_bogofilter(site, tmp_path):
    """The words of a real word list: known as such to our tokenizer, they decide."""
    for program in ("bogofilter", "bogoutil"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    for kind in ("s", "n"):
        for path in sorted(write_mail(tmp_path / kind, kind == "s", 30).iterdir()):
            with open(path, "rb") as mail:
                subprocess.run(["bogofilter", "-d", tmp_path, f"-{kind}"], stdin=mail, check=True)
    dump = tmp_path / "words"
    with open(dump, "wb") as output:
        subprocess.run(["bogoutil", "-d", tmp_path / "wordlist.db"], stdout=output, check=True)
    answer = site.run("dspam_admin", "import", dump, "--user=u")
    assert answer.returncode == 0 and re.search(r"\d+ of \d+ words", answer.stderr)
    totals, tokens, _ = content(site, "u")
    assert totals[:2] == [30, 30] and len(tokens) > 30
    for kind, result in (("s", "Spam"), ("n", "Innocent")):
        with open(tmp_path / kind / "07", "rb") as mail:
            answer = subprocess.run([os.path.join(site.programs, "dspam"), "--config", site.config, "--user", "u",
                                     "--classify"], stdin=mail, capture_output=True, text=True, check=True)
        assert f'result="{result}"' in answer.stdout
    site.config.write_text(site.config.read_text().replace("Tokenizer chain", "Tokenizer osb"))
    answer = site.run("dspam_admin", "import", dump, "--user=v")
    assert answer.returncode == 78 and "osb" in answer.stderr


# ---- from store to store, and one person -------------------------------------------------------------------------


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


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    """{name: server}, of those that are installed, each with the tables of a new store."""
    directory = tmp_path_factory.mktemp("databases", numbered=True)
    for parent in [directory, *directory.parents][:3]:
        os.chmod(parent, 0o755)
    started = {}
    try:
        for kind in servers.KINDS:
            if kind.is_installed():
                started[kind.name] = kind(str(directory)).start()
                with open(os.path.join(ROOT, f"schema/{kind.name}.sql"), encoding="utf-8") as schema:
                    started[kind.name].sql(schema.read())
        yield started
    finally:
        for server in started.values():
            server.stop()


def on_server(directory, programs, server):
    directory.mkdir()
    site = Site(directory, programs, SETTINGS, driver=server.name)
    host, port, user, password, database = (directory.parent / server.home / f"{server.name}.data").read_text().split()
    kind = "PgSQL" if server.name == "pgsql" else "MySQL"
    with open(site.config, "a", encoding="ascii") as config:
        config.write(f"{kind}Server {host}\n{kind}Port {port}\n{kind}User {user}\n{kind}Pass {password}\n{kind}Db {database}\n")
    return site


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


# ---- interruptions -----------------------------------------------------------------------------------------------


def position(site):
    """How far an import has come, as its mark in the store says."""
    data = {"sqlite": "CAST(data AS text)", "pgsql": "encode(data, 'escape')", "mysql": "data"}[site.store.driver]
    try:
        mark = site.store.query(f"SELECT {data} FROM dspam_signature_data WHERE signature LIKE 'import%'")
    except sqlite3.OperationalError:
        return 0  # its tables are being made
    words = mark[0][0].split() if mark else ["row", "0"]
    return int(words[1]) if words[0] == "row" else 10**9


@pytest.mark.seconds(300)
def test_killed_and_gone_on(site, other, start, tmp_path):
    """kill -9 in the middle, again and again: it goes on, and counts nothing twice."""
    learned = made_up(120000)
    path = learned.css(tmp_path / "u/u.css", records=200003)
    kills = []
    while True:
        before = position(site)
        process = start([os.path.join(site.programs, "dspam_admin"), "--config", site.config, "import", path])
        while process.popen.poll() is None and position(site) <= before + 15000:
            time.sleep(0.001)
        if process.stop(signal.SIGKILL) == 0:
            break
        kills.append(position(site))
        assert len(kills) < 100
    assert len(kills) >= 2 and kills == sorted(kills), kills
    assert "after an interruption" in process.output() or kills[-1] == 10**9
    assert content(site, "u") == (learned.totals, learned.tokens, learned.signatures)
    other.good("dspam_admin", "import", path)
    assert exported(site, "u") == exported(other, "u")


@pytest.mark.seconds(300)
@pytest.mark.parametrize("where", ["sqlite", "pgsql", "mysql"])
def test_two_at_once(request, programs, start, tmp_path, where):
    """Two imports of one file at the same time: together they count once."""
    if where == "sqlite":
        site = request.getfixturevalue("site")
    elif where in (databases := request.getfixturevalue("databases")):
        site = on_server(tmp_path / where, programs, databases[where])
    else:
        pytest.skip(f"{where} is not installed")
    learned = made_up(40000)
    path = learned.css(tmp_path / "u/u.css", records=100003)
    command = [os.path.join(site.programs, "dspam_admin"), "--config", site.config, "import", path]
    for _ in range(2):
        processes = [start(command), start(command)]
        codes = sorted(process.popen.wait(100) for process in processes)
        assert codes[0] == 0 and codes[1] in (0, 65, 75), [process.output() for process in processes]
    assert content(site, "u") == (learned.totals, learned.tokens, learned.signatures)


def test_progress_on_a_terminal(site, terminal, tmp_path):
    path = made_up(60000).css(tmp_path / "u/u.css", records=100003)
    master, slave = terminal
    subprocess.run([os.path.join(site.programs, "dspam_admin"), "--config", site.config, "import", path], stderr=slave,
                   stdout=subprocess.DEVNULL, check=True)
    os.close(slave)
    shown = os.read(master, 65536).decode()
    os.close(master)
    assert re.search(r"\d+ of 60000 tokens", shown)
