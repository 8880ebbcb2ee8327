"""SiteModelQuorum: users of three daemons report the same mail at the same time, and take it back at the same time."""

import random
import subprocess

import pytest

import adaptive_signatures
from daemon_site import program_is_missing
from database import DRIVERS
from store_fleet import SIGNATURE, Fleet, Teacher, all_at_once

PEOPLE, MAILS, DAEMONS = 8, 3, 3
SITE = "everybody"
LINES = ("Algorithm adaptive", f"SiteModel {SITE}", "SiteModelQuorum 3")


@pytest.fixture(params=DRIVERS)
def fleet(request, tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    return Fleet(tmp_path, programs, start, free_port, request.param, DAEMONS, LINES).start()


def copy_of(mail, person):
    words = " ".join(f"offer{chr(97 + mail)}{n}" for n in range(60))
    return f"From: n{mail}@deals{mail}.example\nTo: p{person}@x.example\nSubject: offer {mail}\n\n{words}\n".encode()


def give(client, mail, person):
    assert client.order("--deliver=innocent,spam --stdout", copy_of(mail, person), f"p{person}") is None
    text = client.text()
    assert client.reply()[0] == 250
    return SIGNATURE.search(text)[1].decode()


def say(client, person, signature, what):
    for _ in range(50):
        answer = client.order(f"{what} --signature={signature}", b"\n", f"p{person}") or client.reply()
        assert answer[0] in (250, 451), answer
        if answer[0] == 250:
            return
    raise AssertionError(answer)


def rows(fleet):
    """What the site has learned; checked against what stands in its ballots."""
    clean = subprocess.run([f"{fleet.programs}/dspam_clean", "--config", fleet.paths[0], "-p36500", "-u36500,off,off,off",
                            SITE], capture_output=True, text=True, check=False)
    assert clean.returncode == 0, clean.stderr
    found = adaptive_signatures.rows_of(fleet.store, SITE)
    ballots = adaptive_signatures.signatures_of(fleet.store, SITE)
    assert found == adaptive_signatures.add_up(ballots)
    return found, ballots


def each(fleet, work):
    """work(client, person) of everybody, at once, each at one of the daemons."""
    def run(person):
        with Teacher(fleet.addresses[person % DAEMONS]) as client:
            work(client, person)

    all_at_once(*(lambda person=person: run(person) for person in range(PEOPLE)))


def test_a_mail_is_learned_once_and_leaves_no_trace(fleet):
    ids = {}

    def receive(client, person):
        for mail in range(MAILS):
            ids[person, mail] = give(client, mail, person)

    def report(client, person):
        for mail in random.Random(person).sample(range(MAILS), MAILS):
            say(client, person, ids[person, mail], "--class=spam --source=error")

    def unlearn(client, person):
        for mail in random.Random(-person).sample(range(MAILS), MAILS):
            say(client, person, ids[person, mail], "--mode=unlearn --class=spam")

    each(fleet, receive)
    assert adaptive_signatures.signatures_of(fleet.store, SITE) == []
    each(fleet, report)
    found, ballots = rows(fleet)
    assert len(ballots) == MAILS
    standing = [ballot for ballot in ballots if ballot.lesson]
    assert {ballot.lesson for ballot in standing} == {"spam"}
    assert 1 <= found[adaptive_signatures.LESSONS].spam == len(standing) <= MAILS
    with Teacher(fleet.addresses[0]) as client:  # somebody new has a good filter
        assert client.order("--classify --deliver=summary --stdout", copy_of(0, 99), "p99") is None
        summary = client.text()
        assert client.reply()[0] == 250
    assert b'result="Spam"' in summary or b'result="Unsure"' in summary
    assert float(summary.split(b"probability=")[1].split(b";")[0]) > 0.5
    each(fleet, unlearn)
    assert rows(fleet)[0] == {}
    assert [line for line in fleet.log().splitlines() if "does not count" in line] == []
    fleet.stop()
