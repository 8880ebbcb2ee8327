"""Preferences in databases of the original: its table with its widths, or no table at all."""

import pytest

from original import FORMS, OldSite, recorded

MESSAGE, _ = recorded()


@pytest.fixture(params=FORMS[::2])
def form(request):
    return request.param



@pytest.mark.parametrize("migrated", [False, True])
def test_those_that_are_there_count(form, migrated, tmp_path, programs):
    """The user's, and those of number 0 for who has none."""
    site = OldSite(tmp_path, programs, form)
    anna, bert = site.store.user("anna"), site.store.user("bert")
    site.store.preference(0, "trainingMode", "NOTRAIN")
    site.store.preference(bert, "trainingMode", "TEFT")
    if migrated:
        site.migrate()
    for user in ("anna", "bert"):
        site.good("dspam", "--user", user, "--deliver=innocent,spam", "--stdout", message=MESSAGE)
    assert site.store.totals(anna) in (None, [0] * 8)
    assert site.store.totals(bert)[:2] == [0, 1]
    assert site.good("dspam_admin", "list", "preference", "default") == "trainingMode=NOTRAIN\n"
    site.good("dspam_admin", "change", "preference", "bert", "TRAININGMODE", "NOTRAIN")
    rows = site.store.query(f"SELECT lower(preference), value FROM dspam_preferences WHERE uid = {bert}")
    assert rows == [("trainingmode", "NOTRAIN")]


def test_too_long_is_refused_and_not_cut(form, tmp_path, programs):
    site = OldSite(tmp_path, programs, form)
    site.good("dspam_admin", "add", "preference", "u", "spamSubject", "short")
    answer = site.run("dspam_admin", "add", "preference", "u", "spamSubject", "long " * 50)
    assert answer.returncode != 0 and "ALTER TABLE" in answer.stderr.decode(), answer
    assert site.store.query("SELECT value FROM dspam_preferences") == [("short",)]


def test_without_a_table(form, tmp_path, programs):
    """They are in files, as the original kept them then, until migrate has made the table."""
    site = OldSite(tmp_path, programs, form, without=("dspam_preferences",))
    uid = site.store.user("u")
    site.good("dspam", "--user", "u", "--deliver=innocent,spam", "--stdout", message=MESSAGE)
    assert site.store.totals(uid)[:2] == [0, 1]
    answer = site.run("dspam_admin", "add", "preference", "u", "trainingMode", "NOTRAIN")
    assert answer.returncode != 0 and "dspam_admin migrate" in answer.stderr.decode()
    site.good("dspam_clean", "-s14")
    assert "made dspam_preferences" in site.migrate()
    site.good("dspam_admin", "add", "preference", "u", "trainingMode", "NOTRAIN")
    site.good("dspam", "--user", "u", "--deliver=innocent,spam", "--stdout", message=MESSAGE)
    assert site.store.totals(uid)[:2] == [0, 1]
