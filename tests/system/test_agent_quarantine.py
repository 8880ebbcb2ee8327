"""The quarantine of dspam, working alone: what goes in, and what comes out."""

import re

from agent_site import site, without_marks  # noqa: F401 (a fixture)


def test_release_from_the_quarantine(site):
    site.teach()
    mail = site.mail("test-spam") + b"From here on\n"
    site.out("--user", "u", "--deliver=innocent", "--stdout", mail=mail)
    kept = site.quarantine()
    assert re.match(rb"From QUARANTINE \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\n", kept)
    assert kept.endswith(b"\n>From here on\n\n\n")
    out = site.out("--user", "u", "--class=innocent", "--source=error", "--deliver=innocent", "--stdout", mail=kept)
    assert without_marks(out) == mail
    assert b"X-DSPAM-Reclassified: Innocent\n" in out
    assert site.totals()["FP"] == 1


def test_a_release_without_signature_is_delivered_all_the_same(site):
    mail = b"From QUARANTINE Sun Nov 22 06:08:29 2026\nSubject: x\n\nbody\n"
    answer = site.run("--user", "u", "--class=innocent", "--source=error", "--deliver=innocent", "--stdout", mail=mail)
    assert answer.returncode == 0
    assert without_marks(answer.stdout) == b"Subject: x\n\nbody\n"
    assert b"nothing is learned" in answer.stderr


def test_a_quarantine_that_cannot_be_written_defers(site):
    site.teach()
    (site.home / "data").write_text("in the way")
    answer = site.run("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    assert (answer.returncode, answer.stdout) == (75, b"")
    assert site.totals()["TP"] == 0
    (site.home / "data").unlink()
    site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    assert site.totals()["TP"] == 1


def test_the_quarantine_agent(site):
    agent = site.script("agent", 'echo "$*" > $D/arguments; cat > $D/mail')
    site.configure(f'QuarantineAgent "{agent} -Q %u %s %r"', "TrustedDeliveryAgent /bin/false")
    site.teach()
    site.out("--user", "u", "--mail-from=me@x.org", "--deliver=innocent", "-i", mail=site.mail("test-spam"))
    assert (site.directory / "arguments").read_text() == "-Q u me@x.org u\n"
    assert without_marks((site.directory / "mail").read_bytes()) == site.mail("test-spam")
    assert site.quarantine() == b""


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
