"""PostgreSQL with a standby: the primary is killed under load, the standby is promoted, and no lesson is lost."""

import shutil
import signal
import tempfile

import pytest

import books
from daemons_in_front import Daemon, wait_for
from galera import free_ports
from ledger import Ledger
from servers import PostgreSQL
from standby import Primary, Standby

USERS = ("anna", "bert", "cleo")


@pytest.fixture
def pair(root):
    if not PostgreSQL.is_installed():
        pytest.skip("postgresql is not installed")
    directory = tempfile.mkdtemp(prefix="dspam-standby-")
    ports = free_ports(2)
    primary, standby = Primary(directory, ports[0]), None
    try:
        primary.start()
        with open(f"{root}/schema/pgsql.sql", encoding="ascii") as schema:
            primary.sql(schema.read())
        standby = Standby(directory, ports[1], primary).start()
        primary.wait_for_standby()
        wait_for(primary.standby_is_in_step, "waiting for the standby")
        yield primary, standby
    finally:
        for server in (primary, standby):
            if server is not None:
                server.end()
    shutil.rmtree(directory)


@pytest.fixture
def daemons(tmp_path, programs, start, pair, next_hop):
    servers = [f"PgSQLServer 127.0.0.1:{server.port}" for server in pair]
    servers += ["PgSQLUser dspam", "PgSQLDb dspam"]
    return [Daemon(tmp_path / f"daemon-{i}", programs, start, port, next_hop, "pgsql", servers).start()
            for i, port in enumerate(free_ports(3))]


@pytest.mark.seconds(300)
def test_no_lesson_is_lost_with_the_primary(pair, daemons, next_hop):
    primary, standby = pair
    ledger = Ledger(daemons, next_hop, USERS).start()
    ledger.progress(10)
    primary.end(signal.SIGKILL)
    standby.promote()
    ledger.progress(10)
    daemons[1].kill()
    ledger.progress(10)
    daemons[1].start()
    ledger.progress(5)
    ledger.end()
    print(ledger.answers)
    # What is deferred comes again; a message that went on without its lesson does not.
    unlearned = [line for daemon in daemons for line in daemon.log().splitlines() if "the message itself is" in line]
    assert unlearned == []
    print(books.compare(standby.sql, ledger))
