"""Settings of MariaDB and MySQL that are in the way of ours."""

import pytest

from daemon_site import Daemon, mail, program_is_missing
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
