#!/usr/bin/python3
"""Compute how large a machine has to be for how many mailboxes, from what is measured here (docs/scaling.md).

    tests/bench/sizing.py --build build [--driver NAME]... [--learned N] [--mails N] [--peak N] [--days N]

Measured: rows of a user who has learned N messages, bytes of a row on the disk, of a signature, statements and processor time of
a message. Computed from it, for ten million users as for a thousand: disk, messages a second, and processors.
"""

import argparse
import os
import pwd
import re
import signal
import sqlite3
import sys
import tempfile

import filter as dspam
import mail
import process
import store_daemon
import stores as bench

USERS = (1_000, 100_000, 10_000_000)
FILL_USERS, FILL_MESSAGES, FILL_TOKENS = 20, 800, 300
SIZES = {
    "pgsql": "SELECT pg_total_relation_size('dspam_token_data')",
    "mysql": "SELECT file_size FROM information_schema.innodb_sys_tablespaces WHERE name = '{database}/dspam_token_data'",
}
DAY = 86400


def bytes_of_row(store, driver, ours):
    """Of rows that came in no order, as mail brings them."""
    home = store.home(driver)
    store.load(driver, home, FILL_TOKENS, FILL_USERS, FILL_MESSAGES, "learn", "cold")
    if driver == "sqlite":
        rows = sum(process.run([ours.program("dspam_dump"), "--config", ours.config(home, "teft"), f"bench{i}"]).output.count("\n")
                   for i in range(FILL_USERS))
        return dspam.token_bytes(os.path.join(home, "dspam.sqlite")) / rows
    server, database = store.servers[driver], store.database(driver, home)
    store.settle(driver)
    rows = int(server.sql("SELECT count(*) FROM dspam_token_data", database))
    return int(server.sql(SIZES[driver].format(database=database), database)) / rows


def one_user(ours, messages):
    """Rows of a user who has learned the messages, those of more than one hit, and bytes of a signature."""
    home, _ = ours.train(messages)
    dump = process.run([ours.program("dspam_dump"), "--config", ours.config(home, "teft"), dspam.USER]).output
    hits = [sum(map(int, found)) for found in re.findall(r"S: *(\d+) +I: *(\d+)", dump)]
    with sqlite3.connect(os.path.join(home, "dspam.sqlite")) as connection:
        signature = connection.execute("SELECT avg(length(data)) FROM dspam_signature_data").fetchone()[0]
    connection.close()
    return {"rows": len(hits), "again": sum(count > 1 for count in hits), "signature": signature or 0}


def statements(store, driver):
    """So far; None where nobody counts them. They are the same on all servers."""
    if driver != "mysql":
        return None
    said = store.servers[driver].sql("SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_select', 'Com_insert', 'Com_update')")
    return sum(int(line.split()[1]) for line in said.splitlines())


def message(store, driver, tokenizer, login, messages):
    """Rows of store_daemon, of one user who has learned nothing before."""
    ours = store_daemon.StoreFilter(store, os.path.join(store.build, "bin"), store.scratch, tokenizer, login, driver)
    home = ours.home(f"{driver}-sizing")
    found = {}
    for mode, name in (("teft", "learn"), ("notrain", "judge")):
        before = statements(store, driver)
        found[name] = ours.run(home, mode, [dspam.USER], messages)
        if before is not None:
            found[name]["statements"] = (statements(store, driver) - before) / len(messages)
    return found


def number(value):
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g} {unit}"
    return f"{value:.3g}"


def cores_text(cores):
    return f"{cores:.0f}" if cores >= 10 else f"{cores:.2g}"


def measured(options, store, messages):
    """Rows of a user, bytes of a row, and what a message costs."""
    login = pwd.getpwuid(os.getuid()).pw_name
    few = mail.spread(messages, options.messages)
    found = {"row": {}, "user": {}, "message": {}}
    for tokenizer in store_daemon.TOKENIZERS:
        ours = dspam.Filter(os.path.join(store.build, "bin"), store.scratch, tokenizer, login)
        bench.progress(f"{tokenizer}, a user")
        found["user"][tokenizer] = one_user(ours, mail.spread(messages, options.learned))
        for driver in store.drivers:
            bench.progress(f"{driver}, {tokenizer}")
            found["message"][driver, tokenizer] = message(store, driver, tokenizer, login, few)
    for driver in store.drivers:
        bench.progress(f"{driver}, rows")
        found["row"][driver] = bytes_of_row(store, driver, ours)
    bench.progress("")
    return found


def print_measured(found, options):
    print(f"A user who has learned {options.learned} messages: " + "; ".join(
        f"{tokenizer} {figures['rows']} rows, {figures['again']} of them seen more than once,"
        f" {figures['signature']:.0f} bytes a signature"
        for tokenizer, figures in found["user"].items()) + ".")
    print("A row on the disk, with its index: " + ", ".join(
        f"{driver} {size:.0f} bytes" for driver, size in found["row"].items()) + ".\n")
    print("| store | tokenizer | judge: daemon ms | database ms | judge and learn: daemon ms | database ms | statements |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for (driver, tokenizer), row in found["message"].items():
        both = " / ".join(f"{row[what]['statements']:.0f}" for what in ("judge", "learn") if "statements" in row[what])
        print(f"| {driver} | {tokenizer} | {row['judge']['cpu_ms']:.2f} | {row['judge']['server_ms']:.2f}"
              f" | {row['learn']['cpu_ms']:.2f} | {row['learn']['server_ms']:.2f} | {both or '-'} |")


def print_computed(found, options):
    print(f"\n| users | at the peak, a second | store | tokenizer | rows | disk | daemon, judge only | database"
          " | daemon, learn all | database |")
    print("|---:|---:|---|---|---:|---:|---:|---:|---:|---:|")
    for users in USERS:
        rate = users * options.mails * options.peak / DAY
        for (driver, tokenizer), row in found["message"].items():
            user = found["user"][tokenizer]
            disk = users * (user["rows"] * found["row"][driver] + options.mails * options.days * user["signature"])
            cores = [cores_text(rate * row[what][where] / 1000) if row[what][where] else "-"
                     for what in ("judge", "learn") for where in ("cpu_ms", "server_ms")]
            print(f"| {number(users)} | {number(rate)} | {driver} | {tokenizer} | {number(users * user['rows'])}"
                  f" | {number(disk)}B | {' | '.join(cores)} |")
    print("\nRows as learned, before `dspam_clean` takes those seen once. Processors of this machine, each in full use;"
          " nothing remembered\nfrom the message before. "
          f"{options.mails} messages a day for each user, at the peak {options.peak} times as many a second as on average;"
          f" signatures kept\nfor {options.days} days.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, metavar="DIRECTORY", help="a build directory")
    parser.add_argument("--driver", action="append", choices=bench.DRIVERS, help="only this one")
    parser.add_argument("--messages", type=int, default=200, metavar="N", help="to measure with (200)")
    parser.add_argument("--learned", type=int, default=1000, metavar="N", help="messages that a user has learned (1000)")
    parser.add_argument("--mails", type=int, default=20, metavar="N", help="messages a day for each user (20)")
    parser.add_argument("--peak", type=int, default=5, metavar="N", help="times as many at the peak (5)")
    parser.add_argument("--days", type=int, default=14, metavar="N", help="for which signatures are kept (14)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="dspam-bench-") as scratch:
        os.chmod(scratch, 0o755)
        directory = mail.directory(scratch)
        if directory is None:
            sys.exit("skipped: there is no corpus; set DSPAM_CORPUS to a directory with `index`")
        store = bench.Stores(options.build, options.driver or list(bench.DRIVERS), scratch)
        try:
            found = measured(options, store, mail.read_index(directory, 1000000))
        finally:
            store.stop()
    print_measured(found, options)
    print_computed(found, options)


if __name__ == "__main__":
    main()
