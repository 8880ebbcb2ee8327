"""
The store of a test: a file of SQLite, or, if DSPAM_TEST_DRIVER is pgsql or mysql, a database of its own on a server.

The server is that of DSPAM_TEST_SERVERS (tests/servers.py), else one that is started with the first test that needs it
and stopped with the last. Databases are made for a Home, into which the place of the database is written.
"""

import atexit
import contextlib
import datetime
import itertools
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))

import servers  # noqa: E402 (tests/servers.py)

DRIVER = os.environ.get("DSPAM_TEST_DRIVER") or "sqlite"
DRIVERS = ("sqlite", "pgsql", "mysql")
TEMPLATE = f"dspam_template_{os.getpid()}"  # runs beside each other share a server
PREFIXES = {"pgsql": "PgSQL", "mysql": "MySQL"}
_directories = {}  # of the server of each driver
_made = []  # databases of the test that runs
_numbers = itertools.count()


def sqlite_only(reason):
    """For a test that is not for the servers."""
    return pytest.mark.skipif(DRIVER != "sqlite", reason=f"for SQLite: {reason}")


def _start(driver):
    if not next(kind for kind in servers.KINDS if kind.name == driver).is_installed():
        pytest.skip(f"the server for {driver} is not installed: scripts/install-packages test")
    directory = tempfile.mkdtemp(prefix="dspam-servers-")
    process = subprocess.Popen([sys.executable, f"{ROOT}/tests/servers.py", directory, driver], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, start_new_session=True)

    def stop():
        process.stdin.close()
        process.wait()
        shutil.rmtree(directory, ignore_errors=True)

    atexit.register(stop)
    assert process.stdout.readline() == b"ready\n", f"the server for {driver} does not start"
    return directory


def server(driver):
    """The directory of the server for a driver, which has a template of a new store."""
    if driver not in _directories:
        given = os.environ.get("DSPAM_TEST_SERVERS")
        directory = given if given and os.path.exists(f"{given}/{driver}.data") else _start(driver)
        _directories[driver] = directory
        if driver == "pgsql":
            servers.run_sql(directory, driver, f"DROP DATABASE IF EXISTS {TEMPLATE}")
            servers.run_sql(directory, driver, f"CREATE DATABASE {TEMPLATE}")
            servers.run_sql(directory, driver, _schema(driver), TEMPLATE)
    return _directories[driver]


def _schema(driver):
    with open(f"{ROOT}/schema/{driver}.sql", encoding="utf-8") as schema:
        return schema.read()


def _value(text):
    return int(text) if re.fullmatch(r"-?\d+", text) else None if text == "NULL" else text


class Database:
    """
    A new store for the programs of which `home` is Home; `line` is its line of dspam.conf.

    `query` runs SQL and returns rows, as tuples of numbers and texts. `own` is the directory of a server of the test's own.
    """

    def __init__(self, home, driver=None, own=None):
        self.home, self.driver, self.own = os.fspath(home), driver or DRIVER, own
        self.line = f"StorageDriver {self.driver}"
        self.file = os.path.join(self.home, "dspam.sqlite")
        self.name = None
        if self.driver != "sqlite":
            self.server = own or server(self.driver)
            self.name = f"dspam_{os.getpid()}_{next(_numbers)}"
            self._make()
            _made.append(self)

    def _make(self):
        template = f" TEMPLATE {TEMPLATE}" if self.driver == "pgsql" and not self.own else ""
        servers.run_sql(self.server, self.driver, f"CREATE DATABASE {self.name}{template}")
        if not template:
            self.make_tables()
        self.place(self.home)

    def make_tables(self):
        self.query(_schema(self.driver))

    def place(self, home):
        """Say in another Home, too, where the database is."""
        with open(f"{self.server}/{self.driver}.data", encoding="ascii") as data:
            lines = data.read().splitlines()
        path = os.path.join(home, f"{self.driver}.data")
        with open(path, "w", encoding="ascii") as data:
            data.write("\n".join([*lines[:4], self.name, ""]))

    def drop(self):
        force = " WITH (FORCE)" if self.driver == "pgsql" else ""
        servers.run_sql(self.server, self.driver, f"DROP DATABASE {self.name}{force}")

    def query(self, text):
        if self.driver != "sqlite":
            lines = servers.run_sql(self.server, self.driver, text, self.name).splitlines()
            return [tuple(map(_value, line.split("|" if self.driver == "pgsql" else "\t"))) for line in lines]
        database = sqlite3.connect(self.file, timeout=30)
        try:
            with database:
                return database.execute(text).fetchall()
        finally:
            database.close()

    def insert(self, table, rows):
        """Rows of numbers, and of dates from date(); of tokens (signed) without the columns that are ours alone."""
        if table == "dspam_token_data" and self.driver == "mysql":
            rows = [(uid, token % 2**64, *others) for uid, token, *others in rows]
        columns = " (uid, token, spam_hits, innocent_hits, last_hit)" if table == "dspam_token_data" else ""
        for start in range(0, len(rows), 1000):
            values = ",".join(f"({','.join(map(str, row))})" for row in rows[start:start + 1000])
            self.query(f"INSERT INTO {table}{columns} VALUES {values}")

    def date(self, ago):
        """The day so many days before today, as a value in SQL."""
        day = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=ago)
        return f"'{day}'" if self.driver != "sqlite" else day.toordinal() - datetime.date(1970, 1, 1).toordinal()

    def earlier(self, column, days):
        """The column, so many days before, in SQL."""
        return f"{column} - INTERVAL {days} DAY" if self.driver == "mysql" else f"{column} - {days}"

    def row_of(self, user, columns):
        """Totals of a user, whose name has no quotes; None: there are none."""
        rows = self.query(f"SELECT {columns} FROM dspam_stats JOIN dspam_virtual_uids USING (uid) WHERE username = '{user}'")
        return rows[0] if rows else None


# What shows that somebody has come so far, and how it is seen.
MARKS = {
    "pgsql": ("SELECT pg_advisory_lock(1)", "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
              " (SELECT oid FROM pg_database WHERE datname = current_database())"),
    "mysql": ("SELECT GET_LOCK(DATABASE(), 0)", "SELECT IS_USED_LOCK(DATABASE()) IS NOT NULL"),
}


@contextlib.contextmanager
def at_work(database, text, seconds=None):
    """Somebody else has done this on a server, and commits it so many seconds later, or at the end; at the end he has."""
    mark, look = MARKS[database.driver]
    with subprocess.Popen([f"{database.server}/{database.driver}.sh", "-", database.name], stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, text=True) as him:
        him.stdin.write(f"BEGIN; {text} {mark};\n")
        him.stdin.flush()
        while database.query(look) == [(0,)]:
            assert him.poll() is None, "he has ended before anybody else has begun"
            time.sleep(0.02)
        over = threading.Event()
        commit = threading.Thread(target=lambda: (over.wait(seconds), him.communicate("COMMIT;\n")))
        commit.start()
        try:
            yield
        finally:
            if seconds is None:
                over.set()
            commit.join()
        assert him.returncode == 0


def away(directory, suffix="", driver=None):
    """Lines of dspam.conf that name a store which cannot be opened, and what the complaint of it names."""
    driver = driver or DRIVER
    path = os.path.join(directory, "away")
    if driver == "sqlite":
        return [f"SQLiteFile{suffix} {path}/dspam.sqlite"], f"{path}/dspam.sqlite"
    prefix = PREFIXES[driver]
    return [f"{prefix}Server{suffix} {path}", f"{prefix}User{suffix} u", f"{prefix}Db{suffix} dspam"], path


def drop_all():
    while _made:
        _made.pop().drop()
