"""
Algorithm adaptive with three daemons on one database: eight clients deliver, report and unlearn the same user's mail at
once, a daemon is killed in the middle, and what was learned is to the last bit what the signatures say.

DSPAM_STORM_SECONDS=60 makes these tests as long as they are worth a release. Each failure names its seed.
"""

import os
import random
import subprocess
import threading
import time

import pytest

import adaptive_signatures
from daemon_site import program_is_missing
from database import DRIVERS
from store_fleet import RESULT, SIGNATURE, USER, Fleet, Teacher, all_at_once

CLIENTS, DAEMONS, MESSAGES = 8, 3, 12
SECONDS = int(os.environ.get("DSPAM_STORM_SECONDS", "0"))
LINES = ("Algorithm adaptive", "Feature whitelist", 'Preference "whitelistThreshold=1000000"')
ORDERS = ("--class=spam --source=error", "--class=innocent --source=error", "--mode=unlearn --class=spam",
          "--mode=unlearn --class=innocent")


@pytest.fixture(params=DRIVERS)
def fleet(request, tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    return Fleet(tmp_path, programs, start, free_port, request.param, DAEMONS, LINES).start()


def message(chance):
    kind = chance.choice(("s", "i"))
    words = " ".join(f"word{kind if chance.random() < 0.8 else 'x'}{chance.randrange(150)}" for _ in range(chance.randrange(1, 40)))
    return f"From: n{chance.randrange(5)}@{kind}.example\nSubject: {kind} {chance.randrange(9)}\n\n{words}\n".encode()


class Storm:
    """What clients do to the one user, and what they know of it."""

    def __init__(self, fleet):
        self.fleet, self.signatures, self.killed = fleet, [], 0
        self.seed = int.from_bytes(os.urandom(4), "big")

    def give(self, client, chance):
        if client.order("--deliver=innocent,spam --stdout", message(chance)) is not None:
            return False
        text = client.text()
        answer = client.reply() if text else None
        if answer is None or answer[0] != 250:
            return False
        assert RESULT.search(text)
        self.signatures.append(SIGNATURE.search(text)[1].decode())
        return True

    def order(self, client, chance):
        """Somebody else may be at the same signature: who was late is told so, and tries again."""
        line = f"{chance.choice(ORDERS)} --signature={chance.choice(self.signatures[-20:])}"
        for _ in range(200):
            answer = client.order(line, b"\n") or client.reply()
            if answer is None:
                return False
            assert answer[0] in (250, 451), (line, answer)
            if answer[0] == 250:
                return True
        raise AssertionError(f"{line}: {answer}")

    def work(self, number, is_over):
        chance, done = random.Random(f"{self.seed} {number}"), 0
        while not is_over(done):
            try:
                with Teacher(self.fleet.addresses[number % DAEMONS]) as client:
                    while not is_over(done):
                        if not self.give(client, chance):
                            break
                        done += 1
                        if not all(self.order(client, chance) for _ in range(chance.randrange(4))):
                            break
            except OSError:
                time.sleep(0.02)  # its daemon is being started again
        return done

    def check(self):
        store = self.fleet.store
        clean = subprocess.run([f"{self.fleet.programs}/dspam_clean", "--config", self.fleet.paths[0], "-p36500", "-u36500,off,off,off",
                                USER], capture_output=True, text=True, check=False)
        assert clean.returncode == 0, clean.stderr
        kept = adaptive_signatures.signatures_of(store, USER)
        assert len(kept) >= len(set(self.signatures)) > 0
        rows, sums = adaptive_signatures.rows_of(store, USER), adaptive_signatures.add_up(kept)
        wrong = {token: (rows.get(token), sums.get(token)) for token in rows.keys() | sums.keys() if rows.get(token) != sums.get(token)}
        assert not wrong, (self.seed, len(rows), len(sums), dict(list(wrong.items())[:5]))
        counted = [signature.lesson for signature in kept if signature.counted]
        lessons = rows.get(adaptive_signatures.LESSONS, (0, 0))
        assert tuple(lessons[:2]) == (counted.count("spam"), counted.count("innocent"))
        verdicts = [signature.verdict for signature in kept]
        assert self.fleet.totals() == (verdicts.count("spam"), verdicts.count("innocent"))
        return len(rows)


@pytest.mark.seconds(300 + 3 * SECONDS)
def test_a_storm_of_lessons_and_reports(fleet):
    storm, began = Storm(fleet), time.monotonic()

    def is_over(done):
        return time.monotonic() >= began + SECONDS if SECONDS else done >= MESSAGES

    def kill():
        enough = threading.Event()
        while len(storm.signatures) < CLIENTS * MESSAGES // 3:
            enough.wait(0.01)
        fleet.kill(1)
        fleet.start()
        storm.killed += 1

    all_at_once(kill, *(lambda number=number: storm.work(number, is_over) for number in range(CLIENTS)))
    assert storm.killed == 1
    assert storm.check() > 100
    late = "another program has learned from it at this moment; try again"
    assert [line for line in fleet.log().splitlines() if "rror" in line and late not in line] == []
    fleet.stop()
