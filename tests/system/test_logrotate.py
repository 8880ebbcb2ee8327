"""dspam_logrotate: which lines stay, what the log keeps, and that writers lose nothing."""

import fcntl
import json
import os
import stat
import subprocess
import threading
import time

import pytest

from daemon_site import wait_for

NOW = int(time.time())
DAY = 86400


@pytest.fixture
def rotate(programs):
    def run(*words, **options):
        return subprocess.run([f"{programs}/dspam_logrotate", *map(str, words)], capture_output=True, check=False, text=True,
                              **options)

    return run


def lines(*ages):
    return "".join(f"{NOW - age * DAY}\tS\tfrom {age}\n" for age in ages)


def test_old_lines_go_and_nothing_else(rotate, tmp_path):
    log = tmp_path / "system.log"
    log.write_text(lines(40, 20, 31, 0))
    log.chmod(0o640)
    answer = rotate("-a", 30, "-v", "-l", log)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, f"Deleted 2 lines from {log} \n", "")
    assert log.read_text() == lines(20, 0)
    assert stat.S_IMODE(log.stat().st_mode) == 0o640
    inode = log.stat().st_ino
    answer = rotate("-a", 30, "-v", "-l", log)
    assert answer.stdout == f"Deleted 0 lines from {log} \n" and log.stat().st_ino == inode


def test_lines_without_a_time_go(rotate, tmp_path):
    log = tmp_path / "u.log"
    log.write_bytes(lines(1).encode() + b"\n\nnonsense\n-5\tx\n" + lines(2).encode() + b"\n" + str(NOW).encode() + b"\tlast")
    assert rotate("-a", 30, "-l", log).stdout == ""
    assert log.read_bytes() == (lines(1) + lines(2) + f"{NOW}\tlast").encode()


def test_all_logs_below_a_directory(rotate, tmp_path):
    names = ["system.log", "data/u/u.log", "data/example.org/joe/joe.log"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(lines(40, 1))
    (tmp_path / "data/u/u.mbox").write_text(lines(40))
    (tmp_path / "elsewhere").write_text(lines(40))
    os.symlink(tmp_path / "elsewhere", tmp_path / "data/link.log")
    assert rotate("-a", 30, "-d", tmp_path).returncode == 0
    assert {(tmp_path / name).read_text() for name in names} == {lines(1)}
    assert (tmp_path / "data/u/u.mbox").read_text() == (tmp_path / "elsewhere").read_text() == lines(40)


def test_a_link_that_is_named_stays_one(rotate, tmp_path):
    (tmp_path / "real.log").write_text(lines(40, 1))
    os.symlink("real.log", tmp_path / "link.log")
    assert rotate("-a", 30, "-l", tmp_path / "link.log").returncode == 0
    assert (tmp_path / "link.log").is_symlink() and (tmp_path / "real.log").read_text() == lines(1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(rotate, tmp_path):
    log = tmp_path / "u.log"
    log.write_text(lines(40, 1))
    os.chown(log, 12345, 54321)
    assert rotate("-a", 30, "-l", log).returncode == 0
    assert (log.stat().st_uid, log.stat().st_gid) == (12345, 54321)


@pytest.mark.parametrize("words", [[], ["-a", "30"], ["-l", "x"], ["-a", "x", "-l", "y"], ["-a", "30", "-l"],
                                   ["-a", "30", "-d", "x", "-l", "y"], ["-z"], ["-a", "30", "-d", "x", "y"]])
def test_wrong_usage_ends_with_255(rotate, words):
    answer = rotate(*words)
    assert answer.returncode == 255 and answer.stderr and not answer.stdout


def test_one_log_that_fails_keeps_no_other_from_it(rotate, tmp_path):
    good = tmp_path / "good.log"
    good.write_text(lines(40, 1))
    answer = rotate("-a", 30, "-l", tmp_path / "missing.log", tmp_path, good)
    assert answer.returncode == 66 and "missing.log" in answer.stderr
    assert good.read_text() == lines(1)


def test_what_is_no_log_stays(rotate, tmp_path):
    """Every line of it would go, and a file that was named by mistake with them."""
    other, empty = tmp_path / "debug.log", tmp_path / "empty.log"
    text = "debug: u +\n\n12 days\n"
    other.write_text(text)
    empty.touch()
    answer = rotate("-a", 0, "-l", other, empty)
    assert answer.returncode == 65 and "debug.log" in answer.stderr and "empty.log" not in answer.stderr
    answer = rotate("-a", 0, "-d", tmp_path)
    assert answer.returncode == 0 and not answer.stderr
    assert "debug.log" in rotate("-a", 0, "-v", "-d", tmp_path).stdout
    assert other.read_text() == text
    assert sorted(os.listdir(tmp_path)) == ["debug.log", "empty.log"]


def test_what_cannot_be_opened_is_named(rotate, tmp_path):
    for words in (["-l", tmp_path], ["-l", tmp_path / "none"], ["-d", tmp_path / "none"], ["-d", ""]):
        answer = rotate("-a", 30, *words)
        assert answer.returncode == 66 and str(words[1]) in answer.stderr and answer.stderr


def test_a_full_disk_leaves_the_old_log(rotate, tmp_path):
    import resource
    import signal

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    log = tmp_path / "u.log"
    log.write_text(lines(40) + lines(1) * 100)
    before = log.read_text()
    answer = rotate("-a", 30, "-l", log, preexec_fn=limit)
    assert answer.returncode == 74 and "u.log" in answer.stderr
    assert log.read_text() == before and os.listdir(tmp_path) == ["u.log"]


def append(path, text):
    """As a program does that knows of rotation: lock, look whether it is still the file of that name, append."""
    while True:
        with open(path, "ab") as log:
            fcntl.lockf(log, fcntl.LOCK_EX)
            if os.fstat(log.fileno()).st_ino == os.stat(path).st_ino:
                log.write(text)
                return


def test_writers_lose_nothing(rotate, tmp_path):
    """A program that locks the log gets its line in, whenever it comes."""
    log = tmp_path / "system.log"
    log.write_text(lines(40))
    rounds, writers = 15, 3
    done = []

    def write(number):
        for line in range(100):
            append(log, f"{NOW}\t{number}.{line}\n".encode() + lines(40).encode())
        done.append(number)

    # of one process only one opening may hold such a lock, so that each writer is a process
    children = []
    for number in range(writers):
        child = os.fork()
        if child == 0:
            try:
                write(number)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    for _ in range(rounds):
        assert rotate("-a", 30, "-l", log).returncode == 0
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    assert rotate("-a", 30, "-l", log).returncode == 0
    assert sorted(log.read_text().splitlines()) == sorted(
        f"{NOW}\t{number}.{line}" for number in range(writers) for line in range(100))


def test_a_lock_is_waited_for(rotate, tmp_path):
    log = tmp_path / "u.log"
    log.write_text(lines(40, 1))
    with open(log, "ab") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        answers = []
        thread = threading.Thread(target=lambda: answers.append(rotate("-a", 30, "-l", log)))
        thread.start()
        wait_for(lambda: is_open(log, os.getpid()), what="opening the log")
        held.write(lines(0).encode())
    thread.join()
    assert answers[0].returncode == 0 and log.read_text() == lines(1, 0)


def is_open(path, but):
    """Whether a process other than `but` has the file open."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        if int(process) == but:
            continue
        try:
            for name in os.listdir(f"/proc/{process}/fd"):
                if os.path.realpath(f"/proc/{process}/fd/{name}") == str(path):
                    return True
        except OSError:
            continue
    return False


def test_json(rotate, tmp_path):
    (tmp_path / "a.log").write_text(lines(40, 20, 31, 0))
    (tmp_path / "b.log").write_text(lines(0))
    answer = rotate("-a", 30, "--json", "-d", tmp_path)
    said = json.loads(answer.stdout)
    assert sorted((log["file"], log["lines_removed"]) for log in said["logs"]) == [
        (f"{tmp_path}/a.log", 2), (f"{tmp_path}/b.log", 0)]
    assert (answer.returncode, said["lines_removed"], said["complete"]) == (0, 2, True)
    answer = rotate("-a", 30, "--json", "-l", tmp_path / "none.log", tmp_path / "a.log")
    said = json.loads(answer.stdout)
    assert answer.returncode != 0 and said["complete"] is False and len(said["logs"]) == 1
