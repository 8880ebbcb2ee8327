"""What a message leaves in the files of its user: logs, totals, copies, the quarantine, notices."""

import fcntl
import os
import re
import stat

import pytest

from daemon_site import Daemon, mail, program_is_missing, wait_for
from test_agent import SIGNATURE, site  # noqa: F401 (a fixture)

NOW = rb"\d{10}"


def file_of(site, user, extension):
    return site.home / "data" / user / f"{user}.{extension}"


def lines_of(path):
    return path.read_bytes().split(b"\n") if path.exists() else []


def signature_of(message):
    return SIGNATURE.search(message)[1]


# ---- logs


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


def test_files_have_the_modes_they_always_had(site):
    site.configure("UserLog on", "SystemLog on", "WebStats on", 'Preference "makeCorpus=on"')
    site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    for path in (site.home / "data/u", site.home / "data/u/u.corpus/nonspam"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o770
    for path in (file_of(site, "u", "log"), file_of(site, "u", "stats"), site.home / "system.log"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660


# ---- names and headers


def test_users_in_lower_case(site):
    site.configure("Broken case", "UserLog on")
    site.out("--user", "Joe", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    assert os.listdir(site.home / "data") == ["joe"] and site.totals("joe")["TN"] == 1


def test_marks_of_others_go_unless_they_are_kept(site):
    mail = b"X-DSPAM-Result: Innocent\nX-DSPAM-Signature: 0123\n" + site.mail("ham1")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=mail)
    assert out.count(b"X-DSPAM-Result") == out.count(b"X-DSPAM-Signature") == 1
    site.configure("KeepDSPAMHeaders on")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=mail)
    assert out.startswith(mail[:50]) and out.count(b"X-DSPAM-Result") == 2


def test_a_user_of_the_headers_is_believed_of_the_trusted_only(site):
    """X-DSPAM-User in the headers of a false positive names whom it teaches; one in the text does not."""
    site.teach("ann")
    out = site.out("--user", "ann", "--deliver=spam", "--stdout", mail=site.mail("test-spam"))
    lesson = ("--user", "boss", "--class=innocent", "--source=error")
    assert b"nothing is learned" in site.run(*lesson, mail=out.replace(b"\n\n", b"\n\nX-DSPAM-User: ann\n", 1)).stderr
    site.out(*lesson, mail=b"X-DSPAM-User: ann\n" + out)
    assert site.totals("ann")["FP"] == 1


# ---- layouts


@pytest.mark.parametrize("layout, directory, name", [
    ("user", "joe@example.org", "joe@example.org"),
    ("large", "j/o/joe@example.org", "joe@example.org"),
    ("domain", "example.org/joe", "joe"),
])
def test_everything_lies_in_the_tree_of_the_layout(site, layout, directory, name):
    site.configure(f"HomeLayout {layout}", "UserLog on", "WebStats on")
    site.teach("joe@example.org")
    site.out("--user", "joe@example.org", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    place = site.home / "data" / directory
    assert sorted(os.listdir(place)) == [f"{name}.log", f"{name}.mbox", f"{name}.stats"]
    (place / f"{name}.prefs").write_text("spamAction=tag\n")
    site.configure(f"HomeLayout {layout}", "AllowOverride spamAction")
    out = site.out("--user", "joe@example.org", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    assert b"Subject: [SPAM] Claim" in out
    version = site.out("--version").decode()
    for word, of in (("--enable-large-scale", "large"), ("--enable-domain-scale", "domain")):
        assert (word in version) == (of == layout)


@pytest.mark.parametrize("layout, path", [("user", "joe@example.org"), ("large", "joe@example.org"), ("domain", "example.org/joe")])
def test_opting_out_and_in_by_file(site, layout, path):
    """A file in opt-out, or with Opt in one that is missing in opt-in, leaves mail as it is; without a domain it is "local"."""
    for user, name in (("joe@example.org", path), ("ann", "local/ann" if layout == "domain" else "ann")):
        for opt, directory, extension in (("out", "opt-out", "nodspam"), ("in", "opt-in", "dspam")):
            site.configure(f"HomeLayout {layout}", f"Opt {opt}")
            mark = site.home / directory / f"{name}.{extension}"
            mark.parent.mkdir(parents=True, exist_ok=True)
            for there in (False, True):
                if there:
                    mark.touch()
                out = site.run("--user", user, "--deliver=innocent", "--stdout", mail=site.mail("ham1")).stdout
                assert (b"X-DSPAM-Result" in out) == (there == (opt == "in")), (user, opt, there)
                assert (out == site.mail("ham1")) == (b"X-DSPAM-Result" not in out)
            mark.unlink()


def test_a_name_that_leads_elsewhere_is_no_user(site):
    site.configure("HomeLayout domain", "UserLog on")
    for user in ("a@..", "..@x", "joe@"):
        assert site.run("--user", user, "--deliver=innocent", "--stdout", mail=site.mail("ham1")).returncode == 67
    assert not (site.home / "data").exists()


# ---- copies


def test_a_fragment_is_kept(site):
    site.configure('Preference "storeFragments=on"')
    mail = site.mail("ham1") + b"x" * 2000
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=mail)
    fragment = site.home / "data/u/u.frag" / (signature_of(out).decode() + ".frag")
    assert fragment.read_bytes() == (b"\n\n" + mail.split(b"\n\n", 1)[1])[:1023]


def test_the_corpus_follows_corrections(site):
    site.configure('Preference "makeCorpus=on"')
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    name = signature_of(out).decode() + ".msg"
    corpus = site.home / "data/u/u.corpus"
    assert (corpus / "nonspam" / name).read_bytes() == site.mail("ham1")
    site.out("--user", "u", "--class=spam", "--source=error", mail=out)
    assert os.listdir(corpus / "nonspam") == [] and (corpus / "spam" / name).read_bytes() == site.mail("ham1")
    site.out("--user", "u", "--class=innocent", "--source=error", f"--signature={name[:-4]}")
    assert os.listdir(corpus / "spam") == [] and os.listdir(corpus / "nonspam") == [name]


def test_localStore_takes_the_files(site):
    site.configure("UserLog on", "WebStats on", 'Preference "localStore=shared1"')
    site.teach("ls")
    out = site.out("--user", "ls", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    assert out == b"" and os.listdir(site.home / "data") == ["shared1"]
    assert sorted(os.listdir(site.home / "data/shared1")) == ["shared1.log", "shared1.mbox", "shared1.stats"]
    assert b"\nX-DSPAM-User: ls\n" in site.quarantine("shared1")
    # who releases it as the owner of the quarantine teaches the user it came for
    before = site.totals("ls")
    site.out("--user", "shared1", "--class=innocent", "--source=error", "--deliver=innocent", "--stdout",
             mail=site.quarantine("shared1"))
    assert site.totals("ls")["FP"] == before["FP"] + 1


def test_groups_share_files(site):
    """A shared group has its totals in its own directory, a managed one log and quarantine, too."""
    (site.home / "group").write_text("grp:shared:g1,g2\nmgr:shared,managed:m1\nmrg:merged:w\n")
    lines = ("UserLog on", "WebStats on", f"GroupConfig {site.home}/group")
    site.configure(*lines)
    site.teach("m1")
    site.out("--user", "g1", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    assert sorted(os.listdir(site.home / "data/g1")) == ["g1.log"]
    assert sorted(os.listdir(site.home / "data/grp")) == ["grp.stats"]
    site.out("--user", "m1", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    assert sorted(os.listdir(site.home / "data/mgr")) == ["mgr.log", "mgr.mbox", "mgr.stats"]
    assert b"\nX-DSPAM-User: m1\n" in site.quarantine("mgr") and not (site.home / "data/m1").exists()
    site.out("--user", "w", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    assert file_of(site, "w", "stats").read_text() == "0,1,0,0,0,0\nmrg\n"
    # its members opt for themselves
    (site.home / "opt-out").mkdir()
    (site.home / "opt-out/m1.nodspam").touch()
    assert b"X-DSPAM" not in site.run("--user", "m1", "--deliver=innocent", "--stdout", mail=site.mail("ham1")).stdout


# ---- quarantine


def test_what_leaves_the_quarantine_is_what_went_in(site):
    site.teach()
    mail = (b"From QUARANTINE is how this begins\n" + site.mail("test-spam")
            + b"From here on\n>From me\n>>From you\n> From\n\n\n\n")
    site.out("--user", "u", "--deliver=innocent", "--stdout", mail=b"X: y\n" + mail)
    kept = site.quarantine()
    out = site.out("--user", "u", "--class=innocent", "--source=error", "--deliver=innocent", "--stdout", mail=kept)
    marks = re.compile(rb"^X-DSPAM-[^\n]*\n", re.MULTILINE)
    assert marks.sub(b"", out) == b"X: y\n" + mail


def test_a_full_disk_defers_and_leaves_no_half_message(site):
    site.teach()
    site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    before = site.quarantine()
    limit = (len(before) + 300 + 511) // 512  # blocks, as ulimit counts them
    answer = site.run("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("test-spam") + b"x" * 4096,
                      preexec_fn=lambda: limit_files(limit * 512))
    assert answer.returncode == 75
    assert site.quarantine() == before


def limit_files(size):
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


# ---- notices


def write_texts(home):
    texts = home / "txt"
    texts.mkdir()
    for name in ("firstrun", "firstspam", "quarantinefull"):
        (texts / f"{name}.txt").write_text(f"To: $u\nSubject: {name} of $u\n\nHello $u, or $user\n")


def deliveries(site):
    """What the delivery agent was given, in order."""
    path = site.directory / "delivered"
    return path.read_text().split("=====\n")[1:] if path.exists() else []


def delivering(site, *lines):
    agent = site.script("deliver", 'echo "=====" >>$D/delivered\necho "TO $1 BY $2." >>$D/delivered\ncat >>$D/delivered')
    site.configure(f'TrustedDeliveryAgent "{agent} %u %s"', *lines)


def test_users_are_told_once(site):
    write_texts(site.home)
    site.teach()
    delivering(site, "Notifications on", "QuarantineWarnSize 700")
    site.out("--user", "u", "--mail-from=a@x.org", "--deliver=innocent", mail=site.mail("ham1"))
    message, first = deliveries(site)
    assert message.startswith("TO u BY a@x.org.\nFrom: Carol")
    assert re.fullmatch(r"TO u BY .\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}\n"
                        "To: u\nSubject: firstrun of u\n\nHello u, or user\n".replace("BY .", r"BY \."), first)
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("test-spam"))
    assert len(deliveries(site)) == 3 and "Subject: firstspam of u" in deliveries(site)[2]
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("test-spam"))
    assert len(deliveries(site)) == 4 and "Subject: quarantinefull of u" in deliveries(site)[3]
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("test-spam"))
    assert len(deliveries(site)) == 4
    for mark in ("firstrun", "firstspam", "mboxwarn"):
        assert re.fullmatch(r"\d{10}\n", file_of(site, "u", mark).read_text())
    file_of(site, "u", "mboxwarn").unlink()
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("test-spam"))
    assert len(deliveries(site)) == 5


def test_the_preference_decides_about_notices(site):
    write_texts(site.home)
    delivering(site, "Notifications on", 'Preference "notifications=off"')
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("ham1"))
    assert len(deliveries(site)) == 1
    delivering(site, 'Preference "notifications=on"')
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("ham1"))
    assert len(deliveries(site)) == 3


def test_a_notice_that_fails_is_tried_again_and_costs_no_mail(site):
    write_texts(site.home)
    agent = site.script("deliver", 'cat >$D/now; if grep -q "^Subject: firstrun" $D/now && test -e $D/refuse; then exit 75; '
                                   'fi\ncat $D/now >>$D/got')
    site.configure(f"TrustedDeliveryAgent {agent}", "Notifications on")
    (site.directory / "refuse").touch()
    answer = site.run("--user", "u", "--deliver=innocent", mail=site.mail("ham1"))
    assert answer.returncode == 0 and b"firstrun.txt could not be sent" in answer.stderr
    assert not file_of(site, "u", "firstrun").exists()
    assert site.totals()["TN"] == 1
    (site.directory / "refuse").unlink()
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("ham1"))
    assert (site.directory / "got").read_bytes().count(b"firstrun of u") == 1
    (site.home / "txt/firstspam.txt").unlink()
    site.teach()
    site.configure(f"TrustedDeliveryAgent {agent}", "Notifications on", action="deliver")
    answer = site.run("--user", "u", "--deliver=innocent", mail=site.mail("test-spam"))
    assert answer.returncode == 0 and b"firstspam.txt" in answer.stderr
    assert not file_of(site, "u", "firstspam").exists()


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    daemon = Daemon(tmp_path, programs, start, free_port)
    daemon.next_hop.start()
    yield daemon
    daemon.next_hop.stop()


def test_the_daemon_writes_logs_and_sends_notices(daemon):
    write_texts(daemon.home)
    daemon.configure("UserLog on", "SystemLog on", "WebStats on", "Notifications on").start()
    assert daemon.deliver(mail(), "u@example.org", "v@example.org")
    wait_for(lambda: daemon.next_hop.count() == 4, what="two messages and two notices")
    for user in ("u@example.org", "v@example.org"):
        place = daemon.home / "data" / user
        assert sorted(path.name.rsplit(".", 1)[1] for path in place.iterdir()) == ["firstrun", "log", "stats"]
    assert len(lines_of(daemon.home / "system.log")) == 3


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
