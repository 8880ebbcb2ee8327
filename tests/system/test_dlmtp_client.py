"""dspamc and dspam --client: with the daemon of DSPAM 3.10, whose recorded dialogues a peer plays, and with ours."""

import getpass
import os
import re
import socket
import subprocess
import threading

import pytest

import transcripts
from daemon_site import Daemon, program_is_missing
from lmtp_peer import unwire


class OldDaemon:
    """Plays the server's lines of one dialogue, and notes what the client said; `lines` replaces some of them."""

    def __init__(self, dialogue, address=None, cut=None):
        self.dialogue = dialogue
        self.cut = cut  # close after so many of the server's turns
        self.commands, self.messages, self.problem = [], [], None
        self.listening = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.listening.bind(address or ("127.0.0.1", 0))
        self.listening.listen()
        self.address = self.listening.getsockname()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        connection, _ = self.listening.accept()
        connection.settimeout(30)
        with connection, connection.makefile("rb") as lines:
            try:
                self._play(connection, lines)
            except OSError as error:
                self.problem = error

    def _play(self, connection, lines):
        turns = 0
        for said in self.dialogue:
            if said.who == "S":
                text = "".join(line for line in said.lines if not line.startswith("<connection closed>"))
                connection.sendall(text.encode())
                turns += 1
                if turns == self.cut:
                    return
            elif said.message is not None:
                data = b""
                while not data.endswith(b"\r\n.\r\n") and data != b".\r\n":
                    line = lines.readline()
                    if not line:
                        return
                    data += line
                self.messages.append(unwire(data[:-3]))
            elif said.lines[0] != ".":
                line = lines.readline().decode()
                if not line:
                    return
                assert line.endswith("\r\n")
                self.commands.append(line.rstrip())

    def end(self):
        self.thread.join(30)
        assert not self.thread.is_alive()
        self.listening.close()
        assert self.problem is None, self.problem


@pytest.fixture(scope="session", autouse=True)
def built(programs):
    if not os.path.exists(f"{programs}/dspamc"):
        pytest.skip("dspamc is not built")


@pytest.fixture
def dspamc(programs, tmp_path):
    """dspamc(peer, *words, message=...) -> CompletedProcess."""
    def run(peer, *words, message=transcripts.SPAM, lines=(), program=("dspamc",)):
        host = [f"ClientHost {peer}"] if isinstance(peer, str) else [f"ClientHost {peer[0]}", f"ClientPort {peer[1]}"]
        (tmp_path / "home").mkdir(exist_ok=True)
        (tmp_path / "client.conf").write_text("\n".join([
            f"Home {tmp_path}/home", f"Trust {getpass.getuser()}", *host, 'ClientIdent "secret@Relay1"',
            "ClientTimeout 20", "TrainingMode teft", "Algorithm graham burton", *lines]) + "\n")
        return subprocess.run([f"{programs}/{program[0]}", *program[1:], "--config", tmp_path / "client.conf", *words],
                              input=message, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)

    return run


def first_message(dialogue):
    """The part of a session that one run of a client makes: up to the answer to its first message, and QUIT."""
    end = next(i for i, said in enumerate(dialogue) if said.message is not None)
    return dialogue[:end + 3] + [transcripts.Said("C", ["QUIT"])]


def client_lines(dialogue):
    return [said.lines[0] for said in dialogue if said.who == "C" and said.message is None and said.lines[0] != "."]


def text_of(dialogue):
    return next(value for said in dialogue if said.who == "S" for kind, value in transcripts.replies(said.lines)
                if kind == "text")


TWO = ("--user", "q1", "bob@example.org")
# Dialogue: words of dspamc, message, exit status, exit status with Compat exitCodes, whether to leave out the text's first
# line.
PLAYED = {
    "DLMTP: process, two recipients, no --stdout":
        (("--deliver=innocent", *TWO, "-f", "bob@example.net"), transcripts.HAM, 75, 254, None),
    "DLMTP: process with --stdout, two recipients":
        (("--deliver=innocent,spam", "--stdout", *TWO), transcripts.SPAM, 0, 0, True),
    "DLMTP: classify": (("--classify", "--user", "q1"), transcripts.SPAM, 0, 0, False),
    "DLMTP: --deliver=summary": (("--deliver=summary", "--user", "q1"), transcripts.SPAM, 0, 0, False),
    "DLMTP: retrain by signature argument":
        (("--user", "q1", "--class=innocent", "--source=error", "--signature=6b028722210396256180478"), b"", 0, 0, None),
    "DLMTP: retrain with unknown signature":
        (("--user", "q1", "--class=innocent", "--source=error", "--signature=nosuch"), b"", 0, 0, None),
    "DLMTP: retrain without any signature":
        (("--user", "q1", "--class=spam", "--source=error"), transcripts.HAM, 0, 0, None),
    "auto mode, known ident -> DLMTP": (("--classify", "--user", "q1"), transcripts.SPAM, 0, 0, False),
}


@pytest.mark.parametrize("title", PLAYED)
@pytest.mark.parametrize("lines", [(), ("Compat exitCodes",)])
def test_a_dialogue(dspamc, root, title, lines):
    words, message, status, original_status, swallow = PLAYED[title]
    dialogue = first_message(transcripts.sections(root)[title])
    peer = OldDaemon(dialogue)
    answer = dspamc(peer.address, *words, message=message, lines=lines)
    peer.end()
    assert answer.returncode == (original_status if lines else status), answer.stderr
    # what DSPAM 3.10 sent, word for word
    assert peer.commands == client_lines(dialogue)
    assert peer.messages == [message or b"\n"]
    expected = "" if swallow is None else "".join(text_of(dialogue)[1 if swallow else 0:])
    assert answer.stdout.decode() == expected
    assert (b"Delivered" in answer.stderr) == (status != 0)


def test_return_codes(dspamc, root):
    for title, status in (("DLMTP: process with --stdout, two recipients", 99), ("DLMTP: dot stuffing", 0),
                          ("DLMTP: classify", 99)):
        dialogue = first_message(transcripts.sections(root)[title])
        peer = OldDaemon(dialogue)
        words = ("--classify",) if "classify" in title else ("--deliver=stdout",)
        answer = dspamc(peer.address, *words, "--user", "q1", *(["bob"] if "two" in title else []),
                        lines=("Broken returnCodes",))
        peer.end()
        assert answer.returncode == status


def test_a_lone_dot_does_not_cut_the_message(dspamc, root):
    dialogue = first_message(transcripts.sections(root)["DLMTP: dot stuffing"])
    for said in dialogue:
        if said.who == "S":
            said.lines = [".\n" if line == "..\n" else line for line in said.lines]
    peer = OldDaemon(dialogue)
    answer = dspamc(peer.address, "--deliver=innocent,spam", "--stdout", "--user", "q1", message=transcripts.DOTS)
    peer.end()
    assert answer.returncode == 0
    assert answer.stdout.endswith(b"\n\n.leading dot\n.\nlast\n")
    assert peer.messages == [transcripts.DOTS]


def test_replies_in_place_of_a_text(dspamc, root):
    """The message was quarantined: DSPAM 3.10 ended with 251, although all is well."""
    dialogue = first_message(transcripts.sections(root)["DLMTP: process with --stdout, two recipients"])
    dialogue[-2].lines = [f"250 2.6.0 <{user}> Message accepted for delivery: SPAM\r\n" for user in TWO[1:]]
    for lines, status in (((), 0), (("Compat exitCodes",), 251), (("Broken returnCodes",), 99)):
        peer = OldDaemon(dialogue)
        answer = dspamc(peer.address, "--deliver=stdout", *TWO, lines=lines)
        peer.end()
        assert (answer.returncode, answer.stdout) == (status, b"")


def test_a_wrong_password(dspamc, root):
    peer = OldDaemon(transcripts.sections(root)["DLMTP: bad password, three times"])
    answer = dspamc(peer.address, "--user", "q1", "--classify")
    peer.listening.close()
    assert answer.returncode == 75
    assert b"refuses name and password of ClientIdent: 503 5.1.0 Authentication Required" in answer.stderr
    assert b"secret" not in answer.stderr


def test_refused_arguments(dspamc, root):
    for title, reason in (("DLMTP: bad arguments in DSPAMPROCESSMODE", b"554 5.1.0 Unable to initialize"),
                          ("DLMTP: class without source", b"503 5.3.5 DSPAM agent misconfigured")):
        for lines, status in (((), 64), (("Compat exitCodes",), 251)):
            peer = OldDaemon(transcripts.sections(root)[title][:-2])
            answer = dspamc(peer.address, "--user", "q1", "--classify", lines=lines)
            peer.end()
            assert answer.returncode == status and reason in answer.stderr and answer.stdout == b""


def test_plain_lmtp_is_no_answer(dspamc, root):
    peer = OldDaemon(transcripts.sections(root)["LMTP standard mode: two recipients"][:3])
    answer = dspamc(peer.address, "--user", "q1", "--classify")
    peer.end()
    assert answer.returncode == 75 and b"no ServerPass for the name in ClientIdent" in answer.stderr


@pytest.mark.parametrize("turns", range(1, 7))
def test_the_connection_breaks(dspamc, root, turns):
    peer = OldDaemon(first_message(transcripts.sections(root)["DLMTP: --deliver=summary"]), cut=turns)
    answer = dspamc(peer.address, "--deliver=summary", "--user", "q1")
    peer.end()
    if turns < 6:
        assert answer.returncode == 75 and answer.stdout == b"" and re.search(rb"closed|Broken pipe|reset", answer.stderr)
    else:
        assert answer.returncode == 0 and answer.stdout.startswith(b"X-DSPAM-Result: q1;")


def test_what_the_original_cannot_be_told(dspamc, root):
    dialogue = transcripts.sections(root)["DLMTP: classify"][:3]
    for words, complaint in ((("-o", "a b"), b"with blanks in them"), (("x" * 300,), b"reads only 255 bytes")):
        peer = OldDaemon(dialogue)
        answer = dspamc(peer.address, "--user", "q1", "--classify", *words)
        peer.end()
        assert answer.returncode == 64 and complaint in answer.stderr


def test_parse_to_headers(dspamc, root):
    dialogue = first_message(transcripts.sections(root)["DLMTP: retrain without any signature"])
    peer = OldDaemon(dialogue)
    answer = dspamc(peer.address, message=transcripts.HAM.replace(b"alice@", b"spam-q1@"),
                    lines=("ParseToHeaders on", "ChangeModeOnParse on", "ChangeUserOnParse user"))
    peer.end()
    assert answer.returncode == 0, answer.stderr
    assert peer.commands == client_lines(dialogue)


def test_a_unix_socket(dspamc, root, tmp_path):
    peer = OldDaemon(first_message(transcripts.sections(root)["DLMTP: classify"]), str(tmp_path / "socket"))
    answer = dspamc(str(tmp_path / "socket"), "--user", "q1", "--classify")
    peer.end()
    assert answer.returncode == 0 and answer.stdout.startswith(b"X-DSPAM-Result: q1;")


# ---- without a daemon ---------------------------------------------------------------------------------------------------


def test_nobody_is_there(dspamc, free_port):
    for host in ("127.0.0.1", "localhost", "[::1]"):
        answer = dspamc((host, free_port()), "--user", "q1", "--classify")
        assert answer.returncode == 75 and answer.stdout == b"" and b"dspamc: error: " in answer.stderr
    assert dspamc(("127.0.0.1", free_port()), "--user", "q1", lines=("Compat exitCodes",)).returncode == 251


def test_wrong_calls(dspamc, programs, tmp_path):
    peer = ("127.0.0.1", 9)
    assert dspamc(peer).returncode == 64
    assert dspamc(peer, "--user", "q1", message=b"").returncode == 65
    assert dspamc(peer, "--user", "q1", "--mode=bogus").returncode == 64
    assert dspamc(peer, "--user", "q1", "--class=spam").returncode == 64
    assert dspamc(peer, "--user", "q1", "--class=spam", lines=("Compat exitCodes",)).returncode == 1
    assert dspamc(peer, "--daemon").returncode == 64
    assert b"Usage: dspamc" in dspamc(peer, "--help").stdout
    assert b"\nDSPAM Anti-Spam Suite " in dspamc(peer, "--version").stdout
    (tmp_path / "none.conf").write_text(f"Home {tmp_path}\n")
    answer = subprocess.run([f"{programs}/dspamc", "--config", tmp_path / "none.conf", "--user", "q1"], input=b"x",
                            stderr=subprocess.PIPE, check=False)
    assert answer.returncode == 75 and b"ClientIdent" in answer.stderr


def test_control_bytes_stay_out_of_commands(dspamc, root):
    dialogue = transcripts.sections(root)["DLMTP: classify"]
    for words in (("--user", "q1>\r\nRSET"), ("--user", "q1", "-o\nRSET")):
        peer = OldDaemon(dialogue[:1])
        answer = dspamc(peer.address, *words, "--classify")
        peer.end()
        assert answer.returncode == 64 and b"bytes that cannot be sent" in answer.stderr
        assert peer.commands == []


# ---- with our daemon ------------------------------------------------------------------------------------------------------


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port)
    yield site.configure("ServerMode auto", "ServerPass.Relay1 secret")
    site.next_hop.stop()
    if site.process is not None:
        assert site.process.stop() == 0, site.log()


def without_marks(message):
    return re.sub(rb"(?m)^X-DSPAM-.*\r?\n", b"", message)


@pytest.mark.parametrize("message", [
    b"Subject: x\n\n.\n..\n.a\n" + b"long " * 5000 + b"\n", b"Subject: x\r\n\r\n.\r\na\r\n\r\n", b"Subject: \xff\n\n\0a\0\n",
    transcripts.SPAM], ids=["dots", "crlf", "bytes", "spam"])
def test_a_message_comes_back_whole(daemon, dspamc, message):
    daemon.start()
    answer = dspamc(daemon.address, "--user", "u", "--deliver=stdout", message=message)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(message.split(b"\n")[0])
    assert without_marks(answer.stdout) == message


def test_the_same_as_dspam(daemon, dspamc):
    """Whoever adds --client to a command sees the same, on both outputs and as exit status."""
    daemon.start()
    signature = None
    for words in (("--classify",), ("--deliver=summary",), ("--deliver=summary", "--class=spam", "--source=corpus"),
                  ("--class=spam",), ("--mode=x",), ("--classify", "--feature=whitelist,tb=3")):
        local = dspamc(daemon.address, "--user", "u", "v", *words, program=("dspam",))
        remote = dspamc(daemon.address, "--user", "u", "v", *words, program=("dspam", "--client"))
        plain = [re.sub(rb"(signature|probability|confidence)=[\w.]+", rb"\1", run.stdout) for run in (local, remote)]
        assert plain[0] == plain[1] and local.returncode == remote.returncode
        if words == ("--deliver=summary",):
            signature = re.search(rb"signature=(\w+)", remote.stdout).group(1).decode()
    # --client changes nothing in dspamc
    taught = dspamc(daemon.address, "--client", "--user", "u", "--class=spam", "--source=error", f"--signature={signature}")
    assert taught.returncode == 0, taught.stderr
    failed = dspamc(daemon.address, "--user", "u", "--class=spam", "--source=error", "--signature=nosuch")
    assert failed.returncode == 65 and b"Nothing is learned" in failed.stderr


def test_without_client_settings_dspam_works_itself(daemon, programs):
    answer = subprocess.run([f"{programs}/dspam", "--client", "--config", daemon.path, "--user", "u", "--classify"],
                            input=transcripts.HAM, stdout=subprocess.PIPE, check=True)
    assert answer.stdout.startswith(b"X-DSPAM-Result: u;")


def test_recipients_are_forwarded(daemon, dspamc):
    daemon.next_hop.start()
    daemon.start()
    answer = dspamc(daemon.address, "--user", "u", "v", "--deliver=innocent,spam", "--mail-from=s@example.net",
                    "--rcpt-to", "a@example.org", "b@example.org")
    assert answer.returncode == 0, answer.stderr
    assert [(mail.sender, mail.recipient) for mail in daemon.next_hop.mails] == [
        ("s@example.net", "a@example.org"), ("s@example.net", "b@example.org")]


def test_line_stripping(daemon, dspamc):
    daemon.start()
    answer = dspamc(daemon.address, "--user", "u", "--deliver=stdout", message=b"Subject: x\r\n\r\na\r\n",
                    lines=("Broken lineStripping",))
    assert without_marks(answer.stdout) == b"Subject: x\n\na\n"


def test_what_became_of_each(daemon, dspamc):
    daemon.next_hop.answers = {"no": {"rcpt": "550 5.1.1 unknown here"}, "later": {"data": "452 4.2.2 full"}}
    daemon.next_hop.start()
    daemon.start()
    assert dspamc(daemon.address, "--user", "good", "no", "--deliver=innocent,spam").returncode == 67
    answer = dspamc(daemon.address, "--user", "good", "no", "later", "--deliver=innocent,spam")
    assert answer.returncode == 75
    assert b"550 5.1.1 <no> 550 5.1.1 unknown here" in answer.stderr and b"452 4.2.2 full" in answer.stderr
    assert dspamc(daemon.address, "--user", "no", "later", "--deliver=innocent,spam", lines=("Compat exitCodes",)
                  ).returncode == 254
    assert dspamc(daemon.address, "--user", "..", "--classify").returncode == 64


def test_arguments_with_blanks(daemon, dspamc, tmp_path):
    script = tmp_path / "agent"
    script.write_text(f'#!/bin/sh\nfor word; do printf "<%s>" "$word"; done >{tmp_path}/words\ncat >/dev/null\n')
    script.chmod(0o755)
    text = daemon.path.read_text()
    daemon.path.write_text(re.sub(r"Delivery(Host|Port|Proto).*\n", "", text) + f"TrustedDeliveryAgent {script}\n")
    daemon.start()
    answer = dspamc(daemon.address, "--user", "u", "--deliver=innocent,spam", "-o", "a \"b\" \\ c", "", "%r", "back\\")
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "words").read_text() == '<-o><a "b" \\ c><><u><back\\>'
