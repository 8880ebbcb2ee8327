"""What tests/bench/accuracy.py makes of judgements, and that its orders and wrong labels are those of dspam_eval."""

import argparse
import os
import random
import signal
import subprocess
import sys
import time

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "bench"))
import accuracy  # noqa: E402
import chance  # noqa: E402
import outcome  # noqa: E402
from mail import Message  # noqa: E402
from peers import bogofilter  # noqa: E402
from peers.peer import Absent, Contender, Judgement, Trouble, every, on_error, within  # noqa: E402


def rows_of(*rows):
    return [(gold == "spam", taken == "spam", score, rather == "spam") for gold, taken, score, rather in rows]


def test_figures():
    said = outcome.figures(rows_of(("spam", "spam", 9, "spam"), ("ham", "ham", 1, "ham"), ("spam", "ham", 5, "spam"),
                                   ("ham", "ham", 5, "spam"), ("ham", "spam", 7, "spam")))
    assert (said["messages"], said["errors"], said["missed"], said["false"], said["rather"]) == (5, 2, 1, 1, 2)
    # of six pairs the spam with 5 is below a ham once, and beside one once
    assert said["roca"] == pytest.approx(100 * 1.5 / 6)
    assert said["least_errors"] == 1  # above 7


def test_one_minus_roca_by_its_definition():
    draw = random.Random(1)
    rows = [(draw.random() < 0.4, False, draw.randrange(20), False) for _ in range(300)]
    spam, ham = ([row[2] for row in rows if row[0] == kind] for kind in (True, False))
    wrong = sum((h > s) + (h == s) / 2 for h in ham for s in spam)
    assert outcome.roca(rows) == pytest.approx(100 * wrong / (len(ham) * len(spam)))
    cuts = [sum((row[2] >= cut) != row[0] for row in rows) for cut in range(21)]
    assert outcome.least_errors(rows) == min(cuts)


def test_mail_of_one_kind_has_no_roca():
    assert outcome.roca(rows_of(("ham", "ham", 1, "ham"))) is None
    assert outcome.least_errors(rows_of(("ham", "spam", 1, "spam"))) == 0


def test_the_order_is_that_of_dspam_eval(programs, tmp_path):
    lines = [f"{'spam' if number % 3 else 'ham'} {number}" for number in range(40)]
    for line in lines:
        (tmp_path / line.split()[1]).write_text(f"Subject: {line}\n\nmessage {line}\n")
    (tmp_path / "index").write_text("\n".join(lines) + "\n")
    (tmp_path / "dspam.conf").write_text(f"Home {tmp_path}\nStorageDriver sqlite\n")
    subprocess.run([f"{programs}/dspam_eval", "--config", tmp_path / "dspam.conf", "--index", tmp_path / "index",
                    "--shuffle", "7", "--trace", tmp_path / "trace"], check=True, stdout=subprocess.DEVNULL)
    numbers = [int(line.split()[0]) for line in (tmp_path / "trace").read_text().splitlines()]
    first = min(numbers)
    assert [number - first for number in numbers] == chance.order(40, 7)


def test_wrong_labels():
    # splitmix64 from 0: the numbers of its reference implementation
    reference = chance.Chance(0)
    assert [reference.next() for _ in range(2)] == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]
    mistaken = {seed: [number for number in range(10000) if chance.is_mistaken(number, 0.05, seed)] for seed in (1, 2)}
    assert all(400 < len(numbers) < 600 for numbers in mistaken.values())
    assert mistaken[1] != mistaken[2]
    assert not any(chance.is_mistaken(number, 0, 1) for number in range(100))
    assert all(chance.is_mistaken(number, 1, 1) for number in range(100))


def test_labels_stay_with_their_messages_in_another_order():
    messages = [Message(str(number), "ham") for number in range(200)]
    wrong = [{message.path for message, label in accuracy.lessons_of(messages, options) if label}
             for options in (argparse.Namespace(order=order, noise=0.1, seed=3) for order in (None, 5))]
    assert wrong[0] == wrong[1] and 5 < len(wrong[0]) < 50


def test_when_a_filter_is_taught():
    unsure, spam = Judgement("unsure", 0.5), Judgement("spam", 8.0)
    assert every(spam, True)
    assert on_error(unsure, True) and on_error(unsure, False) and on_error(spam, False) and not on_error(spam, True)
    assert within(10)(spam, True) and not within(5)(spam, True) and within(5)(spam, False)


class Fake:
    """Takes all for spam, and remembers what it was taught."""

    def __init__(self, home):
        self.lessons = open(os.path.join(home, "lessons"), "w", encoding="ascii")

    def judge(self, message):
        if message.path == "odd":
            raise Trouble("it is odd")
        return Judgement("spam", 1.0)

    def teach(self, message, spam):
        print(message.path, spam, file=self.lessons)

    def close(self):
        self.lessons.close()


def absent(_home):
    raise Absent("fake is not installed")


def broken(_home):
    raise KeyError("a mistake")


def test_filters_are_measured_and_left_out(tmp_path):
    def contender(make, wants=on_error):
        return Contender("fake", "some", make, wants)

    lessons = [(Message("a", "ham"), False), (Message("odd", "spam"), True), (Message("b", "spam"), False), (Message("c", "spam"), True)]
    options = argparse.Namespace(jobs=2, patience=60)
    rows = accuracy.measure([contender(Fake), contender(absent), contender(broken), contender(Fake, every),
                             contender(lambda _home: os._exit(3))], lessons, str(tmp_path), options)
    assert rows[0]["errors"] == 2 and rows[0]["missed"] == 1 and rows[0]["false"] == 1  # the odd one was delivered
    assert (rows[0]["taught"], rows[3]["taught"], rows[0]["troubles"], rows[0]["trouble"]) == (2, 3, 1, "it is odd")
    assert rows[1]["absent"] == "fake is not installed"
    assert "a mistake" in rows[2]["absent"] and "not measured" in rows[4]["absent"]
    kept = [path.read_text() for path in tmp_path.glob("*/lessons")]
    assert "a False\nb False\n" in kept
    text = "\n".join(accuracy.lines(rows))
    assert "left out: fake (some): fake is not installed" in text and "could not judge or learn 1 messages" in text


def test_stopped_early_it_tells_what_is_done(tmp_path):
    def stops(_home):
        os.kill(os.getppid(), signal.SIGTERM)
        time.sleep(60)

    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        rows = accuracy.measure([Contender("fake", "all", make, every) for make in (Fake, stops, Fake)],
                                [(Message("a", "ham"), False)], str(tmp_path), argparse.Namespace(jobs=1, patience=60))
    finally:
        signal.signal(signal.SIGTERM, before)
    assert rows[0]["errors"] == 1
    assert ["absent" in row for row in rows] == [False, True, True]


def test_a_filter_that_is_not_installed_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    row = accuracy.figures_of(bogofilter.CONTENDERS[0], [(Message("a", "ham"), False)], str(tmp_path), 60)
    assert row["absent"] == "bogofilter is not installed"


def test_a_slow_filter_is_given_up(tmp_path):
    row = accuracy.figures_of(Contender("fake", "all", Fake, every), [(Message("a", "ham"), False)], str(tmp_path), -1)
    assert "too slow" in row["absent"]


@pytest.mark.parametrize("text, order", [("index", None), ("shuffled", 1), ("shuffled:7", 7)])
def test_orders(text, order):
    assert accuracy.order_of(text) == order


@pytest.mark.parametrize("text", ["", "index:1", "shuffled:x", "random"])
def test_what_is_no_order(text):
    with pytest.raises(argparse.ArgumentTypeError):
        accuracy.order_of(text)


def test_the_better_way_is_shown():
    rows = [{"name": "a", "way": "x", "errors": 3, "roca": 1.0}, {"name": "a", "way": "y", "errors": 2, "roca": 2.0},
            {"name": "b", "way": "x", "errors": 2, "roca": None}, {"name": "c", "way": "x", "absent": "no"}]
    assert [(row["name"], row["way"]) for row in accuracy.better_ways(rows)] == [("b", "x"), ("a", "y")]
