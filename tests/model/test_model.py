"""Check the reference model against the conformance vectors."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import algorithms
from flatten import flatten
from selection import Valued
from settings import Settings
from token_ids import token_id, token_id_bytewise
from token_store import Store
from tokens import TOKENIZERS, Token, tokenize
from verdict import classify

DATA = Path(__file__).resolve().parent.parent / "data"
TOKENS = DATA / "tokens"
STATISTICS = DATA / "statistics"


def load(path):
    """A JSON vector file."""
    return json.loads(path.read_text(encoding="utf-8"))


def raw(text):
    """The byte string behind a Latin-1 view of it."""
    return text.encode("latin-1")


MESSAGE_VECTORS = sorted(TOKENS.glob("m*.json"))


def test_vectors_are_there():
    assert len(MESSAGE_VECTORS) == 7


@pytest.mark.parametrize("entry", load(TOKENS / "ids.json")["vectors"],
                         ids=lambda entry: entry["hex"])
def test_ids(entry):
    text = entry["token"].encode("utf-8")
    assert token_id(text) == int(entry["id"])
    assert token_id_bytewise(text) == int(entry["id"])


def test_fast_id_equals_definition():
    for length in range(40):
        text = bytes((37 * length + 11 * place) % 256
                     for place in range(length))
        assert token_id(text) == token_id_bytewise(text)


@pytest.mark.parametrize("path", MESSAGE_VECTORS, ids=lambda path: path.stem)
def test_flatten(path):
    vector = load(path)
    message = (TOKENS / vector["message"]).read_bytes()
    header_text, body_text = flatten(
        message, vector["config"]["signatureLocation"])
    assert header_text == raw(vector["header_text"])
    assert body_text == raw(vector["body_text"])


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize("path", MESSAGE_VECTORS, ids=lambda path: path.stem)
def test_tokens_in_order(path, tokenizer):
    vector = load(path)
    config = vector["config"]
    expected = vector[tokenizer]
    found = tokenize(
        raw(vector["header_text"]), raw(vector["body_text"]), tokenizer,
        config["ProcessorURLContext"] == "on",
        [raw(name) for name in config["IgnoreHeader"]],
        config["whitelist"] == "on")
    assert len(found.tokens) == expected["count"]
    assert [(token.id, token.text, token.frequency)
            for token in found.tokens] == [
        (int(token["id"]), raw(token["token"]), token["frequency"])
        for token in expected["tokens"]]
    assert found.whitelist_id == int(expected["whitelist_token_id"])


def statistics_tokens(name, tokenizer):
    """Tokens of a message under the conditions of the statistics vectors."""
    message = (STATISTICS / name).read_bytes()
    return tokenize(*flatten(message, "headers"), tokenizer,
                    url_context=True, whitelist=False)


def train(tokenizer):
    """The store after the training procedure of combinations.json."""
    store = Store()
    for _ in range(4):
        for name, is_spam in (("ham1.eml", False), ("spam1.eml", True),
                              ("ham2.eml", False), ("spam2.eml", True)):
            store.learn_corpus(statistics_tokens(name, tokenizer).tokens,
                               is_spam)
    return store


STORES = {tokenizer: train(tokenizer) for tokenizer in TOKENIZERS}


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_trained_store(tokenizer):
    expected = load(STATISTICS / "trained-store.json")[tokenizer]
    store = STORES[tokenizer]
    assert len(store.hits) == expected["token_count"]
    assert {str(identifier): list(hits)
            for identifier, hits in store.hits.items()} == expected["tokens"]
    for name, total in expected["totals"].items():
        assert getattr(store, name) == total


def test_number_of_combinations():
    assert len(load(STATISTICS / "combinations.json")["results"]) == 504


def combination_id(row):
    """The name of a row of combinations.json."""
    return "-".join((row["tokenizer"], row["pvalue"],
                     row["algorithm"].replace(" ", "_"),
                     row["processorBias"], row["message"]))


def settings_of(vector):
    """The settings of a vector."""
    return Settings(pvalue=vector["pvalue"],
                    algorithms=tuple(vector["algorithm"].split()),
                    bias=vector["processorBias"] == "on")


# The model computes naive correctly, the original does not.
COMBINATIONS = [row for row in load(STATISTICS / "combinations.json")["results"]
                if "naive" not in row["algorithm"].split()]


@pytest.mark.parametrize("row", COMBINATIONS, ids=combination_id)
def test_combination(row):
    found = statistics_tokens(row["message"], row["tokenizer"])
    verdict = classify(found.tokens, found.whitelist_id,
                       STORES[row["tokenizer"]], settings_of(row))
    assert ("Spam" if verdict.is_spam else "Innocent") == row["result"]
    assert verdict.class_name == row["class"]
    assert "%.4f" % verdict.probability == row["probability"]
    assert "%.2f" % verdict.confidence == row["confidence"]


@pytest.mark.parametrize(
    "case", load(STATISTICS / "token-values.json")["cases"],
    ids=lambda case: "-".join((case["tokenizer"], case["pvalue"],
                               case["processorBias"])))
def test_token_values(case):
    store = STORES[case["tokenizer"]]
    settings = settings_of(case)
    found = statistics_tokens(case["message"], case["tokenizer"])
    verdict = classify(found.tokens, found.whitelist_id, store, settings)
    values = [[token.text.decode("latin-1"), *store.hits_of(token.id),
               "%.6f" % value] for token, value, _ in verdict.valued]
    assert values == case["token_values"]

    def described(members):
        return [[member.token.text.decode("latin-1"), "%.6f" % member.value,
                 member.frequency] for member in members]

    assert described(algorithms.graham_members(verdict.chosen)) == (
        case["graham_selection"])
    assert described(algorithms.burton_members(verdict.chosen)) == (
        case["burton_selection"])
    chi_square = algorithms.chi_square(verdict.valued, settings.pvalue)
    assert [[token.text.decode("latin-1"), "%.6f" % value]
            for token, value in chi_square.members] == case["chi_square_used"]
    robinson = verdict.robinson
    assert [
        "Graham-Bayesian Probability: %.6f Samples: %d" % (
            verdict.graham, len(algorithms.graham_members(verdict.chosen))),
        "Burton-Bayesian Probability: %.6f Samples: %d" % (
            verdict.burton, len(algorithms.burton_members(verdict.chosen))),
        "Robinson's Geometric Confidence: %.6f (Spamminess: %.6f, "
        "Non-Spamminess: %.6f, Samples: %d)" % (
            robinson.value, robinson.spamminess, robinson.innocence,
            robinson.used),
        "Chi-Square Confidence: %.6f" % chi_square.value,
    ] == case["intermediate"]


def test_naive_is_computed_correctly():
    token = Token(1, b"a", 1)
    valued = [Valued(token, value, 1) for value in (0.9, 0.8, 0.3)]
    spam, innocent = 0.9 * 0.8 * 0.3, 0.1 * 0.2 * 0.7
    assert algorithms.naive(valued) == pytest.approx(spam / (spam + innocent))
    assert algorithms.naive(valued * 5000) == pytest.approx(1.0)
