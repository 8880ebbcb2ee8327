"""One run of dspam_eval: its figures, ways of training, what it cannot read, and how it ends."""

import json
import math
import os
import signal
import subprocess
import time

import pytest

from labelled_mail import message, write_index
from tool_output import figures, results
from tool_site import site  # noqa: F401 (a fixture)


def roca(rows):
    """By the definition: over all pairs of one ham and one spam."""
    spam = [score for gold, _, score in rows if gold == "spam"]
    ham = [score for gold, _, score in rows if gold == "ham"]
    wrong = sum((h > s) + (h == s) / 2 for h in ham for s in spam)
    return 100 * wrong / (len(ham) * len(spam))


def lam(rows):
    def odds(kind, wrong):
        total = sum(gold == kind for gold, _, _ in rows)
        errors = sum(gold == kind and verdict == wrong for gold, verdict, _ in rows)
        share = min(max(errors, 0.5), total - 0.5) / total
        return share / (1 - share)

    mean = math.sqrt(odds("ham", "spam") * odds("spam", "ham"))
    return 100 * mean / (1 + mean)


def test_eval_figures(site, tmp_path):
    index = write_index(tmp_path / "c", 40, 60)
    text = site.good("dspam_eval", "--index", index, "--scores", tmp_path / "scores")
    rows = [(gold, verdict, float(score)) for gold, verdict, score in
            (line.split() for line in (tmp_path / "scores").read_text().splitlines())]
    assert [gold for gold, _, _ in rows] == [line.split()[0] for line in index.read_text().splitlines()]
    assert all(math.isfinite(score) for _, _, score in rows)
    said = figures(text)
    wrong = sum(gold != verdict for gold, verdict, _ in rows)
    assert 0 < wrong < 20
    assert said["messages"] == "100"
    assert said["errors"] == str(wrong)
    assert said["1-ROCA%"] == f"{roca(rows):.4f}"
    assert said["lam%"] == f"{lam(rows):.3f}"
    assert said["hm%"] == f"{100 * sum(row[:2] == ('ham', 'spam') for row in rows) / 60:.3f}"
    assert said["sm%"] == f"{100 * sum(row[:2] == ('spam', 'ham') for row in rows) / 40:.3f}"
    assert said["accuracy%"] == f"{100 - wrong:.3f}"
    for name in ("messages/s", "classify ms", "learn ms"):
        assert float(said[name]) > 0

    told = json.loads(site.good("dspam_eval", "--json", "--index", index))
    assert (told["messages"], told["spam"], told["ham"]) == (100, 40, 60)
    assert told["spam_misclassified"] + told["ham_misclassified"] == wrong
    for key, name in (("roca", "1-ROCA%"), ("lam", "lam%"), ("hm", "hm%"), ("sm", "sm%"), ("accuracy", "accuracy%")):
        assert told[key] == float(said[name])
    assert (told["not_judged"], told["unreadable"]) == (0, 0) and told["classify_ms"] > 0


def test_eval_leaves_nothing_behind(site, tmp_path):
    index = write_index(tmp_path / "c", 3, 3)
    (tmp_path / "temporary").mkdir()
    environment = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
    for store in ("memory", "sqlite"):
        for way in ("class", "errors", "live"):
            text = site.good("dspam_eval", "--index", index, "--store", store, "--train", way, env=environment)
            assert figures(text)["messages"] == "6"
    assert not [name for name in os.listdir(site.home) if not name.endswith(".data")]
    assert list((tmp_path / "temporary").iterdir()) == []


def test_eval_says_the_same_with_every_store(site, tmp_path):
    index = write_index(tmp_path / "c", 20, 20)
    traces = []
    for store in ("memory", "sqlite"):
        site.good("dspam_eval", "--index", index, "--store", store, "--trace", tmp_path / store)
        traces.append((tmp_path / store).read_text())
    assert traces[0] == traces[1]


def test_eval_live_is_what_dspam_train_does(site, tmp_path):
    index = write_index(tmp_path / "c", 20, 30)
    trained = results(site.good("dspam_train", "u1", "-i", index))
    site.good("dspam_eval", "--index", index, "--train", "live", "--trace", tmp_path / "trace")
    said = [line.split() for line in (tmp_path / "trace").read_text().splitlines()]
    assert ["PASS" if gold == ("spam" if result == "Spam" else "ham") else f"FAIL ({name})"
            for _, gold, result, name, _, _ in said] == [result for _, _, result in trained]


def trace(site, tmp_path, index, way):
    site.good("dspam_eval", "--index", index, "--train", way, "--trace", tmp_path / way)
    return (tmp_path / way).read_text()


def test_eval_ways_of_training(site, tmp_path):
    index = write_index(tmp_path / "c", 20, 30)
    by_class = trace(site, tmp_path, index, "class")
    # in teft a corrected error leaves the tokens as if the class had been known
    assert trace(site, tmp_path, index, "live") == by_class
    assert trace(site, tmp_path, index, "errors") != by_class
    with open(site.config, "a", encoding="ascii") as config:
        config.write("TrainingMode notrain\n")
    assert trace(site, tmp_path, index, "live") != by_class


def test_eval_limit_and_skip(site, tmp_path):
    index = write_index(tmp_path / "c", 5, 5)
    for arguments, numbers in [(["--limit", "3"], range(1, 4)), (["--skip", "8"], range(9, 11)),
                               (["--skip", "2", "--limit", "4"], range(3, 7)), (["--skip", "99"], range(0))]:
        site.good("dspam_eval", "--index", index, "--trace", tmp_path / "trace", *arguments)
        lines = (tmp_path / "trace").read_text().splitlines()
        assert [int(line.split()[0]) for line in lines] == list(numbers)
    answer = site.run("dspam_eval", "--index", index, "--skip", "10")
    assert (answer.returncode, "--skip leaves out 10" in answer.stderr) == (0, True)


def test_eval_counts_what_it_cannot_read(site, tmp_path):
    (tmp_path / "a").write_text(message(1, True))
    (tmp_path / "none").write_text("")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "index").write_text("spam a\nham missing\nham pipe\nham none\n")
    answer = site.run("dspam_eval", "--index", tmp_path / "index", "--trace", tmp_path / "trace")
    assert answer.returncode == 66
    assert "missing: No such file" in answer.stderr
    assert "pipe: not a regular file" in answer.stderr
    said = figures(answer.stdout)
    assert (said["messages"], said["unreadable"], said["not judged"]) == ("2", "2", "1")
    assert (tmp_path / "trace").read_text().splitlines()[1] == "4 ham Innocent None -1.0000 0.00"


def test_eval_of_one_kind(site, tmp_path):
    index = write_index(tmp_path / "c", 0, 3)
    said = figures(site.good("dspam_eval", "--index", index))
    assert (said["1-ROCA%"], said["lam%"], said["sm%"], said["hm%"]) == ("-", "-", "-", "0.000")


@pytest.mark.parametrize("arguments, words", [
    ([], "--index"), (["--index", "x", "y"], '"y"'), (["--index", "x", "--limit", "-1"], "--limit -1"),
    (["--index", "x", "--train", "never"], "--train never"), (["--index", "x", "--skip", ""], "--skip")])
def test_eval_usage(site, arguments, words):
    answer = site.run("dspam_eval", *arguments)
    assert answer.returncode == 64
    assert words in answer.stderr


def test_eval_with_impossible_input(site, tmp_path):
    (tmp_path / "index").write_text("spam a\n")
    (tmp_path / "wrong").write_text("ham\n")
    for arguments, status, words in [
        (["--index", tmp_path / "missing"], 66, "missing"),
        (["--index", tmp_path / "wrong"], 65, "wrong:1:"),
        (["--index", tmp_path / "index", "--store", "paper"], 64, "paper"),
        (["--index", tmp_path / "index", "--scores", tmp_path / "no/scores"], 73, "no/scores"),
    ]:
        answer = site.run("dspam_eval", *arguments)
        assert answer.returncode == status, answer.stderr
        assert words in answer.stderr


def test_eval_ends_early_and_tidily(site, tmp_path):
    """A signal ends it after the message at hand, with the figures so far and no store left."""
    index = write_index(tmp_path / "c", 50, 50)
    with open(index, "a", encoding="ascii") as lines:
        lines.write(index.read_text() * 2000)
    (tmp_path / "temporary").mkdir()
    command = [os.path.join(site.programs, "dspam_eval"), "--config", site.config, "--index", index, "--store", "sqlite",
               "--scores", tmp_path / "scores"]
    process = subprocess.Popen(list(map(os.fspath, command)), stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "TMPDIR": str(tmp_path / "temporary")})
    for _ in range(3000):
        if (tmp_path / "scores").exists() and (tmp_path / "scores").stat().st_size > 0:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert 0 < int(figures(output)["messages"]) < 200000
    assert list((tmp_path / "temporary").iterdir()) == []
