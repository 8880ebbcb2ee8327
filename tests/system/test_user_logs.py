"""The logs of a user and of the system, and his totals: what a message leaves in them."""

import fcntl
import os
import re

import pytest

from agent_site import signature_of, site  # noqa: F401 (a fixture)
from daemon_site import daemon, mail  # noqa: F401 (a fixture)
from user_file import file_of, lines_of

NOW = rb"\d{10}"


def test_a_line_for_each_message_and_correction(site):
    site.configure("UserLog on", "SystemLog on", "WebStats on")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    assert file_of(site, "u", "stats").read_text() == "0,1,0,0,0,0\n"
    site.out("--user", "u", "--class=spam", "--source=error", mail=out)
    common = b"Carol Jones <carol@example.org>\t%s\tMinutes of the project meeting\t" % signature_of(out)
    log = lines_of(file_of(site, "u", "log"))
    assert re.fullmatch(NOW + b"\tI\t" + re.escape(common) + b"Delivered\t<ham1@example.org>", log[0])
    assert re.fullmatch(NOW + b"\tM\t" + re.escape(common) + b"Retrained\t<ham1@example.org>", log[2])
    assert log[1] == log[3] == log[4] == b"" and len(log) == 5
    log = lines_of(site.home / "system.log")
    assert re.fullmatch(NOW + b"\tI\t" + re.escape(common) + rb"\d\.\d{6}\tu\tDelivered\t<ham1@example.org>", log[0])
    assert re.fullmatch(NOW + b"\tM\t" + re.escape(common) + rb"\d\.\d{6}\tu\tRetrained\t<ham1@example.org>", log[1])
    assert log[2:] == [b""]
    assert file_of(site, "u", "stats").read_text() == "0,0,1,0,0,0\n"


def test_each_log_has_its_own_switch(site):
    site.configure("SystemLog on")
    site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    assert (site.home / "system.log").exists() and not file_of(site, "u", "log").exists()
    site.configure("UserLog on")
    site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    assert len(lines_of(site.home / "system.log")) == 2 and file_of(site, "u", "log").exists()


@pytest.mark.parametrize("action, words, status", [
    ("quarantine", ["--deliver=innocent", "--stdout"], b"Quarantined"),
    ("tag", ["--deliver=innocent", "--stdout"], b"Tagged"),
    ("deliver", ["--deliver=innocent", "--stdout"], b"Delivered"),
    ("quarantine", ["--deliver=spam", "--stdout"], b"Delivered"),
    ("quarantine", ["--deliver=summary"], b"Quarantined"),
])
def test_the_log_says_what_became_of_spam(site, action, words, status):
    site.teach()
    site.configure("UserLog on", action=action)
    site.out("--user", "u", *words, mail=site.mail("test-spam"))
    fields = lines_of(file_of(site, "u", "log"))[0].split(b"\t")
    assert fields[1] == b"S" and fields[5] == status, fields


def test_lessons_are_logged_by_source(site):
    site.teach()
    site.configure("UserLog on")
    for words, letter, status in ((["--class=spam", "--source=corpus"], b"C", b""),
                                  (["--class=spam", "--source=inoculation"], b"N", b"Quarantined")):
        site.out("--user", "u", *words, mail=site.mail("spam1"))
        fields = lines_of(file_of(site, "u", "log"))[-3].split(b"\t")
        assert (fields[1], fields[5]) == (letter, status), fields
    before = lines_of(file_of(site, "u", "log"))
    site.run("--user", "u", "--class=spam", "--source=error", "--signature=nosuch")  # nothing comes of it
    site.out("--user", "u", "--classify", mail=site.mail("ham1"))
    assert lines_of(file_of(site, "u", "log")) == before


def test_unlearning_is_logged(site):
    site.configure("UserLog on")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    site.out("--user", "u", "--mode=unlearn", "--class=innocent", "--source=error", mail=out)
    assert lines_of(file_of(site, "u", "log"))[-3].split(b"\t")[5] == b"Unlearned"


def test_a_failed_delivery_is_logged_and_not_learned(site):
    agent = site.script("fails", "cat >/dev/null; echo no room >&2; exit 75")
    site.configure("UserLog on", "WebStats on", f"TrustedDeliveryAgent {agent}")
    assert site.run("--user", "u", "--deliver=innocent", mail=site.mail("ham1")).returncode == 75
    fields = lines_of(file_of(site, "u", "log"))[0].split(b"\t")
    assert fields[1] == b"E" and fields[5].startswith(b"Delivery Failed (") and b"no room" in fields[5]
    assert not file_of(site, "u", "stats").exists()


def test_headers_are_logged_decoded_and_cannot_forge_a_line(site):
    site.configure("UserLog on")
    mail = (b"From: =?utf-8?q?J=C3=BCrgen?= =?utf-8?q?_Sample?= <j@example.net>\n"
            b"Subject: =?iso-8859-1?q?caf=E9=09S=0A1?=\n folded\nMessage-ID: <a@b>\r\n\nwords to read\n")
    site.out("--user", "u", "--deliver=innocent", "--stdout", mail=mail)
    log = lines_of(file_of(site, "u", "log"))
    fields = log[0].split(b"\t")
    assert fields[2].decode() == "Jürgen Sample <j@example.net>"
    assert fields[4].decode() == "café S 1 folded"
    assert fields[6] == b"<a@b>" and len(log) == 3
    site.out("--user", "u", "--deliver=innocent", "--stdout", mail=b"X: y\n\nwords to read\n")
    assert lines_of(file_of(site, "u", "log"))[2].split(b"\t")[2::2] == [
        b"<None Specified>", b"<None Specified>", b""]


def test_a_log_that_cannot_be_written_costs_no_mail(site):
    site.configure("UserLog on", "SystemLog on", "WebStats on")
    directory = site.home / "data" / "u"
    directory.mkdir(parents=True)
    os.symlink("/dev/full", directory / "u.log")
    (site.home / "system.log").mkdir()
    (directory / "u.stats").mkdir()
    answer = site.run("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    assert answer.returncode == 0 and b"Minutes of the project meeting" in answer.stdout
    for name in (b"u.log", b"system.log", b"u.stats"):
        assert re.search(b"warning: .*" + re.escape(name) + b" is not written", answer.stderr), answer.stderr
    assert site.totals()["TN"] == 1


def test_a_log_that_stays_locked_costs_no_mail(site):
    site.configure("SystemLog on")
    with open(site.home / "system.log", "ab") as log:
        fcntl.lockf(log, fcntl.LOCK_EX)
        answer = site.run("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    assert answer.returncode == 0 and b"system.log is not written" in answer.stderr
    assert site.totals()["TN"] == 1


def test_many_writers_of_one_log(daemon):
    daemon.configure("SystemLog on", "ServerWorkers 4").start()
    import threading

    def send():
        with daemon.client() as client:
            for _ in range(25):
                client.deliver(mail(), ["u@example.org"])

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = lines_of(daemon.home / "system.log")
    assert len(lines) == 201 and lines[-1] == b""
    assert all(line.count(b"\t") == 8 for line in lines[:-1])
