"""PostgreSQL's tables of the original let every column but the keys be NULL: that counts as nothing, and learns."""

import pytest

from original import TOTALS, OldSite, recorded, trained

MESSAGE, RECORDED = recorded()


@pytest.fixture(params=["pgsql-bigint", "pgsql-numeric"])
def site(request, tmp_path, programs):
    return OldSite(tmp_path, programs, request.param)


def test_counters_and_days(site):
    store, uid = site.store, site.store.user("u")
    totals, tokens = trained()["word"]
    store.fill(uid, totals, tokens)
    store.query("UPDATE dspam_token_data SET spam_hits = NULLIF(spam_hits, 0), innocent_hits = NULLIF(innocent_hits, 0);"
                "UPDATE dspam_token_data SET last_hit = NULL WHERE mod(token, 2) = 0;"
                "UPDATE dspam_stats SET " + ", ".join(f"{name} = NULLIF({name}, 0)" for name in TOTALS))
    assert ("",) in store.query("SELECT spam_hits FROM dspam_token_data")
    assert site.verdict("u", MESSAGE) == RECORDED
    signature = site.process("u", MESSAGE)
    site.correct("u", signature, "spam")
    site.migrate()
    site.correct("u", signature, "innocent")
    now = store.tokens(uid)
    for token in set(now) & set(tokens):
        assert now[token] in (tuple(tokens[token]), (tokens[token][0], tokens[token][1] + 1))
    assert sum(store.totals(uid)[:2]) == sum(totals[:2]) + 1


def test_signatures_without_day_or_length(site):
    store, uid = site.store, site.store.user("u")
    signature = site.process("u", MESSAGE)
    store.query("UPDATE dspam_signature_data SET created_on = NULL, length = NULL")
    site.correct("u", signature, "spam")
    assert store.totals(uid)[:2] == [1, 0]
    site.good("dspam_admin", "export-user", "u")


def test_preferences_without_value(site):
    store, uid = site.store, site.store.user("u")
    store.query(f"INSERT INTO dspam_preferences VALUES ({uid}, 'spamSubject', NULL), ({uid}, 'trainingMode', 'NOTRAIN')")
    assert "X-DSPAM-Result" in site.good("dspam", "--user", "u", "--deliver=innocent,spam", "--stdout", message=MESSAGE)
    assert store.totals(uid) in (None, [0] * 8)
