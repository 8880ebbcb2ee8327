"""dspam_admin and the tools that move what was learned: dspam_merge, dspam_2sql, dspam_genaliases."""

import json
import os
import pwd
import re
import sqlite3
import subprocess

import pytest

from database import sqlite_only
from labelled_mail import write_mail
from tool_site import SETTINGS, Site, run_untrusted

SYNTAX = """syntax: dspam_admin [function] [arguments] [--profile=PROFILE]
	add preference [user] [attrib] [value]
	change preference [user] [attrib] [value]
	delete preference [user] [attrib] [value]
	list preference [user] [attrib] [value]
	aggregate preference [user]
"""
DONE = "operation successful.\n"


@pytest.fixture
def site(tmp_path, programs):
    return Site(tmp_path, programs, SETTINGS + 'Preference "trainingMode=TEFT"\nPreference "spamAction=quarantine"\n'
                'Preference "signatureLocation=headers"\nAllowOverride spamAction\n')


# ---- dspam_admin --------------------------------------------------------------------------------------------


def test_admin_does_what_the_original_did(site):
    """The run of DSPAM 3.10 (cli 9), word for word."""
    assert site.good("dspam_admin", "add", "preference", "u1", "spamAction", "tag") == DONE
    assert site.good("dspam_admin", "list", "preference", "u1") == "spamAction=tag\n"
    assert site.good("dspam_admin", "change", "preference", "u1", "spamAction", "deliver") == DONE
    assert site.good("dspam_admin", "list", "preference", "u1") == "spamAction=deliver\n"
    assert site.good("dspam_admin", "add", "preference", "u1", "bogusPref", "x") == DONE
    assert set(site.good("dspam_admin", "list", "preference", "u1").splitlines()) == {"spamAction=deliver", "bogusPref=x"}
    assert site.good("dspam_admin", "aggregate", "preference", "u1") == (
        "trainingMode=TEFT\nspamAction=deliver\nsignatureLocation=headers\n")
    assert site.good("dspam_admin", "delete", "preference", "u1", "spamAction") == DONE
    assert site.good("dspam_admin", "delete", "preference", "u1", "bogusPref") == DONE
    assert site.good("dspam_admin", "list", "preference", "u1") == ""
    assert site.good("dspam_admin", "add", "preference", "default", "spamSubject", "[X Y]") == DONE
    assert site.good("dspam_admin", "list", "preference", "default") == "spamSubject=[X Y]\n"
    assert site.good("dspam_admin", "agg", "pref", "u1") == "spamSubject=[X Y]\n"


@pytest.mark.parametrize("arguments, text", [
    ([], SYNTAX), (["help"], SYNTAX), (["frob", "preference", "u1", "x", "y"], SYNTAX), (["a", "pre", "u1", "x", "y"], SYNTAX),
    (["add", "preference", "u1", "x"], "invalid command syntax.\n" + SYNTAX),
    (["d", "preference", "u1"], "invalid command syntax.\n" + SYNTAX)])
def test_admin_syntax(site, arguments, text):
    answer = site.run("dspam_admin", *arguments)
    assert (answer.returncode, answer.stdout, answer.stderr) == (64, "", text)
    with open(site.config, "a", encoding="ascii") as config:
        config.write("Compat exitCodes\n")
    answer = site.run("dspam_admin", *arguments)
    assert (answer.returncode, answer.stderr) == (1, text)


def test_admin_short_words_and_the_default(site):
    site.good("dspam_admin", "a", "pref", "default", "spamAction", "tag")
    for words in (["l", "prefe", "d"], ["list", "pref", "def"], ["li", "preference", ""], ["ag", "pref", "default"]):
        assert site.good("dspam_admin", *words) == "spamAction=tag\n"
    # setting for "d" is for a user of that name
    site.good("dspam_admin", "ch", "pref", "d", "spamAction", "deliver")
    assert site.good("dspam_admin", "l", "pref", "default") == "spamAction=tag\n"
    assert site.good("dspam_admin", "d", "pref", "default", "spamAction") == DONE
    assert site.good("dspam_admin", "l", "pref", "default") == ""


@pytest.mark.parametrize("name, value, words", [
    ("spamActoin", "tag", "spamAction"), ("bogus", "x", "no preference"), ("spamAction", "Tag", "quarantine"),
    ("statisticalSedation", "11", "0 to 10"), ("trainingMode", " TOE", "TEFT"), ("optOut", "on", "AllowOverride optOut")])
def test_admin_warns(site, name, value, words):
    answer = site.run("dspam_admin", "add", "preference", "u1", name, value)
    assert (answer.returncode, answer.stdout) == (0, DONE)
    assert words in answer.stderr
    assert site.good("dspam_admin", "list", "preference", "u1") == f"{name}={value}\n"


def test_admin_is_silent_when_all_is_well(site):
    assert site.run("dspam_admin", "add", "preference", "u1", "spamAction", "tag").stderr == ""
    answer = site.run("dspam_admin", "add", "preference", "default", "spamAction", "tag")
    assert "Preference lines" in answer.stderr
    assert site.run("dspam_admin", "add", "preference", "default", "optOut", "on").stderr == ""


def test_admin_refuses(site, tmp_path):
    for user, name, value, words in [("a/b", "spamAction", "tag", "a/b"), ("u1", "a\nb", "x", "control"),
                                     ("u1", "spamSubject", "x" * 5000, "4096")]:
        answer = site.run("dspam_admin", "add", "preference", user, name, value)
        assert answer.returncode in (65, 67)
        assert answer.stdout == f"operation failed with error {answer.returncode}.\n"
        assert words in answer.stderr
    answer = site.run("dspam_admin", "add", "preference", "u1", "spamSubject", "[X", "Y]")
    assert answer.returncode == 64
    assert "quotes" in answer.stderr
    me = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    answer = run_untrusted(site, tmp_path, "dspam_admin", "list", "preference", me)
    assert answer.returncode == 77
    assert f"Trust {me}" in answer.stderr


def test_admin_changes_the_file_where_one_is_in_force(site):
    """Setting one in the store would hide those of the file."""
    directory = site.home / "data/u1"
    directory.mkdir(parents=True)
    (directory / "u1.prefs").write_text("# mine\nspamAction=tag\n")
    assert site.good("dspam_admin", "list", "preference", "u1") == "spamAction=tag\n"
    site.good("dspam_admin", "change", "preference", "u1", "spamAction", "deliver")
    site.good("dspam_admin", "add", "preference", "u1", "optOut", "on")
    assert (directory / "u1.prefs").read_text() == "# mine\nspamAction=deliver\noptOut=on\n"
    assert "spamAction=deliver\n" in site.good("dspam_admin", "aggregate", "preference", "u1")
    (site.home / "default.prefs").write_text("spamAction=tag\n")
    assert site.good("dspam_admin", "aggregate", "preference", "default") == "spamAction=tag\n"


def test_admin_json(site):
    site.good("dspam_admin", "add", "preference", "u1", "spamSubject", 'a"\\\x01\udcff\u00e4')
    site.good("dspam_admin", "add", "preference", "u1", "spamAction", "tag")
    said = json.loads(site.good("dspam_admin", "list", "preference", "u1", "--json"))
    assert said == {"user": "u1", "preferences": [{"name": "spamAction", "value": "tag"},
                                                  {"name": "spamSubject", "value": 'a"\\\x01\ufffd\u00e4'}]}
    assert json.loads(site.good("dspam_admin", "list", "preference", "nosuch", "--json"))["preferences"] == []
    said = json.loads(site.good("dspam_admin", "--json", "agg", "pref", "default"))
    assert said["user"] == "default"
    assert len(said["preferences"]) == 3


# ---- dspam_merge --------------------------------------------------------------------------------------------


@pytest.fixture
def trained(site, tmp_path):
    site.good("dspam_corpus", "--addspam", "u1", write_mail(tmp_path / "spam", True, 6))
    site.good("dspam_corpus", "u1", write_mail(tmp_path / "ham", False, 9))
    site.good("dspam_corpus", "u2", tmp_path / "ham")
    return site


def rows(site, user):
    """{token: (spam, innocent, day)} of a user."""
    return {line.split()[0]: tuple(re.search(r"S: (\d+)  I: (\d+) .* LH: (.*)$", line).groups())
            for line in site.good("dspam_dump", user).splitlines()}


def test_merge(trained):
    one, two = rows(trained, "u1"), rows(trained, "u2")
    assert trained.good("dspam_merge", "u1", "u2", "-o", "u3") == (
        f"Destination user: u3\nMerging user: u1\nprocessed {len(one)} tokens\n"
        f"Merging user: u2\nprocessed {len(two)} tokens\nstoring merged tokens...\ncompleted.\n")
    three = rows(trained, "u3")
    assert set(three) == set(one) | set(two)
    for token, (spam, innocent, _) in three.items():
        both = [source[token] for source in (one, two) if token in source]
        assert int(spam) == sum(int(row[0]) for row in both)
        assert int(innocent) == sum(int(row[1]) for row in both)
    assert trained.stats("u3") == {"TP": 0, "TN": 0, "FP": 0, "FN": 0, "SC": 6, "NC": 18}
    assert trained.stats("u1")["NC"] == 9


def test_merge_json_and_odd_users(trained):
    answer = trained.run("dspam_merge", "--json", "u1", "u1", "u2", "-o", "u2")
    assert answer.returncode == 0
    said = json.loads(answer.stdout)
    assert said == {"target": "u2", "users": [{"user": "u1", "tokens": len(rows(trained, "u1"))}]}
    assert "twice" in answer.stderr
    assert "target" in answer.stderr
    assert trained.stats("u2")["NC"] == 18
    answer = trained.run("dspam_merge", "u1", "nosuch", "-o", "u4")
    assert answer.returncode == 67
    assert "nothing was merged" in answer.stderr
    assert "u4" not in trained.good("dspam_stats")


def test_merge_without_users(site):
    for arguments in (["u1"], ["-o", "u2"], []):
        answer = site.run("dspam_merge", *arguments)
        assert answer.returncode == 64
        assert answer.stderr.startswith("syntax: dspam_merge")


# ---- dspam_2sql ---------------------------------------------------------------------------------------------


@sqlite_only("it gives a dump to a file of SQLite")
def test_2sql_fills_a_new_store(trained, tmp_path, root, programs):
    """Loaded into an empty file of our schema it is the same store."""
    trained.good("dspam_admin", "add", "preference", "u1", "spamSubject", "it's \\ [x]")
    trained.good("dspam_admin", "add", "preference", "default", "spamAction", "tag")
    with sqlite3.connect(tmp_path / "copy.sqlite") as copy:
        with open(f"{root}/schema/sqlite.sql", encoding="ascii") as schema:
            copy.executescript(schema.read())
    copy.executescript(trained.good("dspam_2sql", "--dialect=sqlite"))
    copy.close()
    before = {user: trained.good("dspam_dump", user) for user in ("u1", "u2")}
    stats = trained.good("dspam_stats")
    trained.config.write_text(trained.config.read_text() + f"SQLiteFile {tmp_path}/copy.sqlite\n")
    assert {user: trained.good("dspam_dump", user) for user in before} == before
    assert trained.good("dspam_stats") == stats
    assert trained.good("dspam_admin", "list", "preference", "u1") == "spamSubject=it's \\ [x]\n"
    assert trained.good("dspam_admin", "list", "preference", "default") == "spamAction=tag\n"
    # a user that comes now gets a number of his own
    trained.good("dspam_admin", "add", "preference", "new", "optOut", "on")


def test_2sql_of_other_databases(trained):
    trained.good("dspam_admin", "add", "preference", "u'1", "spamSubject", "\\")
    for dialect, low, high in (("mysql", 0, 1 << 64), ("pgsql", -(1 << 63), 1 << 63)):
        text = trained.good("dspam_2sql", f"--dialect={dialect}")
        found = re.findall(r"^insert into dspam_token_data \(uid, token, spam_hits, innocent_hits, last_hit\) "
                           r"values\((\d+), '(-?\d+)', (\d+), (\d+), '(\d{4}-\d\d-\d\d)'\);$", text, re.MULTILINE)
        assert len(found) == len(rows(trained, "u1")) + len(rows(trained, "u2"))
        assert all(low <= int(token) < high for _, token, _, _, _ in found)
        assert {str(int(token) % (1 << 64)) for uid, token, *_ in found if uid == "1"} == set(rows(trained, "u1"))
        assert "insert into dspam_virtual_uids (uid, username) values(3, 'u''1');\n" in text
        assert f"'spamSubject', '{chr(92) * (2 if dialect == 'mysql' else 1)}');\n" in text
        assert "values(1, 6, 9, 0, 0, 6, 9, 0, 0);\n" in text
    assert trained.good("dspam_2sql") == trained.good("dspam_2sql", "--dialect=mysql")
    assert trained.run("dspam_2sql", "--dialect=paper").returncode == 64


# ---- dspam_genaliases -----------------------------------------------------------------------------------------


def test_genaliases(site, tmp_path):
    accounts = pwd.getpwall()
    lines = site.good("dspam_genaliases", "--nospam").splitlines()
    assert len(lines) == 2 * len(accounts)
    match = re.fullmatch(r'spam-root:\t"\|(/\S+/dspam) --config \S+ --user root --class=spam --source=error"', lines[0])
    assert match, lines[0]
    assert os.access(match[1], os.X_OK)
    assert lines[1] == lines[0].replace("spam-root", "nospam-root").replace("class=spam", "class=innocent")
    first, last = accounts[0], accounts[-1]
    text = site.good("dspam_genaliases", "--exclude", first.pw_name, "--excludeuid", str(last.pw_uid))
    assert f"spam-{first.pw_name}:" not in text
    assert f"spam-{last.pw_name}:" not in text
    text = site.good("dspam_genaliases", "--minuid", "1", "--maxuid", "5")
    assert text.count("\n") == sum(1 <= account.pw_uid <= 5 for account in accounts)
    assert "nospam-" not in text
    assert site.good("dspam_genaliases", "-o", tmp_path / "aliases", "--maxuid", "0") == ""
    assert (tmp_path / "aliases").read_text().startswith("spam-root:\t")
    assert site.run("dspam_genaliases", "--minuid", "x").returncode == 64
    # the mail server calls dspam elsewhere
    config = site.config
    site.config = os.path.relpath(config, tmp_path)
    assert f" --config {config} " in site.good("dspam_genaliases", cwd=tmp_path)
    site.config = "missing.conf"
    answer = site.run("dspam_genaliases", cwd=tmp_path)
    assert answer.returncode == 66 and "missing.conf" in answer.stderr
    site.config = config
    assert site.run("dspam_genaliases", "-o", tmp_path / "none/x").returncode == 73


# ---- dspam_pg2int8 ----------------------------------------------------------------------------------------------


def test_pg2int8_usage(site):
    answer = site.run("dspam_pg2int8")
    assert answer.returncode == 64
    assert answer.stderr == ("Must specify an output file\nUsage: dspam_pg2int8 [-h] file\n\tCreates SQL file to migrate "
                             "from NUMERIC to BIGINT type and vice-versa in PostgreSQL.\n\t-h: print this message\n")
    assert site.run("dspam_pg2int8", "/nonexistent/x").returncode == 73
    assert site.run("dspam_pg2int8", "--to=text", "x").returncode == 64
    assert site.run("dspam_pg2int8", "/nonexistent/x", "y").returncode == 64


@pytest.fixture
def postgres(tmp_path_factory, start):
    """psql(sql or file) on a server of our own."""
    folders = sorted(path for path in ("/usr/lib/postgresql/" + name + "/bin" for name in (
        os.listdir("/usr/lib/postgresql") if os.path.isdir("/usr/lib/postgresql") else []))
        if os.path.exists(path + "/initdb") and os.path.exists(path + "/postgres"))
    if not folders:
        pytest.skip("there is no PostgreSQL server")
    directory = tmp_path_factory.mktemp("pg")
    options = {}
    if os.getuid() == 0:
        try:
            owner = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("there is no user postgres to run the server")
        for path in [directory, *directory.parents[:2]]:
            os.chmod(path, 0o755)
        os.chown(directory, owner.pw_uid, owner.pw_gid)
        options = {"user": "postgres", "group": owner.pw_gid, "extra_groups": []}
    made = subprocess.run([f"{folders[-1]}/initdb", "-D", directory / "data", "-U", "dspam", "-A", "trust", "-N"],
                          capture_output=True, text=True, check=False, cwd=directory, **options)
    assert made.returncode == 0, made.stderr
    start([f"{folders[-1]}/postgres", "-D", directory / "data", "-k", directory, "-c", "listen_addresses=", "-F"],
          listens_on=directory / ".s.PGSQL.5432", cwd=directory, **options)

    def run(text):
        command = [f"{folders[-1]}/psql", "-h", directory, "-U", "dspam", "-v", "ON_ERROR_STOP=1", "-qtA", "postgres"]
        for _ in range(200):
            answer = subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd=directory)
            if "starting up" not in answer.stderr:
                break
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    return run


def test_pg2int8_on_a_server(site, tmp_path, postgres):
    tokens = ["0", "1", "9223372036854775807", "9223372036854775808", "14914230887260169844", "18446744073709551615"]
    signed = [int(token) - (1 << 64) if int(token) >= 1 << 63 else int(token) for token in tokens]
    postgres("CREATE TABLE dspam_token_data (uid int, token numeric(20), spam_hits int, innocent_hits int, last_hit date,"
             " UNIQUE (uid, token));" + "".join(f"INSERT INTO dspam_token_data VALUES (1, {token}, 1, 2, '2024-01-01');"
                                                for token in tokens))
    site.good("dspam_pg2int8", tmp_path / "toggle.sql")
    site.good("dspam_pg2int8", "--to=bigint", tmp_path / "bigint.sql")
    query = "SELECT pg_typeof(token), token FROM dspam_token_data ORDER BY ctid;"
    for script, kind, values in [("toggle", "bigint", signed), ("bigint", "bigint", signed), ("toggle", "numeric", tokens),
                                 ("bigint", "bigint", signed)]:
        postgres((tmp_path / f"{script}.sql").read_text())
        found = [line.split("|") for line in postgres(query).splitlines()]
        assert sorted(found) == sorted([kind, str(value)] for value in values)
        assert postgres(f"SELECT count(*) FROM lookup_tokens(1, ARRAY[{values[4]}, 1]::{kind}[]);").strip() == "2"


def test_the_words_of_json(site):
    said = json.loads(site.good("dspam_crc", "--json", "Hello"))
    assert said == {"token": "Hello", "crc": "6035123792198500352"}


def test_genaliases_and_pg2int8_as_json(site, tmp_path):
    lines = site.good("dspam_genaliases", "--nospam").splitlines()
    said = json.loads(site.good("dspam_genaliases", "--nospam", "--json"))["aliases"]
    assert [f'{each["alias"]}:\t"|{each["command"]}"' for each in said] == lines
    assert site.good("dspam_genaliases", "--json", "--maxuid", "0", "-o", tmp_path / "aliases") == ""
    assert json.loads((tmp_path / "aliases").read_text())["aliases"][0]["alias"] == "spam-root"
    said = json.loads(site.good("dspam_pg2int8", "--json", "--to=bigint", tmp_path / "script"))
    assert said == {"file": str(tmp_path / "script"), "to": ["bigint"]}
    assert json.loads(site.good("dspam_pg2int8", "--json", tmp_path / "script"))["to"] == ["bigint", "numeric"]
    assert site.run("dspam_pg2int8", "--json", "/nonexistent/x").stdout == ""


def test_2sql_as_json(trained):
    trained.good("dspam_admin", "add", "preference", "u1", "spamSubject", 'it\'s "\\')
    trained.good("dspam_admin", "add", "preference", "default", "spamAction", "tag")
    said = json.loads(trained.good("dspam_2sql", "--json"))
    assert said["complete"] is True
    assert said["preferences"] == [{"name": "spamAction", "value": "tag"}]
    assert [user["user"] for user in said["users"]] == trained.good("dspam_stats").split("\n")[0:-1:2]
    first = said["users"][0]
    assert first["preferences"] == [{"name": "spamSubject", "value": 'it\'s "\\'}]
    assert {row["token"] for row in first["tokens"]} == set(rows(trained, "u1"))
    sql = trained.good("dspam_2sql")
    for user in said["users"]:
        assert f"values({user['uid']}, {', '.join(map(str, user['totals'].values()))});\n" in sql
        for row in user["tokens"]:
            assert f"values({user['uid']}, '{row['token']}', {row['spam']}, {row['innocent']}, '{row['last_hit']}');\n" in sql
    assert trained.run("dspam_2sql", "--json", "--dialect=mysql").returncode == 64
