"""Clients of DSPAM 3.10 with our daemon: the recorded dialogues, played again, and what we answer otherwise on purpose."""

import getpass
import re
import subprocess

import pytest

import transcripts
from database import away
from daemon_site import Daemon, program_is_missing, wait_for
from lmtp_peer import Client, wire

# What is not the same: the dialogue (or ANY), what the client said, the original's answer, ours, all as patterns, the
# first that fits. The reasons stand in docs/compatibility.md.
ANY = ""
OTHERWISE = (
    ("LMTP standard mode: bad commands", "RCPT", r".*", r"503 5.5.1 Need MAIL FROM here"),  # none was accepted
    (ANY, "", r"220 DSPAM (\w+) 3\.10\.2 (.*)", r"220 DSPAM \1 \\d[.\\d]+ \2"),
    (ANY, "LHLO", r"250 SIZE", r"250 SIZE \\d+"),
    (ANY, "RSET", r"250 OK", r"250 2.0.0 OK"),
    (ANY, "QUIT", r"250 2\.0\.0 OK", r"221 2.0.0 OK"),
    (ANY, "HELO", r"503 5\.0\.0 .*", r"500 5.5.1 .*"),
    (ANY, "EHLO", r"503 5\.0\.0 .*", r"500 5.5.1 .*"),
    (ANY, "NOOP", r"503 5\.0\.0 .*", r"250 2.0.0 OK"),
    (ANY, "VRFY", r"503 5\.0\.0 .*", r"252 2.5.0 .*"),
    (ANY, "HELP", r"503 5\.0\.0 .*", r"214 2.0.0 .*"),
    (ANY, "RCPT", r"503 5\.0\.0 (.*)\.", r"503 5.5.1 \1"),
    (ANY, "RCPT", r"503 5\.1\.2 .*", r"501 5.1.3 .*"),
    (ANY, "MAIL FROM:$", r"250 2\.1\.0 OK", r"501 5.1.7 .*"),  # there is no sender without <>
    (ANY, "message", r"421 4\.3\.0 <(.*)> Delivered", r"451 4.3.0 <(?i:\1)> Delivery agent .*: exit status 1"),
    ("unknown signature", ANY, r"250 2\.6\.0 (.*) Message accepted.*", r"554 5.6.0 \1 Nothing is learned: .*"),
    ("without any signature", ANY, r"250 2\.6\.0 (.*) Message accepted.*", r"554 5.6.0 \1 Nothing is learned: .*"),
    (ANY, "DATA", r"554 5\.1\.0 Unable.*", r"554 5.1.0 --mode=bogus: .*"),
    (ANY, "DATA", r"503 5\.3\.5 .*", r"554 5.1.0 --class needs .*"),
    (ANY, r"\.", r"530 5\.2\.0 .*", r"554 5.6.0 <q1> .*empty.*"),
)
# After these the original closed, and we go on.
OPEN = {"DLMTP: bad commands", "DLMTP: class without source"}
MODES = {"DLMTP": "dspam", "LMTP": "standard", "auto": "auto"}
NOT_STARTED = "auto mode, unknown ident -> LMTP; ServerParameters has --user and --stdout"  # refused at the start
FAILING = {"DLMTP: process, two recipients, no --stdout", "auto -> LMTP, StripRcptDomain on, Broken case, delivery agent a failing delivery agent"}


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port)
    yield site
    if site.process is not None:
        assert site.process.stop() == 0, site.log()


def teach(daemon, user):
    """So that the two messages are told apart, as when the dialogues were recorded."""
    for name, message in (("spam", transcripts.SPAM), ("innocent", transcripts.HAM)):
        for _ in range(5):
            subprocess.run([f"{daemon.programs}/dspam", "--config", daemon.path, "--user", user, f"--class={name}",
                            "--source=corpus"], input=message, check=True)


def configure(daemon, title, *lines):
    agent = "/bin/false" if title in FAILING else "/bin/true"
    mode = next(mode for word, mode in MODES.items() if title.startswith(word))
    more = ("StripRcptDomain on", "Broken case") if "StripRcptDomain" in title else ()
    ident = ("ServerIdent mx.example.org",) if mode == "standard" else ()
    daemon.path.write_text("\n".join([
        f"Home {daemon.home}", daemon.store.line, f"Trust {getpass.getuser()}",
        f"ServerHost {daemon.address[0]}", f"ServerPort {daemon.address[1]}", f"ServerPID {daemon.directory}/dspam.pid",
        f"ServerMode {mode}", "ServerPass.Relay1 secret", 'ServerParameters "--deliver=innocent,spam -d %u"',
        f"TrustedDeliveryAgent {agent}", "TrainingMode teft", "Algorithm graham burton",
        'Preference "signatureLocation=headers"', *more, *ident, *lines]) + "\n")


def expected(title, command, line):
    """The pattern that our reply must match."""
    for where, said, theirs, ours in OTHERWISE:
        hit = re.fullmatch(theirs, line)
        if hit and re.search(where, title) and re.match(said, command):
            return hit.expand(ours)
    return re.escape(line)


def same_text(theirs, ours):
    """Numbers, signatures and dates aside."""
    def plain(line):
        line = re.sub(r"(probability|confidence)=[\d.]+", r"\1=N", line)
        line = re.sub(r"(X-DSPAM-(?:Processed|Confidence|Probability|Signature)): .*", r"\1", line)
        return re.sub(r"signature=\w{4,}", "signature=S", line).rstrip("\r\n")

    assert [plain(line) for line in ours] == [plain(line) for line in theirs]


def read_text(client):
    lines = []
    while (line := client.file.readline()) != b".\r\n":
        assert line.endswith(b"\n") and not line.endswith(b"\r\n"), line
        lines.append(line.decode())
    return lines


def check_answers(client, title, command, lines):
    for kind, value in transcripts.replies(lines):
        if kind == "text":
            same_text(value, read_text(client))
        elif kind == "reply":
            code, text = client.reply()
            pattern = expected(title, command, value)
            assert re.fullmatch(pattern, f"{code} {text}"), (title, command, value, f"{code} {text}")
        elif title in OPEN and command == "QUIT":
            assert client.reply()[0] == 221 and client.file.readline() == b""
        elif title in OPEN:
            client.send("NOOP\r\n")
            assert client.reply()[0] == 250
            return
        else:
            assert client.file.readline() == b""


@pytest.mark.parametrize("number", range(22))
def test_a_dialogue(daemon, root, number):
    title, dialogue = list(transcripts.sections(root).items())[number]
    if title == NOT_STARTED:
        pytest.skip("such ServerParameters are refused at the start: test_parameters_that_make_no_sense")
    configure(daemon, title)
    teach(daemon, "q1")
    signature = None
    if "retrain by signature" in title:
        answer = subprocess.run([f"{daemon.programs}/dspam", "--config", daemon.path, "--user", "q1",
                                 "--deliver=summary"], input=transcripts.SPAM, check=True, stdout=subprocess.PIPE)
        signature = re.search(rb"signature=(\w+)", answer.stdout).group(1).decode()
    daemon.start()
    with Client(daemon.address, greet=False) as client:
        command = ""
        for said in dialogue:
            if said.who == "S":
                check_answers(client, title, command, said.lines)
            elif said.message is not None:
                client.send(wire(said.message)[:-3])  # its dot is the next line
                command = "message"
            else:
                line = said.lines[0]
                if signature is not None:
                    line = re.sub(r"signature=\w+", f"signature={signature}", line)
                command = command if line == "." and command == "message" else line
                client.send(line + "\r\n")


def test_all_dialogues_are_played(root):
    assert len(transcripts.sections(root)) == 22


# ---- what the dialogues do not show -------------------------------------------------------------------------------------


class Dlmtp(Client):
    def order(self, arguments, users, message, extended=False, password="secret@Relay1"):
        """The replies up to DATA; the message is sent if it was answered 354."""
        escaped = arguments.replace('"', '\\"')
        answers = [self.say(f'MAIL FROM: <{password}> DSPAMPROCESSMODE="{escaped}"'
                            + (" DSPAMEXTENDED" if extended else ""))]
        answers += [self.say(f"RCPT TO: <{user}>") for user in users] + [self.say("DATA")]
        if answers[-1][0] == 354:
            self.send(wire(message))
        return answers

    def text(self, ending=b"\n"):
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                return None
            assert line.endswith(ending)
            lines.append(line)
        return b"".join(lines)


@pytest.fixture
def dlmtp(daemon):
    configure(daemon, "DLMTP")
    daemon.start()
    with Dlmtp(daemon.address) as client:
        yield client


def test_a_lone_dot_does_not_end_the_message(dlmtp):
    body = b"Subject: x\n\nbefore\n.\n..\n.x\nafter\n"
    dlmtp.order("--deliver=stdout", ["u"], body)
    assert dlmtp.text().endswith(b"\nbefore\n. \n..\n.x\nafter\n")
    dlmtp.order("--deliver=stdout", ["u"], body, extended=True)
    assert dlmtp.text(b"\r\n").endswith(b"\r\nbefore\r\n..\r\n...\r\n..x\r\nafter\r\n")
    assert dlmtp.reply() == (250, "2.6.0 <u> Message accepted for delivery: INNOCENT")
    assert dlmtp.say("NOOP")[0] == 250


def test_quoted_arguments(dlmtp):
    # for a client that does not say that it knows quotes they are part of the word
    answers = dlmtp.order('--user "a b" --classify', [], b"Subject: x\n\nx\n")
    assert answers[-1][0] == 354
    assert [line.split(b";")[0] for line in dlmtp.text().splitlines()] == [b'X-DSPAM-Result: "a', b'X-DSPAM-Result: b"']
    assert dlmtp.order('--user "a b" --classify', ["u"], b"Subject: x\n\nx\n", extended=True)[-1][0] == 354
    names = [line.split(b";")[0] for line in dlmtp.text(b"\r\n").splitlines()]
    assert names == [b"X-DSPAM-Result: u", b"X-DSPAM-Result: a b"]
    assert [dlmtp.reply()[0] for _ in names] == [250, 250]


def test_many_arguments(dlmtp):
    long = " ".join(f"-o option{number}=value" for number in range(400))
    assert dlmtp.order(f"{long} --classify", ["u"], b"Subject: x\n\nx\n")[-1][0] == 354
    assert dlmtp.text().startswith(b"X-DSPAM-Result: u; ")
    assert dlmtp.order("x " * 10000, ["u"], b"")[0] == (500, "5.5.2 Command line too long")


@pytest.mark.parametrize("arguments, complaint", [
    ("--config=/etc/passwd --classify", "--config cannot be asked"), ("--daemon", "--daemon cannot be asked"),
    ("--print-config", "cannot be asked"), ("--profile=other --classify", "--profile=other"),
    ("--class=spam --classify", "leave one of them out"), ("--rcpt-to nobody --classify", "is no address"),
])
def test_what_clients_may_not_ask(dlmtp, arguments, complaint):
    code, text = dlmtp.order(arguments, ["u"], b"Subject: x\n\nx\n")[-1]
    assert code == 554 and complaint in text
    assert dlmtp.say("RSET")[0] == 250


def test_recipients_in_the_arguments(daemon):
    configure(daemon, "DLMTP", f"DeliveryHost {daemon.next_hop.address[0]}",
              f"DeliveryPort {daemon.next_hop.address[1]}", "DeliveryProto LMTP")
    daemon.next_hop.start()
    daemon.start()
    with Dlmtp(daemon.address) as client:
        client.order("--deliver=innocent,spam --mail-from=s@example.net --rcpt-to a@example.org b@example.org",
                     ["u", "v"], b"Subject: x\n\nx\n")
        assert [client.reply()[1] for _ in range(2)] == [
            f"2.6.0 <{name}@example.org> Message accepted for delivery: INNOCENT" for name in "ab"]
    assert [(mail.sender, mail.recipient) for mail in daemon.next_hop.mails] == [
        ("s@example.net", "a@example.org"), ("s@example.net", "b@example.org")]
    daemon.next_hop.stop()


def test_a_notice_has_the_arguments_of_a_client_that_is_gone(daemon):
    """Notices wait for one another, longer than what the client has sent is kept."""
    (daemon.home / "txt").mkdir(parents=True)
    (daemon.home / "txt/firstrun.txt").write_text("Subject: firstrun of $u\n\nHello\n")
    agent, go, told = (daemon.directory / name for name in ("agent", "go", "told"))
    agent.write_text(f"#!/bin/sh\ngrep -q '^Subject: firstrun' || exit 0\n"
                     f"until test -e {go}; do sleep 0.02; done\necho \"$*\" >>{told}\n")
    agent.chmod(0o755)
    configure(daemon, "DLMTP", "Notifications on")
    daemon.path.write_text(daemon.path.read_text().replace("/bin/true", str(agent)))
    daemon.start()
    with Dlmtp(daemon.address) as client:
        client.order("--deliver=innocent,spam -o first=option --another", ["u", "v"], transcripts.HAM)
        assert [client.reply()[0] for _ in range(2)] == [250, 250]
        assert client.say("RSET")[0] == 250
    go.touch()
    wait_for(lambda: told.exists() and told.read_text().count("\n") == 2, what="two notices")
    assert told.read_text() == 2 * "-o first=option --another\n", daemon.log()


def test_users_that_the_headers_name(daemon):
    configure(daemon, "DLMTP", "ParseToHeaders on", "ChangeUserOnParse user", "ChangeModeOnParse on")
    daemon.start()
    with Dlmtp(daemon.address) as client:
        client.order("--deliver=summary", ["anybody"], transcripts.HAM)
        first = client.text()
        signature = re.search(rb"^X-DSPAM-Result: anybody; .*signature=(\w+)", first).group(1).decode()
        # no RCPT TO at all: To names the user, and that it is a correction
        report = f"To: notspam-anybody@example.org\nX-DSPAM-Signature: {signature}\n\nx\n".encode()
        assert client.order("", [], report)[-1][0] == 354
        assert client.reply() == (250, "2.6.0 <anybody> Message accepted for delivery: INNOCENT")
        assert client.order("", [], b"Subject: x\n\nx\n")[-1][0] == 354
        code, text = client.reply()
        assert code == 554 and "for whom?" in text
        # who gets his message back out of the quarantine stands in its headers
        report = f"X-DSPAM-User: anybody\nX-DSPAM-Signature: {signature}\n\nx\n".encode()
        client.order("--class=innocent --source=error --deliver=innocent,summary", ["www"], report)
        assert client.text().startswith(b"X-DSPAM-Result: anybody; ")


def test_the_old_reply_to_a_lesson(daemon):
    configure(daemon, "DLMTP", "Compat trainingReplies")
    daemon.start()
    with Dlmtp(daemon.address) as client:
        client.order("--class=spam --source=error", ["u"], transcripts.HAM)
        assert client.reply()[0] == 250


def test_every_message_needs_the_password(dlmtp):
    for _ in range(2):
        assert dlmtp.order("--classify", ["u"], b"Subject: x\n\nx\n")[0][0] == 250
        assert dlmtp.text().count(b"\n") == 1
        assert dlmtp.say("RCPT TO: <u>")[0] == 503
    assert dlmtp.say("MAIL FROM: <secre@Relay1>")[0] == 503
    assert dlmtp.say("MAIL FROM: <secretx@Relay1>")[0] == 503
    assert dlmtp.say("MAIL FROM: <@Relay1>")[0] == 503
    assert dlmtp.reply() is None


def test_failures_of_a_text(daemon):
    """The store is away: who waits for a text is told so, and does not wait for its end."""
    configure(daemon, "DLMTP", *away(daemon.home)[0])
    daemon.start()
    with Dlmtp(daemon.address) as client:
        client.order("--deliver=stdout", ["u"], b"Subject: x\n\nx\n", extended=True)
        assert client.text() == b""
        assert client.reply()[0] == 451
        client.order("--deliver=stdout", ["u"], b"Subject: x\n\nx\n")
        assert client.reply()[0] == 451
        assert client.reply()[0] == 421
        assert client.reply() is None


def test_half_a_text_is_no_text(dlmtp):
    """One of two users cannot be: an old client must not take the other's part for all."""
    dlmtp.order("--deliver=stdout --user ..", ["u"], b"Subject: x\n\nx\n")
    assert dlmtp.text() is None  # closed before its end
