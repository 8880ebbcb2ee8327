"""dspam_eval beside the reference model (tests/model): the same verdicts and scores."""

import os
import subprocess
import sys

import pytest

from labelled_mail import write_index
from tool_site import site  # noqa: F401 (a fixture)

COMBINATIONS = [("chain", "bcr", "graham burton"), ("osb", "bcr", "chi-square"), ("word", "markov", "graham burton")]


def compare_with_model(site, root, index, tmp_path, tokenizer, pvalue, algorithm, limit):
    site.config.write_text(f"Home {site.home}\nStorageDriver memory\nTokenizer {tokenizer}\nPValue {pvalue}\n"
                           f"Algorithm {algorithm}\nProcessorBias on\nProcessorURLContext on\nFeature whitelist\n")
    site.good("dspam_eval", "--index", index, "--limit", str(limit), "--trace", tmp_path / "trace")
    model = subprocess.run([sys.executable, f"{root}/tests/model/dspam_model.py", "replay", "--index", index,
                            "--tokenizer", tokenizer, "--pvalue", pvalue, "--algorithm", algorithm,
                            "--limit", str(limit)], capture_output=True, text=True, check=True)
    ours, expected = (tmp_path / "trace").read_text().splitlines(), model.stdout.splitlines()
    assert len(expected) > 0
    assert ours == expected


@pytest.mark.parametrize("tokenizer, pvalue, algorithm", COMBINATIONS)
def test_eval_agrees_with_the_model(site, root, tmp_path, tokenizer, pvalue, algorithm):
    index = write_index(tmp_path / "c", 40, 60)
    compare_with_model(site, root, index, tmp_path, tokenizer, pvalue, algorithm, 100)


@pytest.mark.seconds(600)
@pytest.mark.parametrize("tokenizer, pvalue, algorithm", COMBINATIONS)
def test_eval_agrees_with_the_model_on_real_mail(site, root, corpus, tmp_path, tokenizer, pvalue, algorithm):
    compare_with_model(site, root, os.path.join(corpus, "index"), tmp_path, tokenizer, pvalue, algorithm, 300)
