"""The recorded commands of DSPAM 3.10, run again: what they print, and their statuses."""

import re
import subprocess

import pytest

from original_site import INBOUND, original  # noqa: F401 (a fixture)
from recording import transcript

# These were run without a message.
EMPTY = {"dspam", "dspam --user u1 --classify"}


@pytest.mark.parametrize("command, status", sorted({
    (command, status) for command, printed, status in transcript()
    if command.split()[0] == "dspam" and "--version" not in command and printed == "" and "u1 u2" not in command}))
def test_statuses_of_dspam(original, command, status):
    """With Compat exitCodes a script sees the statuses that it always saw."""
    original.configure("Compat exitCodes")
    mail = b"" if command in EMPTY else original.message("test-ham")
    answer = original.run(*command.split()[1:], mail=mail)
    assert answer.returncode == status
    assert answer.stdout == b"" and (answer.stderr != b"") == (status != 0)


def test_classify_for_two(original):
    for name in ("ham1", "ham2"):
        original.out("--user", "u1", "--class=innocent", "--source=corpus", mail=original.message(name))
    for name in ("spam1", "spam2"):
        original.out("--user", "u1", "--class=spam", "--source=corpus", mail=original.message(name))
    original.out("--user", "u1", "--deliver=summary", mail=original.message("ham1"))
    printed = {command: text for command, text, _ in transcript() if command.startswith("dspam ")}
    ours = original.out("--user", "u1", "u2", "--classify", mail=original.message("ham1")).decode()
    # which message it was is not recorded
    numbers = re.compile(r"(?m)^(X-DSPAM-Result: u1; .*)probability=0\.\d{4}; confidence=\d\.\d\d")
    assert numbers.sub(r"\1", ours) == numbers.sub(r"\1", printed["dspam --user u1 u2 --classify"])


def test_statistics(original):
    for kind, name in (("innocent", "ham1"), ("innocent", "ham2"), ("spam", "spam1"), ("spam", "spam2")):
        original.out("--user", "u1", f"--class={kind}", "--source=corpus", mail=original.message(name))
    original.out("--user", "u1", "--deliver=summary", mail=original.message("ham1"))
    out = original.out("--user", "u2", *INBOUND, mail=original.message("ham1"))
    original.out("--user", "u2", "--class=spam", "--source=error", mail=out)
    seen = 0
    for command, printed, status in transcript():
        words = command.split()
        if words[0] != "dspam_stats" or words[1:] in ([], ["-h"]) or "--profile" in command or "u3" in words:
            continue
        answer = subprocess.run([f"{original.programs}/dspam_stats", "--config", original.path, *words[1:]],
                                capture_output=True, check=False, text=True)
        assert (answer.stdout, answer.returncode) == (printed.split("[exit")[0], status), command
        seen += 1
    assert seen >= 8
    assert original.read("u1", "rstats") == "0,1,0,0,2,2\n"


def test_crc_and_logrotate(original):
    (original.home / "system.log").write_text("")
    for command, printed, status in transcript():
        words = command.replace("HOME", str(original.home)).split()
        if words[0] not in ("dspam_crc", "dspam_logrotate"):
            continue
        answer = subprocess.run([f"{original.programs}/{words[0]}", *words[1:]], capture_output=True, check=False, text=True)
        assert answer.returncode == status, command
        wanted = printed.replace("HOME", str(original.home))
        assert wanted in (answer.stdout, "\n".join(answer.stderr.split("\n")[-4:])), command
