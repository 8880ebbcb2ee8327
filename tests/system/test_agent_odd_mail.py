"""Odd mail: dspam, working alone, loses none, whatever it is."""

import re
import subprocess

import pytest

from agent_site import site  # noqa: F401 (a fixture)


def test_a_document_without_headers(site):
    site.configure("DataSource document")
    text = b"Dear all: this is a text\nwith a second line.\n"
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=text)
    assert out.split(b"\n\n", 1)[1] == text
    assert b"X-DSPAM-Result: Innocent\n" in out


@pytest.mark.parametrize("mail", [
    b"\n", b"\n\n\n", b"x", b"\0\0\0\n\n\0", b"no headers at all", b"A" * 2_000_000, b"Subject: x\n\n" + b"\0" * 100_000,
    b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 3000,
    b"Content-Transfer-Encoding: base64\n\n" + b"A" * 1_000_000,
    b"\r\r\r\n\r\r", b":\n:\n:\n", b"From x\nFrom y\n",
], ids=lambda mail: repr(mail[:30]))
def test_no_message_is_lost_whatever_it_is(site, mail):
    out = site.run("--user", "u", "--deliver=innocent,spam", "--stdout", mail=mail)
    assert out.returncode == 0, out.stderr
    assert re.sub(rb"X-DSPAM-[^\n]*\n", b"", out.stdout).replace(b"\r", b"").replace(b"\n", b"") == \
        mail.replace(b"\r", b"").replace(b"\n", b"")


def test_a_message_beyond_all_bounds_is_refused_in_order(site):
    command = [f"{site.programs}/dspam", "--config", site.path, "--user", "u", "--classify"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    block = b"x" * (1024 * 1024)
    try:
        for _ in range(202):
            process.stdin.write(block)
    except BrokenPipeError:
        pass
    out, complaint = process.communicate()
    assert process.returncode == 75
    assert b"larger than 200 MB" in complaint
