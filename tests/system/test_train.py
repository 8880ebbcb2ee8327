"""dspam_train with corpora: spam and ham in turn, or an index in its order."""

import os
import pwd
import re

import pytest

from labelled_mail import message, write_index, write_mail
from tool_output import results
from tool_site import site  # noqa: F401 (a fixture)


def test_train_prints_what_the_original_printed(site, tmp_path):
    write_mail(tmp_path / "c/spam", True, 2)
    write_mail(tmp_path / "c/ham", False, 2)
    text = site.good("dspam_train", "tr1", "c/spam", "c/ham", cwd=tmp_path)
    result = r"(PASS|FAIL \((Innocent|Spam)\))"
    assert re.fullmatch(
        "Taking Snapshot...\n"
        "tr1\n"
        "    TP:     0 TN:     0 FP:     0 FN:     0 SC:     0 NC:     0\n"
        "Training c/ham / c/spam corpora...\n"
        rf"\[test: nonspam\] c/ham/00 {{24}} result: {result}" "\n"
        rf"\[test: spam   \] c/spam/00 {{23}} result: {result}" "\n"
        rf"\[test: nonspam\] c/ham/01 {{24}} result: {result}" "\n"
        rf"\[test: spam   \] c/spam/01 {{23}} result: {result}" "\n"
        "TRAINING COMPLETE\n"
        "\n"
        "Training Snapshot:\n"
        "tr1\n"
        r"    TP:     0 TN:     2 FP:     0 FN:     2 SC:     0 NC:     0" "\n"
        r"    SHR:    0.00%       HSR:    0.00%       OCA:   50.00%" "\n"
        "\n"
        "Overall Statistics:\n"
        "tr1\n"
        r"    TP:     0 TN:     2 FP:     0 FN:     2 SC:     0 NC:     0" "\n"
        r"    SHR:    0.00%       HSR:    0.00%       OCA:   50.00%" "\n", text), text


def test_train_learns(site, tmp_path):
    text = site.good("dspam_train", "u1", write_mail(tmp_path / "spam", True, 30), write_mail(tmp_path / "ham", False, 60))
    lines = results(text)
    assert len(lines) == 90
    assert [kind for kind, _, _ in lines[:6]] == ["nonspam", "spam", "nonspam", "nonspam", "spam", "nonspam"]
    assert [result for _, _, result in lines[-20:]] == ["PASS"] * 20
    assert ("spam", "FAIL (Innocent)") in {(kind, result) for kind, _, result in lines[:10]}
    missed = sum(result.startswith("FAIL") for kind, _, result in lines if kind == "spam")
    assert site.stats("u1") == {"TP": 30 - missed, "TN": 60, "FP": 0, "FN": missed, "SC": 0, "NC": 0}
    # what was learned wrongly at first was taken back: no row of a spam word counts for ham
    assert re.search(r"S: 000[1-9]\d  I: 00000", site.good("dspam_dump", "u1", "viagra"))


def test_train_with_an_index_in_its_order(site, tmp_path):
    index = write_index(tmp_path / "c", 5, 7)
    text = site.good("dspam_train", "u1", "-i", index)
    assert f"Training on {index} index...\n" in text
    expected = [("nonspam" if word == "ham" else "spam")
                for word, _ in (line.split() for line in index.read_text().splitlines())]
    assert [kind for kind, _, _ in results(text)] == expected


def test_train_knows_mailboxes_and_maildirs(site, tmp_path):
    mail = message(1, True)
    (tmp_path / "box").write_text("".join(f"From a Mon Jan  1 10:00:00 2024\n{mail}>From quoted\n\n" for _ in range(3)))
    for folder, name in (("cur", "1"), ("new", "2"), ("cur", "3:2,S"), ("tmp", "4")):
        (tmp_path / "m" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "m" / folder / name).write_text(message(ord(name[0]), False))
    lines = results(site.good("dspam_train", "u1", "box", "m", cwd=tmp_path))
    assert [name for _, name, _ in lines] == ["m/cur/1", "box:1", "m/new/2", "box:2", "m/cur/3:2,S", "box:3"]
    assert re.match(r"\d+ +S: 00003", site.good("dspam_dump", "u1", "From+quoted"))


def test_train_user_is_the_caller_by_default(site, tmp_path):
    me = pwd.getpwuid(os.getuid()).pw_name
    text = site.good("dspam_train", write_mail(tmp_path / "spam", True, 1), write_mail(tmp_path / "ham", False, 1))
    assert f"Taking Snapshot...\n{me}\n" in text


def test_train_without_signatures(site, tmp_path):
    """With TrainPristine nothing is kept to correct by, so the message itself corrects."""
    with open(site.config, "a", encoding="ascii") as config:
        config.write("TrainPristine on\n")
    site.good("dspam_train", "u1", write_mail(tmp_path / "spam", True, 4), write_mail(tmp_path / "ham", False, 4))
    assert site.stats("u1")["FN"] > 0
    assert re.search(r"S: 0000[1-9]  I: 00000", site.good("dspam_dump", "u1", "viagra"))


def test_train_names_what_it_cannot_read(site, tmp_path):
    (tmp_path / "a").write_text(message(1, True))
    (tmp_path / "none").write_text("")
    (tmp_path / "index").write_text("spam a\nham missing\nham none\n")
    answer = site.run("dspam_train", "u1", "-i", tmp_path / "index")
    assert answer.returncode == 66
    assert "missing" in answer.stderr
    assert [result for _, _, result in results(answer.stdout)][1] == "BROKEN result!!"
    assert "TRAINING COMPLETE" in answer.stdout


@pytest.mark.parametrize("arguments", [[], ["u1"], ["u1", "a", "b", "c"], ["-i", "x", "u1", "a"]])
def test_train_usage(site, arguments):
    answer = site.run("dspam_train", *arguments)
    assert answer.returncode == 64
    assert answer.stdout == ""


def test_train_with_impossible_input(site, tmp_path):
    (tmp_path / "text").write_text("no mailbox\n")
    (tmp_path / "index").write_text("spam a\neggs b\n")
    ham = write_mail(tmp_path / "ham", False, 1)
    for arguments, status, words in [
        (["u1", tmp_path / "text", ham], 65, "MBOX"),
        (["u1", tmp_path / "missing", ham], 66, "missing"),
        (["u1", "-i", tmp_path / "index"], 65, "index:2:"),
        (["a/b", ham, ham], 67, "a/b"),
    ]:
        answer = site.run("dspam_train", *arguments)
        assert answer.returncode == status, answer.stderr
        assert words in answer.stderr
        assert not (site.home / "data").exists()
