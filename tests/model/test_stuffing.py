"""What tests/bench/attacks.py does to messages."""

import email
import os
import random
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "bench"))
import stuffing  # noqa: E402

PLAIN = b"From: a@b.example\nSubject: one\n two\nX: y\n\nBuy this now\n"
MIXED = (b"Subject: s\nContent-Type: multipart/mixed; boundary=\"b+1\"\n\nbefore\n--b+1\n"
         b"Content-Type: text/html\n\n<p>cheap</p>\n--b+1\nContent-Type: text/plain\n\nother\n--b+1--\n")
NESTED = (b"Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: multipart/alternative; boundary=in\n\n"
          b"--in\nContent-Type: text/plain\n\nfirst\n--in\nContent-Type: text/html\n\nsecond\n--in--\n--out--\n")


def first_text(message):
    part = email.message_from_bytes(message)
    while part.is_multipart():
        part = part.get_payload(0)
    return part.get_payload()


@pytest.mark.parametrize("message, text", [(PLAIN, "Buy this now"), (MIXED, "<p>cheap</p>"), (NESTED, "first")])
def test_words_go_into_the_first_text(message, text):
    changed = stuffing.stuffed(message, [b"own", b"words"])
    assert first_text(changed).split("\n")[0] == text
    assert "own words" in first_text(changed)
    # nothing else is another
    assert changed.replace(b"\nown words\n", b"", 1) == message


def test_what_cannot_be_stuffed():
    coded = b"Content-Transfer-Encoding: Base64\n\nQnV5\n"
    assert stuffing.text_end(coded) is None
    assert stuffing.text_end(b"Content-Type: image/png\n\nx\n") is None
    assert stuffing.text_end(MIXED.replace(b"--b+1\nContent-Type: text/plain\n\nother\n--b+1--\n", b"")) is None


def test_subjects():
    assert stuffing.subject_of(PLAIN) == b"Subject: one\n two"
    assert stuffing.with_subject(PLAIN, b"Subject: x") == PLAIN.replace(b"one\n two", b"x")
    assert stuffing.subject_of(b"X: y\n\nSubject: not this\n") is None
    assert stuffing.with_subject(b"X: y\n\nz\n", b"Subject: x") == b"Subject: x\nX: y\n\nz\n"


def test_own_words_are_the_most_telling_last():
    ham = [b"\n\nmeeting lunch offer\n"] * 3 + [b"\n\nmeeting rare\n"]
    words = stuffing.own_words(ham, [b"\n\noffer offer\n", b"\n\noffer pills\n"])
    assert words == [b"offer", b"lunch", b"meeting"]


def test_unknown_words():
    words = stuffing.unknown_words(random.Random(1), 1000)
    assert words == stuffing.unknown_words(random.Random(1), 1000)
    assert len(set(words)) == 1000 and all(word.isalpha() for word in words)
    assert all(len(line.split()) <= 12 for line in stuffing.as_lines(words).splitlines())
