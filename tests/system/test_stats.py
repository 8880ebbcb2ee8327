"""dspam_stats: totals of users, and snapshots of them."""

import re

from database import sqlite_only
from tool_site import site, trained  # noqa: F401 (fixtures)


def test_stats_of_all_and_of_some(trained):
    everybody = trained.good("dspam_stats")
    assert everybody == trained.good("dspam_stats", "u1", "u2")
    assert re.fullmatch(r"u1\n(    TP: {1,5}\d+ TN: {1,5}\d+ FP: {1,5}\d+ FN: {1,5}\d+ SC: {1,5}\d+ NC: {1,5}\d+\n)u2\n"
                        r"    TP:     0 TN:     2 FP:     0 FN:     0 SC:     0 NC:     0\n", everybody)
    u1 = trained.stats("u1")
    assert u1["TP"] + u1["FN"] == 6
    assert u1["TN"] + u1["FP"] == 9


def test_stats_of_nobody(site):
    assert site.good("dspam_stats", "nosuch") == (
        "nosuch\n    TP:     0 TN:     0 FP:     0 FN:     0 SC:     0 NC:     0\n")
    assert site.good("dspam_stats") == ""
    answer = site.run("dspam_stats", "../x")
    assert answer.returncode == 67
    assert "../x" in answer.stderr


@sqlite_only("rights of a file")
def test_a_store_that_a_tool_makes_is_for_the_group_too(site):
    """Otherwise the daemon, as another member of the group, could only read it."""
    site.good("dspam_stats")
    assert (site.home / "dspam.sqlite").stat().st_mode & 0o777 == 0o660


def test_stats_letters(trained):
    text = trained.good("dspam_stats", "-St", "u2", "u1")
    assert text.count("SHR: ") == 3
    assert text.splitlines()[6] == "TOTAL"
    total = {name: int(count) for name, count in re.findall(r"(\w\w): *(\d+)", text.split("TOTAL")[1])}
    u1, u2 = trained.stats("u1"), trained.stats("u2")
    assert all(total[name] == u1[name] + u2[name] for name in u1)
    assert "        \tTL Training Left:                   2498\n" in trained.good("dspam_stats", "-H", "u2")
    assert trained.good("dspam_stats", "-h") == trained.good("dspam_stats", "--help")


def test_snapshots(trained, tmp_path):
    u1 = trained.stats("u1")
    trained.good("dspam_stats", "-r", "u1")
    file = trained.home / "data/u1/u1.rstats"
    assert file.read_text() == f"{u1['TP']},{u1['TN']},{u1['FN']},{u1['FP']},0,0\n"
    assert [path.name for path in file.parent.iterdir() if "rstats" in path.name] == ["u1.rstats"]
    nothing = "u1\n    TP:     0 TN:     0 FP:     0 FN:     0 SC:     0 NC:     0\n"
    assert trained.good("dspam_stats", "-s", "u1") == nothing
    trained.good("dspam_train", "u1", "-i", tmp_path / "index")
    file.write_text(f"{u1['TP']},{u1['TN']},{u1['FN']},{u1['FP']},0,0\n")
    assert "TN:     2 FP:     0" in trained.good("dspam_stats", "-rs", "u1")
    assert trained.good("dspam_stats", "-s", "u1") == nothing
    file.write_text("rubbish")
    answer = trained.run("dspam_stats", "-s", "u1")
    assert answer.returncode == 65
    assert str(file) in answer.stderr
