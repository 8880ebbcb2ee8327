"""dspam_admin migrate: it only adds, goes on where it was ended, and may run twice, with mail, and with the original at once."""

import subprocess
import threading

import pytest

from daemon_site import wait_for
from original import FORMS, OldSite, recorded, trained

ADDED = {"dspam_generation", "dspam_schema"}
OURS = {("dspam_token_data", "weight"), ("dspam_token_data", "gradient")}
MESSAGE, RECORDED = recorded()
STEPS = {  # what a migrate that was ended may have left behind, statement by statement
    "pgsql": ["CREATE INDEX dspam_signature_age ON dspam_signature_data (uid, created_on)",
              "CREATE TABLE dspam_generation (uid integer PRIMARY KEY, generation bigint NOT NULL)",
              "CREATE TABLE dspam_schema (version integer NOT NULL, oldest integer NOT NULL)"],
    "mysql": ["CREATE TABLE dspam_generation (uid int unsigned NOT NULL PRIMARY KEY, generation bigint NOT NULL) ENGINE=InnoDB",
              "CREATE TABLE dspam_schema (version int NOT NULL PRIMARY KEY, oldest int NOT NULL) ENGINE=InnoDB"],
}


@pytest.fixture(params=FORMS)
def site(request, tmp_path, programs):
    site = OldSite(tmp_path, programs, request.param)
    site.store.fill(site.store.user("u", 5), *trained()["word"])
    return site


def content(store):
    """All that the original has put there."""
    tokens = store.query("SELECT uid, token, spam_hits, innocent_hits, last_hit FROM dspam_token_data ORDER BY 1, 2")
    return [tokens, *(store.query(f"SELECT * FROM dspam_{table} ORDER BY 1, 2")
                      for table in ("stats", "preferences", "virtual_uids", "signature_data"))]


def old_shape(store):
    """Without the two columns that are ours."""
    return [column for column in store.shape() if column[:2] not in OURS]


def index_is_valid(store):
    return store.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'dspam_signature_age'::regclass") == [("t",)]


def test_it_only_adds(site):
    """Not a column, not a row of the original's is another one; what it made is said; the second time there is nothing to do."""
    store = site.store
    site.store.preference(5, "trainingMode", "TOE")
    before = store.shape(), content(store), store.names()
    said = site.migrate()
    assert (old_shape(store), content(store)) == before[:2]
    assert {column[:2] for column in store.shape()} >= OURS
    assert store.names() == before[2] | ADDED
    assert {line.split()[1] for line in said.splitlines() if line.startswith("made ")} - {
        "dspam_signature_age", "dspam_token_data"} == ADDED
    assert "Reload the daemons" in said
    assert site.migrate() == "The store is ready; nothing had to be added.\n"
    assert store.query("SELECT version, oldest FROM dspam_schema") == [(1, 1)]
    assert site.verdict("u", MESSAGE) == RECORDED


@pytest.mark.parametrize("form", FORMS[1:3])
def test_it_goes_on_where_it_was_ended(form, tmp_path, programs):
    """Wherever that was, mail goes on before, and the next one makes the rest."""
    site = OldSite(tmp_path, programs, form)
    site.store.fill(site.store.user("u", 5), *trained()["word"])
    for count in range(1, len(STEPS[site.store.driver]) + 1):
        for statement in STEPS[site.store.driver][:count]:
            site.store.query(statement)
        assert site.verdict("u", MESSAGE) == RECORDED
        site.process("u", MESSAGE)
        site.migrate()
        assert ADDED <= site.store.names()
        assert site.store.query("SELECT version, oldest FROM dspam_schema") == [(1, 1)]
        site.store.query("DROP TABLE dspam_generation, dspam_schema")
        if site.store.driver == "pgsql":
            site.store.query("DROP INDEX dspam_signature_age")
        site.store.query("DELETE FROM dspam_stats; DELETE FROM dspam_token_data")
        site.store.fill(5, *trained()["word"])


def test_a_half_made_index_is_made_anew(tmp_path, programs):
    site = OldSite(tmp_path, programs, "pgsql-bigint")
    store = site.store
    store.query(STEPS["pgsql"][0])
    store.query("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'dspam_signature_age'::regclass")
    assert "made dspam_signature_age" in site.migrate()
    assert index_is_valid(store)


def test_killed_and_called_again(tmp_path, programs, start):
    """Killed while its index waits for a transaction of the original's; mail does not wait for it meanwhile."""
    site = OldSite(tmp_path, programs, "pgsql-bigint")
    store, uid = site.store, site.store.user("u")
    client = subprocess.Popen([f"{store.server}/pgsql.sh", "-", store.name], stdin=subprocess.PIPE, text=True)
    try:
        client.stdin.write(f"BEGIN; INSERT INTO dspam_signature_data VALUES ({uid}, 'x', '', 0, CURRENT_DATE);\n")
        client.stdin.flush()
        seen = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{store.name}' AND "
        wait_for(lambda: store.query(seen + "state = 'idle in transaction'") == [(1,)], what="the transaction")
        process = start([f"{programs}/dspam_admin", "--config", site.config, "migrate"])
        wait_for(lambda: store.query(seen + "query LIKE '%CREATE INDEX%' AND wait_event_type = 'Lock'") == [(1,)],
                 what="waiting for its end")
        assert site.process("u", MESSAGE)
        process.popen.kill()
        process.popen.wait()
    finally:
        client.stdin.close()
        client.wait()
    site.migrate()
    assert ADDED <= store.names() and index_is_valid(store)
    assert site.process("u", MESSAGE)


@pytest.mark.parametrize("form", FORMS[::2])
def test_the_connection_is_lost_while_it_waits(form, tmp_path, programs, start):
    """For the lock of the table of tokens, which a transaction of the original's holds: it says so, and is called again."""
    site = OldSite(tmp_path, programs, form)
    store, pgsql = site.store, site.store.driver == "pgsql"
    client = subprocess.Popen([f"{store.server}/{store.driver}.sh", "-", store.name], stdin=subprocess.PIPE, text=True)
    try:
        client.stdin.write("BEGIN; LOCK TABLE dspam_token_data IN SHARE MODE;\n" if pgsql else
                           "LOCK TABLES dspam_token_data READ;\n")
        client.stdin.flush()
        locked = ("SELECT 1 FROM pg_locks WHERE relation = 'dspam_token_data'::regclass AND granted" if pgsql else
                  f"SHOW OPEN TABLES FROM {store.name} WHERE In_use > 0")
        wait_for(lambda: store.query(locked), what="the lock")
        process = start([f"{programs}/dspam_admin", "--config", site.config, "migrate"])
        waiting = (f"SELECT pid FROM pg_stat_activity WHERE datname = '{store.name}' AND query LIKE 'ALTER%'"
                   " AND wait_event_type = 'Lock'" if pgsql else "SELECT id FROM information_schema.processlist"
                   f" WHERE db = '{store.name}' AND info LIKE 'ALTER%' AND state LIKE 'Waiting%'")
        found = []
        wait_for(lambda: found.extend(store.query(waiting)) or found, what="waiting for the table")
        store.query(f"SELECT pg_terminate_backend({found[0][0]})" if pgsql else f"KILL CONNECTION {found[0][0]}")
        assert process.popen.wait(60) == 75 and "adding columns to dspam_token_data" in process.output(), process.output()
    finally:
        client.stdin.close()
        client.wait()
    site.migrate()
    assert {column[:2] for column in store.shape()} >= OURS


@pytest.mark.parametrize("form", FORMS[::2])
def test_several_at_once(form, tmp_path, programs):
    """All say that the store is ready, and it is."""
    site = OldSite(tmp_path, programs, form)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(site.run("dspam_admin", "migrate"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.returncode for answer in answers} == {0}, answers
    assert len(answers) == 6 and ADDED <= site.store.names()
    assert site.store.driver != "pgsql" or index_is_valid(site.store)
    assert site.process("u", MESSAGE)
