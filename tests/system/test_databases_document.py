"""The commands of docs/databases.md, run as they stand there, but for places and the names of users that need a password."""

import os
import re
import subprocess
import textwrap

import pytest

from database import ROOT
from original import OldSite, recorded, trained
from store_server import OwnServer, servers

MESSAGE, RECORDED = recorded()


def blocks():
    """[(whose, kind, text)] of what stands behind the comments <!-- WHOSE: KIND -->."""
    with open(os.path.join(ROOT, "docs/databases.md"), encoding="utf-8") as file:
        found = re.findall(r"<!-- (\S+): (\S+) -->\n\n(( +)\S.*\n(?:\4.*\n|\n(?=\4))*)", file.read())
    return [(whose, kind, textwrap.dedent(text)) for whose, kind, text, _ in found]


def text(whose, kind):
    """All blocks of a sort; there must be some."""
    found = [text for owner, sort, text in blocks() if (owner, sort) == (whose, kind)]
    assert found, (whose, kind)
    return found


@pytest.fixture(scope="module", params=["pgsql", "mysql"])
def own(request):
    server = OwnServer(request.param)
    servers.run_sql(server.directory, request.param, "DROP DATABASE dspam", {"pgsql": "postgres"}.get(request.param, "mysql"))
    if request.param == "pgsql":  # passwords are asked for
        path = os.path.join(server.server.directory, "data/pg_hba.conf")
        with open(path, encoding="ascii") as file:
            rules = file.read()
        with open(path, "w", encoding="ascii") as file:
            file.write(f"local all dspam_owner,dspam_filter scram-sha-256\n{rules}")
        server.server.sql("SELECT pg_reload_conf()", "postgres")
    yield server
    server.close()


class Reader:
    """Somebody who does what the document says, in a directory."""

    def __init__(self, directory, programs, own):
        self.directory, self.own = directory, own
        self.environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "DSPAM_CONFIG": f"{directory}/dspam.conf",
                            "PGHOST": own.server.directory, "PGUSER": "dspam", "HOME": os.fspath(directory)}
        (directory / ".my.cnf").write_text(f"[client]\nsocket={own.server.directory}/socket\n")
        (directory / "message").write_bytes(MESSAGE)
        (directory / "home").mkdir()

    def configure(self, lines):
        lines = lines.replace("/var/run/postgresql", self.own.server.directory)
        lines = lines.replace("/run/mysqld/mysqld.sock", f"{self.own.server.directory}/socket")
        (self.directory / "dspam.conf").write_text(f"Home {self.directory}/home\nAlgorithm graham burton\nTokenizer chain\n{lines}")
        lines = lines.replace("dspam_filter", "dspam_owner").replace("another long one", "a long one")
        (self.directory / "owner.conf").write_text(f"Home {self.directory}/home\nAlgorithm graham burton\nTokenizer chain\n{lines}")

    def shell(self, commands):
        answer = subprocess.run(["sh", "-e"], input=commands, cwd=self.directory, env=self.environment, capture_output=True,
                                text=True, check=False)
        assert answer.returncode == 0, (commands, answer)
        return answer.stdout + answer.stderr


def test_a_new_database(own, tmp_path, programs):
    """Made, used by who has no more rights than the document gives, copied, and brought back."""
    if not os.path.exists(f"{programs}/dspam_admin"):
        pytest.skip("the programs are not built")
    reader, driver = Reader(tmp_path, programs, own), own.driver
    servers.run_sql(own.directory, driver, "".join(text(driver, "sql")), {"pgsql": "postgres"}.get(driver, "mysql"))
    if driver == "pgsql":
        servers.run_sql(own.directory, driver, "".join(text("pgsql-dspam", "sql")), "dspam")
    reader.configure("".join(text(driver, "dspam.conf")))
    said = reader.shell("".join(text("both", "shell")))
    assert "The store is ready." in said and "X-DSPAM-Result: anna" in said and "error" not in said, said
    reader.shell("dspam --user anna --class=spam --source=corpus < message; dspam_admin add preference anna trainingMode TOE")
    reader.shell("dspam --user anna --deliver=innocent,spam --stdout < message; dspam_clean -s0 anna; dspam_clean -u0,0,0,0 anna")
    assert "nothing had to be added" in reader.shell("dspam_admin --config owner.conf migrate")
    client = ("PGPASSWORD='another long one' psql -U dspam_filter dspam -c " if driver == "pgsql"
              else "mariadb -u dspam_filter '-panother long one' dspam -e ")
    reader.shell(client + "'SELECT * FROM dspam_stats'")
    for refused in ("CREATE TABLE x (y int)", "DROP TABLE dspam_stats", "ALTER TABLE dspam_stats ADD x int"):
        with pytest.raises(AssertionError):
            reader.shell(f"{client}'{refused}'")
    for commands in text(driver, "shell"):
        reader.shell(commands)
    totals = [servers.run_sql(own.directory, driver, "SELECT * FROM dspam_stats", name) for name in ("dspam", "dspam_restored")]
    assert totals[0] == totals[1] != ""


@pytest.mark.parametrize("form", ["pgsql-bigint", "mysql-myisam"])
def test_taking_over(form, tmp_path, programs):
    """Read, migrated, granted, converted, and back again."""
    site = OldSite(tmp_path, programs, form)
    store, driver = site.store, site.store.driver
    store.fill(store.user("anna"), *trained()["word"])
    (tmp_path / "message").write_bytes(MESSAGE)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "DSPAM_CONFIG": os.fspath(site.config)}
    before = store.shape(), store.names()
    said = ""
    for commands in text("old", "shell"):
        answer = subprocess.run(["sh", "-e"], input=commands, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer
        said += answer.stdout + answer.stderr
    assert "The store is ready." in said
    assert re.search(rf'result="{RECORDED[0]}".*probability={RECORDED[1]}; confidence={RECORDED[2]}', said), said
    if driver == "pgsql":
        store.query("DO $$ BEGIN CREATE ROLE dspam_filter; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        grants, back = text("old-pgsql", "sql")
        store.query(grants)
    else:
        back = ""
        store.query("".join(text("old-mysql", "sql")))
        assert site.run("dspam_clean", "-s14").stderr == b""
    assert site.verdict("anna", MESSAGE) == RECORDED
    store.query("".join(text("old", "sql")) + back)
    assert (store.shape(), store.names()) == before
    assert site.verdict("anna", MESSAGE) == RECORDED
    if driver == "pgsql":
        store.query("DROP FUNCTION lookup_tokens; ALTER TABLE dspam_token_data ALTER token TYPE text")
        store.query("UPDATE dspam_token_data SET token = token::numeric + 18446744073709551616 WHERE token LIKE '-%'")
    else:
        store.query("ALTER TABLE dspam_token_data MODIFY token char(20) NOT NULL")
    assert site.run("dspam_stats").returncode == 72
    store.query("".join(text(f"text-{driver}", "sql")))
    assert site.verdict("anna", MESSAGE) == RECORDED
    if driver == "pgsql":
        with open(f"{site.home}/pgsql.data", encoding="ascii") as data:
            environment.update(zip(("PGHOST", "PGPORT", "PGUSER"), data.read().split()))
        commands = "".join(text("old-pgsql", "shell")).replace(" dspam\n", f" {store.name}\n")
        subprocess.run(["sh", "-e"], input=commands, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        assert store.query("SELECT pg_typeof(token) FROM dspam_token_data LIMIT 1") == [("bigint",)]
        assert site.verdict("anna", MESSAGE) == RECORDED
