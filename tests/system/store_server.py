"""A database server of a test's own, to be stopped, paused, cut off and filled; and a way to it that breaks on demand."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

import pytest

from database import Database, servers

DISK = 24 << 20
ACCOUNT = "mail"  # whom the programs come as: somebody who may not make tables, and needs a password
HOSTS = {"pgsql": "PgSQLServer", "mysql": "MySQLServer"}
IDENTIFIERS = {"sqlite": "SQLiteUIDInSignature", "pgsql": "PgSQLUIDInSignature", "mysql": "MySQLUIDInSignature"}


class OwnServer:
    """`server` is of tests/servers.py; it waits for no disk, but what it has committed outlives it; `options` are further ones."""

    def __init__(self, driver, options=()):
        kind = next(kind for kind in servers.KINDS if kind.name == driver)
        if not kind.is_installed():
            pytest.skip(f"the server for {driver} is not installed: scripts/install-packages test")
        self.driver = driver
        self.directory = tempfile.mkdtemp(prefix="dspam-own-")
        self.server = kind(self.directory, (*kind.quick, *options))
        self.server.start()
        self.disk = None
        self._let_in()

    def _let_in(self):
        server = self.server
        if self.driver == "pgsql":
            path = os.path.join(server.directory, "data/pg_hba.conf")
            with open(path, encoding="ascii") as file:
                rules = file.read()
            with open(path, "w", encoding="ascii") as file:
                file.write(f"local all {ACCOUNT} scram-sha-256\n{rules}")
            server.sql(f"CREATE ROLE {ACCOUNT} LOGIN PASSWORD '{servers.PASSWORD}'; SELECT pg_reload_conf()")
            server.data(server.directory, server.port, ACCOUNT)
        else:
            server.sql(f"CREATE USER {ACCOUNT}@localhost IDENTIFIED BY '{servers.PASSWORD}'; "
                       f"GRANT SELECT, INSERT, UPDATE, DELETE ON `dspam%`.* TO {ACCOUNT}@localhost")
            server.data(server.socket, 3306, ACCOUNT)

    @property
    def place(self):
        """What complaints should name."""
        return self.server.directory if self.driver == "pgsql" else self.server.socket

    def database(self, home):
        database = Database(home, self.driver, own=self.directory)
        self.grant(database)
        return database

    def grant(self, database):
        if self.driver == "pgsql":
            database.query(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ACCOUNT};"
                           f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ACCOUNT}")

    def change_password(self, password):
        self.server.sql(f"ALTER ROLE {ACCOUNT} PASSWORD '{password}'" if self.driver == "pgsql"
                        else f"SET PASSWORD FOR {ACCOUNT}@localhost = PASSWORD('{password}')")

    def read_only(self, on):
        if self.driver == "pgsql":
            self.server.sql(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}")
            self.server.sql("SELECT pg_reload_conf()")
        else:
            self.server.sql(f"SET GLOBAL read_only = {int(on)}")

    @contextlib.contextmanager
    def paused(self):
        """It accepts connections, as the kernel does for it, and says nothing."""
        processes = self.server.processes()
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in reversed(processes):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def stop(self, how=None):
        self.server.stop(*([how] if how else []))

    def start(self):
        if self.server.process is None:
            self.server.start()

    # ---- a disk that can be filled

    def small_disk(self, name):
        """A file system of its own for the tables of a database that is made now."""
        if self.driver == "mysql":
            self.server.sql(f"CREATE DATABASE {name}")
        disk = os.path.join(self.server.directory, "small" if self.driver == "pgsql" else f"data/{name}")
        os.makedirs(disk, exist_ok=True)
        options = f"size={DISK},uid={self.server.user.pw_uid},gid={self.server.user.pw_gid},mode=0700" if self.server.user else ""
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "dspam-test", disk], capture_output=True, check=False)
        if mounted.returncode != 0:
            pytest.skip("no file system of our own can be mounted here (mount -t tmpfs), so none can be filled")
        self.disk = disk
        if self.driver == "pgsql":
            self.server.sql(f"CREATE TABLESPACE small LOCATION '{disk}'")
            self.server.sql(f"CREATE DATABASE {name} TABLESPACE small")

    @contextlib.contextmanager
    def full(self):
        ballast = os.path.join(self.disk, "ballast")
        with open(ballast, "wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while file.write(b"x" * 4096):
                    pass
        try:
            yield
        finally:
            os.unlink(ballast)

    def drop_small_disk(self, name):
        """The file system goes with all that is on it, once the server has let go of it."""
        if self.driver == "pgsql":
            self.server.sql(f"DROP DATABASE {name} WITH (FORCE)")
            self.server.sql("DROP TABLESPACE small")
        else:
            for (table,) in [line.split() for line in self.server.sql("SHOW TABLES", name).splitlines()]:
                self.server.sql(f"DROP TABLE {table}", name)
        subprocess.run(["umount", self.disk], check=True)
        if self.driver == "mysql":
            self.server.sql(f"DROP DATABASE {name}")
        self.disk = None

    def close(self):
        self.stop()
        if self.disk:
            subprocess.run(["umount", self.disk], check=True)
        shutil.rmtree(self.directory, ignore_errors=True)


class Proxy:
    """
    A socket in front of the server's. With `cut` set to "before" or "after", the next connection that commits a lesson is
    closed before the server hears of it, or when `is_done()` says that the server has done it and before it can say so.
    "late": before the server hears of it, as it does when `is_done()` says that it has done what came after.
    """

    def __init__(self, own, directory, is_done):
        os.makedirs(directory, exist_ok=True)
        self.name = ".s.PGSQL.5432" if own.driver == "pgsql" else "socket"
        self.target = os.path.join(own.server.directory, self.name)
        self.host = os.fspath(directory) if own.driver == "pgsql" else os.path.join(directory, self.name)
        self.is_done, self.cut, self.cuts, self.late = is_done, None, 0, 0
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(os.path.join(directory, self.name))
        os.chmod(os.path.join(directory, self.name), 0o777)
        self.listening.listen(20)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listening.accept()[0]
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.target)
                held = threading.Event()
                threading.Thread(target=self._ask, args=(client, server, held), daemon=True).start()
                threading.Thread(target=self._answer, args=(client, server, held), daemon=True).start()

    def _ask(self, client, server, held):
        request = b""
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 20):
                request = request[-(1 << 20):] + data
                commits = b"dspam_stats SET" in request and b"COMMIT" in request[-40:]
                if commits and self.cut == "before":
                    break
                if commits and self.cut == "late":
                    self._send_late(client, server, data, held)
                    return
                if commits and self.cut == "after":
                    held.set()
                server.sendall(data)
                if held.is_set():
                    while not self.is_done():
                        pass
                    break
                if commits:
                    request = b""
            else:
                self._end(client, server)
                return
            self.cut, self.cuts = None, self.cuts + 1
        self._end(client, server)

    def _send_late(self, client, server, data, held):
        held.set()
        self.cut, self.cuts = None, self.cuts + 1
        client.shutdown(socket.SHUT_RDWR)
        while not self.is_done():
            pass
        server.sendall(data)

    def _answer(self, client, server, held):
        with contextlib.suppress(OSError):
            while (data := server.recv(1 << 20)) and not held.is_set():
                client.sendall(data)
            if held.is_set():
                self.late += 1
                return
        self._end(client, server)

    @staticmethod
    def _end(*sockets):
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
