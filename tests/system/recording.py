"""Recordings of DSPAM 3.10 (tests/data/messages), and what may differ from them: the table DIFFERENCES."""

import email
import email.policy
import os
import re

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "messages")

# What the original did and we do not: (the words of docs/compatibility.md that say so, pattern in the recording, what we
# give in its place). A difference that a test names and its recording does not show fails the test.
DIFFERENCES = {
    "own headers": ("removed from incoming mail", r"(?m)^X-DSPAM-Result: Innocent\nX-DSPAM-Signature: [0-9a-f]+\n(?=From:)", ""),
    "line ends": ("the line ends of the message", r"(?<!\r)\n", "\r\n"),
    "wrapping names MIME": ("says MIME-Version where the message does not",
                            r"Content-Type: multipart/mixed; boundary=", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="),
    "quoted boundary": ("says MIME-Version where the message does not", r'boundary=(DSPAM_MULTIPART_EX-\S+)', r'boundary="\1"'),
    "end in the quarantine": ("two LF behind a message in the quarantine", r"(?<=\n)\n\n\n(?=1\d{9}\t|\Z)", "\n\n"),
    "quoting is undone": ("come out as they went in", r"\n\n\n\n\Z", "\n"),
    "temporary": ("`Compat exitCodes` brings the old ones", r"(?m)^rc(.*)=25\d$", r"rc\1=75"),
    "refused": ("`Compat exitCodes` brings the old ones", r"(?m)^rc=255$", "rc=69"),
    "quoting of arguments": ("an argument with blanks stays one", r"  <x>\n  <y>\n", "  <x y>\n"),
    "ten arguments": ("an argument with blanks stays one", r"ARGS\[10\]", "ARGS[9]"),
    "failed delivery": ("logged as E, with the reason", r"\tI\t(.*)\tDelivered\t", r"\tE\t\1\tFAILED\t"),
    "not learned": ("learned after it was handed on, so each message counts once", r"(?s)(totals \[9, 9, .*)totals \[9, 10,", r"\1totals [9, 9,"),
    "no signature": ("no signature is made that is not kept", r"signature=[0-9a-f]+", "signature=N/A"),
    "opted out is delivered": ("always delivered as it came", r"(?m)^0$", "MESSAGE"),
    "prompt": ("the statuses of sysexits.h", r"\[exit 1\]", "[exit 64]"),
    "store": ("One SQLite database for all users", r"(?m)^.*\.(css|lock|sig)(/.*)?\n", ""),
}
DOCUMENT = os.path.join(os.path.dirname(os.path.dirname(DATA)), "..", "docs", "compatibility.md")


def sections(name):
    """title -> text of a recording"""
    with open(os.path.join(DATA, name), encoding="utf-8", newline="") as file:
        text = file.read()
    return {part.split("\n", 1)[0]: part.split("\n", 1)[1] for part in re.split(r"(?m)^=== ", text)[1:]}


FIRST, SECOND, THIRD = (sections(f"processing-{number}.txt") for number in (1, 2, 3))


def transcript():
    """(command, what it printed, status)"""
    with open(os.path.join(DATA, "cli-transcript.txt"), encoding="utf-8") as file:
        text = file.read()
    for run in re.split(r"(?m)^\$ ", text)[1:]:
        command, _, rest = run.partition("\n")
        found = re.search(r"(?m)^\[exit (\d+)\]\n", rest)
        if found:
            yield command, rest[:found.start()], int(found[1])


def steady(text):
    """Without what is new each time: times, signatures, process ids, seconds."""
    text = re.sub(r"\b6b0[0-9a-f]{18,20}\b|\b[0-9a-f]{32}\b", "SIGNATURE", text)
    text = re.sub(r"DSPAM_MULTIPART_EX-\w+", "DSPAM_MULTIPART_EX-ID", text)
    text = re.sub(r"\b\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}", "CTIME", text)
    text = re.sub(r"\b\w{3}, \d\d \w{3} 20[2-9]\d \d\d:\d\d:\d\d [+-]\d{4}(?=\nFrom: admin|\nSubject: first)", "DATE", text)
    text = re.sub(r"(?m)^1\d{9}\t", "NOW\t", text)
    return re.sub(r"\t\d+\.\d{6}\t", "\tSECONDS\t", text)


def expected(recorded, *differences):
    """The recording as it would be with what we do differently on purpose."""
    for name in differences:
        _, pattern, replacement = DIFFERENCES[name]
        recorded, count = re.subn(pattern, replacement, recorded)
        assert count, f"the recording does not show the difference {name!r}"
    return steady(recorded)


def mime_meaning(text):
    """Headers and parts of a message as they are understood: codings decoded, blanks at the ends of lines and texts gone."""
    mail = email.message_from_bytes(text.encode("utf-8", "surrogateescape"), policy=email.policy.compat32)
    parts = []
    for part in mail.walk():
        headers = [(name, " ".join(str(value).split())) for name, value in part.items()
                   if name.lower() != "content-transfer-encoding"]
        body = None
        if not part.is_multipart():
            body = steady(part.get_payload(decode=True).decode("utf-8", "surrogateescape"))
            body = "\n".join(line.rstrip() for line in body.split("\n")).strip()
        parts.append((headers, body))
    return parts
