"""Databases of servers as DSPAM 3.9 and 3.10 made and filled them: their tables, and what their drivers and scripts say."""

import datetime
import getpass
import json
import os
import re
import subprocess

import pytest

from database import PREFIXES, ROOT, Database, servers

TOTALS = ("spam_learned", "innocent_learned", "spam_misclassified", "innocent_misclassified", "spam_corpusfed",
          "innocent_corpusfed", "spam_classified", "innocent_classified")
STATISTICS = os.path.join(ROOT, "tests/data/statistics")
EXTREMES = (1, 2**63 - 1, 2**63, 2**63 + 5, 2**64 - 1)
FORMS = ("pgsql-bigint", "pgsql-numeric", "mysql-myisam", "mysql-innodb")

_PGSQL = """
CREATE TABLE dspam_token_data (uid int, token {token}, spam_hits int, innocent_hits int, last_hit date, UNIQUE (uid, token));
CREATE TABLE dspam_signature_data (uid int, signature varchar(128), data bytea, length int, created_on date,
    UNIQUE (uid, signature));
CREATE TABLE dspam_stats (uid int PRIMARY KEY, {totals});
CREATE TABLE dspam_preferences (uid int, preference varchar(128), value varchar(128), UNIQUE (uid, preference));
CREATE SEQUENCE dspam_virtual_uids_seq;
CREATE TABLE dspam_virtual_uids (uid int PRIMARY KEY DEFAULT nextval('dspam_virtual_uids_seq'), username varchar(128) UNIQUE,
    UNIQUE (uid));
CREATE FUNCTION lookup_tokens(integer, {token}[]) RETURNS SETOF dspam_token_data LANGUAGE plpgsql STABLE AS
    'BEGIN RETURN QUERY SELECT * FROM dspam_token_data WHERE uid = $1 AND token = ANY ($2); END;';
ALTER TABLE dspam_token_data ALTER token SET STATISTICS 200;
"""
_MYSQL = """
CREATE TABLE dspam_token_data (uid int unsigned NOT NULL, token bigint unsigned NOT NULL, spam_hits bigint unsigned NOT NULL,
    innocent_hits bigint unsigned NOT NULL, last_hit date NOT NULL, UNIQUE KEY id_token_data_01 (uid, token)) {engine};
CREATE TABLE dspam_signature_data (uid int unsigned NOT NULL, signature char(32) NOT NULL, data longblob NOT NULL,
    length int unsigned NOT NULL, created_on date NOT NULL, UNIQUE KEY id_signature_data_01 (uid, signature),
    KEY id_signature_data_02 (created_on)) {engine};
CREATE TABLE dspam_stats (uid int unsigned PRIMARY KEY, {totals}) {engine};
CREATE TABLE dspam_preferences (uid int unsigned NOT NULL, preference varchar(32) NOT NULL, value varchar(64) NOT NULL,
    UNIQUE KEY id_preferences_01 (uid, preference)) {engine};
CREATE TABLE dspam_virtual_uids (uid int unsigned AUTO_INCREMENT PRIMARY KEY, username varchar(128),
    UNIQUE KEY id_virtual_uids_01 (username)) {engine};
"""
_PURGE_PGSQL = """
START TRANSACTION;
DELETE FROM dspam_token_data WHERE (innocent_hits*2) + spam_hits < 5 AND last_hit < CURRENT_DATE - 30;
DELETE FROM dspam_token_data WHERE innocent_hits + spam_hits = 1 AND last_hit < CURRENT_DATE - 15;
DELETE FROM dspam_token_data WHERE last_hit < CURRENT_DATE - 90{unless};
DELETE FROM dspam_signature_data WHERE created_on < CURRENT_DATE - 14;
COMMIT;
VACUUM ANALYSE dspam_token_data;
VACUUM ANALYSE dspam_signature_data;
REINDEX TABLE dspam_token_data;
REINDEX TABLE dspam_signature_data;
"""
_PURGE_MYSQL = """
SET @a = to_days(current_date());
START TRANSACTION;
DELETE LOW_PRIORITY QUICK FROM dspam_token_data WHERE (innocent_hits*2) + spam_hits < 5 AND @a - to_days(last_hit) > 30;
DELETE LOW_PRIORITY QUICK FROM dspam_token_data WHERE innocent_hits + spam_hits = 1 AND @a - to_days(last_hit) > 15;
DELETE LOW_PRIORITY QUICK FROM t USING dspam_token_data t LEFT JOIN dspam_preferences p ON p.preference = 'trainingMode'
    AND p.uid = t.uid LEFT JOIN dspam_preferences d ON d.preference = 'trainingMode' AND d.uid = 0
    WHERE COALESCE(p.value, d.value, 'TEFT') NOT IN ('TOE', 'TUM', 'NOTRAIN') AND @a - to_days(t.last_hit) > 90;
DELETE LOW_PRIORITY QUICK FROM t USING dspam_token_data t LEFT JOIN dspam_preferences p ON p.preference = 'trainingMode'
    AND p.uid = t.uid LEFT JOIN dspam_preferences d ON d.preference = 'trainingMode' AND d.uid = 0
    WHERE COALESCE(p.value, d.value, 'TEFT') = 'TUM' AND @a - to_days(t.last_hit) > 90
    AND t.innocent_hits + t.spam_hits < 50;
DELETE LOW_PRIORITY QUICK FROM dspam_signature_data WHERE @a - 14 > to_days(created_on);
COMMIT;
"""


def load(name):
    with open(os.path.join(STATISTICS, name), encoding="utf-8") as file:
        return json.load(file)


def trained():
    """{tokenizer: (totals, {token: (spam, innocent)})} of DSPAM 3.10."""
    return {tokenizer: ([state["totals"][name] for name in TOTALS], {int(token): hits for token, hits in state["tokens"].items()})
            for tokenizer, state in load("trained-store.json").items() if tokenizer != "note"}


def recorded():
    """(message, verdict of DSPAM 3.10 as printed) with the store of `word` and the settings of OldSite."""
    rule = next(rule for rule in load("combinations.json")["results"] if rule["message"] == "test-mixed.eml" and
                (rule["tokenizer"], rule["pvalue"], rule["algorithm"], rule["processorBias"]) == (
                    "word", "bcr", "graham burton", "on"))
    with open(os.path.join(STATISTICS, rule["message"]), "rb") as file:
        return file.read(), (rule["result"], rule["probability"], rule["confidence"])


class Original(Database):
    """A database of the original, of one of FORMS; `without` names tables that it has not."""

    def __init__(self, home, form, without=(), own=None):
        self.form, self.without = form, without
        self.unsigned = form != "pgsql-bigint"
        super().__init__(home, form.split("-")[0], own)

    def _make(self):
        servers.run_sql(self.server, self.driver, f"CREATE DATABASE {self.name}")
        if self.driver == "pgsql":
            columns = ", ".join(f"{name} int" for name in TOTALS)
            text = _PGSQL.format(token="numeric(20)" if self.form == "pgsql-numeric" else "bigint", totals=columns)
        else:
            engine = "MyISAM" if self.form == "mysql-myisam" else "InnoDB"
            columns = ", ".join(f"{name} bigint unsigned NOT NULL" for name in TOTALS)
            text = _MYSQL.format(engine=f"ENGINE={engine} DEFAULT CHARSET=latin1 COLLATE=latin1_general_ci", totals=columns)
        self.query(text + "".join(f"DROP TABLE {table};" for table in self.without))
        self.place(self.home)

    def spelt(self, token):
        return str(token if self.unsigned or token < 2**63 else token - 2**64)

    def _bytes(self, data):
        return f"'\\x{data.hex()}'" if self.driver == "pgsql" else f"X'{data.hex()}'"

    # ---- what its programs say

    def user(self, name, uid=None):
        """The number of a user whom it makes known."""
        fields, values = ("uid, username", f"{uid}, '{name}'") if uid else ("username", f"'{name}'")
        self.query(f"INSERT INTO dspam_virtual_uids ({fields}) VALUES ({values})")
        return self.query(f"SELECT uid FROM dspam_virtual_uids WHERE username = '{name}'")[0][0]

    def fill(self, uid, totals, tokens, day="CURRENT_DATE"):
        self.query(f"INSERT INTO dspam_stats (uid, {', '.join(TOTALS)}) VALUES ({uid}, {', '.join(map(str, totals))})")
        rows = ",".join(f"({uid},{self.spelt(token)},{spam},{innocent},{day})" for token, (spam, innocent) in tokens.items())
        self.query(f"INSERT INTO dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit) VALUES {rows}")

    def signature(self, uid, name, data, day="CURRENT_DATE"):
        self.query(f"INSERT INTO dspam_signature_data (uid, signature, length, created_on, data)"
                   f" VALUES ({uid}, '{name}', {len(data)}, {day}, {self._bytes(data)})")

    def preference(self, uid, name, value):
        self.query(f"DELETE FROM dspam_preferences WHERE uid = {uid} AND preference = '{name}';"
                   f"INSERT INTO dspam_preferences (uid, preference, value) VALUES ({uid}, '{name}', '{value}')")

    def learn(self, uid, tokens, kind):
        """One message as its driver writes it: unknown tokens inserted, known ones updated together, then the totals."""
        known = set(self.tokens(uid)) & set(tokens)
        hits = (int(kind == "spam"), int(kind == "innocent"))
        new = [(uid, self.spelt(token), *hits) for token in tokens if token not in known]
        statements = self._inserts(new)
        if known:
            keys = ",".join(map(self.spelt, known))
            statements += (f"UPDATE dspam_token_data SET last_hit = CURRENT_DATE, {kind}_hits = {kind}_hits + 1"
                           f" WHERE uid = {uid} AND token IN ({keys});")
        if not self.query(f"SELECT 1 FROM dspam_stats WHERE uid = {uid}"):
            zeros = ", ".join("0" for _ in TOTALS)
            statements += f"INSERT INTO dspam_stats (uid, {', '.join(TOTALS)}) VALUES ({uid}, {zeros});"
        changes = ", ".join(f"{name} = {name} + {int(name == f'{kind}_learned')}" for name in TOTALS)
        self.query(f"{statements} UPDATE dspam_stats SET {changes} WHERE uid = {uid};")

    def _inserts(self, rows):
        if not rows:
            return ""
        columns = "dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit)"
        if self.driver == "mysql":
            values = ",".join(f"({uid},{token},{spam},{innocent},current_date())" for uid, token, spam, innocent in rows)
            return (f"INSERT INTO {columns} VALUES {values} ON DUPLICATE KEY UPDATE last_hit = current_date(),"
                    f" spam_hits = spam_hits + {rows[0][2]}, innocent_hits = innocent_hits + {rows[0][3]};")
        kind = "numeric(20)" if self.unsigned else "bigint"
        return (f"PREPARE dspam_insert ({kind}) AS INSERT INTO {columns} VALUES ({rows[0][0]}, $1, {rows[0][2]}, {rows[0][3]},"
                " CURRENT_DATE);" + "".join(f"EXECUTE dspam_insert ({row[1]});" for row in rows))

    def purge(self, extended=False):
        """purge.sql or purge-pe.sql, purge-4.1.sql."""
        unless = (" AND uid NOT IN (SELECT uid FROM dspam_preferences WHERE preference = 'trainingMode'"
                  " AND value IN ('TOE', 'TUM', 'NOTRAIN'))") if extended else ""
        self.query(_PURGE_MYSQL if self.driver == "mysql" else _PURGE_PGSQL.format(unless=unless))

    # ---- what is there

    def tokens(self, uid):
        """{token: (spam, innocent)}"""
        rows = self.query(f"SELECT token, spam_hits, innocent_hits FROM dspam_token_data WHERE uid = {uid}")
        return {int(token) % 2**64: (spam or 0, innocent or 0) for token, spam, innocent in rows}

    def totals(self, uid):
        rows = self.query(f"SELECT {', '.join(TOTALS)} FROM dspam_stats WHERE uid = {uid}")
        return [total or 0 for total in rows[0]] if rows else None

    def shape(self, tables=("token_data", "signature_data", "stats", "preferences", "virtual_uids")):
        """Columns of the original's tables, in order, with type, default and whether they may be NULL."""
        names = ", ".join(f"'dspam_{table}'" for table in tables)
        schema = "current_schema()" if self.driver == "pgsql" else "DATABASE()"
        return self.query("SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
                          f" WHERE table_schema = {schema} AND table_name IN ({names}) ORDER BY table_name, ordinal_position")

    def names(self):
        """Of all tables."""
        schema = "current_schema()" if self.driver == "pgsql" else "DATABASE()"
        return {row[0] for row in self.query(f"SELECT table_name FROM information_schema.tables WHERE table_schema = {schema}")}


def day(ago):
    return f"'{datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=ago)}'"


class OldSite:
    """Our programs on a database of the original."""

    def __init__(self, directory, programs, form, *lines, without=(), own=None):
        if not os.path.exists(f"{programs}/dspam_admin"):
            pytest.skip("the programs are not built")
        self.directory, self.programs = directory, programs
        self.home = directory / "home"
        self.home.mkdir()
        self.config = directory / "dspam.conf"
        self.store = Original(self.home, form, without, own)
        self.prefix = PREFIXES[self.store.driver]
        self.configure(*lines)

    def configure(self, *lines):
        """Lines stand in place of ours for the same directive."""
        library = "libpgsql_drv.so" if self.store.driver == "pgsql" else "libmysql_drv.so"
        own = [f"Home {self.home}", f"StorageDriver /usr/lib/dspam/{library}", f"Trust {getpass.getuser()}",
               "Tokenizer word", "PValue bcr", "Algorithm graham burton", "ProcessorBias on", "ProcessorURLContext on",
               "TrainingMode teft", "AllowOverride trainingMode", "AllowOverride spamSubject",
               'Preference "signatureLocation=headers"', 'Preference "spamAction=tag"']
        given = {line.split()[0] for line in lines} - {"Preference"}
        self.config.write_text("\n".join([*(line for line in own if line.split()[0] not in given), *lines, ""]))

    def run(self, program, *arguments, message=b"", environment=None):
        command = [os.path.join(self.programs, program), "--config", self.config, *arguments]
        return subprocess.run([os.fspath(word) for word in command], input=message, capture_output=True, check=False,
                              env={**os.environ, **(environment or {})})

    def good(self, program, *arguments, **more):
        answer = self.run(program, *arguments, **more)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout.decode()

    def migrate(self):
        return self.good("dspam_admin", "migrate")

    def verdict(self, user, message):
        """(result, probability, confidence) as printed."""
        answer = self.good("dspam", "--user", user, "--classify", message=message)
        return re.search(r'result="(\w+)"; class="\w+"; probability=([\d.]+); confidence=([\d.]+)', answer).groups()

    def teach(self, user, message, kind, source="corpus"):
        self.good("dspam", "--user", user, f"--class={kind}", f"--source={source}", "--deliver=", message=message)

    def process(self, user, message):
        """The signature of a message that is judged and learned as it comes in."""
        text = self.good("dspam", "--user", user, "--deliver=innocent,spam", "--stdout", message=message)
        return re.search(r"^X-DSPAM-Signature: (\S+)", text, re.MULTILINE)[1]

    def correct(self, user, signature, kind):
        self.good("dspam", "--user", user, f"--class={kind}", "--source=error", f"--signature={signature}")
