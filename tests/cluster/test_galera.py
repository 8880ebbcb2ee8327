"""Three nodes of MariaDB Galera, three daemons: whatever fails of them, each lesson counts, and counts once."""

import shutil
import signal
import tempfile
import threading

import pytest

import books
import galera
from daemons_in_front import STORE_TIMEOUT, Daemon, failover_seconds, wait_for
from ledger import DELIVER, SIGNATURE, TEACH, Ledger
from lmtp_peer import Client, wire

USERS = ("anna", "bert", "cleo", "dora", "emil")
TABLES = ", ".join(books.TABLES)


@pytest.fixture(scope="module")
def cluster(root):
    """The nodes, for all tests of this file."""
    if galera.missing():
        pytest.skip(f"{galera.missing()} is not installed")
    directory = tempfile.mkdtemp(prefix="dspam-galera-")
    nodes = galera.start(directory)
    with open(f"{root}/schema/mysql.sql", encoding="ascii") as schema:
        nodes[0].sql(schema.read())
    yield nodes
    galera.stop(nodes)
    shutil.rmtree(directory)


@pytest.fixture
def nodes(cluster):
    """The nodes, with empty tables."""
    cluster[0].sql("".join(f"DELETE FROM {table};" for table in books.TABLES))
    return cluster


@pytest.fixture
def daemons(tmp_path, programs, start, nodes, next_hop):
    ports = galera.free_ports(len(nodes))
    made = []
    for i, port in enumerate(ports):
        order = nodes[i:] + nodes[:i]
        servers = [f"MySQLServer 127.0.0.1:{node.port}" for node in order]
        servers += ["MySQLUser dspam", "MySQLPass dspam", "MySQLDb dspam"]
        made.append(Daemon(tmp_path / f"daemon-{i + 1}", programs, start, port, next_hop, "mysql", servers).start())
    return made


# ---- what may fail --------------------------------------------------------------------


def lose_a_node(ledger, nodes, _daemons):
    nodes[0].end(signal.SIGKILL)
    ledger.progress(10)
    nodes[0].start()


def lose_a_daemon(ledger, _nodes, daemons):
    daemons[1].kill()
    ledger.progress(10)
    daemons[1].start()


def cut_off_a_node(ledger, nodes, _daemons):
    """The others do not hear it any more; its clients do, and are told that it is not ready (1047)."""
    nodes[2].isolate(True)
    nodes[2].wait("")
    ledger.progress(10)
    nodes[2].isolate(False)


def let_a_node_hang(ledger, nodes, _daemons):
    nodes[1].hang()
    wait_for(lambda: nodes[0].members() == 2, "putting the node out")
    ledger.progress(10)
    nodes[1].go_on()


def lose_both(ledger, nodes, daemons):
    """A node, and the daemon that works with another one, at the same moment."""
    nodes[1].end(signal.SIGKILL)
    daemons[2].kill()
    ledger.progress(10)
    daemons[2].start()
    nodes[1].start()


FAULTS = (lose_a_node, lose_a_daemon, cut_off_a_node, let_a_node_hang, lose_both)


def check_agreement(nodes):
    """All nodes have the same rows, once they have applied what they were sent."""
    sums = [node.sql(f"SET SESSION wsrep_sync_wait = 1; CHECKSUM TABLE {TABLES}") for node in nodes]
    assert sums[0] == sums[1] == sums[2], sums
    assert "NULL" not in sums[0], sums


# ---- the books --------------------------------------------------------------------------


@pytest.mark.seconds(600)
def test_nothing_is_lost_or_counted_twice(nodes, daemons, next_hop):
    ledger = Ledger(daemons, next_hop, USERS).start()
    ledger.progress(10)
    assert ledger.refused == 0
    for fault in FAULTS:
        fault(ledger, nodes, daemons)
        wait_for(lambda: galera.whole(nodes), "becoming whole again")
        ledger.progress(10)
        print(f"{fault.__name__}: longest so far {ledger.longest:.1f} s, refused {ledger.answers}")
    ledger.end()
    ledger.check(daemons, failover_seconds(len(nodes), galera.INACTIVE_SECONDS))
    check_agreement(nodes)
    for node in nodes:
        print(node.name, books.compare(node.sql, ledger))


@pytest.mark.seconds(300)
def test_one_user_is_taught_on_all_nodes_at_once(nodes, daemons, next_hop):
    """Every node gives up transactions that another one was quicker with: they are repeated, and nobody notices."""
    before = [node.conflicts() for node in nodes]
    ledger = Ledger(daemons, next_hop, USERS[:1]).start()
    wait_for(lambda: all(node.conflicts() - then >= 20 for node, then in zip(nodes, before)), "a conflict")
    ledger.progress(20)
    ledger.end()
    assert ledger.refused == 0
    ledger.check(daemons, STORE_TIMEOUT)
    check_agreement(nodes)
    print("conflicts", [node.conflicts() - then for node, then in zip(nodes, before)], books.compare(nodes[0].sql, ledger))


# ---- what one daemon sees of another's lessons --------------------------------------------


def converse(daemon, order, text, user):
    """The lines before the reply, if the order asks for any, and the reply."""
    with Client(daemon.address, greet=False) as client:
        client.reply()
        name = "Relay1" if "secret@Relay1" in order else "mx.example.org"
        for line, good in ((f"LHLO {name}", 250), (order, 250), (f"RCPT TO:<{user}>", 250), ("DATA", 354)):
            answer = client.say(line)
            assert answer is not None and answer[0] == good, answer
        client.send(wire(text))
        lines = []
        while "DSPAMEXTENDED" in order and (line := client.file.readline()) != b".\r\n":
            assert line, f"the daemon has closed after {lines}"
            lines.append(line)
        return lines, client.reply()


def judge(daemon, user, text):
    """What a daemon says of a message, to the last digit; it learns nothing."""
    lines, answer = converse(daemon, 'MAIL FROM:<secret@Relay1> DSPAMPROCESSMODE="--classify" DSPAMEXTENDED', text, user)
    assert answer[0] == 250, answer
    assert b"probability" in b"".join(lines), lines
    return b"".join(lines)


class Pupil:
    """A user whose verdict on mail about the one thing moves with each lesson, because there is another thing, too."""

    name = "anna"
    topics = ("alpha", "beta")

    def __init__(self, next_hop):
        self.next_hop, self.mails = next_hop, []  # number, topic, signature of what was delivered

    @staticmethod
    def mail(number, topic, signature=None):
        mark = b"X-DSPAM-Signature: %s\n" % signature if signature else b""
        return b"Subject: %s\nX-Number: %s\n%s\n%s\n" % (topic.encode(), number.encode(), mark, topic.encode())

    def judge(self, daemon):
        """What a daemon says of a message, to the last digit; it learns nothing."""
        lines, answer = converse(daemon, 'MAIL FROM:<secret@Relay1> DSPAMPROCESSMODE="--classify" DSPAMEXTENDED',
                                 self.mail("probe", self.topics[0]), self.name)
        assert answer[0] == 250, answer
        assert b"probability" in b"".join(lines), lines
        return b"".join(lines)

    def deliver(self, daemon, topic):
        """Which of its mails this is."""
        number = f"n{len(self.mails)}"
        _, answer = converse(daemon, f"MAIL FROM:{DELIVER}", self.mail(number, topic), self.name)
        assert answer[0] == 250, answer
        self.mails.append((number, topic, SIGNATURE.search(self.next_hop.messages(self.name)[-1]).group(1)))
        return len(self.mails) - 1

    def teach(self, daemon, which):
        """It was spam; the reply."""
        return converse(daemon, f"MAIL FROM:{TEACH}", self.mail(*self.mails[which]), self.name)[1]


def synchronize(nodes):
    """All of these have applied all that any node has committed."""
    for node in nodes:
        node.sql("SET SESSION wsrep_sync_wait = 1; SELECT count(*) FROM dspam_stats")


@pytest.mark.seconds(200)
def test_a_lesson_is_seen_by_another_daemon(nodes, daemons, next_hop):
    """At the latest when its node has applied the lesson; until then it judges by what was true before, never by a mixture."""
    pupil = Pupil(next_hop)
    for _ in range(8):
        for topic in pupil.topics:
            pupil.deliver(daemons[0], topic)
    for which in (1, 3, 0):
        assert pupil.teach(daemons[0], which)[0] == 250
    synchronize(nodes)
    before = pupil.judge(daemons[1])
    assert before == pupil.judge(daemons[0])
    with galera.Held(nodes[1]) as held:
        assert pupil.teach(daemons[0], 2)[0] == 250
        now = pupil.judge(daemons[0])
        assert now != before, "the lesson changes nothing: this would not show anything"
        for _ in range(3):  # what it remembers is what its node has
            assert pupil.judge(daemons[1]) == before
        late = pupil.deliver(daemons[0], "alpha")
        # A correction of what its node does not know yet waits for it.
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(pupil.teach(daemons[1], late)))
        waiting.start()
        wait_for(lambda: "FROM dspam_signature_data" in nodes[1].sql("SHOW PROCESSLIST"), "asking for the signature")
        assert not answers
        held.release()
        waiting.join(60)
    assert [answer[0] for answer in answers] == [250]
    synchronize(nodes)
    verdicts = {pupil.judge(daemon) for daemon in daemons}
    assert len(verdicts) == 1 and not verdicts & {before, now}
    # And whoever had it in memory learns on from there, exactly.
    for which, daemon in ((4, daemons[1]), (6, daemons[2]), (8, daemons[0])):
        assert pupil.teach(daemon, which)[0] == 250
        synchronize(nodes)
        assert len({pupil.judge(daemon) for daemon in daemons}) == 1
    totals = nodes[2].sql("SELECT spam_learned, innocent_learned, spam_misclassified FROM dspam_stats").split()
    assert totals == ["8", "9", "8"]
    check_agreement(nodes)
