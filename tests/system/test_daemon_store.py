"""The store of the daemon fails: test_store_faults.py has more for servers."""

from daemon_site import daemon, mail  # noqa: F401 (a fixture)
from database import away, sqlite_only


@sqlite_only("test_store_faults.py has it for servers")
def test_a_store_that_cannot_be_opened(daemon):
    store = daemon.home / "dspam.sqlite"
    store.mkdir()
    daemon.start()
    assert daemon.deliver(mail(), "u")[0][0] == 451
    assert daemon.next_hop.count() == 0
    store.rmdir()
    assert daemon.deliver(mail(), "u")[0][0] == 250
    assert daemon.learned("u") == 1


def test_store_failure_deliver(daemon):
    daemon.configure("StoreFailure deliver", *away(daemon.home)[0]).start()
    assert daemon.deliver(mail(), "u")[0][0] == 250
    assert daemon.next_hop.messages("u") == [mail()]
