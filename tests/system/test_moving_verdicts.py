"""What the original has learned judges here as it did there, whichever of its files it comes from."""

import os
import re
import subprocess

import pytest

from moving_site import STATISTICS, TOTALS, VERIFIED, Learned, content, exported, load
from moving_site import site, other  # noqa: F401 (fixtures)


@pytest.fixture(scope="module")
def original():
    """{tokenizer: Learned} of DSPAM 3.10, and its verdicts."""
    return ({tokenizer: Learned([state["totals"][name] for name in TOTALS],
                                {int(token): tuple(hits) for token, hits in state["tokens"].items()})
             for tokenizer, state in load("trained-store.json").items() if tokenizer != "note"},
            load("combinations.json")["results"])


def verdict(site, message, rule):
    site.config.write_text(f"Home {site.home}\n{site.store.line}\nProcessorURLContext on\nTokenizer {rule['tokenizer']}\n"
                           f"PValue {rule['pvalue']}\nAlgorithm {rule['algorithm']}\nProcessorBias {rule['processorBias']}\n"
                           'Preference "signatureLocation=headers"\nTrainingMode teft\n')
    with open(os.path.join(STATISTICS, message), "rb") as mail:
        answer = subprocess.run([os.path.join(site.programs, "dspam"), "--config", site.config, "--user", "u", "--classify"],
                                stdin=mail, capture_output=True, text=True, check=True)
    return re.search(r'result="(\w+)"; class="\w+"; probability=([\d.]+); confidence=([\d.]+)', answer.stdout).groups()


@pytest.mark.parametrize("tokenizer", ["word", "chain", "sbph", "osb"])
@pytest.mark.parametrize("form", ["css", "sdb", "sql", "dump"])
def test_the_originals_verdicts(site, tmp_path, original, tokenizer, form):
    """A store filled by DSPAM 3.10, in each of its formats, judges as it did there, to the printed digits."""
    learned = original[0][tokenizer]
    path = getattr(learned, form)(tmp_path / f"u.{form}")
    words = ["--totals=" + ",".join(map(str, learned.totals))] if form == "dump" else []
    answer = site.good("dspam_admin", "import", path, "--user=u", *words)
    assert VERIFIED.findall(answer) == [("u", str(len(learned.tokens)), "0")]
    assert content(site, "u") == (learned.totals, learned.tokens, {})
    rules = [rule for rule in original[1] if rule["tokenizer"] == tokenizer and
             (rule["pvalue"], rule["algorithm"], rule["processorBias"]) in [
                 ("bcr", "graham burton", "on"), ("robinson", "chi-square", "on"), ("markov", "graham burton", "off")]]
    assert len(rules) == 9
    for rule in rules:
        assert verdict(site, rule["message"], rule) == (rule["result"], rule["probability"], rule["confidence"])


def test_as_if_it_had_been_trained_here(site, other, tmp_path):
    """Training here gives what an import of the original's training gives."""
    for site_of in (site, other):
        site_of.config.write_text(f"Home {site_of.home}\n{site_of.store.line}\nProcessorURLContext on\nTokenizer chain\n"
                                  'Preference "signatureLocation=headers"\nTrainingMode teft\nAlgorithm graham\n')
    for _ in range(4):
        for name, kind in (("ham1", "innocent"), ("spam1", "spam"), ("ham2", "innocent"), ("spam2", "spam")):
            with open(os.path.join(STATISTICS, f"{name}.eml"), "rb") as mail:
                subprocess.run([os.path.join(site.programs, "dspam"), "--config", site.config, "--user", "u",
                                f"--class={kind}", "--source=corpus"], stdin=mail, capture_output=True, check=True)
    state = load("trained-store.json")["chain"]
    learned = Learned([state["totals"][name] for name in TOTALS], {int(t): tuple(h) for t, h in state["tokens"].items()})
    other.good("dspam_admin", "import", learned.css(tmp_path / "u/u.css"))
    assert exported(other, "u") == exported(site, "u")
