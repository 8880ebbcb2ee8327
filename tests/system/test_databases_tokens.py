"""Tokens in databases of the original: unsigned 64-bit numbers, in the form of each of its schemas."""

import random
import struct

import pytest

from database import servers
from original import EXTREMES, FORMS, OldSite, day, recorded

SIGNATURE = "6b0286dd115771442212479"


@pytest.fixture(params=FORMS)
def site(request, tmp_path, programs):
    return OldSite(tmp_path, programs, request.param)


def blob(tokens):
    """A signature as the original keeps it."""
    return b"".join(struct.pack("<QB7x", token, 1) for token in tokens)


def spellings(store):
    """As they stand in the column."""
    return {str(row[0]) for row in store.query("SELECT token FROM dspam_token_data")}


def test_the_largest_and_the_smallest(site):
    """Read, corrected by a signature of the original, and learned from by both sides, before migrate and after it."""
    store, uid = site.store, site.store.user("u")
    store.fill(uid, [9, 9, 0, 0, 0, 0, 0, 0], {token: (1, 3) for token in EXTREMES})
    new = (2, 2**63 + 1, 2**64 - 2)
    expected = {token: [1, 3] for token in EXTREMES}
    for number, before in enumerate((True, False)):
        store.signature(uid, f"{SIGNATURE}{number}", blob([*EXTREMES, *new]))
        site.correct("u", f"{SIGNATURE}{number}", "spam")
        store.learn(uid, EXTREMES, "spam")
        store.learn(uid, new, "innocent")
        for token in EXTREMES:
            expected[token] = [expected[token][0] + 2, expected[token][1] - 1]
        for token in new:
            spam, innocent = expected.get(token, (0, 0))
            expected[token] = [spam + 1, max(innocent - 1, 0) + 1]
        assert store.tokens(uid) == {token: tuple(hits) for token, hits in expected.items()}
        assert spellings(store) == {store.spelt(token) for token in expected}
        assert store.totals(uid) == [9 + 2 * (number + 1), 9, number + 1, 0, 0, 0, 0, 0]
        if before:
            site.migrate()
    said = site.good("dspam_dump", "u")
    assert {int(line.split()[0]) for line in said.splitlines() if line} == set(expected)


def test_many_of_them_are_cleaned_page_by_page(site):
    """None of them is passed over because the database has another order than we."""
    store, uid = site.store, site.store.user("u")
    numbers = random.Random(4)
    old, new = ({numbers.getrandbits(64): (1, 0) for _ in range(5000)} for _ in range(2))
    store.fill(uid, [9, 9, 0, 0, 0, 0, 0, 0], {**old, EXTREMES[0]: (1, 0), EXTREMES[-1]: (1, 0)}, day(40))
    store.query("DELETE FROM dspam_stats")
    store.fill(uid, [9, 9, 0, 0, 0, 0, 0, 0], new, day(5))
    store.signature(uid, "old", b"x" * 16, day(20))
    store.signature(uid, "new", b"x" * 16, day(10))
    site.good("dspam_clean", "-u90,30,15,15", "-s14")
    assert store.tokens(uid) == new
    assert store.query("SELECT signature FROM dspam_signature_data") == [("new",)]


@pytest.mark.parametrize("ours", [False, True])
def test_tokens_are_looked_up_by_their_key(ours, tmp_path, programs):
    """And not by reading all that the user has, of 64 bits as they are."""
    site = OldSite(tmp_path, programs, "mysql-innodb")
    store = site.store
    if ours:
        store.query("DROP TABLE dspam_token_data, dspam_signature_data, dspam_stats, dspam_preferences, dspam_virtual_uids")
        site.good("dspam_admin", "create-store")
    uid, numbers = store.user("u"), random.Random(5)
    store.fill(uid, [9, 9, 0, 0, 0, 0, 0, 0], {numbers.getrandbits(64): (1, 0) for _ in range(20000)})

    servers.run_sql(store.server, "mysql", "SET GLOBAL userstat = ON")  # others use the server, too: what counts is our table

    def read():
        return store.query("SELECT COALESCE(SUM(rows_read), 0) FROM information_schema.table_statistics"
                           " WHERE table_schema = DATABASE() AND table_name = 'dspam_token_data'")[0][0]

    message = b"Subject: x\n\n" + b" ".join(b"word%030x" % numbers.getrandbits(120) for _ in range(200)) + b"\n"
    site.process("u", message)
    before = read()
    signature = site.process("u", message)
    site.correct("u", signature, "spam")
    assert 0 < read() - before < 10000


def test_tokens_of_text_are_refused(site):
    """As schemas before MySQL 4.1 had them; what is to be done is said, and doing it helps."""
    store = site.store
    if store.driver == "pgsql":
        store.query("DROP FUNCTION lookup_tokens; ALTER TABLE dspam_token_data ALTER token TYPE char(20)")
    else:
        store.query("ALTER TABLE dspam_token_data MODIFY token char(20) NOT NULL")
    store.query(f"INSERT INTO dspam_token_data VALUES (1, '{2**63 + 5}', 1, 2, {day(1)})")
    answer = site.run("dspam_stats", "u")
    wanted = "decimal(20), and then to bigint unsigned" if store.driver == "mysql" else "numeric(20)"
    assert answer.returncode == 72, answer
    assert store.name in answer.stderr.decode() and wanted in answer.stderr.decode()
    if store.driver == "mysql":
        for kind in wanted.split(", and then to "):
            store.query(f"ALTER TABLE dspam_token_data MODIFY token {kind} NOT NULL")
    else:
        store.query(f"ALTER TABLE dspam_token_data ALTER token TYPE {wanted} USING token::{wanted}")
    store.user("u", 1)
    assert f"{2**63 + 5} " in site.good("dspam_dump", "u")


@pytest.mark.parametrize("form", FORMS[:2])
def test_a_database_where_a_backslash_escapes(form, tmp_path, programs):
    """As it did in all in the original's time: signatures are kept and read, and so are names and preferences."""
    site, user = OldSite(tmp_path, programs, form), "o'hara\\x41"
    for setting in ("standard_conforming_strings = off", "bytea_output = 'escape'"):
        site.store.query(f"ALTER DATABASE {site.store.name} SET {setting}")
    message = recorded()[0]
    site.teach(user, message, "innocent")
    signature = site.process(user, message)
    uid, = site.store.query("SELECT uid FROM dspam_virtual_uids")[0]
    assert site.store.query("SELECT count(*) FROM dspam_signature_data WHERE length(data) = length AND length > 20") == [(1,)]
    before = site.store.totals(uid)
    site.correct(user, signature, "spam")
    assert [now - then for now, then in zip(site.store.totals(uid), before)][:3] == [1, -1, 1]
    site.good("dspam_admin", "add", "preference", user, "spamSubject", "[\\x41'\\]")
    assert site.good("dspam_admin", "list", "preference", user) == "spamSubject=[\\x41'\\]\n"
    assert user in site.good("dspam_admin", "export-user", user)
