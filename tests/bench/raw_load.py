"""The same batches without us: what the client of each server (psql, mariadb) gets out of it, to stand beside store_load.

Statements and messages are those of store_load, message by message; who sends them does nothing else.
"""

import os
import subprocess
import time

FREQUENT, RANGE, DAY = 5000, 200000, 20000
MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
HEAD = "INSERT INTO dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit) "


def spread(number):
    number = ((number ^ number >> 30) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ number >> 27) * 0x94D049BB133111EB) & MASK
    return number ^ number >> 31


def messages(seed, tokens, users, count):
    """(uid, tokens) of each, as one connection of store_load makes them."""
    state = seed << 32
    for i in range(count):
        found = set()
        for _ in range(tokens):
            state = (state + GOLDEN) & MASK
            number = spread(state)
            token = spread(number // 10 % (FREQUENT if number % 10 < 7 else RANGE) + 1)
            found.add(token - (1 << 64) if token >> 63 else token)
        yield 1 + spread((seed << 32) + i) % users, sorted(found)


def _pgsql_read(uid, tokens):
    return (f"SELECT token, spam_hits, innocent_hits, last_hit FROM dspam_token_data WHERE uid = {uid}"
            f" AND token = ANY ((SELECT '{{{','.join(map(str, tokens))}}}'::bigint[])::bigint[]);\n")


def _pgsql_learn(uid, tokens):
    return (f"BEGIN\\;{HEAD}SELECT {uid}, token, 1, 0, DATE '1970-01-01' + {DAY} FROM unnest("
            f"'{{{','.join(map(str, tokens))}}}'::bigint[]) AS b (token) ON CONFLICT (uid, token) DO UPDATE"
            " SET spam_hits = dspam_token_data.spam_hits + excluded.spam_hits, last_hit = excluded.last_hit\\;COMMIT;\n")


def _mysql_read(uid, tokens):
    return (f"SELECT token, spam_hits, innocent_hits, last_hit FROM dspam_token_data WHERE uid = {uid}"
            f" AND token IN ({','.join(str(token & MASK) for token in tokens)});\n")


def _mysql_learn(uid, tokens):
    rows = ",".join(f"({uid},{token & MASK},1,0,FROM_DAYS(719528+{DAY}))" for token in tokens)
    return (f"BEGIN; {HEAD}VALUES {rows} ON DUPLICATE KEY UPDATE spam_hits = spam_hits + VALUES(spam_hits),"
            " last_hit = VALUES(last_hit); COMMIT;\n")


TEXTS = {("pgsql", "read"): _pgsql_read, ("pgsql", "learn"): _pgsql_learn,
         ("mysql", "read"): _mysql_read, ("mysql", "learn"): _mysql_learn}


def rate(server, database, scratch, what, tokens, users, connections, count):
    """Messages a second of `connections` clients at once, `count` each."""
    paths = []
    for seed in range(1, connections + 1):
        paths.append(os.path.join(scratch, f"raw-{seed}.sql"))
        with open(paths[-1], "w", encoding="ascii") as file:
            file.writelines(TEXTS[server.name, what](*message) for message in messages(seed, tokens, users, count))
    script = os.path.join(server.home, f"{server.name}.sh")
    began = time.monotonic()
    clients = []
    for path in paths:
        with open(path, "rb") as text:
            clients.append(subprocess.Popen([script, "-", database], stdin=text, stdout=subprocess.DEVNULL))
    ended = [client.wait() for client in clients]
    took = time.monotonic() - began
    if any(ended):
        raise SystemExit(f"{script}: ended with {max(ended)}")
    return connections * count / took
