"""Users of databases of the original: in its table, in one of the site's own, as aliases, or those of the system."""

import json
import pwd

import pytest

from database import at_work
from original import FORMS, TOTALS, OldSite, recorded, trained

WHENS = ("before migrate", "after migrate")


@pytest.fixture(params=FORMS[::2])
def form(request):
    return request.param


@pytest.fixture
def site(form, tmp_path, programs):
    return OldSite(tmp_path, programs, form)


@pytest.fixture(params=WHENS)
def ready(request):
    """A function that brings a site to where the test begins."""
    return lambda site: site.migrate() if request.param == WHENS[1] else None


MESSAGE, RECORDED = recorded()


def as_recorded(site, user):
    return site.verdict(user, MESSAGE) == RECORDED


def fill(site, uid):
    site.store.fill(uid, *trained()["word"])


def test_in_a_table_of_the_site(site, ready):
    """With other names for it and its columns; whoever is new is put there, and no table of ours beside it."""
    store = site.store
    store.query("DROP TABLE dspam_virtual_uids")
    number = "serial" if store.driver == "pgsql" else "int AUTO_INCREMENT"
    store.query(f"CREATE TABLE mail_accounts (id {number} PRIMARY KEY, password varchar(20), login varchar(100) UNIQUE)")
    store.query("INSERT INTO mail_accounts (id, login) VALUES (70, 'anna@example.org')")
    site.configure(*(f"{site.prefix}Virtual{name}" for name in ("Table mail_accounts", "UIDField id", "UsernameField login")))
    fill(site, 70)
    ready(site)
    assert as_recorded(site, "anna@example.org")
    site.teach("bert", MESSAGE, "spam")
    uids = dict(store.query("SELECT login, id FROM mail_accounts"))
    assert set(uids) == {"anna@example.org", "bert"}
    assert store.totals(uids["bert"])[:2] == [1, 0]
    assert "dspam_virtual_uids" not in store.names()
    assert "anna@example.org" in site.good("dspam_stats")
    assert "stays in mail_accounts" in site.good("dspam_admin", "delete-user", "bert", "--yes")
    assert dict(store.query("SELECT login, id FROM mail_accounts")) == uids and store.totals(uids["bert"]) is None


def test_in_a_table_of_the_site_where_we_only_read(site, ready):
    """Who is not in it is unknown, and his mail goes on; who is deleted stays in it."""
    store, reader = site.store, f"{site.store.name}_r"
    store.query("DROP TABLE dspam_virtual_uids; CREATE TABLE mail_accounts (id int PRIMARY KEY, login varchar(100) UNIQUE);"
                "INSERT INTO mail_accounts VALUES (70, 'anna')")
    site.configure(*(f"{site.prefix}Virtual{name}" for name in ("Table mail_accounts", "UIDField id", "UsernameField login")))
    fill(site, 70)
    ready(site)
    name, password = (reader, "LOGIN PASSWORD") if store.driver == "pgsql" else (f"{reader}@localhost", "IDENTIFIED BY")
    store.query(f"CREATE USER {name} {password} 'dspam'; GRANT SELECT ON mail_accounts TO {name};" + "".join(
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {name};" for table in store.names() - {"mail_accounts"}))
    try:
        data = site.home / f"{store.driver}.data"
        data.write_text("\n".join(reader if number == 2 else line for number, line in enumerate(data.read_text().split("\n"))))
        assert as_recorded(site, "anna")
        assert "X-DSPAM-Result: Innocent" in site.good("dspam", "--user", "bert", "--deliver=innocent", "--stdout", message=MESSAGE)
        assert "stays in mail_accounts" in site.good("dspam_admin", "delete-user", "anna", "--yes")
        assert store.query("SELECT * FROM mail_accounts") == [(70, "anna")]
        assert (store.tokens(70), store.totals(70)) == ({}, None)
    finally:
        store.query((f"DROP OWNED BY {name};" if store.driver == "pgsql" else "") + f"DROP USER {name}")


def test_in_another_place_where_we_only_read(site, ready):
    """A view, in another schema or database: who is there is judged by what is his; who is not stays unknown."""
    store, other = site.store, f"{site.store.name}_mail"
    kind = "SCHEMA" if store.driver == "pgsql" else "DATABASE"
    store.query(f"CREATE {kind} {other}; CREATE VIEW {other}.people AS SELECT uid + 100 AS n, upper(username) AS who"
                " FROM dspam_virtual_uids")
    try:
        store.user("anna", 5)
        fill(site, 105)
        site.configure(*(f"{site.prefix}Virtual{name}" for name in (f"Table {other}.people", "UIDField n", "UsernameField who")))
        ready(site)
        assert as_recorded(site, "ANNA")
        assert "X-DSPAM-Result: Innocent" in site.good("dspam", "--user", "BERT", "--deliver=innocent", "--stdout", message=MESSAGE)
        assert store.query("SELECT username FROM dspam_virtual_uids") == [("anna",)]
    finally:
        store.query(f"DROP {kind} {other}{' CASCADE' if store.driver == 'pgsql' else ''}")


def test_a_table_that_is_missing_is_named(site):
    site.configure(f"{site.prefix}VirtualTable people")
    answer = site.run("dspam_stats", "u")
    assert answer.returncode == 78
    assert "people" in answer.stderr.decode() and f"{site.prefix}VirtualTable" in answer.stderr.decode()


def test_aliases(site, ready):
    """Several names of one number share what it has learned; each user is one, whatever he is called."""
    store = site.store
    if store.driver == "mysql":
        store.query("ALTER TABLE dspam_virtual_uids MODIFY uid int unsigned NOT NULL, DROP PRIMARY KEY")
    else:
        store.query("DROP TABLE dspam_virtual_uids; CREATE TABLE dspam_virtual_uids (uid int NOT NULL, username varchar(128) UNIQUE)")
    for name in ("anna@example.org", "a.smith@example.org", "info@example.org"):
        store.user(name, 12)
    fill(site, 12)
    ready(site)
    assert as_recorded(site, "anna@example.org") and as_recorded(site, "info@example.org")
    before = store.totals(12)
    answer = site.run("dspam_merge", "info@example.org", "a.smith@example.org", "-o", "anna@example.org")
    assert answer.returncode == 0 and answer.stderr.count(b"is the target") == 2, answer.stderr
    assert store.totals(12) == before
    site.teach("info@example.org", MESSAGE, "spam")
    signature = site.process("a.smith@example.org", MESSAGE)
    site.correct("anna@example.org", signature, "spam")
    changes = [now - then for now, then in zip(store.totals(12), before)]
    assert changes[0] == 2 and changes[1] == 0, changes  # and what became of the misclassified and the corpus
    assert site.good("dspam_stats").count("TP:") == 1


def test_names_with_and_without_case(site):
    """MySQL's tables compare without it, PostgreSQL's with it, and we as they do."""
    store = site.store
    store.user("Anna", 3)
    fill(site, 3)
    same = store.driver == "mysql"
    assert as_recorded(site, "Anna")
    assert as_recorded(site, "anna") == same
    before = store.totals(3)
    site.good("dspam_merge", "Anna", "-o", "aNNA")
    assert store.totals(3) == before
    site.teach("ANNA", MESSAGE, "spam")
    assert len(store.query("SELECT uid FROM dspam_virtual_uids")) == (1 if same else 3)


def test_rows_that_are_no_users(site):
    """Without a name, as the columns allow it, or with one that cannot be: nobody stumbles over it."""
    site.store.query("INSERT INTO dspam_virtual_uids (uid, username) VALUES (9, NULL), (8, ''), (7, 'a/b')")
    site.store.user("anna", 10)
    fill(site, 9)
    fill(site, 10)
    assert as_recorded(site, "anna")
    assert "anna" in site.good("dspam_stats")
    site.good("dspam_clean", "-s14", "-u90,30,15,15")


def test_numbers_that_cannot_be(site):
    """Of 64 bits, and more of them than are asked for at once: everybody else is listed and cleaned, once."""
    store, largest = site.store, 2**31 - 1
    kind, top = ("bigint", 2**63) if store.driver == "pgsql" else ("bigint unsigned", 2**64)
    store.query(f"DROP TABLE dspam_virtual_uids;"
                f"CREATE TABLE dspam_virtual_uids (uid {kind} PRIMARY KEY, username varchar(128) UNIQUE)")
    store.user("anna", 10)
    fill(site, 10)
    for first, count in ((largest, 1), (largest + 1, 1030), (2**32 - 2, 13), (top - 1030, 1030)):
        values = ",".join(f"({uid}, 'u{uid}')" for uid in range(first, first + count))
        store.query(f"INSERT INTO dspam_virtual_uids VALUES {values}")
    assert as_recorded(site, "anna")
    listed = json.loads(site.good("dspam_admin", "list-users", "--json"))["users"]
    assert [user["user"] for user in listed] == ["anna", f"u{largest}"]
    site.good("dspam_clean", "-s14", "-u90,30,15,15")


@pytest.mark.parametrize("form", ("pgsql-bigint", "mysql-innodb"))
@pytest.mark.parametrize("command", ("reset-user", "delete-user"))
def test_a_lesson_while_the_user_is_removed(site, ready, command):
    """It goes, or stays, whole: rows and totals."""
    store = site.store
    uid = store.user("anna")
    store.query(f"INSERT INTO dspam_stats (uid, {', '.join(TOTALS)}) VALUES ({uid}{', 3' * len(TOTALS)})")
    ready(site)
    generations = "dspam_generation" in store.names()
    if generations:
        store.query(f"INSERT INTO dspam_generation (uid, generation) VALUES ({uid}, 1)")
    lesson = (f"INSERT INTO dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit) VALUES ({uid}, 7, 1, 0, CURRENT_DATE);"
              + (f"UPDATE dspam_generation SET generation = generation + 1 WHERE uid = {uid};" if generations else "")
              + f"UPDATE dspam_stats SET spam_learned = spam_learned + 1 WHERE uid = {uid};")
    with at_work(store, lesson, seconds=2):
        site.good("dspam_admin", command, "anna", "--yes")
    assert (store.tokens(uid), store.totals(uid)) in (({}, None), ({7: (1, 0)}, [1] + [0] * 7))


def test_accounts_of_the_system(form, tmp_path, programs):
    """Without a table of users their numbers are those of the system, and migrate leaves it so."""
    site = OldSite(tmp_path, programs, form, without=("dspam_virtual_uids",))
    store = site.store
    uid = pwd.getpwnam("mail").pw_uid
    fill(site, uid)
    assert as_recorded(site, "mail")
    site.migrate()
    assert as_recorded(site, "mail") and "dspam_virtual_uids" not in store.names()
    site.teach("daemon", MESSAGE, "spam")
    assert store.totals(pwd.getpwnam("daemon").pw_uid)[:2] == [1, 0]
    listed = site.good("dspam_stats")
    assert "mail" in listed and "daemon" in listed
    # Whom the system does not know is judged without memory, and nothing is kept of him.
    before = store.query("SELECT count(*) FROM dspam_stats")
    site.good("dspam", "--user", "nobody-of-that-name", "--deliver=innocent", "--stdout", message=MESSAGE)
    answer = site.run("dspam_merge", "mail", "-o", "nobody-of-that-name")
    assert answer.returncode == 67 and b"nothing was merged" in answer.stderr
    assert store.query("SELECT count(*) FROM dspam_stats") == before
