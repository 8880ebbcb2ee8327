"""The recorded dialogues of DSPAM 3.10 in tests/data/protocol/transcripts.txt, taken apart."""

import os
import re

SPAM = b"""\
From: Prize Team <promo@deals.example>
To: alice@example.org
Subject: Claim your FREE pills prize now
Date: Wed, 04 Feb 2026 10:00:00 +0000
Message-ID: <test1@deals.example>

Congratulations! Click http://deals.example/claim?id=7 now to get cheap pills.
Limited offer: free prize and cash, act now!
"""
HAM = b"""\
From: Bob <bob@example.net>
To: alice@example.org
Subject: Walk on Sunday

If the weather holds we meet at the river at ten, and take the small path up the hill.
"""
DOTS = b"From: a@b.example\nSubject: dots\n\n.leading dot\n..\nlast\n"
MESSAGES = {"test-spam.eml": SPAM, "test-ham.eml": HAM, "body lines": DOTS, "empty line": b"\n"}


class Said:
    """What one side says: `who` is S or C; `lines` of the server with their CR, commands or a message of the client."""

    def __init__(self, who, lines=(), message=None):
        self.who, self.lines, self.message = who, list(lines), message


def _client(text):
    if not text.startswith("("):
        return Said("C", [text.split(" (")[0] if text.startswith(". (") else text])
    return Said("C", message=next(message for word, message in MESSAGES.items() if word in text))


def sections(root):
    """Title: list of Said. A session with two messages stays one."""
    with open(os.path.join(root, "tests/data/protocol/transcripts.txt"), encoding="utf-8") as file:
        lines = file.read().split("\n")
    found, current = {}, None
    for line in lines:
        if line.startswith("## "):
            current = found[line[3:]] = []
        elif line.startswith("S: "):
            if not current or current[-1].who != "S":
                current.append(Said("S"))
            current[-1].lines.append(line[3:].replace("\\r", "\r") + "\n")
        elif line.startswith("C: "):
            current.append(_client(line[3:]))
    return found


def replies(lines):
    """The server's lines in units: ("reply", last line), ("text", lines before the dot), ("closed", "")."""
    units, text = [], []
    for line in lines:
        if line.startswith("<connection closed>"):
            units.append(("closed", ""))
        elif re.match(r"\d{3}-", line) and not text:
            continue
        elif re.match(r"\d{3} ", line) and not text:
            units.append(("reply", line.strip()))
        elif line == ".\r\n":
            units.append(("text", text))
            text = []
        else:
            text.append(line)
    return units
