"""
While mail flows, things go wrong: nothing is lost, doubled, bounced or let through unfiltered, each message is
counted once, and the filter recovers by itself.
"""

import contextlib
import os
import sqlite3
import subprocess

import pytest

from stack.flow import lessons, mail_flows, once_each
from stack.server import wait_for
from stack.site import USER
from stack.stack import PEOPLE, Recommended
from stack.traffic import small_mail

pytestmark = pytest.mark.seconds(240)
DISK = 24 << 20


class OnSmallDisk(Recommended):
    """The Home of the filter is a file system of its own, if such can be mounted here."""

    mounted = False

    def configure(self):
        home = self.site.path("/var/lib/dspam")
        options = f"size={DISK},uid={home.stat().st_uid},gid={home.stat().st_gid},mode=0750"
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "dspam-test", home], capture_output=True, check=False)
        self.mounted = mount.returncode == 0
        super().configure()

    def clear(self):
        if self.mounted:
            subprocess.run(["umount", self.site.path("/var/lib/dspam")], check=True)
        super().clear()


@pytest.fixture(scope="module")
def stack(programs):
    with OnSmallDisk(programs) as running:
        yield running


@pytest.fixture(autouse=True)
def counted(stack):
    """
    New books for each test; how many messages were counted since then. And the configuration is as it was
    when a test has changed it.
    """
    config = stack.dspam.config.read_text()
    yield lessons(stack)
    if stack.dspam.config.read_text() != config:
        stack.dspam.config.write_text(config)
        stack.dspam.reload()


# ---- the daemon itself ----------------------------------------------------------------------------------------------------


def test_the_daemon_is_killed(stack, counted):
    """
    Between Dovecot's answer and ours there is a moment in which nobody can say whose message it is. Then Postfix sends it
    again; so every kill may double what was in that moment, and cannot lose anything.
    """
    kills = 4
    with mail_flows(stack):
        for number in range(kills):
            stack.ledger.wait_for_count(20 * (number + 1))
            stack.dspam.kill()
            stack.dspam.start()
    stack.ledger.check(twice=kills * 20)  # Postfix's lmtp_destination_concurrency_limit
    copies = len([copy for copy in stack.ledger.copies() if copy.number])
    assert copies - kills * 20 <= counted() <= copies


def test_the_daemon_is_restarted(stack, counted):
    with mail_flows(stack):
        for number in range(4):
            stack.ledger.wait_for_count(20 * (number + 1))
            stack.dspam.restart()
    once_each(stack, counted)


def test_the_configuration_is_read_again(stack, counted):
    with mail_flows(stack):
        for number in range(10):
            stack.ledger.wait_for_count(10 * (number + 1))
            stack.dspam.reload()
    once_each(stack, counted)


def test_a_wrong_configuration_is_not_taken_over(stack, counted):
    with mail_flows(stack):
        good = stack.dspam.config.read_text()
        stack.dspam.config.write_text("Tokenizer nonsense\n" + good)
        before = stack.dspam.log().count("the configuration stays as it was")
        os.kill(stack.dspam.server.pid, 1)
        wait_for(lambda: stack.dspam.log().count("the configuration stays as it was") > before, what="a complaint")
        stack.dspam.config.write_text(good)
    once_each(stack, counted)


# ---- the next hop -----------------------------------------------------------------------------------------------------------


def waits(stack, count=20):
    """So many messages wait."""
    wait_for(lambda: len(stack.ledger.missing()) >= count, what="mail that waits")


def test_dovecot_hangs(stack, counted):
    with mail_flows(stack):
        stack.dovecot.server.pause()
        waits(stack)
        stack.dovecot.server.resume()
    once_each(stack, counted)


def test_dovecot_is_down(stack, counted):
    with mail_flows(stack):
        stack.dovecot.stop()
        waits(stack)
        wait_for(lambda: "status=deferred" in stack.postfix.log(), what="a deferred message")
        stack.dovecot.start()
    # Dovecot may have ended between keeping a message and telling us so
    once_each(stack, counted, twice=20)


# ---- the store ----------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(stack, *statements):
    """Another process holds the store."""
    database = sqlite3.connect(stack.dspam.home / "dspam.sqlite", timeout=100, isolation_level=None)
    for statement in statements:
        database.execute(statement)
    try:
        yield
    finally:
        database.close()


def test_the_store_is_locked_for_writing(stack, counted):
    """What has been judged is delivered; its lesson waits."""
    with mail_flows(stack):
        with locked(stack, "BEGIN IMMEDIATE"):
            wait_for(lambda: stack.postfix.waiting() >= 5, what="mail that is not answered yet")
    once_each(stack, counted)


def learns_again(stack, counted):
    """Not more lessons than messages; those of some may be lost, but the next message teaches."""
    stack.ledger.check()
    before = counted()
    assert before <= len(stack.ledger.due())
    stack.traffic.submit(small_mail(0), [PEOPLE[0]])
    stack.settle()
    wait_for(lambda: counted() == before + 1, what=lambda: f"a lesson:\n{stack.dspam.log()[-2000:]}")


def test_the_store_is_locked_longer_than_we_wait(stack, counted):
    """What was judged is delivered all the same; the log says that nothing was learned from it."""
    stack.dspam.change("SQLiteBusyTimeout 100")
    stack.dspam.reload()
    with mail_flows(stack):
        with locked(stack, "BEGIN IMMEDIATE"):
            before = stack.dspam.log().count("nothing is learned")
            wait_for(lambda: stack.dspam.log().count("nothing is learned") > before, what="a complaint")
    learns_again(stack, counted)


@contextlib.contextmanager
def unreachable(stack, how):
    """The store cannot be opened by a new connection."""
    home, away = stack.dspam.home, stack.dspam.home / "away"
    file = home / "dspam.sqlite"
    if how == "forbidden":
        file.chmod(0)
    elif how == "forbidden directory":
        home.chmod(0)
    else:
        away.mkdir()
        for name in home.glob("dspam.sqlite*"):
            name.rename(away / name.name)
        home.chmod(0o500)
    try:
        yield
    finally:
        home.chmod(0o750)
        if how == "missing":
            for name in away.iterdir():
                name.rename(home / name.name)
            away.rmdir()
        file.chmod(0o660)


@pytest.mark.parametrize("how", ["forbidden", "forbidden directory", "missing"])
def test_the_store_cannot_be_opened(stack, counted, how):
    with mail_flows(stack):
        with unreachable(stack, how):
            stack.dspam.restart()  # it has no connection any more
            waits(stack, 10)
            wait_for(lambda: "status=deferred" in stack.postfix.log(), what="a deferred message")
    learns_again(stack, counted)


def test_delivery_without_the_store_if_so_wanted(stack):
    stack.dspam.change("StoreFailure deliver")
    with mail_flows(stack):
        with unreachable(stack, "forbidden"):
            stack.dspam.restart()
            wait_for(stack.ledger.unfiltered, what="mail that is not filtered")
    stack.ledger.check(filtered=False)
    number = stack.traffic.submit(small_mail(0), [PEOPLE[0]])
    stack.settle()
    (copy,) = stack.ledger.of(number)
    assert copy.header("X-DSPAM-Result"), "filtered again as soon as the store is back"


@contextlib.contextmanager
def full_disk(stack):
    ballast = stack.dspam.home / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while file.write(b"x" * 4096):
                pass
    try:
        yield
    finally:
        ballast.unlink()


def need_small_disk(stack):
    if not stack.mounted:
        pytest.skip("no file system of our own can be mounted here (mount -t tmpfs), so none can be filled")


def test_the_disk_is_full(stack, counted):
    """What cannot be judged waits; what was judged before the disk was full is delivered, though perhaps not learned."""
    need_small_disk(stack)
    with mail_flows(stack):
        with full_disk(stack):
            wait_for(lambda: "full" in stack.dspam.log(), what="a complaint")
    learns_again(stack, counted)


def test_the_disk_of_the_quarantine_is_full(stack, counted):
    """Spam that cannot be put into quarantine waits, and is there once when there is room again."""
    need_small_disk(stack)
    person = "postmaster@example.org"  # who has had no other mail
    spam = [b"From: x@spam.example\nTo: anna@example.org\nSubject: casino\n\nCasino bonus pills, order now %d\n" % i
            for i in range(60)]
    kept = stack.site.make("kept")
    for number, message in enumerate(spam):
        (stack.site.make("kept/spam") / str(number)).write_bytes(message)
        (stack.site.make("kept/ham") / str(number)).write_bytes(small_mail(number))
    stack.dspam.run("dspam_train", person, kept / "spam", kept / "ham")
    stack.dspam.change('ServerParameters "--deliver=innocent"', 'Preference "spamAction=quarantine"',
                       'Preference "trainingMode=NOTRAIN"')
    stack.dspam.reload()
    mbox = stack.dspam.home / f"data/{person}/{person}.mbox"
    with full_disk(stack):
        numbers = [stack.traffic.submit(message, [person], mailboxes=[]) for message in spam[:10]]
        wait_for(lambda: "cannot write" in stack.dspam.log(), what=lambda: stack.dspam.log()[-3000:])
        assert stack.postfix.waiting() >= 1
    wait_for(lambda: stack.postfix.waiting() == 0, what="an empty queue")
    text = mbox.read_bytes()
    assert [text.count(b"X-Ledger: %d\n" % number) for number in numbers] == [1] * len(numbers)
    assert text.count(b"From QUARANTINE") == len(numbers)
    assert not stack.ledger.copies()
    assert mbox.owner() == USER
