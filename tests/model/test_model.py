"""Check the reference model against the conformance vectors."""

import json
from pathlib import Path

import pytest

import dspam_model as model

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
    assert model.token_id(text) == int(entry["id"])
    assert model.token_id_bytewise(text) == int(entry["id"])


def test_fast_id_equals_definition():
    for length in range(40):
        text = bytes((37 * length + 11 * place) % 256
                     for place in range(length))
        assert model.token_id(text) == model.token_id_bytewise(text)


@pytest.mark.parametrize("path", MESSAGE_VECTORS, ids=lambda path: path.stem)
def test_flatten(path):
    vector = load(path)
    message = (TOKENS / vector["message"]).read_bytes()
    header_text, body_text = model.flatten(
        message, vector["config"]["signatureLocation"])
    assert header_text == raw(vector["header_text"])
    assert body_text == raw(vector["body_text"])


@pytest.mark.parametrize("tokenizer", model.TOKENIZERS)
@pytest.mark.parametrize("path", MESSAGE_VECTORS, ids=lambda path: path.stem)
def test_tokens_in_order(path, tokenizer):
    vector = load(path)
    config = vector["config"]
    expected = vector[tokenizer]
    found = model.tokenize(
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
