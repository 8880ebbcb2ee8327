"""The file of SQLite that is away, locked, full, read-only, not ours, damaged, too new, or restored while the daemon runs."""

import contextlib
import os
import pwd
import shutil
import sqlite3
import subprocess

import pytest

from daemon_site import Daemon, mail, program_is_missing, unmarked, wait_for
from database import Database

pytestmark = pytest.mark.seconds(120)
STRANGER = "nobody"
DISK = 8 << 20


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port, lambda home: Database(home, "sqlite"))
    site.next_hop.start()
    yield site
    if site.process is not None:
        site.process.stop()
    site.next_hop.stop()


def answer(daemon, number=0, user="u"):
    return daemon.deliver(mail(number), user)[0][0]


def complains(daemon, *words):
    lines = [line for line in daemon.log().splitlines() if daemon.store.file in line]
    assert any(all(word in line for word in words) for line in lines), daemon.log()


def place(daemon, directory, *lines):
    """The file is in this directory."""
    daemon.store.file = f"{directory}/dspam.sqlite"
    return daemon.configure(f"SQLiteFile {daemon.store.file}", *lines)


# ---- away


def test_a_directory_that_is_away(daemon, tmp_path):
    place(daemon, tmp_path / "disk")
    daemon.start()
    assert [answer(daemon), answer(daemon)] == [451] * 2 and daemon.next_hop.count() == 0
    complains(daemon, "deferred", "directory")
    os.mkdir(tmp_path / "disk")
    daemon.recovers()


def test_mail_goes_on_without_the_file_if_so_wanted(daemon, tmp_path):
    place(daemon, tmp_path / "disk", "StoreFailure deliver")
    daemon.start()
    assert answer(daemon, 7) == 250 and daemon.next_hop.messages("u") == [mail(7)]
    complains(daemon, "goes on unchanged")
    os.mkdir(tmp_path / "disk")
    daemon.recovers()


# ---- slow


@contextlib.contextmanager
def held(file):
    """Somebody else is writing, and does not come to an end."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_a_file_that_somebody_holds(daemon):
    """Mail is judged all the same; a lesson that comes by itself is told to come again."""
    place(daemon, daemon.home, "SQLiteBusyTimeout 100").start()
    assert answer(daemon) == 250 and daemon.learned("u") == 1
    message = daemon.next_hop.messages("u")[0]
    with held(daemon.store.file):
        assert answer(daemon, 1) == 250
        wait_for(lambda: "nothing is learned" in daemon.log(), what="a complaint")
        complains(daemon, "SQLiteBusyTimeout")
        lesson = subprocess.run([f"{daemon.programs}/dspam", "--config", daemon.path, "--user", "u", "--class=spam",
                                 "--source=error"], input=message, capture_output=True, check=False)
        assert lesson.returncode == 75 and b"SQLiteBusyTimeout" in lesson.stderr
    assert daemon.learned("u") == 1
    daemon.recovers()


# ---- full


@contextlib.contextmanager
def small_disk(place):
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "dspam-test", place], capture_output=True, check=False)
    if made.returncode != 0:
        pytest.skip("no file system of our own can be mounted here (mount -t tmpfs), so none can be filled")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def fill(place):
    with open(place / "ballast", "wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


def test_a_disk_that_is_full(daemon, tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        place(daemon, disk).start()
        try:
            assert answer(daemon) == 250
            fill(disk)
            numbers = iter(range(1, 3000))
            wait_for(lambda: answer(daemon, next(numbers), "many") in (250, 451) and "disk is full" in daemon.log(),
                     seconds=60, what="a complaint")
            complains(daemon, "free space")
            os.unlink(disk / "ballast")
            daemon.recovers()
        finally:
            daemon.process.stop()


# ---- read-only, not ours


@pytest.fixture
def others(daemon, tmp_path):
    """The daemon runs as somebody whose rights mean something."""
    if os.getuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root, with setpriv, can start the daemon as somebody else")
    account = pwd.getpwnam(STRANGER)
    probe = subprocess.run(["setpriv", "--reuid", str(account.pw_uid), "--clear-groups", f"{daemon.programs}/dspam", "--version"],
                           capture_output=True, check=False)
    for above in (tmp_path, *tmp_path.parents):  # those of pytest are for their owner alone
        if not os.stat(above).st_mode & 0o001:
            os.chmod(above, os.stat(above).st_mode | 0o011)
    if probe.returncode != 0:
        pytest.skip(f"the user {STRANGER} cannot run {daemon.programs}/dspam")
    for path in (daemon.directory, daemon.home):
        os.chown(path, account.pw_uid, account.pw_gid)
    daemon.runs_as = ["setpriv", "--reuid", str(account.pw_uid), "--regid", str(account.pw_gid), "--clear-groups"]
    return daemon


@pytest.mark.parametrize("mode, words", [(0o444, "may only read it"), (0o000, "")], ids=["read-only", "not ours"])
def test_a_file_that_may_not_be_written(others, mode, words):
    daemon = others
    place(daemon, daemon.home, f"Trust {STRANGER}").start()
    assert answer(daemon) == 250 and daemon.learned("u") == 1
    daemon.process.stop()
    os.chmod(daemon.store.file, mode)
    daemon.start()
    assert answer(daemon) == 451
    complains(daemon, "deferred", words)
    os.chmod(daemon.store.file, 0o660)
    daemon.recovers()


# ---- wrong


def test_a_file_that_is_too_new(daemon):
    daemon.start()
    assert answer(daemon) == 250
    daemon.process.stop()
    daemon.store.query("UPDATE dspam_schema SET oldest = 99")
    daemon.start()
    assert answer(daemon) == 451
    complains(daemon, "99")
    daemon.store.query("UPDATE dspam_schema SET oldest = 1")
    daemon.recovers()


def test_a_file_without_a_column(daemon):
    daemon.start()
    assert answer(daemon) == 250
    daemon.process.stop()
    daemon.store.query("ALTER TABLE dspam_stats RENAME COLUMN spam_corpusfed TO another")
    daemon.start()
    assert answer(daemon) == 451
    complains(daemon, "spam_corpusfed")
    daemon.store.query("ALTER TABLE dspam_stats RENAME COLUMN another TO spam_corpusfed")
    daemon.recovers()


def test_a_file_that_is_none_of_sqlite(daemon):
    with open(daemon.store.file, "wb") as file:
        file.write(b"This is no database.\n" * 500)
    daemon.start()
    assert answer(daemon) == 451
    complains(daemon, "not a database")
    os.unlink(daemon.store.file)
    daemon.recovers()


# ---- restored


def test_a_copy_that_is_put_back_while_the_daemon_runs(daemon, tmp_path):
    """Nothing more is learned into the file that was there before."""
    daemon.start()
    assert answer(daemon) == 250 and daemon.learned("u") == 1
    daemon.store.query(f"VACUUM INTO '{tmp_path}/copy'")
    assert [answer(daemon, number) for number in (1, 2)] == [250] * 2 and daemon.learned("u") == 3
    for ending in ("-wal", "-shm"):
        os.unlink(daemon.store.file + ending)
    os.replace(tmp_path / "copy", daemon.store.file)
    daemon.recovers()
    # each message that was accepted meanwhile is in the copy
    assert daemon.learned("u") == 1 + daemon.next_hop.count() - 3
    assert unmarked(daemon.next_hop.messages("u")[-1]) == mail()
