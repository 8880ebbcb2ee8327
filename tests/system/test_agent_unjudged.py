"""Mail that dspam, working alone, does not judge: too large, opted out, or without a store."""

import pytest

from agent_site import site  # noqa: F401 (a fixture)
from database import DRIVER, away


@pytest.mark.parametrize("reason", ["size", "file", "preference"])
@pytest.mark.parametrize("words", [["--deliver=innocent"], ["--deliver=spam"], []])
def test_what_is_not_judged_goes_on_unchanged(site, reason, words):
    site.teach()
    before = site.totals()
    if reason == "file":
        (site.home / "opt-out").mkdir()
        (site.home / "opt-out/u.nodspam").touch()
    site.configure(*{"size": ["MaxMessageSize 100"], "preference": ['Preference "optOut=on"']}.get(reason, []))
    answer = site.run("--user", "u", *words, "--stdout", mail=site.mail("test-spam"))
    assert (answer.returncode, answer.stdout) == (0, site.mail("test-spam"))
    assert site.totals() == before
    answer = site.run("--user", "u", "--classify", mail=site.mail("test-spam"))
    assert (answer.returncode, answer.stdout) == (0, b"")


def test_a_store_that_is_away(site):
    broken, named = away(site.directory)
    site.configure(*broken)
    answer = site.run("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    assert (answer.returncode, answer.stdout) == (75, b"")
    assert named.encode() in answer.stderr
    site.configure(*broken, "StoreFailure deliver")
    answer = site.run("--user", "u", "--deliver=spam", "--stdout", mail=site.mail("ham1"))
    assert (answer.returncode, answer.stdout) == (0, site.mail("ham1"))
    answer = site.run("--user", "u", "--class=spam", "--source=error", mail=site.mail("ham1"))
    assert answer.returncode == 75
    assert site.run("--user", "u", "--classify", mail=site.mail("ham1")).returncode == 75


def test_the_failover_profile_stands_in(site):
    broken, _ = away(site.directory, suffix=".a")
    site.configure("Profile a", "Profile b", "DefaultProfile a", "Failover.a b", f"StorageDriver.a {DRIVER}", *broken,
                   "StorageDriver.b sqlite",
                   f"SQLiteFile.b {site.directory}/b.sqlite")
    answer = site.run("--user", "u", "--classify", mail=site.mail("ham1"))
    assert answer.returncode == 0 and answer.stdout.startswith(b"X-DSPAM-Result: u;")
    assert b"the profile b is tried" in answer.stderr
    assert (site.directory / "b.sqlite").exists()
