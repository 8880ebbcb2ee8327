"""
One user is taught by many at once, and daemons are killed meanwhile: what the store holds is what was promised.

DSPAM_STORM_SECONDS=60 and DSPAM_STORM_KILLS=100 make these tests as long as they are worth a release.
"""

import os
import random
import threading
import time

import pytest

from daemon_site import program_is_missing
from database import DRIVERS
from store_fleet import OTHER, Fleet, Ledger, all_at_once

CLIENTS, DAEMONS, MESSAGES = 8, 3, 12
SECONDS = int(os.environ.get("DSPAM_STORM_SECONDS", "0"))
KILLS = int(os.environ.get("DSPAM_STORM_KILLS", "3"))


@pytest.fixture(params=DRIVERS)
def fleet(request, tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")

    def make(count, *lines):
        return Fleet(tmp_path, programs, start, free_port, request.param, count, lines).start()

    return make


def enough(done, began):
    """By time if that is wanted, else by number."""
    return time.monotonic() >= began + SECONDS if SECONDS else done >= MESSAGES


def storm(daemons, ledger, number):
    """Learn, correct every second message, and take every fourth back."""
    began, done = time.monotonic(), 0
    with daemons.client(number) as client:
        while not enough(done, began):
            lesson = ledger.lesson()
            assert lesson.give(client), daemons.log()[-2000:]
            for _ in range((0, 1, 0, 2)[done % 4]):
                answer = lesson.correct(client, OTHER[lesson.now])
                assert answer[0] == 250, answer
            done += 1


@pytest.mark.seconds(300 + 3 * SECONDS)
def test_a_storm_of_lessons(fleet):
    daemons, ledger = fleet(DAEMONS), Ledger()
    all_at_once(*(lambda number=number: storm(daemons, ledger, number) for number in range(CLIENTS)))
    assert ledger.check(daemons) == len(ledger.lessons) >= CLIENTS
    assert "error" not in daemons.log(), daemons.log()
    daemons.stop()


def test_one_signature_corrected_by_many_at_once(fleet):
    """It counts once, there and back; who was late is told so, and at his next try finds nothing left to do."""
    daemons, ledger = fleet(DAEMONS), Ledger()
    with daemons.client() as client:
        lessons = [ledger.lesson() for _ in range(6)]
        assert all(lesson.give(client) for lesson in lessons)
    for lesson in lessons * 2:
        to, together = OTHER[lesson.now], threading.Barrier(CLIENTS)

        def correct(number, lesson=lesson, to=to, together=together):
            with daemons.client(number) as client:
                together.wait(60)
                for _ in range(50):
                    answer = client.correct(lesson.signature, to)
                    assert answer[0] in (250, 451), answer
                    if answer[0] == 250:
                        return
                raise AssertionError(answer)

        all_at_once(*(lambda number=number: correct(number) for number in range(CLIENTS)))
        lesson.now, lesson.may = to, {to}
        assert ledger.check(daemons) == len(lessons)
    daemons.stop()


def work_until_killed(daemons, ledger, chance, ended):
    """As `storm`, of clients that do not mind when their daemon is gone."""
    try:
        with daemons.client() as client:
            while not ended.is_set():
                lesson = ledger.lesson()
                if not lesson.give(client):
                    return
                while chance.random() < 0.5:
                    answer = lesson.correct(client, OTHER[lesson.now])
                    if answer is None:
                        return
                    assert answer[0] == 250, answer
    except OSError:
        return


@pytest.mark.seconds(300 + 10 * KILLS)
def test_a_daemon_is_killed_under_load(fleet):
    daemons, ledger, chance = fleet(1), Ledger(), random.Random(os.urandom(8))
    for _ in range(KILLS):
        ended, first = threading.Event(), len(ledger.lessons)

        def kill(first=first, ended=ended):
            while len(ledger.lessons) < first + 8:
                time.sleep(0.002)
            time.sleep(chance.random() * 0.4)
            daemons.kill()
            ended.set()

        all_at_once(kill, *(lambda: work_until_killed(daemons, ledger, chance, ended) for _ in range(4)))
        daemons.start()
        assert ledger.check(daemons) > 0
    daemons.stop()
