"""dspam_corpus: mbox files, Maildirs and directories, as they came or wrapped by SpamAssassin."""

import json
import os
import re
import subprocess

import pytest

from labelled_mail import message, write_mail
from tool_output import on_a_terminal
from tool_site import SETTINGS, Site

WRAPPED = """From MAILER Mon Jan  1 10:00:00 2024
From: seller@example.org
To: anna@example.org
Subject: *****SPAM***** offer
X-Spam-Flag: YES
X-Spam-Status: Yes, score=12.3 required=5.0 tests=MONEY
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="----------=_4F"

This is a multi-part message in MIME format.

------------=_4F
Content-Type: text/plain; charset=iso-8859-1
Content-Disposition: inline

Software reportwords running on the system has identified this message

------------=_4F
Content-Type: {type}; x-spam-type=original
Content-Description: original message before SpamAssassin
Content-Disposition: attachment
Content-Transfer-Encoding: 8bit

Received: from innerhost by example.org
From: seller@example.org
Subject: offer
Content-Type: multipart/alternative; boundary="----------=_4Finner"

------------=_4Finner
Content-Type: text/plain

innerwords pills cheap
------------=_4Finner--
------------=_4F--

"""
MARKED = """From: seller@example.org
X-Spam-Checker-Version: SpamAssassin 3.4.6
X-Spam-Status: Yes, score=12.3
\tfoldedscore
Subject: *****SPAM***** offer
X-Spam-Prev-Subject: offer
Content-Type: text/plain
X-Spam-Prev-Content-Type: text/html

bodywords <b>bold</b>words
"""
INNER = WRAPPED.split("Encoding: 8bit\n\n")[1].split("\n------------=_4F--")[0]
RESTORED = ("From: seller@example.org\nSubject: offer\nContent-Type: text/html\n\nbodywords <b>bold</b>words\n")


@pytest.fixture
def site(tmp_path, programs):
    return Site(tmp_path, programs, SETTINGS)


def learned(site, tmp_path, text, *options, name="u"):
    """The rows that dspam_corpus makes of one message."""
    path = tmp_path / f"mail-{len(list(tmp_path.iterdir()))}"
    path.mkdir()
    (path / "1").write_text(text)
    user = f"{name}{path.name}"
    site.good("dspam_corpus", "-q", *options, user, path)
    return sorted(line.split(" P:")[0] for line in site.good("dspam_dump", user).splitlines())


def test_corpus_teaches_and_counts(site, tmp_path):
    write_mail(tmp_path / "ham", False, 4)
    (tmp_path / "box").write_text("".join(f"From a Mon Jan  1 10:00:00 2024\n{message(n, True)}\n" for n in range(3)))
    for folder, name in (("cur", "1:2,S"), ("new", "2"), ("tmp", "3")):
        (tmp_path / "m" / folder).mkdir(parents=True)
        (tmp_path / "m" / folder / name).write_text(message(int(name[0]), False))
    text = site.good("dspam_corpus", "--addspam", "u1", tmp_path / "box")
    assert re.fullmatch(r"dspam_corpus: 3 messages, \d\d:\d\d:\d\d elapsed, \d+\.\d\d msgs\./sec\.\n", text)
    assert site.good("dspam_corpus", "--quiet", "u1", tmp_path / "ham", tmp_path / "m") == ""
    assert site.stats("u1") == {"TP": 0, "TN": 0, "FP": 0, "FN": 0, "SC": 3, "NC": 6}
    assert re.search(r"S: 0000[1-3]  I: 00000", site.good("dspam_dump", "u1", "pills"))


def test_corpus_learns_what_dspam_would(site, tmp_path):
    """The same rows as from `dspam --class=spam --source=corpus`."""
    mail = tmp_path / "mail"
    mail.write_text(message(3, True))
    (tmp_path / "box").write_text("From a Mon Jan  1 10:00:00 2024\n" + message(3, True))
    site.good("dspam_corpus", "-a", "-q", "u1", tmp_path / "box")
    with open(mail, encoding="ascii") as text:
        subprocess.run([os.path.join(site.programs, "dspam"), "--config", site.config, "--user", "u2", "--class=spam",
                        "--source=corpus"], stdin=text, check=True)
    assert site.good("dspam_dump", "u1") == site.good("dspam_dump", "u2")


def test_corpus_in_any_mode(site, tmp_path):
    with open(site.config, "a", encoding="ascii") as config:
        config.write("TrainingMode notrain\n")
    site.good("dspam_corpus", "-a", "u1", write_mail(tmp_path / "s", True, 2))
    assert site.stats("u1")["SC"] == 2


@pytest.mark.parametrize("kind", ["message/rfc822", "text/plain"])
def test_wrapped_mail_is_learned_as_it_was(site, tmp_path, kind):
    wrapped = WRAPPED.format(type=kind).split("\n", 1)[1]
    assert learned(site, tmp_path, wrapped) == learned(site, tmp_path, INNER)
    assert learned(site, tmp_path, wrapped.replace("\n", "\r\n")) == learned(site, tmp_path, INNER)
    assert learned(site, tmp_path, wrapped, "--as-is") != learned(site, tmp_path, INNER)


def test_wrapped_text_may_be_coded(site, tmp_path):
    wrapped = WRAPPED.format(type="text/plain").split("\n", 1)[1]
    head, body = wrapped.split("Encoding: 8bit\n\n")
    coded = head + "Encoding: quoted-printable\n\n" + body.replace("=", "=3D").replace("inner\"", "i=\nnner\"")
    coded = coded.replace("------------=3D_4F--", "------------=_4F--")
    assert learned(site, tmp_path, coded) == learned(site, tmp_path, INNER)


def test_marked_headers_are_restored(site, tmp_path):
    assert learned(site, tmp_path, MARKED) == learned(site, tmp_path, RESTORED)
    assert learned(site, tmp_path, MARKED, "--as-is") != learned(site, tmp_path, RESTORED)


def test_other_mail_is_left_alone(site, tmp_path):
    for text in (WRAPPED.format(type="message/rfc822").replace("X-Spam-", "X-Other-").split("\n", 1)[1],
                 message(1, True), INNER):
        assert learned(site, tmp_path, text) == learned(site, tmp_path, text, "--as-is")


def test_the_mailbox_of_the_how_to(site, tmp_path):
    """Its `formail -s spamassassin -d` is no longer needed."""
    (tmp_path / "inbox").write_text(WRAPPED.format(type="message/rfc822") * 2 + "From b Mon Jan  1 10:00:00 2024\n" + MARKED)
    site.good("dspam_corpus", "--addspam", "user@domain.tld", tmp_path / "inbox")
    assert site.stats("user@domain.tld")["SC"] == 3
    assert re.search(r"S: 00002  I: 00000", site.good("dspam_dump", "user@domain.tld", "innerwords"))
    assert site.run("dspam_dump", "user@domain.tld", "reportwords").returncode == 65


def test_corpus_says_what_it_could_not_learn(site, tmp_path):
    directory = write_mail(tmp_path / "s", True, 2)
    (directory / "empty").write_text("")
    os.mkfifo(tmp_path / "pipe")
    answer = site.run("dspam_corpus", "--json", "--addspam", "u1", directory)
    said = json.loads(answer.stdout)
    assert said.pop("seconds") >= 0
    assert said == {"user": "u1", "class": "spam", "messages": 3, "learned": 2, "not_learned": 1, "unreadable": 0}
    assert "empty: not learned" in answer.stderr
    for arguments, status, words in [(["u1", tmp_path / "missing"], 66, "missing"), (["a/b", directory], 67, "a/b"),
                                     (["u1", tmp_path / "pipe"], 66, "pipe")]:
        answer = site.run("dspam_corpus", *arguments)
        assert answer.returncode == status
        assert words in answer.stderr


@pytest.mark.parametrize("arguments", [[], ["u1"], ["--addspam", "u1"]])
def test_corpus_usage(site, arguments):
    answer = site.run("dspam_corpus", *arguments)
    assert answer.returncode == 64
    assert answer.stderr.startswith("Usage: dspam_corpus [--addspam|-a] [--quiet|-q] USER")


def test_corpus_progress(site, tmp_path, terminal):
    directory = write_mail(tmp_path / "s", True, 4)
    command = [os.path.join(site.programs, "dspam_corpus"), "--config", site.config, "u1", directory]
    output, shown = on_a_terminal(command, terminal)
    assert re.search(r"\r\x1b\[K\d of 4 messages", shown)
    assert "of 4" not in output
