"""The model of the site: dspam_train --global teaches it, and nobody else does."""

import os
import subprocess

from cold_start_site import Maildir, classify, site, taught  # noqa: F401 (a fixture)
from labelled_mail import message


def test_the_site_judges_with_everybody(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("", 40)
    box.put(".Junk", 40, spam=True)
    answer = site.run("dspam_train", "--global", "--maildir", box.path)
    assert (answer.returncode, "SiteModel" in answer.stderr) == (78, True)
    assert [classify(site, "new", message(n, spam)) for n in (900, 901) for spam in (True, False)] != [
        "Spam", "Innocent"] * 2
    with open(site.config, "a", encoding="ascii") as config:
        config.write("SiteModel everybody\n")
    assert [classify(site, "new", message(900, True))] != ["Spam"]  # there is none yet
    site.good("dspam_train", "--global", "--maildir", box.path)
    assert taught(site, "everybody") == (40, 40)
    assert [classify(site, "new", message(n, spam)) for n in (900, 901) for spam in (True, False)] == ["Spam", "Innocent"] * 2
    assert site.run("dspam_train", "--global", "u1", "--maildir", box.path).returncode == 64


def deliver(site, user, text, *more):
    command = [os.path.join(site.programs, "dspam"), "--config", site.config, "--user", user, "--deliver=innocent,spam",
               "--stdout", *more]
    return subprocess.run([os.fspath(word) for word in command], input=text, capture_output=True, text=True, check=False)


def test_nobody_else_teaches_the_site(site, tmp_path):
    box = Maildir(tmp_path / "box")
    box.put("", 10)
    box.put(".Junk", 10, spam=True)
    with open(site.config, "a", encoding="ascii") as config:
        config.write("SiteModel everybody\n")
    site.good("dspam_train", "--global", "--maildir", box.path)
    rows = site.good("dspam_dump", "everybody")
    stats = site.good("dspam_stats", "everybody")
    assert deliver(site, "everybody", message(900, True)).returncode == 0
    deliver(site, "everybody", message(901, True), "--class=innocent", "--source=error")
    deliver(site, "u1", message(902, True))
    deliver(site, "u1", message(903, True), "--class=innocent", "--source=corpus")
    assert site.good("dspam_dump", "everybody") == rows
    assert site.good("dspam_stats", "everybody") == stats
    assert site.good("dspam_dump", "u1") != ""
    deliver(site, "everybody", message(904, True), "--class=spam", "--source=corpus")
    assert taught(site, "everybody") == (11, 10)
    # to train it like a user would print PASS and FAIL, and teach nothing
    answer = site.run("dspam_train", "everybody", box.path / ".Junk", box.path)
    assert (answer.returncode, "--global" in answer.stderr, answer.stdout) == (64, True, "")


def test_there_is_no_site_without_adaptive(site, tmp_path):
    """It would be tokens of a user whom nobody asks."""
    site.config.write_text(site.config.read_text().replace("Algorithm adaptive", "Algorithm graham burton") + "SiteModel all\n")
    Maildir(tmp_path / "box").put("", 2)
    answer = site.run("dspam_train", "--global", "--maildir", tmp_path / "box")
    assert (answer.returncode, "Algorithm adaptive" in answer.stderr) == (78, True)


def test_check_config_knows_the_site(site):
    def check(text):
        site.config.write_text(f"Home {site.home}\nTrainingMode teft\n{text}")
        return site.run("dspam", "--check-config")

    assert "SiteModel" not in check("Algorithm adaptive\nSiteModel everybody\n").stderr
    told = check("Algorithm graham\nSiteModel everybody\n")
    assert "no effect" in told.stdout + told.stderr
    answer = site.run("dspam_train", "u1", "--dry-run", "--maildir", site.home)
    assert answer.returncode == 65
    check("Algorithm adaptive\nSiteModel ../x\n")
    answer = site.run("dspam_train", "--global", "--dry-run", "--maildir", site.home)
    assert (answer.returncode, "SiteModel ../x" in answer.stderr) == (78, True)
