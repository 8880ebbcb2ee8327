"""dspam_clean and dspam_maintenance: what goes, what stays, and who waits."""

import json
import os
import re
import stat
import subprocess
import threading

import pytest

from database import away, sqlite_only
from labelled_mail import message, write_mail
from tool_site import SETTINGS, Site, run_untrusted


@pytest.fixture
def site(tmp_path, programs):
    return Site(tmp_path, programs, SETTINGS)


def configure(site, text):
    with open(site.config, "a", encoding="ascii") as config:
        config.write(text)


def fill(site, user, rows, mode=None):
    """A user with the rows {token: (spam, innocent, days since the last hit)}, 10 spam and 10 ham learned."""
    site.good("dspam_admin", "add", "preference", user, "trainingMode", mode or "TEFT")
    ((uid,),) = site.store.query(f"SELECT uid FROM dspam_virtual_uids WHERE username = '{user}'")
    site.store.insert("dspam_stats", [(uid, 10, 10, 0, 0, 0, 0, 0, 0)])
    site.store.insert("dspam_token_data", [(uid, token, spam, innocent, site.store.date(age))
                                           for token, (spam, innocent, age) in rows.items()])
    return uid


def tokens(site, user):
    return {int(line.split()[0]) for line in site.good("dspam_dump", user).splitlines()}


def signatures(site):
    return dict(site.store.query("SELECT uid, count(*) FROM dspam_signature_data GROUP BY uid"))


def age_signatures(site, days):
    site.store.query(f"UPDATE dspam_signature_data SET created_on = {site.store.earlier('created_on', days)}")


ROWS = {  # by rule: the last that stays, the first that goes; 9 spam and 9 innocent hits are neutral, 0 and 9 are not
    1: (0, 9, 90), 2: (0, 9, 91),
    3: (2, 1, 30), 4: (2, 1, 31), 5: (3, 1, 31),
    6: (1, 0, 15), 7: (1, 0, 16),
    8: (0, 1, 15), 9: (0, 1, 16),
    10: (9, 9, 30), 11: (9, 9, 31), 12: (9, 0, 31),
    13: (0, 60, 91),
}


@pytest.mark.parametrize("arguments, gone", [
    (["-u"], {2, 4, 7, 9, 13}), (["-p"], {4, 5, 11}), (["-p", "-u"], {2, 4, 5, 7, 9, 11, 13}), (["-u90"], {2, 4, 7, 9, 13}),
    (["-u90,30,off,off"], {2, 4, 13}), (["-u,,,14"], {2, 4, 7, 8, 9, 13}), (["-uoff,off,15,off"], {7}),
    (["-uoff,off,off,15"], {9}), (["-uoff,30,off,off"], {4}), (["-u100,100,100,100"], set()), (["-s"], set()),
    (["-p29"], {3, 4, 5, 10, 11}), (["-u0"], set(ROWS)), (["-p0", "-uoff,off,off,off"], {3, 4, 5, 6, 7, 8, 9, 10, 11})])
def test_ages(site, arguments, gone):
    """An age is met when more days have passed; 0 means all."""
    fill(site, "u1", ROWS)
    fill(site, "u2", ROWS)
    assert site.good("dspam_clean", *arguments, "u1") == ""
    assert set(ROWS) - tokens(site, "u1") == gone
    assert tokens(site, "u2") == set(ROWS)
    assert site.good("dspam_clean", *arguments) == ""
    assert set(ROWS) - tokens(site, "u2") == gone


@pytest.mark.parametrize("mode, stays", [("TEFT", set()), ("TUM", {13}), ("TOE", {2, 13}), ("NOTRAIN", {2, 13})])
def test_modes(site, mode, stays):
    """Whoever learns from errors only does not lose what was not seen for long."""
    configure(site, "AllowOverride trainingMode\n")
    fill(site, "u1", ROWS, mode)
    site.good("dspam_clean", "-u")
    assert {2, 4, 7, 9, 13} - stays == set(ROWS) - tokens(site, "u1")


def test_mode_of_the_site(site):
    configure(site, "TrainingMode toe\n")
    fill(site, "u1", ROWS)
    site.good("dspam_clean", "-u")
    assert set(ROWS) - tokens(site, "u1") == {4, 7, 9}


def test_settings_say_what_goes(site):
    fill(site, "u1", ROWS)
    answer = site.run("dspam_clean")
    assert (answer.returncode, answer.stdout) == (64, "")
    syntax = "dspam_clean [-s[age] -p[age] -u[any,hapax,nospam,onehit] -h] [user1 user2 ... userN]\n"
    assert answer.stderr.startswith("dspam_clean: error: there is nothing to do") and answer.stderr.endswith(syntax)
    assert "there is nothing to do" in site.run("dspam_clean", "-soff").stderr
    configure(site, "PurgeUnused 90\nPurgeHits1S 10\nPurgeHapaxes off\n")  # ended the original with a crash
    site.good("dspam_clean")
    assert set(ROWS) - tokens(site, "u1") == {2, 6, 7, 13}
    configure(site, "PurgeNeutral 20\n")
    site.good("dspam_clean", "-uoff,off,off,15")
    assert set(ROWS) - tokens(site, "u1") == {2, 6, 7, 9, 13}


def test_h_is_the_syntax(site):
    assert site.good("dspam_clean", "-h").startswith("dspam_clean [-s[age]")


def test_signatures(site, tmp_path):
    site.good("dspam_train", "u1", write_mail(tmp_path / "s", True, 60), write_mail(tmp_path / "h", False, 60))
    site.good("dspam_train", "u2", "-i", os.fspath(write_index_of(tmp_path, "h/00")))
    assert signatures(site) == {1: 120, 2: 1}
    configure(site, "PurgeSignatures 13\n")
    age_signatures(site, 13)
    site.good("dspam_clean")
    assert signatures(site) == {1: 120, 2: 1}
    age_signatures(site, 1)
    site.good("dspam_clean", "-s")
    assert signatures(site) == {1: 120, 2: 1}
    site.good("dspam_clean", "-s13", "u2")
    assert signatures(site) == {1: 120}
    assert site.good("dspam_clean", "-v", "-s0") == ("u1: 0 of 0 tokens, 120 signatures removed\n"
                                                    "u2: 0 of 0 tokens, 0 signatures removed\n")
    assert signatures(site) == {}


def write_index_of(directory, path):
    (directory / "one").write_text(f"ham {path}\n")
    return directory / "one"


def test_markov_has_no_neutral_tokens(site):
    site.config.write_text(site.config.read_text().replace("PValue bcr", "PValue markov"))
    fill(site, "u1", ROWS)
    answer = site.run("dspam_clean", "-p0", "-uoff,off,15,off")
    assert answer.returncode == 0
    assert "markov" in answer.stderr
    assert set(ROWS) - tokens(site, "u1") == {7}


def test_counts(site):
    fill(site, "u1", ROWS)
    fill(site, "u2", {1: (5, 5, 0)})
    said = json.loads(site.good("dspam_clean", "--json", "-u"))
    assert said == {"users": [{"user": "u1", "tokens": 13, "tokens_removed": 5, "signatures_removed": 0},
                              {"user": "u2", "tokens": 1, "tokens_removed": 0, "signatures_removed": 0}],
                    "tokens": 14, "tokens_removed": 5, "signatures_removed": 0, "fragments_removed": 0,
                    "messages_removed": 0, "complete": True}
    assert site.good("dspam_clean", "--verbose", "-u") == ("u1: 0 of 8 tokens, 0 signatures removed\n"
                                                          "u2: 0 of 1 tokens, 0 signatures removed\n")


@pytest.mark.parametrize("argument", ["-sx", "-p-1", "-u1,2,3,4,5", "-u1,,x", "-s99999999"])
def test_wrong_ages(site, argument):
    fill(site, "u1", ROWS)
    answer = site.run("dspam_clean", argument)
    assert answer.returncode == 64
    assert "days" in answer.stderr or "four ages" in answer.stderr
    assert tokens(site, "u1") == set(ROWS)


def test_unknown_users_and_callers(site, tmp_path):
    fill(site, "u1", ROWS)
    answer = site.run("dspam_clean", "-u0", "nosuch", "u1")
    assert answer.returncode == 67
    assert "nosuch" in answer.stderr
    assert tokens(site, "u1") == set()
    assert run_untrusted(site, tmp_path, "dspam_clean", "-s").returncode == 77


def test_a_large_store_is_cleaned_while_mail_is_learned(site, tmp_path):
    """Many batches; who learns meanwhile gets through, and what he learned stays."""
    fill(site, "u1", {token: (9, 0, 100 if token % 3 else 1) for token in range(-60000, 60000)})
    mail = tmp_path / "mail"
    mail.write_text(message(1, True))
    results = []

    def learn():
        for _ in range(10):
            with open(mail, encoding="ascii") as text:
                command = [os.path.join(site.programs, "dspam"), "--config", site.config, "--user", "u1", "--class=spam",
                           "--source=corpus"]
                results.append(subprocess.run(command, stdin=text, capture_output=True, check=False).returncode)

    learner = threading.Thread(target=learn)
    learner.start()
    site.good("dspam_clean", "-u90,off,off,off")
    learner.join()
    assert results == [0] * 10
    left = tokens(site, "u1")
    old = {token: token % (1 << 64) for token in range(-60000, 60000)}
    assert {number for token, number in old.items() if token % 3 == 0} <= left
    assert not {number for token, number in old.items() if token % 3} & left
    assert re.search(r"S: 000[1-9]0 ", site.good("dspam_dump", "u1"))
    assert site.stats("u1")["SC"] == 10


@sqlite_only("servers give space back in their own time, and not to a file of ours")
def test_optimize_gives_space_back(site):
    fill(site, "u1", {token: (9, 0, 100) for token in range(1, 50001)})
    before = os.stat(site.home / "dspam.sqlite").st_size
    site.good("dspam_clean", "-u", "--optimize")
    assert os.stat(site.home / "dspam.sqlite").st_size < before / 4
    assert tokens(site, "u1") == set()


# ---- copies of messages ------------------------------------------------------------------------------------------


def copies(site):
    return sorted(os.path.relpath(os.path.join(where, name), site.home / "data")
                  for where, _, names in os.walk(site.home / "data") for name in names
                  if name.endswith((".frag", ".msg")))


def keep_copies(site, user, number):
    """One more fragment and copy of a message, made by dspam itself."""
    command = [os.path.join(site.programs, "dspam"), "--config", site.config, "--user", user, "--deliver=summary"]
    subprocess.run(command, input=message(number, False).encode(), capture_output=True, check=True)


def grow_old(path, days):
    os.utime(path, (0, os.stat(path).st_mtime - days * 86400))


@pytest.mark.parametrize("layout", ["user", "large", "domain"])
def test_copies_grow_old(site, layout):
    configure(site, f'HomeLayout {layout}\nPreference "storeFragments=on"\nPreference "makeCorpus=on"\n'
                    "PurgeFragments 30\nPurgeCorpus 60\n")
    for user in ("anna@example.org", "bert"):
        keep_copies(site, user, 1)
    old = copies(site)
    assert len(old) == 4
    for path in old:
        grow_old(site.home / "data" / path, 61 if ".corpus" in path else 31)
    keep_copies(site, "bert", 2)
    young = sorted(set(copies(site)) - set(old))
    assert len(young) == 2
    assert site.good("dspam_clean", "-v", "anna@example.org").splitlines()[0] == "1 fragments, 1 copies of messages removed"
    assert copies(site) == sorted(young + [path for path in old if "bert" in path])
    said = json.loads(site.good("dspam_clean", "--json"))
    assert (said["fragments_removed"], said["messages_removed"], said["complete"]) == (1, 1, True)
    assert copies(site) == young
    assert site.good("dspam_clean", "--fragments=0") == ""
    assert copies(site) == [path for path in young if path.endswith(".msg")]


def test_only_copies_go(site, tmp_path):
    """Neither what looks like one, nor what a link leads to; and what cannot go stops nothing."""
    data = site.home / "data"
    outside = tmp_path / "outside.frag"
    stay = [data / "u/u.frag/notes.txt", data / "u/u.frag/no-id!.frag", data / "u/1,a.frag", data / "u/u.corpus/1a.msg",
            data / "u/u.corpus/other/1a.msg", data / "spam/1a.msg", outside / "1a.frag", data / "w/w.frag/1a.frag/file"]
    go = [data / "v/v.frag/1a.frag", data / "v/v.corpus/spam/1,b2.msg", data / "v/v.corpus/nonspam/1,b2.msg"]
    for path in stay + go:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (data / "l").mkdir()
    (data / "l/l.frag").symlink_to(outside)
    (data / "v/v.frag/2.frag").symlink_to(outside / "1a.frag")
    site.good("dspam_clean", "--fragments=0", "--corpus=0")
    assert all(path.exists() for path in stay)
    assert not any(path.exists() for path in go)
    site.run("dspam_clean", "--fragments=0", "l")
    assert (outside / "1a.frag").exists()


@pytest.mark.parametrize("arguments", [["--fragments=x"], ["--corpus=-1"], ["--corpus"]])
def test_wrong_ages_of_copies(site, arguments):
    assert site.run("dspam_clean", *arguments).returncode == 64


# ---- dspam_maintenance ------------------------------------------------------------------------------------------


@pytest.fixture
def called(site, tmp_path):
    """Programs of the tests' own: run(arguments) -> (answer, what they were called with)."""
    bin_directory = tmp_path / "bin"
    bin_directory.mkdir()
    real = os.path.realpath(os.path.join(site.programs, "dspam_maintenance"))
    os.symlink(real, bin_directory / "unused")
    with open(real, "rb") as program:
        (bin_directory / "dspam_maintenance").write_bytes(program.read())
    for name in ("dspam_logrotate", "dspam_clean"):
        (bin_directory / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {tmp_path}/calls\nexit ${{STATUS:-0}}\n')
    for path in bin_directory.iterdir():
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
    site.programs = bin_directory

    def run(*arguments, **environment):
        (tmp_path / "calls").write_text("")
        answer = site.run("dspam_maintenance", *arguments, env={**os.environ, **environment})
        calls = (tmp_path / "calls").read_text().replace(f"--config={site.config} ", "")
        return answer, calls.splitlines()

    return run


def test_maintenance_defaults(site, called):
    answer, calls = called()
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    assert calls == [f"dspam_logrotate -a 31 -d {site.home}", "dspam_clean -s14 -p90 -u90,30,15,15"]


def test_maintenance_never_asks_for_more_than_dspam_conf(site, called):
    configure(site, "PurgeSignatures off\nPurgeUnused 200\nPurgeHapaxes 0\nPurgeHits1S 20\n")
    assert called()[1][1] == "dspam_clean -soff -p90 -u200,off,20,15"


def test_maintenance_options(site, called):
    configure(site, "PurgeSignatures 20\nPurgeCorpus 12\nProfile p\nStorageDriver.p sqlite\n")
    answer, calls = called("--profile=p", "--logdays=7", "--signatures=1", "--neutral=2", "--unused=3", "--hapaxes=4",
                           "--hits1s=5", "--hits1i=off", "--fragments=6", "--with-sql-optimization", "--verbose", "--without-sql-purge",
                           "--with-sql-autoupdate", "--with-all-drivers", "--purgescriptdir=/etc")
    assert answer.returncode == 0
    assert "--purgescriptdir=/etc: no script" in answer.stderr
    assert calls == [f"dspam_logrotate -a 7 -v -d {site.home}",
                     "dspam_clean --profile=p --verbose --optimize -s1 -p2 -u3,4,5,off --fragments=6 --corpus=12"]
    assert "dspam_clean" in answer.stdout
    assert called("--logdays=off", "--signatures=off", "--neutral=off", "--unused=off", "--hapaxes=off", "--hits1s=off",
                  "--hits1i=off", "--corpus=off")[1] == []


@pytest.mark.parametrize("argument", ["--unused=x", "--unused=", "--hapaxes=-1", "u1", "--frob"])
def test_maintenance_usage(called, argument):
    answer, calls = called(argument)
    assert answer.returncode == 64
    assert calls == []


def test_maintenance_says_what_failed(called, site):
    answer, calls = called(STATUS="75")
    assert answer.returncode == 75
    assert len(calls) == 2
    assert "dspam_clean ended with status 75" in answer.stderr
    os.unlink(site.programs / "dspam_logrotate")
    answer, calls = called(PATH="/nonexistent")
    assert answer.returncode == 69
    assert "is it installed" in answer.stderr


def test_maintenance_cleans(site):
    fill(site, "u1", ROWS)
    answer = site.run("dspam_maintenance", "--logdays=off")
    assert answer.returncode == 0, answer.stderr
    assert set(ROWS) - tokens(site, "u1") == {2, 4, 7, 9, 13}


def test_maintenance_as_json(site):
    fill(site, "u1", ROWS)
    (site.home / "system.log").write_text("1\tI\told\n")
    answer = site.run("dspam_maintenance", "--json")
    said = json.loads(answer.stdout)
    assert (answer.returncode, said["complete"]) == (0, True)
    rotated, cleaned = said["programs"]
    assert os.path.basename(rotated["command"][0]) == "dspam_logrotate" and rotated["status"] == 0
    assert rotated["result"]["lines_removed"] == 1
    assert cleaned["result"]["users"] == [{"user": "u1", "tokens": 13, "tokens_removed": 5, "signatures_removed": 0}]
    configure(site, "\n".join(away(site.home)[0]) + "\n")
    answer = site.run("dspam_maintenance", "--json", "--logdays=off")
    said = json.loads(answer.stdout)
    assert answer.returncode == said["programs"][0]["status"] != 0
    assert (said["programs"][0]["result"], said["complete"]) == (None, False)
