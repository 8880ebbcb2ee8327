"""The program dspam, working alone: judging, learning, handing on, and how it ends."""

import email
import email.mime.message
import email.mime.multipart
import getpass
import os
import re
import socket
import subprocess
import threading

import pytest

from database import DRIVER, Database, away

SIGNATURE = re.compile(rb"^X-DSPAM-Signature: (\S+)$", re.MULTILINE)
MARKED = re.compile(rb"^X-DSPAM-[^\n]*\n", re.MULTILINE)


class Site:
    """A configuration with its own Home, and ways to call dspam with it."""

    def __init__(self, directory, programs, data):
        self.directory, self.programs, self.data = directory, programs, data
        self.home = directory / "home"
        self.home.mkdir()
        self.store = Database(self.home)
        self.path = directory / "dspam.conf"
        self.configure()

    def configure(self, *lines, location="headers", action="quarantine"):
        """Write the configuration anew, with further lines."""
        self.path.write_text("\n".join([
            f"Home {self.home}", self.store.line, f"Trust {getpass.getuser()}", "TrainingMode teft", "Tokenizer chain",
            "Algorithm graham burton", "PValue bcr", "ProcessorBias on", "ProcessorURLContext on",
            f'Preference "signatureLocation={location}"', f'Preference "spamAction={action}"', *lines, ""]))

    def mail(self, name):
        return (self.data / f"{name}.eml").read_bytes()

    def run(self, *words, mail=b"", **options):
        command = [f"{self.programs}/dspam", "--config", self.path, *words]
        return subprocess.run([os.fspath(word) for word in command], input=mail, capture_output=True, check=False,
                              **options)

    def out(self, *words, mail=b"", status=0):
        """Standard output of a run that ends with `status` and complains only when it fails."""
        answer = self.run(*words, mail=mail)
        assert answer.returncode == status, answer.stderr
        assert bool(answer.stderr) == (status not in (0, 99)), answer.stderr
        return answer.stdout

    def teach(self, user="u"):
        """Learn what makes test-spam spam and test-ham innocent."""
        for _ in range(4):
            for name in ("ham1", "spam1", "ham2", "spam2"):
                kind = "innocent" if name.startswith("ham") else "spam"
                self.out("--user", user, f"--class={kind}", "--source=corpus", mail=self.mail(name))

    def totals(self, user="u"):
        answer = subprocess.run([f"{self.programs}/dspam_stats", "--config", self.path, user], capture_output=True,
                                check=True)
        return {name: int(number) for name, number in re.findall(r"(\w\w): +(\d+)", answer.stdout.decode())}

    def quarantine(self, user="u"):
        file = self.home / "data" / user / f"{user}.mbox"
        return file.read_bytes() if file.exists() else b""

    def script(self, name, text):
        """A program; $D in its text is a directory for what it writes."""
        path = self.directory / name
        path.write_text(f"#!/bin/sh\nD={self.directory}\n{text}\n")
        path.chmod(0o755)
        return path


@pytest.fixture
def site(tmp_path, programs, root):
    if not os.path.exists(f"{programs}/dspam"):
        pytest.skip("the program dspam is not built")
    from pathlib import Path

    return Site(tmp_path, programs, Path(root) / "tests/data/statistics")


def without_marks(message):
    """The message without the header lines that we add."""
    headers, body = message.split(b"\n\n", 1)
    headers = re.sub(rb"\nX-DSPAM-[^\n]*(\n[ \t][^\n]*)*", b"", headers)
    return headers + b"\n\n" + body


# ---- judging


def test_classify_only_says_what_it_is(site):
    site.teach()
    before = site.totals()
    line = rb'X-DSPAM-Result: u; result="%s"; class="%s"; probability=%s; confidence=0\.\d\d; signature=N/A\n'
    spam = site.out("--user", "u", "--classify", mail=site.mail("test-spam"))
    assert re.fullmatch(line % (b"Spam", b"Spam", rb"1\.0000"), spam)
    ham = site.out("--user", "u", "--classify", mail=site.mail("test-ham"))
    assert re.fullmatch(line % (b"Innocent", b"Innocent", rb"0\.0000"), ham)
    assert site.totals() == before
    assert site.quarantine() == b""


def test_classify_answers_for_each_user(site):
    site.teach("a")
    lines = site.out("--user", "a", "b", "--classify", mail=site.mail("test-spam")).splitlines()
    assert [line.split(b"; ")[:2] for line in lines] == [
        [b"X-DSPAM-Result: a", b'result="Spam"'], [b"X-DSPAM-Result: b", b'result="Innocent"']]
    assert b"probability=0.0023; confidence=1.00" in lines[1]


def test_a_message_is_marked_and_else_unchanged(site):
    mail = site.mail("ham1")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=mail)
    headers = out.split(b"\n\n")[0].split(b"\n")
    added = headers[len(mail.split(b"\n\n")[0].split(b"\n")):]
    assert [line.split(b": ")[0] for line in added] == [
        b"X-DSPAM-Result", b"X-DSPAM-Processed", b"X-DSPAM-Confidence", b"X-DSPAM-Probability", b"X-DSPAM-Signature"]
    assert b"X-DSPAM-Result: Innocent\n" in out
    assert b"X-DSPAM-Confidence: 1.0000\n" in out
    assert b"X-DSPAM-Probability: 0.0023\n" in out
    assert without_marks(out) == mail
    assert site.totals()["TN"] == 1


def test_the_signature_stands_in_the_text(site):
    site.configure(location="message")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    signature = SIGNATURE.search(out)[1]
    assert without_marks(out) == site.mail("ham1") + b"\n!DSPAM:" + signature + b"!\n\n"


def test_a_signed_message_stays_as_it_is_inside(site):
    signed = (b"Content-Type: multipart/signed; boundary=sgn\n\n--sgn\nContent-Type: text/plain\n\nSigned text =3D here\n"
              b"--sgn\nContent-Type: application/pgp-signature\n\nxx\n--sgn--\n")
    site.configure(location="message")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=b"From: a@x.org\nSubject: s\n" + signed)
    parts = email.message_from_bytes(out).get_payload()
    assert [part.get_content_type() for part in parts] == ["multipart/signed", "text/plain"]
    assert signed.split(b"\n\n", 1)[1].rstrip() in out
    assert parts[1].get_payload().strip().encode() == b"!DSPAM:" + SIGNATURE.search(out)[1] + b"!"


@pytest.mark.parametrize("strip", [False, True])
def test_cr_stays_unless_it_is_stripped(site, strip):
    site.configure(*(["Broken lineStripping"] if strip else []))
    mail = site.mail("ham1").replace(b"\n", b"\r\n")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=mail)
    assert without_marks(out.replace(b"\r\n", b"\n")) == site.mail("ham1")
    assert out.count(b"\r\n") == (0 if strip else out.count(b"\n"))


def test_tagging(site):
    site.teach()
    site.configure("TxtDirectory " + str(site.directory), 'Preference "tagSpam=on"', action="tag")
    (site.directory / "msgtag.spam").write_text("tagged as spam\n")
    out = site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    assert b"\nSubject: [SPAM] Claim your FREE pills prize now\n" in out
    assert b"tagged as spam\n" in out.split(b"\n\n", 1)[1]
    assert site.quarantine() == b""


def test_a_missing_tag_file_is_no_reason_to_deliver_spam_unmarked(site):
    site.teach()
    site.configure('Preference "tagSpam=on"')
    answer = site.run("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    assert (answer.returncode, answer.stdout) == (0, b"")
    assert b"msgtag.spam" in answer.stderr
    assert b"X-DSPAM-Result: Spam\n" in site.quarantine()


# ---- the table of what is asked for, as observed with the original


@pytest.mark.parametrize("words, out, quarantined", [
    ([], 0, True),
    (["--stdout"], 0, True),
    (["--deliver=innocent", "--stdout"], 0, True),
    (["--deliver=summary"], 1, False),
    (["--deliver=innocent,summary", "--stdout"], 1, False),
    (["--deliver=spam", "--stdout"], 13, False),
    (["--deliver=stdout"], 13, False),
])
def test_where_spam_goes(site, words, out, quarantined):
    site.teach()
    text = site.out("--user", "u", *words, mail=site.mail("test-spam"))
    assert text.count(b"\n") == out
    assert (b"From QUARANTINE" in site.quarantine()) == quarantined
    assert site.totals()["TP"] == 1


@pytest.mark.parametrize("words", [[], ["--deliver="], ["--mode=toe"]])
def test_without_deliver_no_mail_is_lost(site, words):
    """As with the original nothing says what to deliver; innocent mail goes on all the same, where there is a way."""
    mail = site.mail("ham1")
    assert MARKED.sub(b"", site.out("--user", "u", *words, "--stdout", mail=mail)) == mail
    agent = site.script("deliver", "cat >>$D/got")
    site.configure(f'TrustedDeliveryAgent "{agent}"')
    assert site.out("--user", "u", *words, mail=mail) == b""
    assert MARKED.sub(b"", (site.directory / "got").read_bytes()) == mail
    site.configure(f'TrustedDeliveryAgent "{agent}"', "Compat discardInnocent")
    answer = site.run("--user", "u", *words, mail=mail)
    assert (answer.returncode, answer.stdout) == (0, b"") and b"discarded" in answer.stderr
    assert MARKED.sub(b"", (site.directory / "got").read_bytes()) == mail  # once


def test_what_deliver_names_is_meant(site):
    """Only asking, and lessons, hand nothing on; nor does who wants spam alone get innocent mail, and is warned."""
    agent = site.script("deliver", "cat >>$D/got")
    site.configure(f'TrustedDeliveryAgent "{agent}"')
    for words in (["--classify"], ["--deliver=summary"], ["--class=innocent", "--source=corpus"]):
        site.out("--user", "u", *words, mail=site.mail("ham1"))
    answer = site.run("--user", "u", "--deliver=spam", mail=site.mail("ham1"))
    assert answer.returncode == 0 and b"--deliver does not name innocent" in answer.stderr
    assert not (site.directory / "got").exists()


def test_the_summary_names_the_signature(site):
    site.teach()
    line = site.out("--user", "u", "--deliver=summary", mail=site.mail("test-spam"))
    signature = re.search(rb"signature=([0-9a-zA-Z,]{8,})\n", line)[1].decode()
    site.out("--user", "u", "--class=innocent", "--source=error", f"--signature={signature}")
    assert site.totals()["FP"] == 1


def test_the_summary_stands_before_the_message(site):
    out = site.out("--user", "a", "b", "--deliver=innocent,summary", "--stdout", mail=site.mail("ham1"))
    assert [line.split(b";")[0] for line in out.splitlines() if line.startswith(b"X-DSPAM-Result: ")] == [
        b"X-DSPAM-Result: a", b"X-DSPAM-Result: Innocent", b"X-DSPAM-Result: b", b"X-DSPAM-Result: Innocent"]


# ---- learning from corrections


def delivered(site, name="ham1", location="headers"):
    site.configure(location=location)
    return site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail(name))


def test_retraining_by_the_signature_in_the_header(site):
    out = site.out("--user", "u", "--class=spam", "--source=error", "--deliver=spam", "--stdout", mail=delivered(site))
    assert b"X-DSPAM-Reclassified: Spam\n" in out
    assert {name: count for name, count in site.totals().items() if count} == {"FN": 1}


def test_retraining_a_message_with_crlf(site):
    site.out("--user", "u", "--class=spam", "--source=error", mail=delivered(site).replace(b"\n", b"\r\n"))
    assert site.totals()["FN"] == 1


def test_retraining_by_the_signature_in_the_text(site):
    text = delivered(site, location="message").split(b"\n\n", 1)[1]
    quoted = b"".join(b"> " + line for line in text.splitlines(True))
    site.out("--user", "u", "--class=spam", "--source=error", mail=b"Subject: Fwd\n\nThis is spam:\n" + quoted)
    assert site.totals()["FN"] == 1


@pytest.mark.parametrize("location", ["headers", "message"])
def test_retraining_by_a_forwarded_attachment(site, location):
    forward = email.mime.multipart.MIMEMultipart()
    forward["Subject"] = "This is spam"
    forward.attach(email.mime.message.MIMEMessage(email.message_from_bytes(delivered(site, location=location))))
    site.out("--user", "u", "--class=spam", "--source=error", mail=forward.as_bytes())
    assert site.totals()["FN"] == 1


def test_retraining_by_signature_alone_reads_no_message(site):
    signature = SIGNATURE.search(delivered(site))[1].decode()
    reader, writer = os.pipe()  # would block for ever if it were read
    answer = subprocess.run([f"{site.programs}/dspam", "--config", site.path, "--user", "u", "--class=spam",
                             "--source=error", f"--signature={signature}"], stdin=reader, capture_output=True, timeout=60)
    os.close(reader)
    os.close(writer)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, b"", b"")
    assert site.totals()["FN"] == 1


@pytest.mark.parametrize("mail, words, why", [
    (b"Subject: x\n\nno signature\n", [], b"no signature"),
    (b"X-DSPAM-Signature: 0123456789\n\nx\n", [], b"0123456789 is not in the store"),
    (b"", ["--signature=0123456789"], b"0123456789 is not in the store"),
])
def test_retraining_that_fails_says_so_and_ends_well(site, mail, words, why):
    delivered(site)
    before = site.totals()
    command = ["--user", "u", "--class=spam", "--source=error", *words]
    answer = site.run(*command, mail=mail)
    assert answer.returncode == 0
    assert b"nothing is learned" in answer.stderr and why in answer.stderr
    assert site.totals() == before
    # also where nobody is known to look
    environment = {name: value for name, value in os.environ.items() if name != "DSPAM_CONFIG"}
    assert b"nothing is learned" in site.run(*command, mail=mail, env=environment).stderr


# ---- quarantine and release


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


# ---- mail that is not judged


@pytest.mark.parametrize("reason", ["size", "file", "preference"])
@pytest.mark.parametrize("words", [["--deliver=innocent"], ["--deliver=spam"], []])
def test_what_is_not_judged_goes_on_unchanged(site, reason, words):
    site.teach()
    before = site.totals()
    if reason == "file":
        (site.home / "opt-out").mkdir()
        (site.home / "opt-out/u.nodspam").touch()
    site.configure(*{"size": ["MaxMessageSize 100"], "preference": ['Preference "optOut=on"']}.get(reason, []))
    answer = site.run("--user", "u", *words, "--stdout", mail=site.mail("test-spam"))
    assert (answer.returncode, answer.stdout) == (0, site.mail("test-spam"))
    assert site.totals() == before
    answer = site.run("--user", "u", "--classify", mail=site.mail("test-spam"))
    assert (answer.returncode, answer.stdout) == (0, b"")


def test_a_store_that_is_away(site):
    broken, named = away(site.directory)
    site.configure(*broken)
    answer = site.run("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    assert (answer.returncode, answer.stdout) == (75, b"")
    assert named.encode() in answer.stderr
    site.configure(*broken, "StoreFailure deliver")
    answer = site.run("--user", "u", "--deliver=spam", "--stdout", mail=site.mail("ham1"))
    assert (answer.returncode, answer.stdout) == (0, site.mail("ham1"))
    answer = site.run("--user", "u", "--class=spam", "--source=error", mail=site.mail("ham1"))
    assert answer.returncode == 75
    assert site.run("--user", "u", "--classify", mail=site.mail("ham1")).returncode == 75


def test_the_failover_profile_stands_in(site):
    broken, _ = away(site.directory, suffix=".a")
    site.configure("Profile a", "Profile b", "DefaultProfile a", "Failover.a b", f"StorageDriver.a {DRIVER}", *broken,
                   "StorageDriver.b sqlite",
                   f"SQLiteFile.b {site.directory}/b.sqlite")
    answer = site.run("--user", "u", "--classify", mail=site.mail("ham1"))
    assert answer.returncode == 0 and answer.stdout.startswith(b"X-DSPAM-Result: u;")
    assert b"the profile b is tried" in answer.stderr
    assert (site.directory / "b.sqlite").exists()


# ---- delivery agents


def test_the_delivery_agent_gets_message_and_arguments(site):
    agent = site.script("agent", 'for a; do echo "<$a>"; done >> $D/arguments; cat > $D/mail')
    site.configure(f'TrustedDeliveryAgent "{agent} %u %r %s"')
    site.out("--user", "a9", 'we"ird$u', "--mail-from=snd@x.org", "--deliver=innocent", "-f", "x y", "", "--foo",
             "$(id)", "%u", mail=site.mail("ham1"))
    assert (site.directory / "arguments").read_text().splitlines() == [
        line for user in ("a9", 'we"ird$u')
        for line in (f"<{user}>", f"<{user}>", "<snd@x.org>", "<-f>", "<x y>", "<>", "<--foo>", "<$(id)>", f"<{user}>")]
    assert without_marks((site.directory / "mail").read_bytes()) == site.mail("ham1")


def test_plused_detail(site):
    agent = site.script("agent", 'echo "$*" > $D/arguments; cat > /dev/null')
    site.configure(f'TrustedDeliveryAgent "{agent} %u %r"', "EnablePlusedDetail on", "PlusedUserLowercase on",
                   "QuarantineMailbox +Junk", action="tag")
    site.teach("joe@example.org")
    site.out("--user", "Joe+Lists@Example.org", "--deliver=innocent", mail=site.mail("test-ham"))
    assert (site.directory / "arguments").read_text() == "joe@example.org Joe+Lists@Example.org\n"
    site.out("--user", "Joe+Lists@Example.org", "--deliver=innocent", mail=site.mail("test-spam"))
    assert (site.directory / "arguments").read_text() == "joe@example.org joe+Junk@Example.org\n"


@pytest.mark.parametrize("status, permanent, expected", [(75, False, 75), (1, False, 75), (67, False, 69), (1, True, 69)])
def test_what_the_agent_refuses_is_not_learned(site, status, permanent, expected):
    agent = site.script("agent", f"cat > /dev/null; echo no room >&2; exit {status}")
    site.configure(f"TrustedDeliveryAgent {agent}", *(["LMTPLDAErrorsPermanent on"] if permanent else []))
    answer = site.run("--user", "u", "--deliver=innocent", mail=site.mail("ham1"))
    assert answer.returncode == expected
    assert b"no room" in answer.stderr and str(agent).encode() in answer.stderr
    assert site.totals()["TN"] == 0


def test_a_deferred_message_is_learned_once(site):
    agent = site.script("agent", "cat > /dev/null; test -e $D/open || exit 75")
    site.configure(f"TrustedDeliveryAgent {agent}")
    for _ in range(3):
        assert site.run("--user", "u", "--deliver=innocent", mail=site.mail("ham1")).returncode == 75
    (site.directory / "open").touch()
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("ham1"))
    assert {name: count for name, count in site.totals().items() if count} == {"TN": 1}


# ---- delivery hosts


class LmtpServer(threading.Thread):
    """A next hop on the loopback: answers by script, and keeps commands and messages."""

    def __init__(self, **replies):
        super().__init__(daemon=True)
        self.replies = {"greet": "220 hop", "LHLO": "250 hop", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go",
                        "end": "250 2.0.0 taken", "QUIT": "221 bye", "RSET": "250 ok", **replies}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(60)
        self.port = self.listener.getsockname()[1]
        self.commands, self.messages = [], []
        self.start()

    def run(self):
        try:
            while True:
                connection, _ = self.listener.accept()
                connection.settimeout(60)
                with connection, connection.makefile("rwb") as stream:
                    self.talk(stream)
        except OSError:
            pass

    def say(self, stream, step):
        stream.write(self.replies[step].encode() + b"\r\n")
        stream.flush()
        return self.replies[step]

    def talk(self, stream):
        self.say(stream, "greet")
        for line in stream:
            self.commands.append(line.decode().rstrip("\r\n"))
            verb = line[:4].decode().upper()
            if self.say(stream, verb).startswith("354"):
                self.messages.append(self.read(stream))
                self.say(stream, "end")
            if verb == "QUIT":
                return

    def read(self, stream):
        message = b""
        for line in stream:
            if line == b".\r\n":
                break
            message += line[1:] if line.startswith(b".") else line
        return message

    def close(self):
        if self.listener.fileno() < 0:
            return
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.join(60)


@pytest.fixture
def hop():
    started = []

    def start(**replies):
        started.append(LmtpServer(**replies))
        return started[-1]

    yield start
    for server in started:
        server.close()


def by_host(site, port, *lines, **options):
    site.configure("DeliveryProto LMTP", "DeliveryHost 127.0.0.1", f"DeliveryPort {port}", "DeliveryIdent here",
                   "DeliveryTimeout 30", *lines, **options)


def test_the_next_hop_gets_every_byte(site, hop):
    server = hop()
    by_host(site, server.port)
    mail = site.mail("ham1") + b".\n..\nFrom x\n.dot\n\xff\xe9 8bit\n"
    site.out("--user", "u", "--rcpt-to", "u@x.org", "--mail-from=s@x.org", "--deliver=innocent", mail=mail)
    server.close()
    assert server.commands[:3] == ["LHLO here", "MAIL FROM:<s@x.org>", "RCPT TO:<u@x.org>"]
    assert [without_marks(message.replace(b"\r\n", b"\n")) for message in server.messages] == [mail]
    assert server.messages[0].count(b"\r\n") == server.messages[0].count(b"\n")
    assert site.totals()["TN"] == 1


def test_spam_goes_to_the_quarantine_mailbox(site, hop):
    server = hop()
    by_host(site, server.port, "QuarantineMailbox +Junk", action="tag")
    site.teach()
    site.out("--user", "u", "--rcpt-to", "u+a@x.org", "--deliver=innocent", mail=site.mail("test-spam"))
    site.out("--user", "u", "--rcpt-to", "u+a@x.org", "--deliver=innocent", mail=site.mail("test-ham"))
    server.close()
    assert [line for line in server.commands if line.startswith("RCPT")] == ["RCPT TO:<u+Junk@x.org>", "RCPT TO:<u+a@x.org>"]


def test_each_recipient_is_a_delivery_of_its_own(site, hop):
    server = hop()
    by_host(site, server.port)
    site.out("--user", "a", "b", "--rcpt-to", "a@x.org", "b@x.org", "--deliver=innocent", mail=site.mail("ham1"))
    server.close()
    assert [line for line in server.commands if line.startswith("RCPT")] == ["RCPT TO:<a@x.org>", "RCPT TO:<b@x.org>"]
    assert len(server.messages) == 2 and server.messages[0] != server.messages[1]  # two signatures
    assert (site.totals("a")["TN"], site.totals("b")["TN"]) == (1, 1)


@pytest.mark.parametrize("step, reply, status", [
    ("greet", "421 busy", 75), ("greet", "554 never", 75), ("LHLO", "500 what", 75), ("MAIL", "451 later", 75),
    ("MAIL", "550 no", 69), ("RCPT", "450 full", 75), ("RCPT", "550 5.1.1 nobody", 69), ("DATA", "451 later", 75),
    ("end", "452 4.2.2 full", 75), ("end", "554 5.6.0 bad", 69), ("end", "hello", 75),
])
def test_what_the_next_hop_refuses_is_not_learned(site, hop, step, reply, status):
    server = hop(**{step: reply})
    by_host(site, server.port)
    answer = site.run("--user", "u", "--rcpt-to", "u@x.org", "--deliver=innocent", mail=site.mail("ham1"))
    assert answer.returncode == status, answer.stderr
    assert b"could not be delivered" in answer.stderr
    assert site.totals()["TN"] == 0


def test_a_next_hop_that_is_down_defers(site, free_port):
    port = free_port()
    by_host(site, port)
    answer = site.run("--user", "u", "--rcpt-to", "u@x.org", "--deliver=innocent", mail=site.mail("ham1"))
    assert answer.returncode == 75
    assert str(port).encode() in answer.stderr
    assert site.totals()["TN"] == 0


def test_the_domain_chooses_the_host(site, hop, free_port):
    server = hop()
    by_host(site, free_port(), "DeliveryHost.x.org 127.0.0.1", f"DeliveryPort.x.org {server.port}")
    site.out("--user", "u", "--rcpt-to", "u@X.org", "--deliver=innocent", mail=site.mail("ham1"))
    assert site.run("--user", "u", "--rcpt-to", "u@y.org", "--deliver=innocent", mail=site.mail("ham1")).returncode == 75
    assert len(server.messages) == 1


# ---- how it ends


@pytest.mark.parametrize("words, mail, status", [
    ([], b"x", 64), (["--user"], b"x", 64), (["--user", "u", "--mode=xx"], b"x", 64),
    (["--user", "u", "--class=spam"], b"x", 64), (["--user", "u", "--deliver=innocent"], b"x", 75),
    (["--user", "u", "--classify"], b"", 65), (["--user", "../x", "--classify"], b"x: y\n\nz\n", 67),
    (["--user", "u", "--profile=none", "--classify"], b"x", 75),
])
def test_exit_statuses(site, words, mail, status):
    answer = site.run(*words, mail=mail)
    assert (answer.returncode, answer.stdout) == (status, b"")
    assert re.fullmatch(rb"dspam: error: [^\n]{10,}\n", answer.stderr)
    site.configure("Compat exitCodes")
    assert site.run(*words, mail=mail).returncode == 1
    assert not os.path.exists(site.directory / "x")


def test_failures_are_counted_for_the_original_exit_codes(site):
    site.configure("TrustedDeliveryAgent /bin/false", "Compat exitCodes")
    assert site.run("--user", "a", "--deliver=innocent", mail=site.mail("ham1")).returncode == 255
    assert site.run("--user", "a", "b", "--deliver=innocent", mail=site.mail("ham1")).returncode == 254


def test_users_of_different_fates(site):
    agent = site.script("agent", 'cat > /dev/null; case $1 in a) exit 0;; b) exit 67;; *) exit 75;; esac')
    site.configure(f'TrustedDeliveryAgent "{agent} %u"')
    for users, status in (["a"], 0), (["a", "b"], 69), (["a", "b", "c"], 75):
        assert site.run("--user", *users, "--deliver=innocent", mail=site.mail("ham1")).returncode == status
    assert (site.totals("a")["TN"], site.totals("b")["TN"], site.totals("c")["TN"]) == (3, 0, 0)


def test_the_status_says_spam_when_it_should(site):
    site.teach()
    site.configure("Broken returnCodes")
    for words in ["--classify"], ["--deliver=summary"], []:
        site.out("--user", "u", *words, mail=site.mail("test-spam"), status=99)
    site.out("--user", "u", "--classify", mail=site.mail("test-ham"))


def test_errors_are_quiet_where_a_mail_server_listens(site):
    # The configuration is named by neither option nor environment, so the built-in path is used; it may be missing.
    environment = {name: value for name, value in os.environ.items() if name != "DSPAM_CONFIG"}
    answer = subprocess.run([f"{site.programs}/dspam", "--mode=xx"], stdin=subprocess.DEVNULL, capture_output=True,
                            env=environment)
    assert answer.returncode == 64
    assert b"--mode=xx" in answer.stderr  # but a wrong command line is always said


def test_full_standard_output_is_a_temporary_failure(site):
    with open("/dev/full", "wb") as full:
        answer = subprocess.run([f"{site.programs}/dspam", "--config", site.path, "--user", "u", "--deliver=innocent",
                                 "--stdout"], input=site.mail("ham1"), stdout=full, stderr=subprocess.PIPE)
    assert answer.returncode == 75
    assert site.totals()["TN"] == 0


# ---- who may do what


def test_who_is_not_trusted_acts_for_himself(site):
    if os.getuid() != 0:
        pytest.skip("needs root, to become somebody else")
    import pwd
    import tempfile

    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        home = os.path.join(place, "home")
        os.mkdir(home)
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        config = os.path.join(place, "dspam.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"Home {home}\nProfile p\nUntrustedDeliveryAgent /bin/cat\nTrustedDeliveryAgent /bin/false\n"
                       'Preference "signatureLocation=headers"\n')

        def run(*words, mail=site.mail("ham1")):
            return subprocess.run([f"{site.programs}/dspam", "--config", config, *words], input=mail, capture_output=True,
                                  user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])

        try:
            answer = run("--classify")
        except PermissionError:
            pytest.skip("nobody may not run the program here")
        if answer.returncode == 126 or b"error while loading" in answer.stderr:
            pytest.skip("nobody may not run the program here")
        assert answer.stdout.startswith(b"X-DSPAM-Result: nobody;"), answer.stderr
        assert run("--user", "root", "--classify").returncode == 77
        assert run("--daemon").returncode == 77
        assert run("--profile=p", "--classify").returncode == 77
        assert b"--enable" not in run("--version").stdout
        # arguments are not passed on: cat copies its standard input
        assert without_marks(run("--deliver=innocent", "/dev/null").stdout) == site.mail("ham1")


# ---- what it says about itself


def test_version_has_the_words_that_the_web_interface_looks_for(site):
    out = site.out("--version").decode()
    assert out.startswith("\nDSPAM Anti-Spam Suite ")
    assert "'--enable-preferences-extension'" in out
    assert "large-scale" not in out and "domain-scale" not in out


def test_help_names_every_option(site):
    out = site.out("--help").decode()
    for option in ("user", "rcpt-to", "mail-from", "mode", "class", "source", "classify", "process", "deliver", "stdout",
                   "feature", "signature", "profile", "client", "daemon", "nofork", "debug", "help", "version", "config",
                   "check-config", "print-config"):
        assert f"--{option}" in out


def test_check_config(site):
    answer = site.run("--check-config")
    assert answer.returncode == 0 and b"warning" not in answer.stdout
    site.configure("Tokenizer osbx", "Algoritm graham")
    answer = site.run("--check-config")
    assert answer.returncode == 78
    assert re.search(rb"dspam\.conf:\d+: error: Tokenizer", answer.stdout)
    assert re.search(rb"dspam\.conf:\d+: warning: Algoritm", answer.stdout)
    site.path.unlink()
    answer = site.run("--check-config")
    assert answer.returncode != 0 and b"dspam.conf" in answer.stderr


def test_print_config_loads_again_and_hides_passwords(site):
    site.configure("MySQLPass secret")
    out = site.out("--print-config")
    assert b"secret" not in out
    again = site.directory / "again.conf"
    again.write_bytes(out)
    assert subprocess.run([f"{site.programs}/dspam", "--config", again, "--print-config"], capture_output=True,
                          check=True).stdout == out


# ---- odd messages


def test_class_and_user_from_the_address(site):
    site.configure("ParseToHeaders on", "ChangeModeOnParse on", "ChangeUserOnParse full")
    mail = site.out("--user", "joe@x.org", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    site.out(mail=b"To: spam-joe@x.org\n" + mail)
    assert site.totals("joe@x.org")["FN"] == 1


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
