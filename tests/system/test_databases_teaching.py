"""The original and our daemon teach in one database, before migrate, across it and after it: no lesson is lost or counted twice."""

import re

import pytest

from daemon_site import Daemon, mail
from original import EXTREMES, FORMS, Original, recorded, trained

MESSAGE, _ = recorded()
VERDICT = re.compile(rb"^X-DSPAM-Probability: ([\d.]+)", re.MULTILINE)


@pytest.fixture(params=FORMS)
def daemon(request, tmp_path, programs, start, free_port):
    site = Daemon(tmp_path, programs, start, free_port, lambda home: Original(home, request.param))
    site.next_hop.start()
    yield site
    site.next_hop.stop()


class Teachers:
    """The original, and the daemon, each with lessons of its own; and what the database has to say afterwards."""

    def __init__(self, daemon):
        self.daemon, self.store = daemon, daemon.store
        self.uid = self.store.user("u")
        self.store.fill(self.uid, [40, 40, 0, 0, 0, 0, 0, 0], {token: (5, 5) for token in EXTREMES})
        self.theirs = self.ours = 0

    def lessons(self):
        for kind in ("spam", "innocent", "spam"):
            self.store.learn(self.uid, [*EXTREMES, 77], kind)
            self.theirs += 1
            assert self.daemon.deliver(mail(self.ours), "u")[0][0] == 250
            self.ours += 1

    def check(self):
        assert sum(self.store.totals(self.uid)[:2]) == 80 + self.theirs + self.ours
        tokens = self.store.tokens(self.uid)
        spam, innocent = 2 * self.theirs // 3, self.theirs // 3
        assert all(tokens[token] == (5 + spam, 5 + innocent) for token in EXTREMES)
        assert tokens[77] == (spam, innocent)
        assert max(sum(hits) for token, hits in tokens.items() if token not in (*EXTREMES, 77)) == self.ours


@pytest.fixture
def tool(daemon, start):
    """A function that runs a program of ours to its end."""
    def run(program, *words):
        process = start([f"{daemon.programs}/{program}", "--config", daemon.path, *words])
        assert process.popen.wait(60) == 0, process.output()
        return process.output()

    return run


def test_both_teach(daemon, tool):
    """Also while the daemon does not know yet that migrate was run, and once it does and keeps rows."""
    daemon.configure("ServerWorkers 2").start()
    teachers = Teachers(daemon)
    teachers.lessons()
    teachers.check()
    tool("dspam_admin", "migrate")
    teachers.lessons()
    teachers.check()
    daemon.reload()
    teachers.lessons()
    teachers.check()


def judged(daemon):
    assert daemon.deliver(MESSAGE, "u")[0][0] == 250
    return float(VERDICT.search(daemon.next_hop.messages("u")[-1])[1])


def test_what_the_original_learns_is_judged_by_at_once(daemon, tool):
    """The rows that the daemon keeps are those of the moment, whoever has changed them."""
    daemon.configure("TrainingMode notrain", "Tokenizer word", "ProcessorURLContext on").start()
    store, uid = daemon.store, daemon.store.user("u")
    store.fill(uid, *trained()["word"])
    tool("dspam_admin", "migrate")
    daemon.reload()
    before = [judged(daemon) for _ in range(2)]
    store.query(f"UPDATE dspam_token_data SET spam_hits = spam_hits + 60, innocent_hits = 0 WHERE uid = {uid};"
                f"UPDATE dspam_stats SET spam_learned = spam_learned + 60 WHERE uid = {uid}")
    after = [judged(daemon) for _ in range(2)]
    assert before[0] == before[1] < 0.1 and after[0] == after[1] > 0.9
