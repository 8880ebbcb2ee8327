"""What a newcomer does first: the scripts, and the configuration that scripts/run writes."""

import os
import subprocess
import sys

import pytest


def run(*command, **options):
    return subprocess.run([os.fspath(word) for word in command], capture_output=True, check=False, **options)


@pytest.fixture
def var(tmp_path, root):
    """A directory with the configuration of scripts/run."""
    written = run(f"{root}/scripts/write-config", tmp_path / "var")
    assert written.returncode == 0, written.stderr
    return tmp_path / "var"


def setting(var, name):
    lines = (var / "dspam.conf").read_text().splitlines()
    return next(line.split(None, 1)[1] for line in lines if line.split()[:1] == [name])


@pytest.fixture
def dspam(programs):
    path = os.path.join(programs, "dspam")
    if not os.path.exists(path):
        pytest.skip("the program dspam is not built")
    return path


def test_a_configuration_is_written_once(var, root):
    assert "@" not in "".join(
        line for line in (var / "dspam.conf").read_text().splitlines() if not line.startswith("#")
    ).replace(str(var), "").replace(root, "")
    (var / "dspam.conf").write_text("mine\n")
    assert run(f"{root}/scripts/write-config", var).returncode == 0
    assert (var / "dspam.conf").read_text() == "mine\n"


def test_a_path_that_no_agent_can_have_is_refused(tmp_path, root):
    answer = run(f"{root}/scripts/write-config", tmp_path / "a b")
    assert answer.returncode != 0
    assert b"a b" in answer.stderr


def test_maildir_delivery_keeps_every_byte(tmp_path, root):
    mail = b"From: a\r\n\r\n\0\xff.\r\n.\nFrom b\nno end of line"
    for _ in range(2):
        answer = run(f"{root}/scripts/deliver-to-maildir", tmp_path, "me", input=mail)
        assert answer.returncode == 0, answer.stderr
    delivered = list((tmp_path / "me/new").iterdir())
    assert [file.read_bytes() for file in delivered] == [mail, mail]
    assert list((tmp_path / "me/tmp").iterdir()) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../me", "a/b", "/me"])
def test_maildir_delivery_stays_in_its_directory(tmp_path, root, name):
    answer = run(f"{root}/scripts/deliver-to-maildir", tmp_path / "mail", name, input=b"x")
    assert answer.returncode == 67
    assert list(tmp_path.iterdir()) == []


def test_maildir_delivery_fails_when_there_is_no_room(tmp_path, root):
    (tmp_path / "me").write_text("a file where the maildir should be")
    assert run(f"{root}/scripts/deliver-to-maildir", tmp_path, "me", input=b"x").returncode != 0


def test_the_runner_counts_what_it_sees(root):
    sys.path.insert(0, f"{root}/tests")
    from run import count_tap

    tap = "1..4\nok 1 - a\nnot ok 2 # SKIP b\nnot ok 3 - c\n# why\nok 4 - d\n"
    assert count_tap("t", tap, False) == (2, 1, ["t: c"])
    assert count_tap("t", "1..3\nok 1 - a\n", False) == (1, 0, ["t: ended after 1 of 3 cases"])
    assert count_tap("t", "1..1\nok 1 - a\n", False) == (1, 0, ["t"])  # a leak found at the end
    assert count_tap("t", "", True) == (1, 0, [])
    assert count_tap("t", "", False) == (0, 0, ["t"])


def test_the_first_configuration_is_right(var, dspam):
    answer = run(dspam, "--check-config", "--config", var / "dspam.conf")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert b"warning" not in answer.stdout + answer.stderr


def test_what_the_daemon_would_refuse_is_not_called_good(var, dspam):
    text = (var / "dspam.conf").read_text()
    (var / "dspam.conf").write_text(text.replace("--deliver=innocent,spam", "--deliver=innocent,spam --stdout"))
    answer = run(dspam, "--check-config", "--config", var / "dspam.conf")
    assert (answer.returncode, b"ServerParameters: --stdout has no meaning" in answer.stdout) == (78, True), answer


def test_the_first_message_arrives(var, root, dspam, start, free_port):
    text, written, port = (var / "dspam.conf").read_text(), setting(var, "ServerPort"), free_port()
    (var / "dspam.conf").write_text(text.replace(f"ServerPort {written}\n", f"ServerPort {port}\n"))  # another run may have that
    start([dspam, "--daemon", "--nofork", "--config", var / "dspam.conf"], listens_on=("127.0.0.1", port))
    mail = f"{root}/examples/first-message.eml"
    sent = run(f"{root}/scripts/send", "--config", var / "dspam.conf", "--to", "me", mail)
    assert sent.returncode == 0, sent.stderr
    assert sent.stdout.startswith(b"250 ")
    (delivered,) = (var / "mail/me/new").iterdir()
    headers, body = delivered.read_bytes().replace(b"\r\n", b"\n").split(b"\n\n", 1)
    assert b"X-DSPAM-Result: Unsure" in headers  # nothing has been taught yet
    with open(mail, "rb") as original:
        assert body == original.read().split(b"\n\n", 1)[1]


def test_a_message_is_judged_on_the_command_line(var, root, dspam):
    with open(f"{root}/examples/first-message.eml", "rb") as mail:
        answer = run(dspam, "--config", var / "dspam.conf", "--user", "me", "--classify", stdin=mail)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(b'X-DSPAM-Result: me; result="Innocent"')
