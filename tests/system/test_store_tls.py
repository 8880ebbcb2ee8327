"""TLS towards the database, with good, foreign, expired and missing certificates on both sides, and with servers without it."""

import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile

import pytest

from daemon_site import mail, program_is_missing, wait_for
from database import PREFIXES, Database, servers


class SafeServer:
    """
    A server of the tests' own on a port of this machine, whose certificate can be another from one test to the next.

    Its accounts: `plain` comes as it likes, `safe` with TLS only, `known` only with a certificate of ca.pem.
    """

    def __init__(self, driver, pem, port):
        self.kind = next(kind for kind in servers.KINDS if kind.name == driver)
        if not self.kind.is_installed():
            pytest.skip(f"the server for {driver} is not installed: scripts/install-packages test")
        self.driver, self.pem, self.port = driver, pem, port
        self.directory = tempfile.mkdtemp(prefix="dspam-safe-")
        self.server = type(self.kind.__name__, (self.kind,), {"port": port})(self.directory, self.kind.quick)
        self.shows = None
        self._put("server")
        self._put("ca")
        self._set_up()

    def _put(self, name):
        """A certificate, and its key, for the server to read."""
        for ending in ("pem", "key"):
            path = os.path.join(self.server.directory, f"{'ca' if name == 'ca' else 'own'}.{ending}")
            shutil.copy(self.pem(f"{name}.{ending}"), path + "~")
            os.chmod(path + "~", 0o600)
            if self.server.user:
                os.chown(path + "~", self.server.user.pw_uid, self.server.user.pw_gid)
            os.rename(path + "~", path)

    def _options(self):
        files = {name: os.path.join(self.server.directory, f"{name}") for name in ("own.pem", "own.key", "ca.pem")}
        if self.driver == "pgsql":
            return ["listen_addresses=127.0.0.1", f"ssl_cert_file={files['own.pem']}", f"ssl_key_file={files['own.key']}",
                    f"ssl_ca_file={files['ca.pem']}", "ssl=on"]
        return ["skip-networking=0", "bind-address=127.0.0.1", f"port={self.port}", f"ssl-cert={files['own.pem']}",
                f"ssl-key={files['own.key']}", f"ssl-ca={files['ca.pem']}"]

    def _set_up(self):
        if self.driver == "pgsql":
            path = os.path.join(self.server.directory, "data/pg_hba.conf")
            with open(path, encoding="ascii") as file:
                rules = file.read()
            with open(path, "w", encoding="ascii") as file:
                file.write("hostssl all known all scram-sha-256 clientcert=verify-ca\nhostssl all safe all scram-sha-256\n"
                           f"host all plain all scram-sha-256\nhost all all all reject\n{rules}")
        self.server.options += self._options()
        self.server.start()
        for name, demand in (("plain", ""), ("safe", "REQUIRE SSL"), ("known", "REQUIRE X509")):
            self.server.sql(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'" if self.driver == "pgsql" else
                            f"CREATE USER {name}@'%' IDENTIFIED BY '{name}' {demand}; GRANT ALL ON `dspam%`.* TO {name}@'%'")

    def show(self, name):
        """Have this certificate from now on."""
        if name == self.shows:
            return
        self._put(name)
        self.server.sql("SELECT pg_reload_conf()" if self.driver == "pgsql" else "FLUSH SSL")
        with open(self.pem(f"{name}.pem"), encoding="ascii") as file:
            wanted = ssl.PEM_cert_to_DER_cert(file.read())
        wait_for(lambda: self.driver == "mysql" or self._shown() == wanted, what=f"the certificate {name}")
        self.shows = name

    def _shown(self):
        with socket.create_connection(("127.0.0.1", self.port), 10) as client:
            client.sendall(struct.pack("!II", 8, 80877103))  # SSLRequest
            if client.recv(1) != b"S":
                return None
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(client) as safe:
                return safe.getpeercert(binary_form=True)

    def switch(self, tls):
        """With TLS, or without: then all accounts come in as they are."""
        if self.driver == "pgsql":
            self.server.stop()
            self.server.options = [option for option in self.server.options if option not in ("ssl=on", "ssl=off")]
            self.server.options.append(f"ssl={'on' if tls else 'off'}")
        else:
            self.server.stop()
            self.server.options = [option for option in self.server.options if option != "skip-ssl"]
            self.server.options += [] if tls else ["skip-ssl"]
        self.server.start()

    def close(self):
        self.server.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


@pytest.fixture(scope="module", params=["pgsql", "mysql"])
def safe(request, pem, free_port):
    server = SafeServer(request.param, pem, free_port())
    yield server
    server.close()


class Caller:
    """dspam with a configuration of TLS towards the server."""

    def __init__(self, safe, programs, directory):
        self.safe, self.programs, self.directory = safe, programs, directory
        self.path = directory / "dspam.conf"
        self.database = Database(directory, safe.driver, own=safe.directory)
        if safe.driver == "pgsql":
            self.database.query("GRANT ALL ON ALL TABLES IN SCHEMA public TO plain, safe, known;"
                                "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO plain, safe, known")

    def call(self, account, *tls, host="127.0.0.1"):
        prefix = PREFIXES[self.safe.driver]
        self.path.write_text("\n".join([
            f"Home {self.directory}", f"StorageDriver {self.safe.driver}", f"{prefix}Server {host}", f"{prefix}Port {self.safe.port}",
            f"{prefix}User {account}", f"{prefix}Pass {account}", f"{prefix}Db {self.database.name}", "StoreTimeout 5",
            *[f"{prefix}{line}" for line in tls], ""]))
        command = [f"{self.programs}/dspam", "--config", self.path, "--user", "u", "--class=innocent", "--source=corpus"]
        return subprocess.run(command, input=mail(), capture_output=True, check=False,
                              env={**os.environ, "HOME": os.fspath(self.directory)})

    def works(self, *arguments, **more):
        answer = self.call(*arguments, **more)
        assert (answer.returncode, answer.stderr) == (0, b""), answer.stderr

    def fails(self, *arguments, words, **more):
        """It may be tried again, and the complaint names the place, or a file that is not there, and the directive."""
        before = self.learned()
        answer = self.call(*arguments, **more)
        complaint = answer.stderr.decode()
        assert answer.returncode == 75, complaint
        assert f"port {self.safe.port}" in complaint or "/nowhere/" in complaint
        assert PREFIXES[self.safe.driver] + words in complaint, complaint
        assert self.learned() == before

    def learned(self):
        return self.database.row_of("u", "innocent_learned")


@pytest.fixture
def caller(safe, programs, tmp_path):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    safe.show("server")
    return Caller(safe, programs, tmp_path)


def verify(pem, *more, ca="ca.pem"):
    return ["TLS verify", f"TLSCA {pem(ca)}", *more]


def client(pem, name):
    return [f"TLSCertificate {pem(name + '.pem')}", f"TLSKey {pem(name + '.key')}"]


# ---- the server's certificate ---------------------------------------------------------------------------------------------------------


def test_a_good_certificate(caller, pem):
    caller.works("safe", *verify(pem))
    if caller.safe.driver == "pgsql":  # MySQL's clients take this name for a socket
        caller.works("safe", *verify(pem), host="localhost")
    for tls in (["TLS on"], ["TLS opportunistic"], []):
        caller.works("safe", *tls)
    caller.works("plain", "TLS off")


def test_without_tls_an_account_that_wants_it_is_not_let_in(caller):
    caller.fails("safe", "TLS off", words="TLS")


@pytest.mark.parametrize("name", ["wrong-name", "stranger", "expired"])
def test_a_certificate_that_is_not_believed(caller, safe, pem, name):
    safe.show(name)
    caller.fails("plain", *verify(pem), words="TLS")
    # who does not ask whose it is takes it
    caller.works("safe", "TLS on")


def test_an_authority_that_is_not_the_right_one(caller, pem):
    caller.fails("plain", *verify(pem, ca="other-ca.pem"), words="TLS")
    caller.fails("plain", *verify(pem, ca="server.key"), words="TLS")
    caller.fails("plain", "TLS verify", "TLSCA /nowhere/ca.pem", words="TLSCA")
    caller.fails("plain", "TLS verify", words="TLSCA")


def test_a_word_that_is_none_is_not_less(caller):
    answer = caller.call("plain", "TLS verify-full")
    assert answer.returncode != 0 and b"one of: off opportunistic on verify" in answer.stderr
    assert caller.learned() is None


# ---- ours ---------------------------------------------------------------------------------------------------------------------------------


def test_a_client_certificate(caller, pem):
    caller.works("known", *verify(pem, *client(pem, "client")))
    caller.works("known", "TLS on", f"TLSCertificate {pem('client.pem')}", f"TLSKey {pem('client.key')}")


def test_no_client_certificate(caller, pem):
    caller.fails("known", *verify(pem), words="TLSCertificate")


def test_a_client_certificate_of_another_authority(caller, pem):
    caller.fails("known", *verify(pem, *client(pem, "stranger")), words="TLSCertificate")


def test_a_client_certificate_that_cannot_be_read(caller, pem):
    for name, key, words in (("absent.pem", "client.key", "TLSCertificate"), ("client.pem", "absent.key", "TLSKey"),
                             ("client.pem", "server.key", "TLSKey")):
        path = {file: pem(file) if not file.startswith("absent") else f"/nowhere/{file}" for file in (name, key)}
        caller.fails("known", *verify(pem, f"TLSCertificate {path[name]}", f"TLSKey {path[key]}"), words=words)


# ---- no TLS there ----------------------------------------------------------------------------------------------------------------------------


def test_a_server_without_tls(caller, safe, pem):
    """Nothing goes in clear text where TLS is wanted; only opportunistic does without."""
    safe.switch(False)
    try:
        for tls in (["TLS on"], verify(pem)):
            caller.fails("plain", *tls, words="TLS")
        caller.works("plain", "TLS opportunistic")
        # a socket of this machine needs none
        host = safe.server.directory if safe.driver == "pgsql" else safe.server.socket
        caller.works("dspam", "TLS on", host=host)
        caller.works("dspam", *verify(pem), host=host)
    finally:
        safe.switch(True)
