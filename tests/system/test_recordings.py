"""The recordings of DSPAM 3.10, replayed: same answers, but for the differences that recording.py lists with reasons."""

import json
import os
import re
import subprocess

import pytest

from lmtp_peer import NextHop
from recording import DATA, DIFFERENCES, DOCUMENT, expected, mime_meaning, sections, steady
from test_agent import SIGNATURE, Site

FIRST, SECOND, THIRD = (sections(f"processing-{number}.txt") for number in (1, 2, 3))


class Original(Site):
    """A site with the settings of the recordings."""

    def configure(self, *lines, location="headers", action="quarantine"):
        # the first value counts, so that a test can say something else
        super().configure(*lines, "UserLog on", "WebStats on", location=location, action=action)

    def message(self, name):
        path = self.data.parent / ("statistics" if (self.data / f"{name}.eml").exists() else "tokens") / f"{name}.eml"
        if name == "signed":
            path = self.data.parent / "messages/signed.eml"
        return path.read_bytes()

    def say(self, *words, name=None, mail=None):
        """What the run prints, and its status."""
        mail = self.message(name) if mail is None else mail
        answer = self.run(*words, mail=mail)
        return answer.stdout.decode("utf-8", "surrogateescape") + f"rc={answer.returncode}\n"

    def files(self, user):
        return sorted(os.listdir(self.home / "data" / user))

    def read(self, user, extension):
        path = self.home / "data" / user / f"{user}.{extension}"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def last_entry(self, user):
        return "".join(self.read(user, "log").splitlines(True)[-2:])

    def counters(self, user):
        """SL IL SM IM SC IC ScL IcL as the recordings print them."""
        row = self.store.row_of(user, "spam_learned, innocent_learned, spam_misclassified, innocent_misclassified, "
                                "spam_corpusfed, innocent_corpusfed, spam_classified, innocent_classified")
        return f"totals {list(row)}\n"

    def texts(self):
        texts = self.home / "txt"
        texts.mkdir(exist_ok=True)
        (texts / "msgtag.nonspam").write_text("This message was tagged as innocent.\n")
        (texts / "msgtag.spam").write_text("tagged as spam\n")

    def arguments(self):
        """A delivery agent that writes its arguments to the file `arguments`."""
        script = self.script("lda", 'cat >>$D/delivered\n{ echo "ARGS[$#]:"; for a in "$@"; do echo "  <$a>"; done; } >>$D/arguments')
        return script


@pytest.fixture
def original(tmp_path, programs, root):
    if not os.path.exists(f"{programs}/dspam"):
        pytest.skip("the program dspam is not built")
    from pathlib import Path

    return Original(tmp_path, programs, Path(root) / "tests/data/statistics")


INBOUND = ("--deliver=innocent", "--stdout")


def test_every_difference_is_documented():
    with open(DOCUMENT, encoding="utf-8") as document:
        text = " ".join(document.read().split())
    assert [name for name, (words, _, _) in DIFFERENCES.items() if words not in text] == []


def test_the_recordings_are_all_looked_at():
    """A section that is added is replayed, too."""
    below = {"sig search: forwarded body forms (message location)"}  # form by form
    source = ""
    for name in (__file__, __file__.replace(".py", "_more.py")):
        with open(name, encoding="utf-8") as file:
            source += file.read()
    for title in [*FIRST, *SECOND, *THIRD]:
        assert title in below or f'"{title}"' in source, title


# ---- marks


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


def test_reclassify(original):
    out = original.out("--user", "a8", *INBOUND, mail=original.message("ham1"))
    ours = original.say("--user", "a8", "--class=spam", "--source=error", "--deliver=spam", "--stdout", mail=out)
    ours += original.read("a8", "log") + original.read("a8", "stats")
    ours += "HOME/data/a8:\n" + "\n".join(original.files("a8")) + "\n"
    recorded = FIRST["8 reclassify spam from stdout msg with headers"].split("\nHOME/data/a8/a8.sig:")[0]
    assert steady(ours) == expected(recorded, "store")


# ---- handing on


def test_the_delivery_agent(original):
    agent = original.arguments()
    original.configure(f'TrustedDeliveryAgent "{agent} $u %r %s"', "SystemLog on")
    words = ("--user", "a9", 'we"ird$u', "--mail-from=snd@example.org", "--deliver=innocent", "--", "-f", "x y", "", "--foo", "$(id)")
    ours = original.say(*words, name="ham1") + (original.directory / "arguments").read_text()
    fails = original.script("fails", "cat >/dev/null; exit 75")
    original.configure(f'TrustedDeliveryAgent "{fails}"', "SystemLog on")
    for users, what in ((["a9"], "lda75"), (["a9", "b9"], "lda75 two users")):
        status = original.run("--user", *users, "--deliver=innocent", mail=original.message("ham1")).returncode
        ours += f"rc {what}={status}\n"
    recorded = FIRST["9 deliver via agent args"]
    head, log = recorded[:recorded.index("17953")], recorded[recorded.index("17953"):]
    assert steady(ours) == expected(head, "quoting of arguments", "ten arguments", "temporary")
    logged = (original.home / "system.log").read_text().splitlines()
    fields = [line.split("\t") for line in logged if "\ta9\t" in line]
    assert steady(logged[0] + "\n") == steady(log.splitlines(True)[0])
    assert [line[1] for line in fields] == ["I", "E", "E"]


def test_plused_detail(original):
    agent = original.arguments()
    original.configure(f'TrustedDeliveryAgent "{agent} %u %r"', "EnablePlusedDetail on", "PlusedUserLowercase on")
    original.say("--user", "Joe+Lists@Example.org", "--deliver=innocent", name="ham1")
    assert (original.directory / "arguments").read_text() == "".join(SECOND["plused"].splitlines(True)[:3])
    assert os.listdir(original.home / "data") == ["joe@example.org"]


def test_the_quarantine_agent(original):
    original.teach("q6")
    agent = original.arguments()
    original.configure(f'QuarantineAgent "{agent} -Q %u %s %r"')
    original.configure(f'QuarantineAgent "{agent} -Q %u %s %r"', f"TrustedDeliveryAgent {agent}")
    ours = original.say("--user", "q6", "--mail-from=me@x.org", "--deliver=innocent", "--", "-x", name="test-spam")
    assert ours + (original.directory / "arguments").read_text() == SECOND["QuarantineAgent"]


# ---- spam


def test_quarantine(original):
    original.teach("q1")
    ours = original.say("--user", "q1", "--deliver=innocent", "--stdout", name="test-spam")
    ours += original.read("q1", "mbox") + original.read("q1", "log") + original.read("q1", "stats")
    recorded = SECOND["quarantine default (spamAction=quarantine) --deliver=innocent"]
    assert steady(ours) == expected(recorded, "end in the quarantine")
    # with lines that begin with From
    original.out("--user", "q1", *INBOUND, mail=original.message("test-spam") + b"From here on\nFrom me\n")
    shown = expected(SECOND["quarantine + From_ inside body + release"].replace("$\n", "\n"), "end in the quarantine")
    assert original.read("q1", "mbox").endswith(shown)


def test_release(original):
    original.teach("q1")
    for more in (b"", b"From here on\nFrom me\n"):
        original.out("--user", "q1", *INBOUND, mail=original.message("test-spam") + more)
    kept = "From QUARANTINE" + original.read("q1", "mbox").rsplit("From QUARANTINE", 2)[1]
    ours = original.say("--user", "q1", "--class=innocent", "--source=error", *INBOUND, mail=kept.encode())
    recorded = SECOND["release FP via stdin"]
    # the recording begins with three lines of the quarantine
    message = recorded.split("\n", 3)[3]
    body, rest = message.split("rc=0\n")
    assert steady(ours) == expected(body, "quoting is undone") + "rc=0\n"
    assert steady(original.last_entry("q1") + original.read("q1", "stats")) == steady(rest)


def test_tag(original):
    original.teach("q2")
    original.configure('Preference "tagSpam=on"', action="tag")
    original.texts()
    ours = "".join(original.say("--user", "q2", *INBOUND, name="test-spam") for _ in range(2))
    assert steady(ours) == expected(SECOND["tag"])
    first, second, *_ = SECOND["tag twice, custom subject, encoded"].splitlines()
    original.configure('Preference "spamSubject=*** VERY LONG SUBJECT ***"', action="tag")
    for subject, wanted in (("=?utf-8?Q?FREE_pills?= prize", first), (None, second)):
        mail = original.message("test-spam").decode()
        mail = re.sub(r"Subject: .*\n", f"Subject: {subject}\n" if subject else "", mail)
        out = original.out("--user", "q2", *INBOUND, mail=mail.encode()).decode()
        assert [line.rstrip() for line in out.splitlines() if line.startswith("Subject:")] == [wanted.rstrip()]
        again = original.out("--user", "q2", *INBOUND, mail=out.encode()).decode()
        assert again.count("*** VERY LONG S") == 1


def test_deliver(original):
    original.teach("q3")
    original.configure(action="deliver")
    ours = original.say("--user", "q3", *INBOUND, name="test-spam")
    recorded = SECOND["deliver action"]
    shown, rest = recorded.split("rc=0\n")
    assert steady(ours).startswith(steady(shown)) and ours.endswith("rc=0\n")
    assert steady(original.last_entry("q3")) == steady(rest)


def test_where_spam_goes(original):
    original.teach("q4")
    agent = original.script("lda", "cat >>$D/delivered")
    original.configure(f"TrustedDeliveryAgent {agent}")
    title = "spam with --deliver=spam / innocent + stdout/no flags"
    for words, lines, quarantined in re.findall(r"-- args: (.*)\n(\d+)\nrc=0 quarantined=(\w+)", SECOND[title]):
        for path in (original.directory / "delivered", original.home / "data/q4/q4.mbox"):
            if path.exists():
                path.unlink()
        answer = original.run("--user", "q4", *words.split(), mail=original.message("test-spam"))
        assert answer.returncode == 0
        delivered = (original.directory / "delivered").read_bytes() if (original.directory / "delivered").exists() else b""
        # 12: the recording counts all of the message, of which ours has more lines
        count = (answer.stdout + delivered).count(b"\n")
        assert (count >= 12 if lines == "12" else count == int(lines)), (words, count)
        assert (original.read("q4", "mbox") != "") == (quarantined == "yes"), words


def test_returnCodes(original):
    original.teach("q5")
    original.configure("Broken returnCodes")
    ours = original.say("--user", "q5", "--deliver=summary", name="test-spam")
    ours += original.say("--user", "q5", "--classify", name="test-spam")
    ours += original.say("--user", "q5", "--classify", name="test-ham")
    ours += original.say("--user", "q5", "--deliver=innocent", "--stdout", name="test-spam")
    # what was learned before the recording shows in the confidence
    confidence = re.compile(r"confidence=0\.\d\d")
    assert confidence.sub("", steady(ours)) == confidence.sub("", expected(SECOND["broken returnCodes"]))


# ---- what is not judged


def test_opting(original):
    original.teach("q7")
    original.configure("Opt in")
    ours = original.run("--user", "q7", *INBOUND, mail=original.message("test-spam")).stdout
    message, rest = SECOND["optout/optin"].split("\nrc=0\n")
    assert ours == original.message("test-spam") and ours.decode().startswith(message)
    assert original.read("q7", "log").count("Claim") == 0 and original.read("q7", "mbox") == ""
    # without --deliver=innocent: nothing came out of the original, all of the message comes from us
    assert rest.splitlines()[1] == "0"
    assert original.run("--user", "q7", "--deliver=spam", "--stdout", mail=ours).stdout == ours
    expected("0\n", "opted out is delivered")


def test_size(original):
    original.configure("MaxMessageSize 100")
    recorded = SECOND["max size"].splitlines()
    assert recorded == ["0", "classify rc 0", "rc=0"]
    assert original.say("--user", "q8", "--classify", name="test-ham") == "rc=0\n"
    mail = original.message("test-ham")
    assert original.run("--user", "q8", *INBOUND, mail=mail).stdout == mail
    expected("0\n", "opted out is delivered")


def test_notices(original):
    original.teach("q9")
    texts = original.home / "txt"
    texts.mkdir()
    (texts / "firstrun.txt").write_text("From: admin\nTo: $u\nSubject: first run for $u and $u\n\nWelcome $u\n")
    (texts / "firstspam.txt").write_text("Subject: first spam\n\nSpam for $u\n")
    agent = original.script("lda", 'echo "--- DELIVERY to $1" >>$D/delivered\ncat >>$D/delivered')
    original.configure(f'TrustedDeliveryAgent "{agent} %u"', "Notifications on")
    ours = original.say("--user", "q9", "--deliver=innocent", name="test-spam")
    ours = (original.directory / "delivered").read_text() + ours + "\n".join(original.files("q9")) + "\n"
    recorded = SECOND["notifications"]
    first = recorded[:recorded.index("q9.stats\n") + len("q9.stats\n")]
    assert steady(ours) == expected(first, "store")
    (original.directory / "delivered").unlink()
    original.say("--user", "q9", "--deliver=innocent", name="test-ham")
    assert steady((original.directory / "delivered").read_text()).startswith(
        steady(recorded[len(first):]).rsplit("X-DSPAM-Confidence", 1)[0])


# ---- hosts


@pytest.fixture
def hop(free_port):
    peer = NextHop(free_port()).start()
    yield peer
    peer.stop()


def host(hop, *lines):
    return (f"DeliveryHost {hop.address[0]}", f"DeliveryPort {hop.address[1]}", "DeliveryProto LMTP", *lines)


def test_the_quarantine_mailbox(original, hop):
    recorded = THIRD["LMTP, no rcpt-to, spam, QuarantineMailbox"]
    recipients = re.findall(r"RCPT TO:<(.*)>", recorded)
    original.teach("joe@example.org")
    original.teach("a")
    original.configure(*host(hop, "QuarantineMailbox +Junk", "EnablePlusedDetail on", "PlusedUserLowercase on"), action="tag")
    for user in ("Joe+Lists@example.org", "a"):
        assert original.run("--user", user, "--deliver=innocent", mail=original.message("test-spam")).returncode == 0
    assert [mail.recipient for mail in hop.mails] == recipients
    assert all(b"\nSubject: [SPAM] Claim your FREE pills prize now\n" in mail.message.replace(b"\r\n", b"\n") for mail in hop.mails)
    assert steady(original.last_entry("a")).rstrip("\n") == steady(recorded.splitlines()[-1])


@pytest.mark.parametrize("title, step, reply, status", [
    ("RCPT 550", "rcpt", "550 5.1.1 no such user", "refused"),
    ("RCPT 451", "rcpt", "451 4.2.0 later", "temporary"),
    ("after-DATA 552", "data", "552 5.2.2 full", "refused"),
])
def test_a_host_that_refuses(original, hop, title, step, reply, status):
    original.configure(*host(hop))
    hop.answers["b"] = {step: reply}
    before = original.totals("b")
    ours = original.say("--user", "b", "--deliver=innocent", name="test-ham") + original.last_entry("b")
    recorded = THIRD[title]
    wanted = expected(recorded, status, "failed delivery", *(["not learned"] if "totals" in recorded else []))
    wanted = re.sub(r"totals .*\n", "", wanted)
    assert re.sub(r"Delivery Failed \(.*?\)(?=\t)", "FAILED", steady(ours)) == wanted
    assert original.totals("b") == before


def test_smtp(original, free_port):
    """The same conversation, with a server that knows no EHLO."""
    import socket
    import threading

    said = []
    listening = socket.create_server(("127.0.0.1", free_port()))

    def serve():
        connection, _ = listening.accept()
        with connection, connection.makefile("rwb") as lines:
            def say(text):
                said.append(f"S: {text}")
                lines.write(text.encode() + b"\r\n")
                lines.flush()

            say("220 sink ready")
            for line in lines:
                words = line.decode().strip()
                said.append(f"C: {words}")
                if words == "DATA":
                    say("354 go")
                    while lines.readline() not in (b".\r\n", b""):
                        pass
                    say("250 ok")
                elif words == "QUIT":
                    say("221 bye")
                    return
                else:
                    say("500 what" if words.startswith("EHLO") else "250 ok")

    thread = threading.Thread(target=serve)
    thread.start()
    address = listening.getsockname()
    original.configure(f"DeliveryHost {address[0]}", f"DeliveryPort {address[1]}", "DeliveryProto SMTP")
    assert original.say("--user", "b", "--deliver=innocent", name="test-ham") == "rc=0\n"
    thread.join()
    listening.close()
    recorded = [line for line in THIRD["SMTP"].splitlines()[2:]]
    ours = [line for line in said if line not in ("C: EHLO localhost", "S: 500 what")]
    assert ours == recorded


# ---- training


def test_parse_to(original):
    original.teach("p")
    for _ in range(2):
        original.out("--user", "p", "--deliver=summary", mail=original.message("test-ham"))
    out = original.out("--user", "p", *INBOUND, mail=original.message("test-ham"))
    report = re.sub(rb"To: .*\n", b"To: Report <spam-p@example.org>\n", out)
    before = original.counters("p")
    recorded = THIRD["ParseTo"].splitlines()
    assert recorded[1] == "rc=1" and recorded[-7:] == ["a", "b", "p", "p@example.org", "v", "w", "zzz"]
    # nobody is named
    original.configure("ParseToHeaders on")
    assert original.run(mail=report).returncode == 64
    expected("[exit 1]", "prompt")
    assert original.counters("p") == before
    for lines, changed in ((["ParseToHeaders on", "ChangeUserOnParse full"], False),
                           (["ParseToHeaders on", "ChangeUserOnParse on", "ChangeModeOnParse on"], True)):
        original.configure(*lines)
        assert original.run(mail=report).returncode == 0
        after = original.counters("p")
        assert (after != before) == changed, (lines, after)
    before, after = (json.loads(text.split(" ", 1)[1]) for text in (before, after))
    assert [now - then for now, then in zip(after, before)] == [1, -1, 1, 0, 0, 0, 0, 0]


FORMS = {
    "!DSPAM:%s!": True, "> !DSPAM:%s!": True, "!DSPAM: %s!": True, "X-DSPAM-Signature: %s": True,
    "!DSPAM:1234,%s!": False, "=21DSPAM:%s=21": False,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_signature_is_found_as_it_was(original, form):
    recorded = dict(re.findall(r"(?m)^\[(.*)\] changed=(\w+)", THIRD["sig search: forwarded body forms (message location)"]))
    assert recorded[form % "6b0288e243101794639075"] == ("yes" if FORMS[form] else "no")
    original.configure(location="message")
    out = original.out("--user", "s", *INBOUND, mail=original.message("ham1"))
    report = b"From: a@example.org\nSubject: Fwd\n\n" + form.encode() % SIGNATURE.search(out)[1] + b"\n"
    before = original.counters("s")
    original.run("--user", "s", "--class=spam", "--source=error", mail=report)
    assert (original.counters("s") != before) == FORMS[form]


def test_pristine(original):
    original.configure("TrainPristine on")
    original.teach("tp")
    for _ in range(2):
        original.out("--user", "tp", "--deliver=summary", mail=original.message("ham2"))
    ours = original.say("--user", "tp", "--deliver=summary", name="test-ham")
    recorded = THIRD["TrainPristine"]
    assert re.sub(r"confidence=\S+", "", ours.splitlines()[0]) == re.sub(
        r"confidence=\S+", "", expected(recorded.splitlines()[0], "no signature"))
    assert original.files("tp") == [line for line in expected(recorded, "store").splitlines() if line.startswith("tp.")]
    before = json.loads(original.counters("tp").split(" ", 1)[1])
    original.out("--user", "tp", "--class=spam", "--source=error", mail=original.message("test-ham"))
    after = json.loads(original.counters("tp").split(" ", 1)[1])
    wanted = [json.loads(line.split(" ", 1)[1]) for line in recorded.splitlines() if line.startswith("totals")]
    assert [now - then for now, then in zip(after, before)] == [now - then for now, then in zip(wanted[1], wanted[0])]


# ---- files


def tree(site, user):
    place = site.home / "data" / user
    return sorted("./" + os.path.relpath(os.path.join(directory, name), place)
                  for directory, _, names in os.walk(place) for name in names)


def test_fragments_and_corpus(original):
    original.configure('Preference "storeFragments=on"', 'Preference "makeCorpus=on"')
    out = original.out("--user", "fc", *INBOUND, mail=original.message("ham1"))
    recorded = THIRD["fragments, corpus"]
    listing = [line for line in expected(recorded, "store").splitlines() if line.startswith("./")]
    assert [steady(line) for line in tree(original, "fc")] == listing[:-1]
    identifier = SIGNATURE.search(out)[1].decode()
    fragment = (original.home / f"data/fc/fc.frag/{identifier}.frag").read_text()
    assert fragment.startswith("\n\nHi Alice, attached are the minutes of the project meeting.\n")
    kept = (original.home / f"data/fc/fc.corpus/nonspam/{identifier}.msg").read_bytes()
    assert kept == original.message("ham1")
    original.out("--user", "fc", "--class=spam", "--source=error", mail=out)
    assert [steady(line) for line in tree(original, "fc") if "corpus" in line] == listing[-1:]


def test_localStore(original):
    for user in ("ls1", "ls2"):
        original.configure('Preference "localStore=shared1"')
        if user == "ls2":
            original.teach(user)
    original.configure('Preference "localStore=shared1"')
    ours = original.say("--user", "ls1", "--deliver=summary", name="ham1")
    original.out("--user", "ls2", *INBOUND, mail=original.message("test-spam"))
    recorded = THIRD["localStore"]
    assert steady(ours.splitlines()[0]) == steady(recorded.splitlines()[0])
    files = {line.split("/")[1] for line in expected(recorded, "store").splitlines() if line.startswith("shared1/")}
    assert set(original.files("shared1")) == files and os.listdir(original.home / "data") == ["shared1"]
    assert "\n" + recorded.splitlines()[-1] + "\n" in original.read("shared1", "mbox")


# ---- the command line


def transcript():
    """(command, what it printed, status)"""
    with open(os.path.join(DATA, "cli-transcript.txt"), encoding="utf-8") as file:
        text = file.read()
    for run in re.split(r"(?m)^\$ ", text)[1:]:
        command, _, rest = run.partition("\n")
        found = re.search(r"(?m)^\[exit (\d+)\]\n", rest)
        if found:
            yield command, rest[:found.start()], int(found[1])


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
