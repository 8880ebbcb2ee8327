"""Database servers that are away, slow, full, read-only, restarted, wrong, or gone in the middle of a COMMIT."""

import collections
import signal
import threading
import time

import pytest

from daemon_site import Daemon, mail, number_of, program_is_missing, unmarked, wait_for
from database import at_work
from store_server import HOSTS, OwnServer, Proxy

pytestmark = pytest.mark.seconds(240)


@pytest.fixture(scope="module", params=["pgsql", "mysql"])
def own(request):
    server = OwnServer(request.param)
    yield server
    server.close()


@pytest.fixture
def daemon(own, tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port, own.database)
    site.configure("StoreTimeout 2")
    site.next_hop.start()
    yield site
    own.start()
    site.next_hop.stop()


def answer(daemon, number=0, user="u"):
    return daemon.deliver(mail(number), user)[0][0]


def complains(daemon, own, *words):
    """The log says what and where."""
    lines = [line for line in daemon.log().splitlines() if own.place in line]
    assert any(all(word.lower() in line.lower() for word in words) for line in lines), daemon.log()


# ---- away ------------------------------------------------------------------------------------------------------------------


def test_a_server_that_is_away(own, daemon):
    daemon.start()
    assert answer(daemon) == 250 and daemon.learned("u") == 1
    own.stop()
    assert [answer(daemon) for _ in range(3)] == [451] * 3
    assert daemon.next_hop.count() == 1
    complains(daemon, own, "deferred")
    own.start()
    daemon.recovers()


def test_a_server_that_is_away_when_the_daemon_starts(own, daemon):
    own.stop()
    daemon.start()
    assert answer(daemon) == 451
    own.start()
    daemon.recovers()


def test_mail_goes_on_without_the_server_if_so_wanted(own, daemon):
    daemon.configure("StoreTimeout 2", "StoreFailure deliver").start()
    assert answer(daemon) == 250
    own.stop()
    assert answer(daemon, 7) == 250
    assert daemon.next_hop.messages("u")[1] == mail(7)
    complains(daemon, own)
    own.start()
    daemon.recovers()


def test_a_server_that_says_nothing(own, daemon):
    daemon.start()
    assert answer(daemon) == 250
    with own.paused():
        assert answer(daemon) == 451
        assert answer(daemon, user="v") == 451
    assert daemon.next_hop.count() == 1
    complains(daemon, own, "time")
    daemon.recovers()


# ---- restarted, under load ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [None, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_server_that_is_restarted_under_load(own, daemon, how):
    """Each message is delivered once, and learned once, or the log says that it was not."""
    daemon.configure("StoreTimeout 10").start()
    ended, tried = threading.Event(), [0] * 4

    def send(sender):
        number = sender
        while not ended.is_set():
            if answer(daemon, number) == 250:
                number += 4
                tried[sender] += 1
            else:
                time.sleep(0.02)

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            wanted = [count + 3 for count in tried]
            wait_for(lambda wanted=wanted: all(map(int.__ge__, tried, wanted)), seconds=60, what="messages")
            own.stop(how)
            own.start()
        wanted = [count + 3 for count in tried]
        wait_for(lambda: all(map(int.__ge__, tried, wanted)), seconds=60, what="messages after the restarts")
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    delivered = collections.Counter(map(number_of, daemon.next_hop.messages("u")))
    assert set(delivered.values()) == {1} and len(delivered) == sum(tried)
    assert daemon.learned("u") == sum(tried) - daemon.log().count("nothing is learned")


# ---- in the middle of a COMMIT ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_connection_that_ends_in_a_commit(own, daemon, tmp_path, cut):
    """The lesson counts once, whether the server heard of the COMMIT or not."""
    lessons = iter(range(1, 100))
    expected = [next(lessons)]
    proxy = Proxy(own, f"{own.directory}/proxy-{cut}", lambda: daemon.learned("u") >= expected[0])
    path = daemon.home / f"{own.driver}.data"
    path.write_text("\n".join([proxy.host, *path.read_text().splitlines()[1:], ""]))
    daemon.start()
    assert answer(daemon) == 250
    for count in range(1, 4):
        expected[0] = next(lessons)
        proxy.cut = cut
        assert answer(daemon, count) == 250
        assert (proxy.cuts, daemon.learned("u")) == (count, expected[0]), daemon.log()
    assert "nothing is learned" not in daemon.log()
    proxy.close()


def test_a_lesson_that_the_server_hears_of_late(own, daemon, tmp_path):
    """When it has been done again by another connection: it counts once."""
    expected = [1]
    proxy = Proxy(own, f"{own.directory}/proxy-late", lambda: daemon.learned("u") >= expected[0])
    path = daemon.home / f"{own.driver}.data"
    path.write_text("\n".join([proxy.host, *path.read_text().splitlines()[1:], ""]))
    daemon.start()
    assert answer(daemon) == 250
    for count in range(1, 4):
        expected[0] = count + 1
        proxy.cut = "late"
        assert answer(daemon, count) == 250
        wait_for(lambda count=count: proxy.late == count, what="what the server says of the late lesson")
        assert (proxy.cuts, daemon.learned("u")) == (count, expected[0]), daemon.log()
    assert "nothing is learned" not in daemon.log()
    assert daemon.store.query("SELECT count(*) FROM dspam_signature_data") == [(4,)]
    proxy.close()


# ---- locked ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds, learned", [(3, 2), (None, 1)], ids=["for a while", "longer than anybody waits"])
def test_a_table_that_somebody_has_locked(own, daemon, seconds, learned):
    """Whoever waits for him loses neither the server nor count: it is learned once, or not at all, and the log knows which."""
    daemon.start()
    assert answer(daemon) == 250
    lock = {"pgsql": "LOCK TABLE dspam_token_data IN EXCLUSIVE MODE;", "mysql": "LOCK TABLES dspam_token_data READ;"}
    with at_work(daemon.store, lock[own.driver], seconds):
        assert answer(daemon, 1) == 250
    time.sleep(1)  # in which those that are left over come to their turn
    assert daemon.learned("u") == learned
    assert ("nothing is learned" in daemon.log()) == (learned == 1)
    assert "not known" not in daemon.log() and "no answer" not in daemon.log()


# ---- read-only, full ------------------------------------------------------------------------------------------------------------


def test_a_server_that_only_reads(own, daemon):
    daemon.start()
    assert answer(daemon) == 250
    own.read_only(True)
    try:
        codes = [answer(daemon, number) for number in range(1, 4)]
        assert set(codes) <= {250, 451}
        assert daemon.next_hop.count() == 1 + codes.count(250)
        assert daemon.learned("u") == 1
        complains(daemon, own, "only reads" if own.driver == "mysql" else "read")
    finally:
        own.read_only(False)
    daemon.recovers()


def test_a_disk_that_is_full(own, daemon):
    name = f"dspam_full_{own.driver}"
    own.small_disk(name)
    try:
        store = daemon.store
        store.name, before = name, store.name
        store.make_tables()
        own.grant(store)
        store.place(daemon.home)
        daemon.start()
        assert answer(daemon) == 250
        with own.full():
            numbers = iter(range(1, 3000))
            wait_for(lambda: answer(daemon, next(numbers), user="many") in (250, 451) and "full" in daemon.log(),
                     seconds=120, what="a complaint")
            assert answer(daemon) in (250, 451)
            complains(daemon, own, "full")
        daemon.recovers()
        delivered = collections.Counter(map(number_of, daemon.next_hop.messages("many")))
        assert set(delivered.values()) == {1}
        daemon.process.stop()
    finally:
        daemon.store.name = before
        own.drop_small_disk(name)


# ---- wrong -----------------------------------------------------------------------------------------------------------------------


def test_a_wrong_password(own, daemon):
    own.change_password("another")
    try:
        daemon.start()
        assert answer(daemon) == 451
        complains(daemon, own, "password")
    finally:
        own.change_password("dspam")
    daemon.recovers()


def test_a_database_without_tables(own, daemon):
    for table in ("dspam_token_data", "dspam_stats", "dspam_signature_data"):
        daemon.store.query(f"DROP TABLE {table}")
    daemon.start()
    assert answer(daemon) == 451
    complains(daemon, own, "create-store", daemon.store.name)
    daemon.store.make_tables()
    own.grant(daemon.store)
    wait_for(lambda: answer(daemon) == 250)
    daemon.recovers()


def test_a_database_that_is_too_new(own, daemon):
    daemon.store.query("UPDATE dspam_schema SET oldest = 99")
    daemon.start()
    assert answer(daemon) == 451
    complains(daemon, own, "version 99", daemon.store.name)
    daemon.store.query("UPDATE dspam_schema SET oldest = 1")
    daemon.recovers()


def test_a_table_without_a_column(own, daemon):
    daemon.store.query("ALTER TABLE dspam_stats DROP COLUMN spam_corpusfed")
    daemon.start()
    assert answer(daemon) == 451
    complains(daemon, own, "spam_corpusfed", daemon.store.name)
    assert daemon.next_hop.count() == 0
    daemon.store.query("ALTER TABLE dspam_stats ADD COLUMN spam_corpusfed bigint NOT NULL DEFAULT 0")
    daemon.recovers()


def test_a_server_that_is_not_there_passes_to_the_next(own, daemon):
    """Several servers: the first that answers and writes is used."""
    own_data = (daemon.home / f"{own.driver}.data").read_text().splitlines()
    prefix = HOSTS[own.driver].removesuffix("Server")
    daemon.configure(f"{prefix}Server /nowhere/at/all", f"{prefix}Server {own_data[0]}", f"{prefix}User {own_data[2]}",
                     f"{prefix}Pass {own_data[3]}", f"{prefix}Db {own_data[4]}").start()
    assert answer(daemon) == 250 and daemon.learned("u") == 1
    assert unmarked(daemon.next_hop.messages("u")[0]) == mail()
