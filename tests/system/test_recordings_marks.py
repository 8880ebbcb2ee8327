"""The recordings of DSPAM 3.10 about marks, replayed: same answers, but for the differences of recording.py."""

import pytest

from original_site import INBOUND, original  # noqa: F401 (a fixture)
from recording import FIRST, expected, mime_meaning, steady


def test_plain(original):
    original.configure(location="message")
    ours = original.say("--user", "a", *INBOUND, name="ham1")
    assert steady(ours) == expected(FIRST["1 process --deliver=innocent --stdout, signatureLocation=message, plain"]).replace("\n\nrc", "\nrc", 0)


def test_headers(original):
    original.configure("ImprobabilityDrive on", "Feature whitelist", 'Preference "showFactors=on"')
    assert steady(original.say("--user", "a", *INBOUND, name="ham1")) == expected(FIRST["2 headers"])


@pytest.mark.parametrize("title, name, differences", [
    ("3 multipart, message", "m2-multipart", []),
    ("4 html with body close", "m3-html", []),
    ("5 attachments", "m4-headers", ["own headers"]),
    ("6 signed", "signed", ["wrapping names MIME", "quoted boundary"]),
])
def test_mime(original, title, name, differences):
    original.configure('Preference "tagSpam=on"', 'Preference "tagNonspam=on"', location="message")
    original.texts()
    ours, status = steady(original.say("--user", "a", *INBOUND, name=name)).rsplit("rc=", 1)
    recorded, wanted = expected(FIRST[title], *differences).rsplit("rc=", 1)
    assert status == wanted and mime_meaning(ours) == mime_meaning(recorded)


def test_crlf(original):
    original.configure('Preference "tagNonspam=on"', location="message")
    original.texts()
    recorded = FIRST["7 CRLF"].replace("^M$\n", "\r\n").replace("$\n", "\n").replace("M-CM-/", "ï").replace("M-CM-)", "é")
    ours = original.say("--user", "a", *INBOUND, name="m5-edge-crlf")
    body, status = recorded.rsplit("rc=", 1)
    assert steady(ours) == expected(body, "line ends") + "rc=" + status
