"""dspam_dump: the tokens of a user."""

import re

import pytest

from tool_site import site, trained  # noqa: F401 (fixtures)


def test_dump(trained):
    lines = trained.good("dspam_dump", "u1").splitlines()
    assert len(lines) > 100
    assert len({line.split()[0] for line in lines}) == len(lines)
    row = re.compile(r"(\d{1,20}) {1,20}S: (\d{5})  I: (\d{5})  P: (\d\.\d{4}) LH: "
                     r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d 00:00:00 \d{4}")
    rows = [row.fullmatch(line) for line in lines]
    assert all(rows)
    assert all(0.0001 <= float(match[4]) <= 0.9999 for match in rows)
    assert any(float(match[4]) > 0.9 for match in rows)
    assert any(float(match[4]) < 0.1 for match in rows)


def test_dump_of_one_token(trained):
    ident = re.search(r"CRC: (\d+)", trained.good("dspam_crc", "the"))[1]
    (line,) = [line for line in trained.good("dspam_dump", "u1").splitlines() if line.split()[0] == ident]
    assert trained.good("dspam_dump", "u1", "the") == line.split(" LH:")[0] + "\n"
    answer = trained.run("dspam_dump", "u1", "neverseen")
    assert answer.returncode != 0
    assert "token not found" in answer.stderr


def test_dump_leaves_the_bias_out(trained):
    """P = (S/SL) / (S/SL + I/IL); with the bias, which is on here, I/IL would count twice."""
    totals = re.search(r"values \(0, (\d+), (\d+),", trained.good("dspam_dump", "-d", "sqlite_drv", "u1"))
    learned = int(totals[1]), int(totals[2])
    checked = 0
    for line in trained.good("dspam_dump", "u1").splitlines():
        spam, innocent, value = re.search(r"S: (\d+)  I: (\d+)  P: (\S+)", line).groups()
        if int(spam) > 0 and int(innocent) > 0 and int(spam) + int(innocent) >= 5:
            share = int(spam) / learned[0]
            assert float(value) == pytest.approx(share / (share + int(innocent) / learned[1]), abs=6e-5)
            checked += 1
    assert checked > 3


def test_dump_as_sql(trained):
    lines = trained.good("dspam_dump", "-d", "sqlite_drv", "u1").splitlines()
    assert lines[0].startswith("insert into dspam_stats (dspam_stat_id, spam_learned,")
    assert len(lines) == 1 + len(trained.good("dspam_dump", "u1").splitlines())
    row = re.compile(r"insert into dspam_token_data\(token, spam_hits, innocent_hits, last_hit\) "
                     r"values\('\d+', \d+, \d+, date\('now'\)\)")
    assert all(row.fullmatch(line) for line in lines[1:])
    assert trained.run("dspam_dump", "-d", "foo", "u1").returncode == 64


def test_dump_needs_a_user(site):
    answer = site.run("dspam_dump")
    assert answer.returncode == 64
    assert answer.stderr.startswith("syntax: dspam_dump")
    answer = site.run("dspam_dump", "nosuch")
    assert answer.returncode == 67
    assert "nosuch" in answer.stderr
