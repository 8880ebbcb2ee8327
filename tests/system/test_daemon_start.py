"""The start of the daemon: in the background, a second time, and with what makes no sense."""

import os
import signal
import subprocess

import pytest

from daemon_site import daemon, mail, wait_for  # noqa: F401 (a fixture)
from lmtp_peer import Client
from stack.server import session_of


def run(daemon, *words):
    return subprocess.run([f"{daemon.programs}/dspam", "--daemon", "--config", daemon.path, *words],
                          capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)


def lives(pid):
    found = session_of(pid)
    return found is not None and found[1] not in "ZX"


def test_two_daemons_on_one_address(daemon):
    daemon.start()
    answer = run(daemon, "--nofork")
    assert answer.returncode == 69
    assert f"127.0.0.1:{daemon.address[1]}" in answer.stderr
    assert daemon.deliver(mail(), "u")[0][0] == 250


def test_two_daemons_on_one_path(daemon, free_port):
    path = daemon.directory / "socket"
    daemon.configure(f"ServerDomainSocketPath {path}").start()
    daemon.address = ("127.0.0.1", free_port())
    daemon.configure(f"ServerDomainSocketPath {path}")
    answer = run(daemon, "--nofork")
    assert answer.returncode == 69
    assert str(path) in answer.stderr and "stop it first" in answer.stderr
    with Client(str(path)) as client:
        assert client.deliver(mail(), ["u"])[0][0] == 250


def test_in_the_background(daemon):
    answer = run(daemon)
    assert answer.returncode == 0, answer.stderr
    pid = int((daemon.directory / "dspam.pid").read_text())
    try:
        assert daemon.deliver(mail(), "u")[0][0] == 250  # it listens already
        assert os.getsid(pid) == pid
        assert run(daemon).returncode == 69
        os.kill(pid, signal.SIGHUP)
        assert daemon.deliver(mail(), "u")[0][0] == 250
        wait_for(lambda: daemon.learned("u") == 2)
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not (daemon.directory / "dspam.pid").exists())
    wait_for(lambda: not lives(pid))


@pytest.mark.parametrize("words, complaint", [
    ("--deliver=innocent,spam --stdout", "--stdout"),
    ("--classify", "--classify"),
    ("--class=spam", "--source"),
])
def test_parameters_that_make_no_sense(daemon, words, complaint):
    daemon.configure(f'ServerParameters "{words}"')
    answer = run(daemon)
    assert answer.returncode != 0
    assert complaint in answer.stderr and "ServerParameters" in answer.stderr


def test_a_pid_file_that_cannot_be_written(daemon):
    daemon.configure("ServerPID /proc/nowhere/dspam.pid")
    text = daemon.path.read_text()
    daemon.path.write_text("ServerPID /proc/nowhere/dspam.pid\n" + text)
    answer = run(daemon)
    assert answer.returncode == 73
    assert "/proc/nowhere/dspam.pid" in answer.stderr
