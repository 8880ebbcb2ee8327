"""TLS to a database server, as docs/databases.md has it: whom `verify` lets in, and what is said of whom it does not."""

import os
import shutil
import socket
import tempfile

import pytest

import certificates
from database import servers
from original import OldSite, recorded
from test_databases_document import text

MESSAGE, _ = recorded()
ACCOUNTS = {"pgsql": "postgres", "mysql": "mysql"}


class SecureServer:
    """A server on a port of loopback that takes nobody there without TLS; `show` changes its certificate."""

    def __init__(self, driver, directory):
        self.driver, self.directory = driver, directory
        self.keys = os.path.join(directory, "keys")
        os.mkdir(self.keys)
        os.chmod(directory, 0o755)
        certificates.make_all(self.keys)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._place("server")
        certificate, key = f"{self.keys}/shown.pem", f"{self.keys}/shown.key"
        if driver == "pgsql":
            kind = type("SecurePostgreSQL", (servers.PostgreSQL,), {"port": self.port})
            options = ("listen_addresses=127.0.0.1", "ssl=on", f"ssl_cert_file={certificate}", f"ssl_key_file={key}")
        else:
            kind = servers.MariaDB
            options = ("skip-networking=0", "bind-address=127.0.0.1", f"port={self.port}", f"ssl-cert={certificate}", f"ssl-key={key}")
        self.server = kind(directory, [*kind.quick, *options])
        if driver == "pgsql":
            with open(f"{directory}/pgsql/data/pg_hba.conf", "w", encoding="ascii") as rules:
                rules.write("local all all trust\nhostssl all all 127.0.0.1/32 trust\n")
        self.server.start()
        if driver == "mysql":
            self.server.sql("ALTER USER dspam@localhost REQUIRE SSL")

    def _place(self, name):
        shutil.copy(f"{self.keys}/{name}.pem", f"{self.keys}/shown.pem")
        shutil.copy(f"{self.keys}/{name}.key", f"{self.keys}/shown.key")
        os.chmod(f"{self.keys}/shown.key", 0o600)
        if os.geteuid() == 0:
            shutil.chown(f"{self.keys}/shown.key", servers.user_of_service(ACCOUNTS[self.driver]).pw_uid)

    def show(self, name):
        self._place(name)
        self.server.sql("SELECT pg_reload_conf()" if self.driver == "pgsql" else "FLUSH SSL")

    def close(self):
        self.server.stop()
        shutil.rmtree(self.directory)


@pytest.fixture(scope="module", params=["pgsql-bigint", "mysql-innodb"])
def own(request):
    driver = request.param.split("-")[0]
    kind = next(kind for kind in servers.KINDS if kind.name == driver)
    if not kind.is_installed() or shutil.which("openssl") is None:
        pytest.skip(f"the server for {driver}, or openssl, is not installed")
    server = SecureServer(driver, tempfile.mkdtemp(prefix="dspam-tls-"))
    server.form = request.param
    yield server
    server.close()


def judged(site, own, host, *more):
    """What a message gets with these directives, by TCP: its result, and what was said."""
    site.configure(f"{site.prefix}Server {host}:{own.port}", f"{site.prefix}User dspam", f"{site.prefix}Pass dspam",
                   f"{site.prefix}Db {site.store.name}", "StoreTimeout 20", *more)
    answer = site.run("dspam", "--user", "u", "--classify", message=MESSAGE)
    return b"X-DSPAM-Result" in answer.stdout, answer.stderr.decode()


@pytest.mark.parametrize("word", ["on", "verify"])
def test_a_server_without_it(word, tmp_path, programs):
    """Who insists is not served in clear text; to PostgreSQL's library a socket needs no TLS."""
    site = OldSite(tmp_path, programs, "mysql-innodb")
    with open(f"{site.home}/{site.store.driver}.data", encoding="ascii") as data:
        host, port, user, password, database = data.read().split()
    place = [f"{site.prefix}{name} {value}" for name, value in (
        ("Server", host), ("Port", port), ("User", user), ("Pass", password), ("Db", database))]
    site.configure(*place)
    site.good("dspam_stats")
    site.configure(*place, f"{site.prefix}TLS {word}", )
    answer = site.run("dspam_stats")
    assert answer.returncode != 0 and (b"TLS" in answer.stderr or b"SSL" in answer.stderr), answer


def test_whom_we_trust(own, tmp_path, programs):
    host = "localhost" if own.driver == "pgsql" else "127.0.0.1"  # where localhost means the socket
    site = OldSite(tmp_path, programs, own.form, own=own.directory)
    prefix = site.prefix
    site.store.user("u")
    lines = "".join(text(f"{own.driver}-tls", "dspam.conf")).splitlines()
    verify = [line.replace("/etc/dspam/db-ca.pem", f"{own.keys}/ca.pem") for line in lines if "Server" not in line]
    other = [line.replace("/etc/dspam/db-ca.pem", f"{own.keys}/other-ca.pem") for line in lines if "Server" not in line]
    assert len(verify) == 2
    assert judged(site, own, host, *verify) == (True, "")
    assert judged(site, own, host, f"{prefix}TLS on") == (True, "")
    assert judged(site, own, host) == (True, ""), "what is offered is taken"
    assert not judged(site, own, host, f"{prefix}TLS off")[0]
    done, said = judged(site, own, host, *other)
    assert not done and "certificate" in said.lower() and host in said, said
    own.show("wrong-name")
    done, said = judged(site, own, host, *verify)
    assert not done and host in said, said
    assert judged(site, own, host, f"{prefix}TLS on") == (True, ""), "the name is not looked at"
    own.show("server")
    assert judged(site, own, host, *verify) == (True, "")
