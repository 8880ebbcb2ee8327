"""dspam_eval with several settings, feedback as it comes in use, and its page."""

import html.parser
import json
import os
import re

import pytest

from labelled_mail import write_index
from tool_output import figures
from tool_site import SETTINGS, Site

TWO = ["--setting", "chain=Tokenizer chain", "--setting", "Algorithm adaptive"]


@pytest.fixture
def site(tmp_path, programs):
    if not os.path.exists(os.path.join(programs, "dspam_eval")):
        pytest.skip("dspam_eval is not built")
    return Site(tmp_path, programs, SETTINGS)


@pytest.fixture
def index(tmp_path):
    return write_index(tmp_path / "c", 40, 60)


def runs(site, index, *arguments):
    """{name: figures} of several settings."""
    told = json.loads(site.good("dspam_eval", "--json", "--index", index, *arguments))
    return {run["name"]: run for run in told["runs"]}


def alone(site, index, *arguments):
    return json.loads(site.good("dspam_eval", "--json", "--index", index, *arguments))


# ---- side by side ---------------------------------------------------------------------------------


def test_settings_side_by_side_are_as_each_alone(site, index, tmp_path):
    """Neither sees what the other has learned."""
    runs(site, index, *TWO, "--scores", tmp_path / "scores", "--trace", tmp_path / "trace")
    for name, setting in (("chain", TWO[1]), ("Algorithm-adaptive", TWO[3])):
        site.good("dspam_eval", "--index", index, "--setting", setting, "--scores", tmp_path / "s", "--trace", tmp_path / "t")
        assert (tmp_path / f"scores.{name}").read_text() == (tmp_path / "s").read_text()
        assert (tmp_path / f"trace.{name}").read_text() == (tmp_path / "t").read_text()
    assert (tmp_path / "scores.chain").read_text() != (tmp_path / "scores.Algorithm-adaptive").read_text()
    # the one that changes nothing is the file itself
    site.good("dspam_eval", "--index", index, "--scores", tmp_path / "s")
    assert (tmp_path / "scores.chain").read_text() == (tmp_path / "s").read_text()


def test_configurations_side_by_side(site, index, tmp_path):
    other = tmp_path / "other.conf"
    other.write_text(site.config.read_text().replace("chain", "osb"))
    told = runs(site, index, "--config", other)
    assert list(told) == ["dspam", "other"]
    assert "chain" in told["dspam"]["settings"] and "osb" in told["other"]["settings"]
    assert told["dspam"]["errors_95"][0] <= sum(told["dspam"][key] for key in ("spam_misclassified", "ham_misclassified"))
    assert told["dspam"]["more_errors_95"] == [0, 0]
    answer = site.run("dspam_eval", "--config", other, "--index", index, *TWO)
    assert answer.returncode == 64 and "--config once" in answer.stderr


def test_names_do_not_clash(site, index):
    told = runs(site, index, "--limit", "3", *(["--setting", "x=Tokenizer osb"] * 3), "--setting", "x-2=Opt in")
    assert list(told) == ["x", "x-2", "x-3", "x-2-2"]


def test_table_of_several(site, index):
    text = site.good("dspam_eval", "--index", index, *TWO)
    assert re.search(r"^messages 100: 40 spam, 60 ham; learned: every message; in the order of the index; seed 1$", text,
                     re.MULTILINE)
    told = runs(site, index, *TWO)
    for name, run in told.items():
        errors = run["spam_misclassified"] + run["ham_misclassified"]
        assert re.search(rf"^{name} +{errors} +\d+-\d+ +{run['spam_misclassified']} +{run['ham_misclassified']} ", text,
                         re.MULTILINE)
    assert re.search(r"^Algorithm-adaptive +[+-]\d+ errors \([+-]\d+ to [+-]\d+\), 1-ROCA%", text, re.MULTILINE)


def test_details_of_one(site, index):
    text = site.good("dspam_eval", "--index", index, "--details")
    told = alone(site, index)
    errors = int(figures(text)["errors"])
    assert re.search(rf"^first 100 +{errors}  errors$", text, re.MULTILINE)
    assert re.search(rf"^each thousand +{errors}$", text, re.MULTILINE)
    assert figures(text)["calibration"] == f"{told['calibration_error']:.4f}"
    assert told["errors_in_first"] == [{"messages": 100, "errors": errors}]
    assert sum(tenth["messages"] for tenth in told["reliability"]) == 100
    assert sum(tenth["spam"] for tenth in told["reliability"]) == 40
    low, high = told["errors_95"]
    assert low < errors < high


# ---- feedback --------------------------------------------------------------------------------------


def trace(site, index, tmp_path, *arguments):
    site.good("dspam_eval", "--index", index, "--trace", tmp_path / "trace", *arguments)
    return (tmp_path / "trace").read_text()


@pytest.mark.parametrize("algorithm", ["Algorithm graham burton", "Algorithm adaptive"])
def test_feedback_and_ways(site, index, tmp_path, algorithm):
    """The words that mean the same do the same."""
    setting = ["--setting", algorithm]
    assert trace(site, index, tmp_path, *setting, "--feedback", "immediate") == \
        trace(site, index, tmp_path, *setting, "--train", "class") == \
        trace(site, index, tmp_path, *setting, "--feedback", "delay=0,fraction=1")
    errors = trace(site, index, tmp_path, *setting, "--feedback", "errors")
    assert errors == trace(site, index, tmp_path, *setting, "--train", "live")
    assert errors == trace(site, index, tmp_path, *setting, "--feedback", "errors,delay=0")


def test_delay_of_every_label(site, index, tmp_path):
    """Nothing is known before the first report comes; the last ones never do."""
    lines = trace(site, index, tmp_path, "--feedback", "delay=30").splitlines()
    assert {line.split()[2] for line in lines[:30]} == {"Innocent"}
    assert "Spam" in {line.split()[2] for line in lines[40:]}
    assert alone(site, index, "--feedback", "delay=30")["reports"] == 70
    assert alone(site, index, "--feedback", "delay=100")["reports"] == 0


def test_reports_are_those_of_errors(site, index):
    told = alone(site, index, "--feedback", "errors")
    assert told["reports"] == told["spam_misclassified"] + told["ham_misclassified"] > 0
    assert told["not_taught"] == 0
    told = alone(site, index, "--setting", "Algorithm adaptive; TrainingMode toe", "--feedback", "unsure")
    assert told["reports"] >= told["unsure"] > 0
    assert told["not_taught"] == 0
    less = alone(site, index, "--feedback", "fraction=0.5")["reports"]
    assert 25 < less < 75
    assert less != alone(site, index, "--feedback", "fraction=0.5", "--seed", "3")["reports"] or less == 50


@pytest.mark.parametrize("feedback", ["errors,delay=10", "unsure,fraction=0.5,delay=3", "delay=10"])
@pytest.mark.parametrize("algorithm", ["Algorithm graham burton", "Algorithm adaptive"])
def test_late_reports_on_disk_and_in_memory(site, index, tmp_path, feedback, algorithm):
    setting = ["--setting", algorithm, "--feedback", feedback]
    assert trace(site, index, tmp_path, *setting) == trace(site, index, tmp_path, *setting, "--store", "sqlite")


def test_late_reports_without_signatures(site, index, tmp_path):
    """They are learned from the message itself, which is read again."""
    told = alone(site, index, "--setting", "TrainPristine on", "--feedback", "errors,delay=5")
    assert told["reports"] > 0
    assert told["not_taught"] == 0


def test_noise(site, index, tmp_path):
    clean = trace(site, index, tmp_path)
    noisy = trace(site, index, tmp_path, "--noise", "0.3")
    assert noisy != clean
    assert [line.split()[:2] for line in noisy.splitlines()] == [line.split()[:2] for line in clean.splitlines()]
    assert trace(site, index, tmp_path, "--noise", "0.3") == noisy
    assert trace(site, index, tmp_path, "--noise", "0.3", "--seed", "2") != noisy
    assert trace(site, index, tmp_path, "--noise", "0") == clean
    # who is always mistaken teaches the contrary
    assert alone(site, index, "--noise", "1")["accuracy"] < 50


def test_shuffle(site, index, tmp_path):
    numbers = [[int(line.split()[0]) for line in trace(site, index, tmp_path, *arguments).splitlines()] for arguments in
               (["--shuffle", "1"], ["--shuffle", "1"], ["--shuffle", "2"], ["--shuffle", "1", "--skip", "10", "--limit", "50"])]
    assert numbers[0] == numbers[1] != numbers[2]
    assert sorted(numbers[0]) == sorted(numbers[2]) == list(range(1, 101)) != numbers[0]
    assert sorted(numbers[3]) == list(range(11, 61))
    # the labels stay with their messages
    gold = [line.split()[0] for line in index.read_text().splitlines()]
    assert all(gold[int(line.split()[0]) - 1] == line.split()[1]
               for line in trace(site, index, tmp_path, "--shuffle", "3").splitlines())


# ---- the page ----------------------------------------------------------------------------------------


class Page(html.parser.HTMLParser):
    """Checks that tags are closed, and gathers them and the text."""

    VOID = {"meta", "br"}

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_page(site, index, tmp_path):
    site.good("dspam_eval", "--index", index, *TWO, "--html", tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    page = Page(text)
    tags = [tag for tag, _ in page.tags]
    assert tags.count("svg") == 3 and "script" not in tags and "link" not in tags and "img" not in tags
    assert "http:" not in text and "https:" not in text and "url(" not in text
    assert "prefers-color-scheme:dark" in text
    assert re.search(r"@media print\{.*\.wide\{overflow:visible\}", text), "tables wider than the paper are cut off"
    for words in ("100 messages, 40 of them spam", "Algorithm-adaptive", "chain", "1-ROCA", "--setting 'chain=Tokenizer chain'"):
        assert words in page.text
    lines = [attributes["d"] for tag, attributes in page.tags if tag == "path" and "line" in attributes["class"].split()]
    assert len(lines) == 6 and all(re.fullmatch(r"M[\d. ]+([HVL][\d. ]+)*", line) for line in lines)
    assert "nan" not in "".join(lines)


def test_page_escapes(site, index, tmp_path):
    """A name of a file may hold anything."""
    strange = tmp_path / "<script>alert('1')&amp;\n\"x\""
    strange.write_text(index.read_text().replace("s/", f"{index.parent}/s/").replace("h/", f"{index.parent}/h/"))
    site.good("dspam_eval", "--index", strange, "--html", tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    assert "<script" not in text
    page = Page(text)
    assert "<script>alert('1')&amp;" in page.text


@pytest.mark.parametrize("spam, ham", [(0, 3), (3, 0), (0, 0)])
def test_page_of_one_kind(site, tmp_path, spam, ham):
    index = write_index(tmp_path / "c", spam, ham)
    if spam + ham == 0:
        index.write_text("")
    for arguments in ([], TWO, ["--details"], ["--json"]):
        text = site.good("dspam_eval", "--index", index, "--html", tmp_path / "page.html", *arguments)
        assert "nan" not in text
        assert "nan" not in Page((tmp_path / "page.html").read_text()).text


def test_page_that_cannot_be_written(site, index, tmp_path):
    answer = site.run("dspam_eval", "--index", index, "--limit", "1", "--html", tmp_path / "no/page")
    assert answer.returncode == 73 and "no/page" in answer.stderr
    assert answer.stdout == "", "it was found out when all was done"
    if os.path.exists("/dev/full"):
        answer = site.run("dspam_eval", "--index", index, "--limit", "1", "--html", "/dev/full")
        assert answer.returncode == 74 and "/dev/full" in answer.stderr


# ---- the command line -----------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments, words", [
    (["--setting", ""], "should be directives"), (["--setting", "x="], "should be directives"),
    (["--setting", "Algoritm adaptive"], "did you mean Algorithm?"), (["--setting", "Algorithm magic"], "magic"),
    (["--feedback", "immediate,delay=5"], "--feedback immediate,delay=5"), (["--feedback", ""], "--feedback"),
    (["--feedback", "fraction=2"], "fraction=0.25"), (["--noise", "2"], "--noise 2"), (["--noise", "nan"], "--noise nan"),
    (["--noise", ""], "--noise"), (["--shuffle", "x"], "--shuffle x"), (["--seed", "-1"], "--seed -1"),
    (["--setting", "Tokenizer osb"] * 33, "at most 32")])
def test_usage(site, index, arguments, words):
    answer = site.run("dspam_eval", "--index", index, *arguments)
    assert answer.returncode == 64
    assert words in answer.stderr
    assert answer.stdout == ""


def test_odd_settings_are_told_and_tried(site, index):
    answer = site.run("dspam_eval", "--index", index, "--setting", "Algorithm chi-square; PValue bcr")
    assert answer.returncode == 0
    assert "PValue robinson" in answer.stderr
