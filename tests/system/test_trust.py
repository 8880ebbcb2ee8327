"""Who may do what: callers who are not trusted, and names of users that mean harm, through every entrance."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from daemon_site import Daemon, mail, program_is_missing
from lmtp_peer import wire

STRANGER = "nobody"
MAIL = b"From: Alice <alice@example.org>\nSubject: a walk\n\nA walk along the river.\n"


class Place:
    """A directory that everybody may use, with a configuration, and dspam called as somebody else."""

    def __init__(self, programs):
        self.programs = programs
        self.directory = Path(tempfile.mkdtemp(prefix="dspam-trust-", dir="/tmp"))
        self.directory.chmod(0o777)
        (self.directory / "home").mkdir()
        (self.directory / "home").chmod(0o777)
        self.path = self.directory / "dspam.conf"
        for name in ("trusted", "untrusted"):
            agent = self.directory / name
            agent.write_text(f"#!/bin/sh\nD={self.directory}\n"
                             f'cat >$D/{name}.mail; for a in "$@"; do printf "<%s>" "$a"; done >$D/{name}.args\n')
            agent.chmod(0o755)
        self.configure()

    def configure(self, *lines):
        self.path.write_text("\n".join([
            f"Home {self.directory}/home", "TrainingMode teft", "Algorithm graham burton",
            'Preference "signatureLocation=headers"', f'TrustedDeliveryAgent "{self.directory}/trusted -d %u"',
            f'UntrustedDeliveryAgent "{self.directory}/untrusted -d %u"', *lines, ""]))
        self.path.chmod(0o644)

    def run(self, *words, mail=MAIL, program="dspam"):
        """As a stranger."""
        account = pwd.getpwnam(STRANGER)
        command = ["setpriv", "--reuid", str(account.pw_uid), "--regid", str(account.pw_gid), "--clear-groups",
                   f"{self.programs}/{program}", "--config", os.fspath(self.path), *words]
        return subprocess.run(command, input=mail, capture_output=True, check=False, cwd="/")

    def read(self, name):
        path = self.directory / name
        return path.read_text() if path.exists() else None


def may_become_somebody_else(programs):
    """Whether a stranger can run the programs, as far as permissions of their directory go."""
    answer = subprocess.run(["setpriv", "--reuid", STRANGER, "--clear-groups", f"{programs}/dspam", "--version"],
                            capture_output=True, check=False)
    return answer.returncode == 0


@pytest.fixture
def place(programs):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    if os.getuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root, with setpriv, can call programs as somebody else")
    if not may_become_somebody_else(programs):
        pytest.skip(f"the user {STRANGER} cannot run {programs}/dspam")
    made = Place(programs)
    yield made
    shutil.rmtree(made.directory)


# ---- callers


def test_a_stranger_acts_for_himself(place):
    answer = place.run("--deliver=innocent", "-x", "--", "y")
    assert answer.returncode == 0, answer.stderr
    # his own agent, without what he wanted to pass to it
    assert place.read("untrusted.args") == f"<-d><{STRANGER}>"
    assert place.read("trusted.args") is None
    assert re.search(r"^X-DSPAM-Result: Innocent$", place.read("untrusted.mail"), re.MULTILINE)
    answer = place.run("--user", STRANGER, "--classify")
    assert answer.stdout.startswith(f"X-DSPAM-Result: {STRANGER}; ".encode())


def test_a_stranger_acts_for_nobody_else(place):
    for words in (["--user", "alice", "--classify"], ["--user", STRANGER, "alice", "--deliver=innocent"],
                  ["--user", STRANGER.upper(), "--classify"],
                  ["--user", "alice", "--class=spam", "--source=error", "--signature=abc"]):
        answer = place.run(*words)
        assert answer.returncode == 77, words
        assert f'"Trust {STRANGER}"'.encode() in answer.stderr
    assert place.read("untrusted.args") is None
    assert not (place.directory / "home/data").exists()


def test_a_stranger_named_in_trust_may(place):
    place.configure(f"Trust {STRANGER}")
    answer = place.run("--user", "alice", "--deliver=innocent", "-x")
    assert answer.returncode == 0, answer.stderr
    assert place.read("trusted.args") == "<-d><alice><-x>"
    # names in Trust are exact
    for line in (f"Trust {STRANGER.upper()}", f"Trust {STRANGER}x", f'Trust "{STRANGER} alice"', "Trust *"):
        place.configure(line)
        assert place.run("--user", "alice", "--classify").returncode == 77, line


@pytest.mark.parametrize("words", [["--profile=p"], ["--daemon"], ["--daemon", "--nofork"]])
def test_what_is_for_the_trusted_alone(place, words):
    place.configure("Profile p", "StorageDriver.p memory")
    answer = place.run(*words)
    assert answer.returncode == 77
    assert words[0].split("=")[0].encode() in answer.stderr


def test_version_tells_a_stranger_no_more_than_it_must(place):
    assert b"Configuration parameters" not in place.run("--version").stdout
    place.configure(f"Trust {STRANGER}")
    assert b"Configuration parameters" in place.run("--version").stdout


def test_headers_do_not_make_a_stranger_somebody_else(place):
    place.configure("ParseToHeaders on", "ChangeUserOnParse on", "ChangeModeOnParse on")
    for headers in (b"To: spam-alice@example.org\n", b"X-DSPAM-User: alice\n"):
        answer = place.run("--class=innocent", "--source=error", "--deliver=innocent", mail=headers + MAIL)
        assert answer.returncode == 0, answer.stderr
        assert f"user {STRANGER}: ".encode() in answer.stderr  # nothing to learn, for him
        assert b"alice:" not in answer.stderr


def test_a_signature_does_not_make_a_stranger_somebody_else(place):
    """Where signatures name their user, a stranger teaches by his own."""
    place.configure("SQLiteUIDInSignature on")
    account = pwd.getpwnam(STRANGER)
    signatures = {}
    for user in ("alice", STRANGER):
        out = subprocess.run([f"{place.programs}/dspam", "--config", place.path, "--user", user, "--deliver=innocent", "--stdout"],
                             input=MAIL, capture_output=True, check=True).stdout
        signatures[user] = re.search(rb"^X-DSPAM-Signature: (\S+)$", out, re.MULTILINE).group(1).decode()
    for path in (place.directory / "home").rglob("*"):
        os.chown(path, account.pw_uid, account.pw_gid)
    lesson = ("--class=spam", "--source=error")
    for words, message in (([f"--signature={signatures['alice']}"], b""),
                           ([], b"X-DSPAM-Signature: " + signatures["alice"].encode() + b"\n" + MAIL)):
        answer = place.run(*lesson, *words, mail=message)
        assert answer.returncode == 0 and b"is of another user" in answer.stderr and b"Trust" in answer.stderr, answer.stderr
    assert place.run(*lesson, f"--signature={signatures[STRANGER]}").stderr == b""
    place.configure("SQLiteUIDInSignature on", f"Trust {STRANGER}")
    assert place.run("--user", STRANGER, *lesson, f"--signature={signatures['alice']}").stderr == b""


def test_tools_are_for_the_trusted(place):
    answer = place.run("alice", program="dspam_stats")
    assert answer.returncode == 77
    assert place.run(STRANGER, program="dspam_stats").returncode == 0
    assert place.run("alice", program="dspam_dump").returncode == 77


# ---- names


GOOD = ["x y", "$(touch pwned)", "`touch pwned`", "a;b|c&d", "quo'te\"s", "%u", "$u", "*", "~root", "a\\b", "x" * 128,
        "käse", "name:with:colons", "a,b"]
BAD = ["", ".", "..", "a/b", "../../x", "a\\..\\b", "/etc/passwd", "new\nline", "tab\there", "del\x7f", "x" * 129, "x" * 5000]


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port)
    site.next_hop.start()
    yield site
    site.next_hop.stop()


def run(daemon, *words, message=MAIL):
    command = [f"{daemon.programs}/dspam", "--config", os.fspath(daemon.path), *words]
    return subprocess.run(command, input=message, capture_output=True, check=False, cwd=daemon.directory)


def files_below(directory):
    return sorted(os.fsencode(path) for path in Path(directory).rglob("*"))


@pytest.fixture
def recorder(daemon):
    """An agent that writes its arguments, one a line, and keeps the message."""
    script = daemon.directory / "agent"
    script.write_text(f"#!/bin/sh\ncat >/dev/null\nfor a in \"$@\"; do printf '<%s>' \"$a\"; done >{daemon.directory}/args\n")
    script.chmod(0o755)
    return script


def configure_agent(daemon, recorder, *lines):
    """Without a next hop, so that the agent is used."""
    daemon.path.write_text("\n".join([
        f"Home {daemon.home}", daemon.store.line, "TrainingMode teft", "Algorithm graham burton", "Trust root",
        f'TrustedDeliveryAgent "{recorder} %u %r"', f'UntrustedDeliveryAgent "{recorder} %u %r"',
        'Preference "signatureLocation=headers"', *lines, ""]))


def shown(name):
    return repr(name[:20])


@pytest.mark.parametrize("name", GOOD + ["\udcff\udcfe"], ids=shown)
def test_odd_names_are_names(daemon, recorder, name):
    if os.getuid() != 0:
        pytest.skip("only a trusted caller names others")
    configure_agent(daemon, recorder)
    answer = run(daemon, "--user", name, "--deliver=innocent")
    assert answer.returncode == 0, answer.stderr
    given = (daemon.directory / "args").read_bytes()
    assert given == b"<%s><%s>" % (os.fsencode(name), os.fsencode(name))
    assert not (daemon.directory / "pwned").exists() and not (daemon.home / "pwned").exists()


@pytest.mark.parametrize("name", BAD[1:], ids=shown)
def test_harmful_names_are_refused(daemon, recorder, name):
    if os.getuid() != 0:
        pytest.skip("only a trusted caller names others")
    configure_agent(daemon, recorder)
    before = files_below(daemon.directory.parent)
    answer = run(daemon, "--user", name, "--deliver=innocent")
    assert answer.returncode == 67, answer.stderr
    assert not (daemon.directory / "args").exists()
    extra = set(files_below(daemon.directory.parent)) - set(before)
    assert all(path.startswith(os.fsencode(daemon.home / "dspam.sqlite")) for path in extra), extra


def test_harmful_names_in_a_header_are_refused(daemon, recorder):
    if os.getuid() != 0:
        pytest.skip("only a trusted caller names others")
    configure_agent(daemon, recorder)
    for name in (b"../../x", b"a/b", b"x" * 129):
        answer = run(daemon, "--user", "u", "--class=innocent", "--source=error", "--deliver=innocent",
                     message=b"X-DSPAM-User: " + name + b"\n" + MAIL)
        assert answer.returncode == 67, (name, answer.stderr)
    assert not (daemon.directory / "args").exists()


def test_a_name_that_would_be_an_option_reaches_no_agent(daemon, recorder):
    if os.getuid() != 0:
        pytest.skip("only a trusted caller names others")
    configure_agent(daemon, recorder)
    answer = run(daemon, "--user", "u", "--class=innocent", "--source=error", "--deliver=innocent",
                 message=b"X-DSPAM-User: -oQ\n" + MAIL)
    assert answer.returncode == 69, answer.stderr
    assert not (daemon.directory / "args").exists()


RECIPIENTS = [
    (b"<%u>", True), (b"<$(id)@example.org>", True), (b"<a;b|c@example.org>", True), (b"<\"x y\"@example.org>", True),
    (b"<../../x@example.org>", False), (b"<a/b@example.org>", False), (b"<..>", False), (b"<.>", False), (b"<>", False),
    (b"<-oQ@example.org>", False), (b"<@example.org>", False), (b"<a\x01b@example.org>", False),
    (b"<" + b"x" * 129 + b">", False),
]


def test_names_in_rcpt_to(daemon):
    daemon.start()
    before = files_below(daemon.directory.parent)
    for address, accepted in RECIPIENTS:
        with daemon.client() as client:
            client.say("MAIL FROM:<s@example.org>")
            client.send(b"RCPT TO:" + address + b"\r\n")
            code, text = client.reply()
            assert (code == 250) == accepted, (address, code, text)
            if accepted:
                assert client.say("DATA")[0] == 354
                client.send(wire(mail()))
                assert client.reply()[0] == 250, address
    extra = set(files_below(daemon.directory.parent)) - set(before)
    assert all(path.startswith(os.fsencode(daemon.home / "dspam.sqlite")) for path in extra), extra
