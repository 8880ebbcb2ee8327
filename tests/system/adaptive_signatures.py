"""
What Algorithm adaptive has learned, read without its code: signatures by their format (src/filter/kept_features.h), rows by
SQL. The rows of a user are the sum of the lessons that stand in his signatures.
"""

import collections
import struct

LESSONS = 0  # the token that counts the lessons
CLASSES = (None, "spam", "innocent")
VIEWS = 4

Row = collections.namedtuple("Row", "spam innocent weight gradient")
Kept = collections.namedtuple("Kept", "verdict lesson counted surprises sender changes")  # {token: (weight, gradient)}


def _numbers(data, at, count):
    """Seven bits a byte, the lowest first, the sign in bit 0; and where they end."""
    numbers = []
    for _ in range(count):
        folded = shift = 0
        while True:
            folded |= (data[at] & 127) << shift
            shift += 7
            at += 1
            if data[at - 1] < 128:
                break
        numbers.append(-(folded + 1 >> 1) if folded & 1 else folded >> 1)
    return numbers, at


def decode(data):
    """What is kept of a message; of a ballot (src/filter/ballot.h) what its copies have in common."""
    if data.startswith(b"ballot"):
        data = data[8 + 5 * data[7]:]
    magic, version, verdict, lesson, zero, *counts, sender = struct.unpack_from(f"<8s4B{VIEWS}HQ", data)
    assert (magic, version, zero) == (b"adaptive", 2, 0), data[:12]
    at, count = struct.calcsize(f"<8s4B{VIEWS}HQ"), sum(counts)
    tokens = struct.unpack_from(f"<{count}Q", data, at)
    at += 8 * count
    counted, surprises, changes = False, False, [(0, 0)] * count
    if lesson:
        counted, surprises = bool(data[at] & 1), bool(data[at] & 2)
        numbers, at = _numbers(data, at + 1, 2 * count)
        changes = list(zip(numbers[::2], numbers[1::2]))
    assert at == len(data), (at, len(data))
    return Kept(CLASSES[verdict], CLASSES[lesson], counted, surprises, sender, list(zip(tokens, changes)))


def _hits(kind):
    return (int(kind == "spam"), int(kind == "innocent"))


def add_up(signatures):
    """{token: Row} of all lessons that stand; rows of zeros are left out."""
    rows = collections.defaultdict(lambda: [0, 0, 0, 0])

    def add(token, numbers):
        rows[token] = [old + new for old, new in zip(rows[token], numbers)]

    for kept in signatures:
        counts = _hits(kept.lesson if kept.counted else None)
        add(LESSONS, (*counts, *_hits(kept.lesson if kept.surprises else None)))
        if kept.sender:
            add(kept.sender, (*_hits(kept.verdict), 0, 0))
        for token, change in kept.changes:
            if kept.lesson:
                add(token, (*counts, *change))
    return {token: Row(*row) for token, row in rows.items() if any(row)}


def rows_of(database, user):
    """{token: Row} as the tables say; what SQLite keeps aside must have been put there (dspam_clean)."""
    rows = database.query("SELECT token, spam_hits, innocent_hits, coalesce(weight, 0), coalesce(gradient, 0) FROM dspam_token_data"
                          f" JOIN dspam_virtual_uids USING (uid) WHERE username = '{user}'")
    return {row[0] % 2**64: Row(*row[1:]) for row in rows if any(row[1:])}


def signatures_of(database, user):
    """[Kept]; without what dspam_admin import notes."""
    text = {"sqlite": "'x' || hex(data)", "pgsql": "'x' || encode(data, 'hex')", "mysql": "concat('x', hex(data))"}[database.driver]
    rows = database.query(f"SELECT {text} FROM dspam_signature_data JOIN dspam_virtual_uids USING (uid) WHERE username = '{user}'"
                          " AND signature NOT LIKE 'import%'")
    return [decode(bytes.fromhex(row[0][1:])) for row in rows]
