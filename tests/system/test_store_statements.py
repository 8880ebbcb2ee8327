"""What one message costs a database server: the transactions and statements that it sees, from its own log."""

import re

import pytest

from daemon_site import Daemon, program_is_missing
from store_server import OwnServer


@pytest.fixture(scope="module", params=["pgsql", "mysql"])
def own(request):
    server = OwnServer(request.param)
    if request.param == "pgsql":
        server.server.sql("ALTER SYSTEM SET log_statement = 'all'")
        server.server.sql("SELECT pg_reload_conf()")
    else:
        server.server.sql(f"SET GLOBAL general_log_file = '{server.server.directory}/general'; SET GLOBAL general_log = 1")
    yield server
    server.close()


@pytest.fixture
def daemon(own, tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port, own.database)
    site.next_hop.start()
    yield site
    site.next_hop.stop()


def log_of(own):
    name = "log" if own.driver == "pgsql" else "general"
    with open(f"{own.server.directory}/{name}", encoding="latin-1") as log:
        return log.read()


def large(number):
    words = " ".join(f"word{chr(97 + i // 676)}{chr(97 + i // 26 % 26)}{chr(97 + i % 26)}" for i in range(3000))
    return f"Subject: message {number}\n\n{words}\n".encode()


def seen(own, work):
    """How often it began to read, to write, and committed; and all that it was told meanwhile."""
    before = len(log_of(own))
    work()
    text = log_of(own)[before:]
    begins = ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "BEGIN ISOLATION LEVEL READ COMMITTED")
    if own.driver == "mysql":  # which logs a text of several statements as a whole
        begins = ("REPEATABLE READ;\\s*START TRANSACTION", "READ COMMITTED;\\s*START TRANSACTION")
    return [len(re.findall(pattern, text)) for pattern in begins], text


@pytest.mark.parametrize("mode, writes", [("notrain", 0), ("teft", 1)])
def test_one_transaction_to_read_and_one_to_write(own, daemon, mode, writes):
    """However many words it has, known or not; and no statement for each of them."""
    daemon.configure(f"TrainingMode {mode}").start()
    for number in range(2):  # who is new is made known once
        assert daemon.deliver(large(number), "u")[0][0] == 250
    (reads, written), text = seen(own, lambda: daemon.deliver(large(3), "u"))
    assert reads <= 1 and written == writes, re.findall(r"Query.{0,60}|statement: .{0,60}", text)
    statements = len(re.findall(r"\b(?:SELECT|INSERT|UPDATE|DELETE) ", text))
    assert statements <= 60, statements  # some for each 1,024 words; an upsert says three of these words
