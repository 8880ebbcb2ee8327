"""What a database could do better with is said once for each start and reload of the daemon, and to who looks."""

import os
import subprocess

import pytest

from daemon_site import Daemon, mail
from original import OldSite, Original, recorded
from store_server import ACCOUNT, OwnServer

MESSAGE, _ = recorded()
PLAIN, UNMIGRATED = "has no transactions", "has no table dspam_generation"


@pytest.fixture(params=[("mysql-myisam", PLAIN), ("mysql-innodb", UNMIGRATED), ("pgsql-bigint", UNMIGRATED)])
def daemon(request, tmp_path, programs, start, free_port):
    site = Daemon(tmp_path, programs, start, free_port, lambda home: Original(home, request.param[0]))
    site.says = request.param[1]
    site.next_hop.start()
    yield site
    site.next_hop.stop()


def test_once_for_each_start_and_reload(daemon):
    """Not with each message, nor for each connection; and not any more when it is mended."""
    daemon.configure("ServerWorkers 3").start()
    for number in range(6):
        assert daemon.deliver(mail(number), "u")[0][0] == 250
    lines = [line for line in daemon.log().splitlines() if daemon.says in line]
    assert len(lines) == 1 and daemon.store.name in lines[0]
    assert "ENGINE=InnoDB" in lines[0] if daemon.says == PLAIN else "dspam_admin migrate" in lines[0]
    daemon.reload()
    for number in range(3):
        assert daemon.deliver(mail(number), "u")[0][0] == 250
    assert daemon.log().count(daemon.says) == 2
    for table in ("token_data", "stats", "signature_data") if daemon.says == PLAIN else ():
        daemon.store.query(f"ALTER TABLE dspam_{table} ENGINE=InnoDB")
    done = subprocess.run([f"{daemon.programs}/dspam_admin", "--config", daemon.path, "migrate"], capture_output=True, check=True)
    assert daemon.says not in done.stderr.decode()
    daemon.reload()
    assert daemon.deliver(mail(9), "u")[0][0] == 250
    assert daemon.log().count(daemon.says) == 2


def test_the_tables_that_it_is_about(tmp_path, programs):
    """dspam_clean says it every night, dspam_admin whenever it is asked; dspam at a terminal only, not in a log a message."""
    site = OldSite(tmp_path, programs, "mysql-myisam")
    site.store.query("ALTER TABLE dspam_token_data ENGINE=InnoDB")
    for command in (["dspam_clean", "-s14"], ["dspam_admin", "migrate"]):
        said = site.run(*command).stderr.decode()
        assert said.count(PLAIN) == 1 and "dspam_stats" in said and "dspam_token_data" not in said
    words = [f"{programs}/dspam", "--config", site.config, "--user", "u", "--classify"]
    assert PLAIN not in subprocess.run(words, input=MESSAGE, capture_output=True, check=True).stderr.decode()
    master, slave = os.openpty()
    with open(tmp_path / "mail", "wb") as file:
        file.write(MESSAGE)
    with open(tmp_path / "mail", "rb") as file:
        subprocess.run(words, stdin=file, stdout=subprocess.DEVNULL, stderr=slave, check=True)
    os.close(slave)
    assert PLAIN in os.read(master, 4096).decode()
    os.close(master)


@pytest.fixture(scope="module")
def server():
    own = OwnServer("pgsql")
    yield own
    own.close()


def test_tables_that_we_may_not_use(server, tmp_path, programs):
    """Somebody else ran migrate: mail goes on as before it, and the way to the rest is said."""
    site = OldSite(tmp_path, programs, "pgsql-bigint", own=server.directory)
    store, place = site.store, [f"PgSQLServer {server.server.directory}", f"PgSQLDb {site.store.name}", "PgSQLPass dspam"]
    server.grant(store)
    site.configure("PgSQLUser dspam", *place)
    site.migrate()
    site.configure(f"PgSQLUser {ACCOUNT}", *place)
    signature = site.process("u", MESSAGE)
    said = site.run("dspam_clean", "-s14").stderr.decode()
    assert "GRANT SELECT, INSERT, UPDATE, DELETE ON dspam_generation" in said and ACCOUNT in said
    store.query(f"GRANT SELECT, INSERT, UPDATE, DELETE ON dspam_generation TO {ACCOUNT};"
                f"GRANT SELECT ON dspam_schema TO {ACCOUNT}")
    site.correct("u", signature, "spam")
    assert site.run("dspam_clean", "-s14").stderr == b""
    assert store.query("SELECT generation FROM dspam_generation")
