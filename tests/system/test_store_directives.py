"""What the directives of the database servers do, seen from the server's side: two servers, connections, compression."""

import contextlib
import os
import socket
import subprocess
import threading

import pytest

from daemon_site import Daemon, mail, program_is_missing, unmarked, wait_for
from database import PREFIXES, Database, at_work, server, servers

TABLES = ("virtual_uids", "token_data", "signature_data", "stats", "preferences", "generation")
LESSON = ("--class=spam", "--source=error")


def root(driver, text, name=servers.DATABASE):
    return servers.run_sql(server(driver), driver, text, name)


def place_of(driver):
    """Host, port, user and password of the server of all tests."""
    with open(f"{server(driver)}/{driver}.data", encoding="ascii") as data:
        return data.read().splitlines()[:4]


@pytest.fixture
def site(tmp_path, programs, start, free_port):
    """A daemon with a database of the driver that is named."""
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    made = []

    def make(driver):
        made.append(Daemon(tmp_path, programs, start, free_port, lambda home: Database(home, driver)))
        made[0].next_hop.start()
        return made[0]

    yield make
    for daemon in made:
        daemon.next_hop.stop()
        if daemon.process is not None:
            daemon.process.stop()


def run(daemon, program, *words, message=b""):
    command = [f"{daemon.programs}/{program}", "--config", os.fspath(daemon.path), *words]
    return subprocess.run(command, input=message, capture_output=True, check=False)


# ---- one server to read, another to write ------------------------------------------------------------------------------------


class Two:
    """A daemon with a database that it may only read and another that it may only write to, with an account for each."""

    def __init__(self, daemon, tmp_path):
        self.daemon, self.writer = daemon, daemon.store
        home = tmp_path / "reader"
        home.mkdir()
        self.reader = Database(home, "mysql")
        self.socket = place_of("mysql")[0]
        for name, rights, database in (("reader", "SELECT", self.reader), ("writer", "SELECT, INSERT, UPDATE, DELETE", self.writer)):
            root("mysql", f"CREATE OR REPLACE USER {name}@localhost IDENTIFIED BY '{name}';"
                          f"GRANT {rights} ON `{database.name}`.* TO {name}@localhost")
        os.unlink(daemon.home / "mysql.data")
        self.configure()

    def configure(self, *lines, place=None):
        self.daemon.configure(
            f"MySQLServer {self.socket}", "MySQLUser reader", "MySQLPass reader", f"MySQLDb {self.reader.name}",
            f"MySQLWriteServer {place or self.socket}", "MySQLWriteUser writer", "MySQLWritePass writer",
            f"MySQLWriteDb {self.writer.name}", *lines)
        return self

    def replicate(self, *tables):
        """What a replica does, at the moment that the test wants."""
        for table in tables or TABLES:
            root("mysql", f"DELETE FROM {self.reader.name}.dspam_{table};"
                          f"INSERT INTO {self.reader.name}.dspam_{table} SELECT * FROM {self.writer.name}.dspam_{table}")

    def counts(self, database):
        return [database.query(f"SELECT count(*) FROM dspam_{table}")[0][0] for table in ("token_data", "signature_data", "stats")]


@pytest.fixture
def two(site, tmp_path):
    return Two(site("mysql"), tmp_path)


def test_one_server_is_read_and_the_other_written_to(two):
    daemon = two.daemon
    daemon.start()
    assert daemon.deliver(mail(), "u")[0][0] == 250 and daemon.learned("u") == 1
    assert two.counts(two.reader) == [0, 0, 0]
    assert all(two.counts(two.writer)) and two.counts(two.writer)[1:] == [1, 1]
    # what is not replicated yet is not seen, by tools either
    assert b"TN:     0" in run(daemon, "dspam_stats", "u").stdout
    two.replicate()
    two.writer.query("UPDATE dspam_stats SET innocent_learned = 70")
    two.reader.query("UPDATE dspam_stats SET innocent_learned = 5")
    assert daemon.deliver(mail(1), "u")[0][0] == 250
    assert daemon.learned("u") == 71
    assert two.reader.query("SELECT innocent_learned FROM dspam_stats") == [(5,)]


def test_the_verdict_is_that_of_the_server_that_is_read(two):
    daemon = two.daemon
    spam = b"Subject: pills\n\nCheap pills, buy our cheap pills now.\n"
    two.daemon.configure(f"MySQLServer {two.socket}", "MySQLUser writer", "MySQLPass writer", f"MySQLDb {two.writer.name}")
    for number in range(6):
        assert run(daemon, "dspam", "--user", "u", "--class=spam", "--source=corpus", message=spam).stderr == b""
        assert run(daemon, "dspam", "--user", "u", "--class=innocent", "--source=corpus", message=mail(number)).stderr == b""
    two.configure()
    assert b'result="Innocent"' in run(daemon, "dspam", "--user", "u", "--classify", message=spam).stdout
    two.replicate()
    two.writer.query("DELETE FROM dspam_token_data")
    assert b'result="Spam"' in run(daemon, "dspam", "--user", "u", "--classify", message=spam).stdout


def deliver_one(two):
    """A message that only the server for writing knows."""
    two.daemon.start()
    assert two.daemon.deliver(mail(), "u")[0][0] == 250
    return two.daemon.next_hop.messages("u")[0]


def test_a_report_that_is_faster_than_the_replica(two):
    """The user is known there, his signature not yet."""
    message = deliver_one(two)
    two.replicate("virtual_uids", "stats")
    answer = run(two.daemon, "dspam", "--user", "u", *LESSON, message=message)
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert two.writer.row_of("u", "spam_misclassified") == (1,)


@pytest.mark.parametrize("switch", ["off", "on"])
def test_signatures_from_the_server_for_writing(two, switch):
    """The replica knows the signature as it was before another report: then it has to be tried again, or it is not asked."""
    message = deliver_one(two)
    two.replicate()
    two.configure(f"MySQLReadSignaturesFromWriteDb {switch}")
    assert run(two.daemon, "dspam", "--user", "u", *LESSON, message=message).stderr == b""
    answer = run(two.daemon, "dspam", "--user", "u", "--class=innocent", "--source=error", message=message)
    if switch == "on":
        assert (answer.returncode, answer.stderr) == (0, b"")
        assert two.writer.row_of("u", "spam_learned, innocent_learned") == (0, 1)
    else:  # innocent is what it was when it came, as far as the replica knows
        assert two.writer.row_of("u", "spam_learned, innocent_learned") == (1, 0)


def test_the_server_for_writing_is_away(two, tmp_path):
    message = deliver_one(two)
    two.replicate()
    two.daemon.process.stop()
    two.configure("StoreTimeout 1", place=tmp_path / "away").daemon.start()
    assert two.daemon.deliver(mail(1), "u")[0][0] == 250
    assert unmarked(two.daemon.next_hop.messages("u")[1]) == mail(1)
    wait_for(lambda: "nothing is learned" in two.daemon.log(), what="a complaint")
    assert f"{tmp_path}/away" in two.daemon.log() and "2002" in two.daemon.log()
    assert run(two.daemon, "dspam", "--user", "u", *LESSON, message=message).returncode == 75
    two.configure()
    assert run(two.daemon, "dspam", "--user", "u", *LESSON, message=message).returncode == 0


def test_the_accounts_and_databases_are_those_of_the_directives(two):
    """Each of the five, wrong, is complained about by name, with the place."""
    for directive, value, complaint in (("MySQLWriteUser", "nobody_at_all", "nobody_at_all"), ("MySQLWritePass", "wrong", "1045"),
                                        ("MySQLWriteDb", "dspam_not_there", "dspam_not_there")):
        two.configure("StoreTimeout 1")
        lines = [line for line in two.daemon.path.read_text().splitlines() if not line.startswith(directive + " ")]
        two.daemon.path.write_text("\n".join([*lines, f"{directive} {value}", ""]))
        answer = run(two.daemon, "dspam", "--user", "u", "--class=spam", "--source=corpus", message=mail())
        assert answer.returncode == 75, answer.stderr
        assert complaint.encode() in answer.stderr and two.socket.encode() in answer.stderr
    assert two.counts(two.writer) == [0, 0, 0]


# ---- connections -------------------------------------------------------------------------------------------------------------------


COUNT = {"pgsql": "SELECT count(*) FROM pg_stat_activity WHERE datname = '{0}' AND application_name = 'dspam'",
         "mysql": "SELECT count(*) FROM information_schema.processlist WHERE db = '{0}' AND user = 'dspam'"}
NUMBERS = {"pgsql": "SELECT pid FROM pg_stat_activity WHERE datname = '{0}' AND application_name = 'dspam'",
           "mysql": "SELECT id FROM information_schema.processlist WHERE db = '{0}' AND user = 'dspam'"}
END = {"pgsql": "SELECT pg_terminate_backend({0})", "mysql": "KILL CONNECTION {0}"}
# The totals cannot be read, so that every message waits on its own connection.
LOCK = {"pgsql": "LOCK TABLE dspam_stats;", "mysql": "LOCK TABLES dspam_stats WRITE;"}


@pytest.mark.parametrize("driver", ["pgsql", "mysql"])
@pytest.mark.parametrize("cache", [1, 3])
def test_connections_that_are_kept(site, driver, cache):
    daemon = site(driver)
    daemon.configure(f"{PREFIXES[driver]}ConnectionCache {cache}", "StoreTimeout 60").start()
    name, codes = daemon.store.name, []
    assert daemon.deliver(mail(), "u")[0][0] == 250
    threads = [threading.Thread(target=lambda number=number: codes.append(daemon.deliver(mail(number), "u")[0][0]))
               for number in range(1, 7)]
    with at_work(daemon.store, LOCK[driver]):
        for thread in threads:
            thread.start()
        wait_for(lambda: int(root(driver, COUNT[driver].format(name))) == cache, what=f"{cache} connections")
        wait_for(lambda: waiting(driver, name) == cache, what="all of them waiting")
        assert int(root(driver, COUNT[driver].format(name))) == cache
    for thread in threads:
        thread.join()
    assert codes == [250] * 6 and daemon.learned("u") == 7


def waiting(driver, name):
    condition = " AND wait_event_type = 'Lock'" if driver == "pgsql" else " AND state LIKE 'Waiting%lock'"
    return int(root(driver, COUNT[driver].format(name) + condition))


@pytest.mark.parametrize("driver, line", [("pgsql", ""), ("mysql", ""), ("mysql", "MySQLReconnect true")])
def test_a_connection_that_somebody_ends(site, driver, line):
    """The next message does not notice, whatever MySQLReconnect says."""
    daemon = site(driver)
    daemon.configure(line, "ServerWorkers 1").start()
    name, before = daemon.store.name, None
    for number in range(3):
        assert daemon.deliver(mail(number), "u")[0][0] == 250
        assert daemon.learned("u") == number + 1
        now = root(driver, NUMBERS[driver].format(name)).split()
        assert len(now) == 1 and now != before
        root(driver, END[driver].format(now[0]))
        wait_for(lambda: root(driver, NUMBERS[driver].format(name)).split() != now, what="the end of the connection")
        before = now
    assert "deferred" not in daemon.log() and "nothing is learned" not in daemon.log()


# ---- compression ----------------------------------------------------------------------------------------------------------------------


class Listener:
    """A way to the MySQL server that keeps what clients say, connection by connection."""

    def __init__(self, directory, target):
        self.path, self.target, self.said = os.path.join(directory, "listener"), target, []
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(self.path)
        self.listening.listen(20)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, database = self.listening.accept()[0], socket.socket(socket.AF_UNIX)
                database.connect(self.target)
                said = bytearray()
                self.said.append(said)
                threading.Thread(target=self._pass, args=(client, database, said), daemon=True).start()
                threading.Thread(target=self._pass, args=(database, client, bytearray()), daemon=True).start()

    @staticmethod
    def _pass(source, target, said):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 20):
                said += data
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()


CLIENT_COMPRESS = 0x20  # among the capabilities that begin a client's first packet, behind its head of four bytes


@pytest.mark.parametrize("directive", [None, "MySQLCompress true", "MySQLCompress false"])
def test_compression(site, tmp_path, directive):
    daemon = site("mysql")
    listener = Listener(tmp_path, place_of("mysql")[0])
    data = (daemon.home / "mysql.data").read_text().splitlines()
    (daemon.home / "mysql.data").write_text("\n".join([listener.path, *data[1:], ""]))
    daemon.configure(directive or "", "MySQLTLS off").start()
    assert daemon.deliver(mail(), "u")[0][0] == 250 and daemon.learned("u") == 1
    wanted = directive == "MySQLCompress true"
    for said in listener.said:
        assert bool(said[4] & CLIENT_COMPRESS) == wanted
    assert any(b"INSERT INTO dspam_token_data" in said for said in listener.said) != wanted
    listener.close()


def test_compression_towards_the_server_for_writing(two, tmp_path):
    listener = Listener(tmp_path, two.socket)
    os.chmod(listener.path, 0o777)
    two.configure("MySQLWriteCompress true", "MySQLTLS off", place=listener.path).daemon.start()
    assert two.daemon.deliver(mail(), "u")[0][0] == 250 and two.daemon.learned("u") == 1
    assert listener.said and all(said[4] & CLIENT_COMPRESS for said in listener.said)
    listener.close()
