"""What PostgreSQL alone may do to a daemon."""

import threading

import pytest

from daemon_site import Daemon, mail, program_is_missing, wait_for
from database import Database, at_work


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port, lambda home: Database(home, "pgsql"))
    site.next_hop.start()
    yield site
    site.next_hop.stop()


def test_a_statement_that_the_server_ended(daemon):
    """Because it waited for a lock for longer than any may take there: it is tried again, and nothing is lost."""
    store = daemon.store
    store.query(f"ALTER DATABASE {store.name} SET statement_timeout = '1s'")
    daemon.start()
    assert daemon.deliver(mail(), "u")[0][0] == 250
    waiting = (f"SELECT extract(epoch FROM query_start) * 1000000 FROM pg_stat_activity WHERE datname = '{store.name}'"
               " AND wait_event_type = 'Lock'")
    codes, seen = [], set()
    thread = threading.Thread(target=lambda: codes.append(daemon.deliver(mail(1), "u")[0][0]))

    def tried_again():
        seen.update(store.query(waiting))
        return len(seen) > 1

    with at_work(store, "SET LOCAL statement_timeout = 0; UPDATE dspam_stats SET spam_learned = spam_learned;"):
        thread.start()
        wait_for(tried_again, what="a second attempt")
    thread.join()
    assert codes == [250] and daemon.learned("u") == 2
    assert "ended the query" not in daemon.log()
