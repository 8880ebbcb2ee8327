"""PostgreSQL with a standby: the primary is killed under load, the standby is promoted, and no lesson is lost."""

import shutil
import signal
import tempfile

import pytest

import books
from daemons_in_front import Daemon, failover_seconds, wait_for
from galera import free_ports
from ledger import Ledger
from servers import PostgreSQL
from standby import Primary, Standby

USERS = ("anna", "bert", "cleo")
PROMOTION = 5  # seconds, generously, from the primary's death until the standby takes what is written


class Servers:
    """Four servers, of which the first two are there at the beginning; `all` has those that were started."""

    def __init__(self, directory, root):
        self.directory, self.ports = directory, free_ports(4)
        self.all = []
        primary = Primary(directory, self.ports[0])
        self.all.append(primary)
        primary.start()
        with open(f"{root}/schema/pgsql.sql", encoding="ascii") as schema:
            primary.sql(schema.read())

    def add_standby(self):
        """A standby of the server that was added last; what that one answers from now on, both have on their disks."""
        primary = self.all[-1]
        standby = Standby(self.directory, f"standby-{len(self.all)}", self.ports[len(self.all)], primary)
        self.all.append(standby)
        standby.start()
        primary.wait_for_standby()
        wait_for(primary.standby_is_in_step, "waiting for the standby")
        return standby


@pytest.fixture
def servers(root):
    if not PostgreSQL.is_installed():
        pytest.skip("postgresql is not installed")
    directory = tempfile.mkdtemp(prefix="dspam-standby-")
    made = None
    try:
        made = Servers(directory, root)
        made.add_standby()
        yield made
    finally:
        for server in made.all if made else ():
            server.end_hanging()
    shutil.rmtree(directory)


@pytest.fixture
def daemons(tmp_path, programs, start, servers, next_hop):
    lines = [f"PgSQLServer 127.0.0.1:{port}" for port in servers.ports]
    lines += ["PgSQLUser dspam", "PgSQLDb dspam"]
    return [Daemon(tmp_path / f"daemon-{i}", programs, start, port, next_hop, "pgsql", lines).start()
            for i, port in enumerate(free_ports(3))]


def lose_the_primary(ledger, servers):
    primary, standby = servers.all[-2:]
    primary.end(signal.SIGKILL)
    standby.promote()
    ledger.progress(10)


def let_the_primary_hang(ledger, servers):
    """Who promotes another one has to see to it that the old one never comes back."""
    primary, standby = servers.all[-2:]
    primary.hang()
    standby.promote()
    ledger.progress(10)
    primary.end_hanging()


def check_agreement(primary, standby):
    wait_for(lambda: standby.position() == primary.position(), "catching up")
    assert standby.sums(books.TABLES) == primary.sums(books.TABLES)


@pytest.mark.seconds(400)
def test_no_lesson_is_lost_with_the_primary(servers, daemons, next_hop):
    ledger = Ledger(daemons, next_hop, USERS).start()
    ledger.progress(10)
    assert ledger.refused == 0
    for fault in (lose_the_primary, let_the_primary_hang):
        fault(ledger, servers)
        print(f"{fault.__name__}: longest so far {ledger.longest:.1f} s, refused {ledger.answers}")
        servers.add_standby()
        ledger.progress(10)
    daemons[1].kill()
    ledger.progress(10)
    daemons[1].start()
    ledger.progress(5)
    ledger.end()
    print("refused", ledger.answers)
    # What is to be judged does not wait between the death of the one and the promotion of the other: it is deferred.
    ledger.check(daemons, failover_seconds(len(servers.ports), PROMOTION),
                 f"port ({'|'.join(map(str, servers.ports))}), .*cannot connect")
    check_agreement(*servers.all[-2:])
    for server in servers.all[-2:]:
        print(server.name, books.compare(server.sql, ledger))
