"""Algorithm adaptive on databases that were made without room for its weights: of the original, and of our first schema."""

import os
import re
import sqlite3
import subprocess

import pytest

import adaptive_signatures
from agent_site import site  # noqa: F401 (a fixture)
from database import ROOT
from original import FORMS, OldSite, recorded, trained

MESSAGE, RECORDED = recorded()
TOKENS = trained()["word"]
NEW = b"From: eve@else.example\nSubject: something\n\nwords that nobody knows about so far\n"


def sums(store, user="u"):
    return adaptive_signatures.add_up(adaptive_signatures.signatures_of(store, user))


def features(store, user="u"):
    """The rows that have to do with the adaptive classifier: the others have no weights, and stand from before."""
    return adaptive_signatures.rows_of(store, user)


@pytest.mark.parametrize("form", FORMS)
def test_a_database_of_the_original(form, tmp_path, programs):
    old = OldSite(tmp_path, programs, form)
    store, uid = old.store, old.store.user("u", 5)
    store.fill(uid, *TOKENS)
    shape = store.shape()

    # before: graham works as ever, adaptive says what to do, and changes nothing
    assert old.verdict("u", MESSAGE) == RECORDED
    old.configure("Algorithm adaptive")
    for words in (("--classify",), ("--deliver=innocent,spam", "--stdout"), ("--class=spam", "--source=corpus")):
        answer = old.run("dspam", "--user", "u", *words, message=MESSAGE)
        assert answer.returncode == 75 and answer.stdout == b"", answer  # whoever brings mail keeps it
        assert b"Algorithm adaptive" in answer.stderr and b"run dspam_admin migrate" in answer.stderr
    for words, said in ((("dspam", "--check-config"), "stdout"), (("dspam_train", "u", tmp_path, tmp_path), "stderr")):
        answer = old.run(*words)
        assert answer.returncode == 78 and b"run dspam_admin migrate" in getattr(answer, said), answer
    assert store.shape() == shape and store.tokens(uid) == {token: tuple(hits) for token, hits in TOKENS[1].items()}
    old.configure()
    assert old.verdict("u", MESSAGE) == RECORDED

    # after: both
    old.migrate()
    assert old.verdict("u", MESSAGE) == RECORDED
    old.configure("Algorithm adaptive")
    before = features(store)
    assert old.verdict("u", NEW)[0] == "Innocent"  # which says of unsure mail that it is not spam
    signature = old.process("u", NEW)
    old.correct("u", signature, "spam")
    learned = {token: row for token, row in features(store).items() if before.get(token) != row}
    assert learned == sums(store) and learned[adaptive_signatures.LESSONS][:2] == (1, 0)
    assert float(old.verdict("u", NEW)[1]) > 0.411

    # what the original says still works, on its rows and on ours
    store.learn(uid, list(TOKENS[1])[:20] + [2**63 + 77], "spam")
    store.learn(uid, [next(iter(token for token in learned if token))], "innocent")
    store.purge()
    assert set(learned) <= set(store.tokens(uid))
    old.configure()
    assert old.verdict("u", MESSAGE)[0] in ("Spam", "Innocent", "Whitelisted")
    old.configure("Algorithm adaptive")
    old.good("dspam", "--user", "u", "--mode=unlearn", "--class=spam", f"--signature={signature}")
    rest = {token: row for token, row in features(store).items() if row.weight or row.gradient}
    assert rest == {}


def first_schema(path):
    """A file as our first schema made it, with a user who has learned something."""
    store = sqlite3.connect(path)
    with open(os.path.join(ROOT, "schema/sqlite.sql"), encoding="utf-8") as schema:
        store.executescript(schema.read())
    store.executescript("""
        ALTER TABLE dspam_token_data DROP COLUMN weight;
        ALTER TABLE dspam_token_data DROP COLUMN gradient;
        DROP TABLE dspam_token_pending;
        CREATE TABLE dspam_token_pending (uid INTEGER NOT NULL, number INTEGER NOT NULL, changes BLOB NOT NULL,
            PRIMARY KEY (uid, number)) WITHOUT ROWID;
        UPDATE dspam_schema SET version = 1, oldest = 1;
        INSERT INTO dspam_virtual_uids (uid, username) VALUES (1, 'u');
        INSERT INTO dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit) VALUES (1, 77, 3, 4, 20000);
        """)
    store.close()


def test_a_file_of_our_first_schema(site):  # noqa: F811
    """It grows by itself; a program of the time before, which has it open, goes on writing."""
    if site.store.driver != "sqlite":
        pytest.skip("for SQLite")
    first_schema(site.store.file)
    old = sqlite3.connect(site.store.file)
    assert old.execute("SELECT version FROM dspam_schema").fetchall() == [(1,)]
    site.path.write_text(site.path.read_text().replace("Algorithm graham burton", "Algorithm adaptive"))
    assert b'class="Unsure"' in site.out("--user", "u", "--classify", mail=NEW)
    text = site.out("--user", "u", "--deliver=innocent,spam", "--stdout", mail=NEW)
    signature = re.search(rb"^X-DSPAM-Signature: (\S+)$", text, re.MULTILINE)[1].decode()
    with old:
        old.execute("INSERT INTO dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit) VALUES (1, 78, 1, 0, 20000)")
        old.execute("UPDATE dspam_token_data SET spam_hits = spam_hits + 1 WHERE uid = 1 AND token = 77")
    site.out("--user", "u", "--class=spam", "--source=error", f"--signature={signature}")
    subprocess.run([f"{site.programs}/dspam_clean", "--config", site.path, "-p36500", "u"], check=True)
    rows = features(site.store)
    assert (rows.pop(77)[:2], rows.pop(78)[:2]) == ((4, 4), (1, 0))
    assert rows == sums(site.store)
    old.close()
