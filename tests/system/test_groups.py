"""Groups through the programs: shared, managed, merged, inoculation and classification."""

import re
import signal
import threading

import pytest

from daemon_site import Daemon, mail, program_is_missing, wait_for
from group_site import HAM, SPAM, result, site  # noqa: F401 (a fixture)

SIGNATURE = re.compile(rb"^X-DSPAM-Signature: (\S+)$", re.MULTILINE)

# ---- each kind


def test_a_shared_group(site):
    site.configure("office:shared:*@example.org\n")
    site.school("alice@example.org")
    marked = site.receive("bob@example.org", SPAM)
    assert result(marked) == b"Spam" and b"X-DSPAM-User" not in marked
    assert site.totals("office") == [7, 6, 0, 0, 6, 6]
    assert site.totals("alice@example.org") is None and site.totals("bob@example.org") is None
    assert result(site.receive("carol@example.net", SPAM)) == b"Innocent"
    line = site.out("--user", "dave@example.org", "--classify", message=SPAM)
    assert line.startswith(b'X-DSPAM-Result: dave@example.org; result="Spam"')


def test_a_managed_group_has_one_quarantine(site):
    site.configure("boss:shared,managed:alice,bob\n")
    site.school("alice")
    for user in ("alice", "bob"):
        site.out("--user", user, "--deliver=innocent", "--stdout", message=SPAM)
    quarantine = (site.home / "data/boss/boss.mbox").read_bytes()
    assert quarantine.count(b"From QUARANTINE ") == 2
    assert re.findall(rb"^X-DSPAM-User: (\w+)$", quarantine, re.MULTILINE) == [b"alice", b"bob"]
    assert not (site.home / "data/alice").exists()
    # the manager lets one go: it is learned for the group, and goes to the user of the header
    assert site.totals("boss") == [8, 6, 0, 0, 6, 6]
    second = quarantine[quarantine.rindex(b"From QUARANTINE "):]
    released = site.out("--user", "boss", "--class=innocent", "--source=error", "--deliver=innocent", "--stdout",
                        message=second)
    assert b"X-DSPAM-Reclassified: Innocent" in released
    assert site.totals("boss") == [7, 7, 0, 1, 6, 6]


def test_a_merged_group(site):
    site.configure("all:merged:*,-carol\n")
    site.school("all")
    marked = site.receive("alice", SPAM)
    assert result(marked) == b"Spam"
    assert site.totals("alice") == [1, 0, 0, 0, 0, 0] and site.totals("all") == [6, 6, 0, 0, 6, 6]
    assert result(site.receive("carol", SPAM)) == b"Innocent"
    signature = SIGNATURE.search(marked).group(1).decode()
    site.out("--user", "alice", "--class=innocent", "--source=error", f"--signature={signature}")
    assert site.totals("alice") == [0, 1, 0, 1, 0, 0] and site.totals("all") == [6, 6, 0, 0, 6, 6]


def test_an_inoculation_group(site):
    site.configure("nine:inoculation:alice,bob,carol\n")
    for user in ("alice", "bob"):
        site.out("--user", user, "--class=innocent", "--source=corpus", message=HAM)
    site.school("carol")
    marked = site.receive("alice", SPAM)
    assert result(marked) == b"Innocent"
    site.out("--user", "alice", "--class=spam", "--source=error", message=marked)
    assert site.totals("alice") == [1, 1, 1, 0, 0, 1]
    assert site.totals("bob") == [1, 1, 0, 0, 1, 1]
    assert site.totals("carol") == [6, 6, 0, 0, 6, 6]


def test_a_global_user(site):
    site.configure("g:classification:*oracle\n", "ProcessorBias on")
    site.school("oracle")
    line = site.out("--user", "k3", "--deliver=summary", message=SPAM).decode()
    assert re.match(r'X-DSPAM-Result: k3; result="Spam"; class="Spam"; probability=0\.0\d+; confidence=0\.60; ', line), line
    assert site.totals("k3") == [1, 0, 0, 0, 0, 0]
    assert site.totals("oracle") == [6, 6, 0, 0, 6, 6]

# ---- the file


def test_wrong_lines_are_named(site):
    site.configure("# fine\ng:shared:alice\nh:club:bob\n../x:shared:*\n")
    answer = site.run("--check-config")
    assert answer.returncode == 78
    lines = answer.stdout.decode()
    assert f'{site.group}:3: error: "club" is no type of group' in lines
    assert f'{site.group}:4: error: "../x" cannot name a group' in lines
    # mail goes on by the lines that are right, and the administrator hears of the others
    answer = site.run("--user", "alice", "--deliver=innocent", "--stdout", message=HAM)
    assert answer.returncode == 0
    assert f"{site.group}: 2 lines or members are wrong".encode() in answer.stderr
    assert site.totals("g") == [0, 1, 0, 0, 0, 0]


def test_a_file_that_is_not_there_means_no_groups(site):
    site.configure(None)
    answer = site.run("--check-config")
    assert answer.returncode == 0
    assert f"{site.group}:0: warning: there is no such file".encode() in answer.stdout
    assert result(site.receive("alice", HAM)) == b"Innocent"
    assert site.totals("alice") == [0, 1, 0, 0, 0, 0]


def test_a_file_that_cannot_be_read_defers_mail(site):
    site.configure(None)
    site.group.mkdir()
    assert site.run("--check-config").returncode != 0
    answer = site.run("--user", "alice", "--deliver=innocent", "--stdout", message=HAM)
    assert answer.returncode == 75 and answer.stdout == b""
    assert b"GroupConfig" in answer.stderr

# ---- the daemon


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    made = Daemon(tmp_path, programs, start, free_port)
    made.next_hop.start()
    made.group = tmp_path / "group"
    yield made
    made.next_hop.stop()


def test_the_daemon_reads_groups_again(daemon):
    daemon.group.write_text("office:shared:alice\n")
    daemon.configure(f"GroupConfig {daemon.group}").start()
    assert daemon.deliver(mail(), "alice")[0][0] == 250
    wait_for(lambda: daemon.learned("office") == 1)
    daemon.group.write_text("office:shared:bob\n")
    daemon.reload()
    assert daemon.deliver(mail(), "alice")[0][0] == 250
    wait_for(lambda: daemon.learned("alice") == 1)
    # errors keep the new file out
    daemon.group.write_text("office:none:alice,bob\n")
    daemon.process.popen.send_signal(signal.SIGHUP)
    wait_for(lambda: "the configuration stays as it was" in daemon.log())
    assert f"{daemon.group}:1: " in daemon.log()
    assert daemon.deliver(mail(), "bob")[0][0] == 250
    wait_for(lambda: daemon.learned("office") == 2)


def test_many_members_at_once(daemon):
    """All members of merged and inoculation groups at the same time: no deadlock, and every message counts once."""
    users = [f"u{number}" for number in range(8)]
    daemon.group.write_text(f"all:merged:*\nnine:inoculation:{','.join(users)}\n")
    daemon.configure(f"GroupConfig {daemon.group}", "ServerWorkers 4").start()
    answers = []

    def send(user):
        with daemon.client() as client:
            for number in range(6):
                answers.extend(client.deliver(mail(number), [user, "all"]))

    senders = [threading.Thread(target=send, args=(user,)) for user in users]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert [code for code, _ in answers] == [250] * 96
    wait_for(lambda: all(daemon.learned(user) == 6 for user in users) and daemon.learned("all") == 48)
