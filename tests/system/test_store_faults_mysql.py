"""Settings of MariaDB and MySQL that are in the way of ours."""

import struct
import subprocess
import threading

import pytest

from daemon_site import Daemon, mail, program_is_missing, wait_for
from store_server import OwnServer

pytestmark = pytest.mark.seconds(240)


@pytest.fixture(scope="module")
def own():
    server = OwnServer("mysql", ("log-bin",))
    yield server
    server.close()


@pytest.fixture
def setting(own):
    """A function that sets what new connections have; all is as it was afterwards."""
    changed = {}

    def change(name, value):
        changed.setdefault(name, own.server.sql(f"SELECT @@GLOBAL.{name}").strip())
        own.server.sql(f"SET GLOBAL {name} = {value}")

    yield change
    for name, value in changed.items():
        own.server.sql(f"SET GLOBAL {name} = {value}")


@pytest.fixture
def daemon(own, tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port, own.database)
    site.next_hop.start()
    yield site
    site.next_hop.stop()


def test_a_log_of_statements(daemon, setting):
    """What says no is a setting of the server, and the way out is said; known users are judged."""
    daemon.start()
    assert daemon.deliver(mail(), "u")[0][0] == 250 and daemon.learned("u") == 1
    setting("binlog_format", "STATEMENT")
    daemon.reload()
    codes = [daemon.deliver(mail(number), user)[0][0] for number, user in enumerate(("u", "v"), 1)]
    assert codes == [250, 451], daemon.log()
    assert daemon.log().count("set binlog_format = MIXED or ROW") >= 2
    assert daemon.learned("u") == 1
    setting("binlog_format", "MIXED")
    daemon.reload()
    daemon.recovers()


def test_a_statement_that_the_server_ended(daemon, own, setting):
    """Because it waited for a lock for longer than any may take there: it is tried again, and nothing is lost."""
    daemon.start()
    assert daemon.deliver(mail(), "u")[0][0] == 250
    setting("max_statement_time", 1)
    daemon.reload()
    ended = "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'MAX_STATEMENT_TIME_EXCEEDED'"
    before = int(own.server.sql(ended))
    client = subprocess.Popen([f"{own.directory}/mysql.sh", "-", daemon.store.name], stdin=subprocess.PIPE, text=True)
    codes = []
    thread = threading.Thread(target=lambda: codes.append(daemon.deliver(mail(1), "u")[0][0]))
    try:
        client.stdin.write("BEGIN; UPDATE dspam_stats SET spam_learned = spam_learned + 1;\n")
        client.stdin.flush()
        wait_for(lambda: daemon.store.query("SELECT uid FROM dspam_stats FOR UPDATE SKIP LOCKED") == [], what="the lock")
        thread.start()
        wait_for(lambda: int(own.server.sql(ended)) > before, what="an end")
    finally:
        client.stdin.close()
        client.wait()
    thread.join()
    assert codes == [250] and daemon.learned("u") == 2, daemon.log()


def test_many_large_signatures_come_in_an_import(daemon, tmp_path, setting):
    """Each of them fits into a packet of the server, all of them do not."""
    directory = tmp_path / "u.sig"
    directory.mkdir()
    for number in range(1, 41):
        (directory / f"{number:032x}.sig").write_bytes(struct.pack("<QB7x", number, 1) * (40000 if number == 20 else 5000))
    (tmp_path / "u.css").write_bytes(struct.pack("<9Q8x", 101, *[1] * 8) + struct.pack("<3Q", 7, 1, 1) + bytes(24 * 100))
    setting("max_allowed_packet", 2 << 20)
    done = subprocess.run([f"{daemon.programs}/dspam_admin", "--config", daemon.path, "import", tmp_path / "u.css"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "1 tokens, 40 signatures" in done.stdout and "verified" in done.stdout, done
