"""Three nodes of MariaDB Galera, three daemons: whatever fails of them, each lesson counts, and counts once."""

import shutil
import signal
import tempfile

import pytest

import books
import galera
from ledger import Ledger
from daemons_in_front import Daemon

USERS = ("anna", "bert", "cleo", "dora", "emil")


@pytest.fixture
def nodes():
    if galera.missing():
        pytest.skip(f"{galera.missing()} is not installed")
    directory = tempfile.mkdtemp(prefix="dspam-galera-")
    started = galera.start(directory)
    yield started
    galera.stop(started)
    shutil.rmtree(directory)


@pytest.fixture
def daemons(tmp_path, root, programs, start, nodes, next_hop):
    ports = galera.free_ports(len(nodes))
    made = []
    for i, port in enumerate(ports):
        order = nodes[i:] + nodes[:i]
        servers = [f"MySQLServer 127.0.0.1:{node.port}" for node in order]
        servers += ["MySQLUser dspam", "MySQLPass dspam", "MySQLDb dspam"]
        made.append(Daemon(tmp_path / f"daemon-{i + 1}", programs, start, port, next_hop, "mysql", servers))
    with open(f"{root}/schema/mysql.sql", encoding="ascii") as schema:
        nodes[0].sql(schema.read())
    for daemon in made:
        daemon.start()
    return made


def lose_a_node(ledger, nodes):
    nodes[0].end(signal.SIGKILL)
    ledger.progress(10)
    nodes[0].start()
    ledger.progress(10)


def lose_a_daemon(ledger, daemons):
    daemons[1].kill()
    ledger.progress(10)
    daemons[1].start()


def cut_off_a_node(ledger, nodes):
    nodes[2].isolate(True)
    nodes[2].wait("")
    ledger.progress(10)
    nodes[2].isolate(False)
    nodes[2].wait()
    ledger.progress(10)


def let_a_node_hang(ledger, nodes):
    """Each connection of a daemon finds it out for itself, after StoreTimeout."""
    nodes[1].process.send_signal(signal.SIGSTOP)
    ledger.progress(5, 300)
    nodes[1].process.send_signal(signal.SIGCONT)
    nodes[1].wait()


def check_agreement(nodes):
    """All nodes have the same rows, once they have applied what they were sent."""
    query = "SET SESSION wsrep_sync_wait = 1; CHECKSUM TABLE " + ", ".join(books.TABLES)
    sums = [node.sql(query) for node in nodes]
    assert sums[0] == sums[1] == sums[2], sums
    assert "NULL" not in sums[0], sums


@pytest.mark.seconds(900)
def test_nothing_is_lost_or_counted_twice(nodes, daemons, next_hop):
    ledger = Ledger(daemons, next_hop, USERS).start()
    ledger.progress(10)
    lose_a_node(ledger, nodes)
    lose_a_daemon(ledger, daemons)
    cut_off_a_node(ledger, nodes)
    let_a_node_hang(ledger, nodes)
    ledger.progress(10)
    ledger.end()
    print(ledger.answers)
    # What is deferred comes again; a message that went on without its lesson does not.
    unlearned = [line for daemon in daemons for line in daemon.log().splitlines() if "the message itself is" in line]
    assert unlearned == []
    check_agreement(nodes)
    print(books.compare(nodes[0].sql, ledger))
