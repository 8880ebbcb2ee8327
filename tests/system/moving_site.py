"""What the tests of moving users share: what the original's files hold, stores to move to, and what is in them."""

import json
import os
import re
import sqlite3
import struct
import time

import pytest

import servers
from tool_site import SETTINGS, Site

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STATISTICS = os.path.join(ROOT, "tests/data/statistics")
TOTALS = ["spam_learned", "innocent_learned", "spam_misclassified", "innocent_misclassified", "spam_corpusfed",
          "innocent_corpusfed", "spam_classified", "innocent_classified"]
TODAY = time.strftime("%Y-%m-%d", time.gmtime())
VERIFIED = re.compile(r"^(\S+): (\d+) tokens, (\d+) signatures, checksums [0-9a-f]{16} [0-9a-f]{16}: verified$", re.MULTILINE)


def load(name):
    with open(os.path.join(STATISTICS, name), encoding="utf-8") as file:
        return json.load(file)


class Learned:
    """What somebody's store holds: totals, {token: (spam, innocent)}, {signature: data}."""

    def __init__(self, totals, tokens, signatures=None):
        self.totals = totals
        self.tokens = tokens
        self.signatures = signatures or {}

    def css(self, path, records=1009, age=0):
        """As the hash driver keeps it: open addressing, and one more extent when one is full."""
        path.parent.mkdir(parents=True, exist_ok=True)
        extents = [[(0, 0, 0)] * records]
        for token, (spam, innocent) in self.tokens.items():
            for extent in extents + [None]:
                if extent is None:
                    extent = [(0, 0, 0)] * records
                    extents.append(extent)
                place = token % records
                for step in range(100):  # HashMaxSeek
                    at = (place + step) % records
                    if extent[at][0] == 0 and (step == 0 or at * 24 + 80 < records * 24):
                        extent[at] = (token, innocent | (age & 15) << 28, spam | (age >> 4) << 28)
                        break
                else:
                    continue
                break
        with open(path, "wb") as file:
            for number, extent in enumerate(extents):
                file.write(struct.pack("<9Q8x", records, *(self.totals if number == 0 else [0] * 8)))
                file.write(b"".join(struct.pack("<3Q", *record) for record in extent))
        if self.signatures:
            directory = path.with_suffix(".sig")
            directory.mkdir()
            for name, data in self.signatures.items():
                (directory / f"{name}.sig").write_bytes(data)
        return path

    def sdb(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(path) as database:
            database.executescript(
                "CREATE TABLE dspam_token_data (token char(20) primary key, spam_hits int, innocent_hits int, last_hit date);"
                "CREATE INDEX id_token_data_02 ON dspam_token_data (innocent_hits);"
                "CREATE TABLE dspam_signature_data (signature char(128) primary key, data blob, created_on date);"
                "CREATE TABLE dspam_stats (dspam_stat_id int primary key, " + " int, ".join(TOTALS) + " int);")
            database.execute(f"INSERT INTO dspam_stats VALUES (0, {', '.join('?' * 8)})", self.totals)
            database.executemany("INSERT INTO dspam_token_data VALUES (?, ?, ?, ?)",
                                 [(str(token), *hits, TODAY) for token, hits in self.tokens.items()])
            database.executemany("INSERT INTO dspam_signature_data VALUES (?, ?, ?)",
                                 [(name, data, TODAY) for name, data in self.signatures.items()])
        database.close()
        return path

    def sql(self, path, uid=4711):
        """As the original's dspam_2sql writes it: tokens in double quotes, days in seconds."""
        now = int(time.time())
        lines = [f"insert into dspam_stats (uid, {', '.join(TOTALS)}) values({uid}, {', '.join(map(str, self.totals))});"]
        lines += [f'insert into dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit) values({uid}, "{token}", '
                  f"{spam}, {innocent}, {now});" for token, (spam, innocent) in self.tokens.items()]
        path.write_text("\n".join(lines) + "\n")
        return path

    def dump(self, path):
        """As the original's dspam_dump writes it: ctime brings a LF of its own."""
        path.write_text("".join(
            f"{token:<20} S: {spam:05}  I: {innocent:05}  P: 0.4000 LH: {time.strftime('%a %b %e %H:%M:%S %Y', time.gmtime())}\n\n"
            for token, (spam, innocent) in self.tokens.items()))
        return path


def made_up(count, seed=1):
    tokens = {(number * seed * 0x9E3779B97F4A7C15) % 2**64 or 1: (number % 7, number % 5 + 1) for number in range(1, count + 1)}
    signatures = {f"{number:032x}": struct.pack("<QB7x", number, 1) * 3 for number in range(1, 5)}
    return Learned([30, 40, 1, 2, 3, 4, 5, 6], tokens, signatures)


@pytest.fixture
def site(tmp_path, programs):
    return Site(tmp_path, programs, SETTINGS)


@pytest.fixture
def other(tmp_path, programs):
    directory = tmp_path / "other"
    directory.mkdir()
    return Site(directory, programs, SETTINGS)


def exported(site, user):
    return site.good("dspam_admin", "export-user", user)


def content(site, user):
    """(totals, {token: (spam, innocent)}, {signature: data}) of a store."""
    lines = [line.split(" ") for line in exported(site, user).splitlines()]
    totals = next([int(word) for word in line[1:]] for line in lines if line[0] == "totals")
    tokens = {int(line[1]): (int(line[2]), int(line[3])) for line in lines if line[0] == "token"}
    signatures = {line[1]: bytes.fromhex(line[3]) for line in lines if line[0] == "signature"}
    return totals, tokens, signatures


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    """{name: server}, of those that are installed, each with the tables of a new store."""
    directory = tmp_path_factory.mktemp("databases", numbered=True)
    for parent in [directory, *directory.parents][:3]:
        os.chmod(parent, 0o755)
    started = {}
    try:
        for kind in servers.KINDS:
            if kind.is_installed():
                started[kind.name] = kind(str(directory)).start()
                with open(os.path.join(ROOT, f"schema/{kind.name}.sql"), encoding="utf-8") as schema:
                    started[kind.name].sql(schema.read())
        yield started
    finally:
        for server in started.values():
            server.stop()


def on_server(directory, programs, server):
    directory.mkdir()
    site = Site(directory, programs, SETTINGS, driver=server.name)
    host, port, user, password, database = (directory.parent / server.home / f"{server.name}.data").read_text().split()
    kind = "PgSQL" if server.name == "pgsql" else "MySQL"
    with open(site.config, "a", encoding="ascii") as config:
        config.write(f"{kind}Server {host}\n{kind}Port {port}\n{kind}User {user}\n{kind}Pass {password}\n{kind}Db {database}\n")
    return site
