"""A run of the tools of DSPAM 3.10.2, recorded: ours, told to be compatible, say the same and end the same."""

import json

import pytest

from labelled_mail import write_mail
from tool_site import SETTINGS, Site

ADMIN_SYNTAX = """syntax: dspam_admin [function] [arguments] [--profile=PROFILE]
	add preference [user] [attrib] [value]
	change preference [user] [attrib] [value]
	delete preference [user] [attrib] [value]
	list preference [user] [attrib] [value]
	aggregate preference [user]
"""

# command line, exit status, standard output, standard error; the users u1 and u2 have the totals of TOTALS
RECORDED = [
    ("dspam_stats u1", 0, "u1\n    TP:     0 TN:     1 FP:     0 FN:     0 SC:     2 NC:     2\n", ""),
    ("dspam_stats -S u1 u2", 0,
     "u1\n    TP:     0 TN:     1 FP:     0 FN:     0 SC:     2 NC:     2\n"
     "    SHR:  100.00%       HSR:    0.00%       OCA:  100.00%\n"
     "u2\n    TP:     0 TN:     0 FP:     0 FN:     1 SC:     0 NC:     0\n"
     "    SHR:    0.00%       HSR:    0.00%       OCA:    0.00%\n", ""),
    ("dspam_stats -H u1", 0,
     "u1:\n        \tTP True Positives:                     0\n        \tTN True Negatives:                     1\n"
     "        \tFP False Positives:                    0\n        \tFN False Negatives:                    0\n"
     "        \tSC Spam Corpusfed:                     2\n        \tNC Nonspam Corpusfed:                  2\n"
     "        \tTL Training Left:                   2497\n        \tSHR Spam Hit Rate                100.00%\n"
     "        \tHSR Ham Strike Rate:               0.00%\n        \tPPV Positive predictive value:   100.00%\n"
     "        \tOCA Overall Accuracy:            100.00%\n        \n", ""),
    ("dspam_stats -H u2", 0,
     "u2:\n        \tTP True Positives:                     0\n        \tTN True Negatives:                     0\n"
     "        \tFP False Positives:                    0\n        \tFN False Negatives:                    1\n"
     "        \tSC Spam Corpusfed:                     0\n        \tNC Nonspam Corpusfed:                  0\n"
     "        \tTL Training Left:                   2500\n        \tSHR Spam Hit Rate                  0.00%\n"
     "        \tHSR Ham Strike Rate:             100.00%\n        \tPPV Positive predictive value:   100.00%\n"
     "        \tOCA Overall Accuracy:              0.00%\n        \n", ""),
    ("dspam_stats -t u1 u2", 0,
     "u1\n    TP:     0 TN:     1 FP:     0 FN:     0 SC:     2 NC:     2\n"
     "u2\n    TP:     0 TN:     0 FP:     0 FN:     1 SC:     0 NC:     0\n"
     "TOTAL\n    TP:     0 TN:     1 FP:     0 FN:     1 SC:     2 NC:     2\n", ""),
    ("dspam_stats -r u1", 0, "u1\n    TP:     0 TN:     1 FP:     0 FN:     0 SC:     2 NC:     2\n", ""),
    ("dspam_stats -s u1", 0, "u1\n    TP:     0 TN:     0 FP:     0 FN:     0 SC:     0 NC:     0\n", ""),
    ("dspam_stats nosuch", 0, "nosuch\n    TP:     0 TN:     0 FP:     0 FN:     0 SC:     0 NC:     0\n", ""),
    ("dspam_stats --profile=x u1", 1, "", None),
    ("dspam_dump u1 neverseen", 1, "", "dspam_dump: error: token not found\n"),
    ("dspam_dump", 1, "", "syntax: dspam_dump [--profile=Profile] [-d sqlite_drv] username [token]\n"),
    ("dspam_dump -d foo u1", 1, "", None),
    ("dspam_admin", 1, "", ADMIN_SYNTAX),
    ("dspam_admin help", 1, "", ADMIN_SYNTAX),
    ("dspam_admin add preference u1 spamAction tag", 0, "operation successful.\n", None),
    ("dspam_admin list preference u1", 0, "spamAction=tag\n", ""),
    ("dspam_admin add preference u1 x", 1, "", "invalid command syntax.\n" + ADMIN_SYNTAX),
    ("dspam_admin frob preference u1 x y", 1, "", ADMIN_SYNTAX),
    ("dspam_clean", 0, "", ""),
    ("dspam_clean -h", 0, "dspam_clean [-s[age] -p[age] -u[any,hapax,nospam,onehit] -h] [user1 user2 ... userN]\n", ""),
    ("dspam_clean -s0 u1", 0, "", ""),
    ("dspam_merge u1 u2 -o u3", 0,
     "Destination user: u3\nMerging user: u1\nprocessed 0 tokens\nMerging user: u2\nprocessed 0 tokens\n"
     "storing merged tokens...\ncompleted.\n", ""),
    ("dspam_merge u1", 1, "", None),  # where the original crashed
    ("dspam_crc abc def", 0, "TOKEN: 'abc' CRC: 6379695974247301120\n", ""),
    ("dspam_crc", 1, "", "syntax: dspam_crc [token]\n"),
    ("dspam_pg2int8", 1, "", "Must specify an output file\nUsage: dspam_pg2int8 [-h] file\n\tCreates SQL file to migrate "
     "from NUMERIC to BIGINT type and vice-versa in PostgreSQL.\n\t-h: print this message\n"),
    ("dspam_train u1", 255, "", None),
    ("dspam_corpus u1", 1, "", None),
]

TOTALS = ("insert into dspam_virtual_uids (username) values('u1')",
          "insert into dspam_virtual_uids (username) values('u2')",
          "insert into dspam_stats values(1, 2, 3, 0, 0, 2, 2, 0, 0), (2, 1, 0, 1, 0, 0, 0, 0, 0)")


@pytest.fixture
def site(tmp_path, programs):
    site = Site(tmp_path, programs, SETTINGS + "Compat exitCodes\nPurgeSignatures 14\nPurgeNeutral 90\nPurgeUnused 90\n"
                "PurgeHapaxes 30\nPurgeHits1S 15\nPurgeHits1I 15\nAllowOverride spamAction\n")
    site.run("dspam_stats")  # makes the store
    for text in TOTALS:
        site.store.query(text)
    return site


def test_the_tools_say_what_they_always_said(site):
    for line, status, output, errors in RECORDED:
        answer = site.run(*line.split())
        assert (line, answer.returncode, answer.stdout) == (line, status, output)
        if errors is not None:
            assert (line, answer.stderr) == (line, errors)
        elif status != 0:
            assert answer.stderr != "", line
    assert (site.home / "data/u1/u1.rstats").read_text() == "0,1,0,0,2,2\n"


def test_json_says_the_same(site, tmp_path):
    said = json.loads(site.good("dspam_stats", "--json", "-t", "u1", "u2"))
    assert [user["user"] for user in said["users"]] == ["u1", "u2"]
    assert said["users"][0]["nonspam_corpusfed"] == 2
    assert (said["users"][0]["accuracy"], said["users"][0]["spam_hit_rate"]) == (100.0, None)
    assert said["total"]["false_negatives"] == 1
    assert json.loads(site.good("dspam_stats", "--json", "nosuch"))["users"][0]["training_left"] == 2500
    mail = (write_mail(tmp_path / "spam", True, 3), write_mail(tmp_path / "ham", False, 3))
    said = json.loads(site.good("dspam_train", "--json", "u4", *mail))
    assert (said["messages"], said["spam"], said["nonspam"], said["right"] + said["wrong"]) == (6, 3, 3, 6)
    assert said["overall"]["false_negatives"] == said["wrong"]
    rows = site.good("dspam_dump", "u4").splitlines()
    tokens = json.loads(site.good("dspam_dump", "--json", "u4"))["tokens"]
    assert [row["token"] for row in tokens] == [line.split()[0] for line in rows]
    assert [f"{row['spam']:05}" for row in tokens] == [line.split("S: ")[1][:5] for line in rows]
    (one,) = json.loads(site.good("dspam_dump", "--json", "u4", "the"))["tokens"]
    assert one in tokens
    assert site.run("dspam_dump", "--json", "-d", "sqlite_drv", "u4").returncode == 1


def test_the_calls_of_the_how_tos(site, tmp_path):
    """What both how-tos call of these tools, as it stands there (dspam itself: test_agent_*.py)."""
    mail = "".join(f"From a Mon Jan  1 10:00:00 2024\nFrom: a@b\nSubject: {word}\n\n{word}\n\n" for word in ("one", "two"))
    (tmp_path / "cleaned.spam.inbox").write_text(mail)
    (tmp_path / "mbox-files").write_text(mail)
    site.good("dspam_corpus", "--addspam", "user@domain.tld", "cleaned.spam.inbox", cwd=tmp_path)
    site.good("dspam_corpus", "user@domain.tld", "mbox-files", cwd=tmp_path)
    assert site.stats("user@domain.tld") == {"TP": 0, "TN": 0, "FP": 0, "FN": 0, "SC": 2, "NC": 2}
