"""The original's purge scripts on its tables, after migrate, and on tables of ours; dspam_clean removes what they remove."""

import struct

import pytest

from database import at_work
from original import FORMS, OldSite, day, recorded, trained

MESSAGE, RECORDED = recorded()
OLD = {2**64 - 7: (2, 1, 31), 2**63 + 3: (1, 0, 16), 11: (0, 1, 16), 12: (90, 90, 91)}  # what is old enough for a rule
NEW = {2**64 - 8: (2, 1, 29), 2**63 + 4: (1, 0, 14), 13: (0, 1, 14), 14: (90, 90, 89), 15: (0, 3, 60)}


@pytest.fixture(params=FORMS)
def site(request, tmp_path, programs):
    return OldSite(tmp_path, programs, request.param)


def fill(site, name):
    store, uid = site.store, site.store.user(name)
    store.fill(uid, *trained()["word"])
    store.query("INSERT INTO dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit) VALUES " + ",".join(
        f"({uid}, {store.spelt(token)}, {spam}, {innocent}, {day(ago)})" for token, (spam, innocent, ago) in {**OLD, **NEW}.items()))
    store.signature(uid, "a" * 22, struct.pack("<QB7x", 13, 1), day(15))
    store.signature(uid, "b" * 22, struct.pack("<QB7x", 13, 1), day(13))
    return uid


def kept(site, uid):
    """What of OLD and NEW is there, and which signatures."""
    tokens = set(site.store.tokens(uid)) & set({**OLD, **NEW})
    rows = site.store.query(f"SELECT signature FROM dspam_signature_data WHERE uid = {uid}")
    return tokens, {signature[:1] for (signature,) in rows}


def test_the_scripts(site):
    """Before and after migrate, with the same outcome, which is that of dspam_clean; what is left judges and can be corrected."""
    first = fill(site, "first")
    site.store.purge()
    assert kept(site, first) == (set(NEW), {"b"})
    site.migrate()
    second = fill(site, "second")
    site.store.purge(extended=True)
    assert kept(site, second) == (set(NEW), {"b"})
    third = fill(site, "third")
    site.good("dspam_clean", "-u90,30,15,15", "-s14", "third")
    assert kept(site, third) == (set(NEW), {"b"})
    site.configure("Algorithm graham burton")
    assert {site.verdict(user, MESSAGE) for user in ("first", "second", "third")} == {RECORDED}
    site.correct("second", "b" * 22, "spam")
    assert site.store.tokens(second)[13] == (1, 0)


def test_modes_in_preferences_are_heeded(site):
    """TOE keeps what is old, TUM what has many hits: by the script that looks at them, and by dspam_clean."""
    site.migrate()
    users = [fill(site, name) for name in ("script", "clean")]
    for uid in users:
        site.store.preference(uid, "trainingMode", "TOE")
    site.store.purge(extended=True)
    assert kept(site, users[0])[0] == set(NEW) | {12}
    again = fill(site, "again")
    site.store.preference(again, "trainingMode", "TOE")
    site.good("dspam_clean", "-u90,30,15,15", "again")
    assert 12 in kept(site, again)[0]


@pytest.mark.parametrize("form", ("pgsql-bigint", "mysql-innodb"))
@pytest.mark.parametrize("migrated", (False, True), ids=("before migrate", "after migrate"))
def test_what_is_learned_at_that_moment_stays(form, migrated, tmp_path, programs):
    """Whoever picks what is to go waits for a lesson that is between its rows and its end."""
    site = OldSite(tmp_path, programs, form)
    uid = fill(site, "u")
    if migrated:
        site.migrate()
        site.store.query(f"INSERT INTO dspam_generation (uid, generation) VALUES ({uid}, 1)")
    lesson = (f"UPDATE dspam_token_data SET last_hit = CURRENT_DATE, spam_hits = spam_hits + 1 WHERE uid = {uid} AND token = 11;"
              + (f"UPDATE dspam_generation SET generation = generation + 1 WHERE uid = {uid};" if migrated else "")
              + f"UPDATE dspam_stats SET spam_learned = spam_learned + 1 WHERE uid = {uid};")
    with at_work(site.store, lesson, seconds=2):
        site.good("dspam_clean", "-u90,30,15,15", "u")
    assert kept(site, uid)[0] == set(NEW) | {11} and site.store.tokens(uid)[11] == (1, 1)


@pytest.mark.parametrize("form", FORMS[::2])
def test_on_tables_of_ours(form, tmp_path, programs):
    """A crontab that runs the scripts stays as it is when create-store has made the tables."""
    site = OldSite(tmp_path, programs, form)
    site.store.query("DROP TABLE dspam_token_data, dspam_signature_data, dspam_stats, dspam_preferences, dspam_virtual_uids"
                     + (" CASCADE" if site.store.driver == "pgsql" else ""))
    site.good("dspam_admin", "create-store")
    site.store.unsigned = site.store.driver == "mysql"
    uid = fill(site, "u")
    site.store.purge(extended=True)
    assert kept(site, uid) == (set(NEW), {"b"})
