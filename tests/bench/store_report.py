"""The tables of the stores, and how they stand to the goals."""

import os

from report import CLASSIFY, THERE

GOALS = {("pgsql", "learn"): 300, ("pgsql", "read"): 1200, ("mysql", "learn"): 200, ("mysql", "read"): 700}
GOAL_TOKENS = "300 tokens"
CPU_GOALS = {"chain": 0.3, "osb": 0.7, "adaptive": 0.25}  # ms of those who judge, for a warm user, on the machine of report.THERE


def _line(*cells):
    return "".join(text.ljust(width) if left else text.rjust(width) for text, width, left in cells).rstrip()


def _figure(value, digits=0):
    return "-" if value is None else f"{value:.{digits}f}"


def alone_head(connections):
    yield f"the stores alone, {connections} connections; ms of the processor for each message"
    yield _line(("", 8, 1), ("users", 6, 0), ("", 2, 1), ("a message", 11, 1), ("", 11, 1), ("a second", 9, 0),
                ("bare", 8, 0), ("ours ms", 9, 0), ("server ms", 11, 0))


def alone_row(driver, row):
    return _line((driver, 8, 1), (str(row["users"]), 6, 0), ("", 2, 1), (row["text"], 11, 1),
                 (f"{row['what']} {row['how']}", 11, 1), (_figure(row["rate"]), 9, 0), (_figure(row.get("raw")), 8, 0),
                 (_figure(row["cpu_ms"], 3), 9, 0), (_figure(row["server_ms"], 2), 11, 0))


ALONE_NOTES = """\
new: users who know nothing yet; cold: nothing remembered; warm: rows remembered by the caller.
bare: the same batches of tokens, without totals and signatures, sent by psql and mariadb.
"""


def daemon_head(connections):
    yield f"through the daemon, LMTP in and out, {connections} connections; ms of the processor for each message"
    yield _line(("", 8, 1), ("", 9, 1), ("users", 5, 0), ("", 2, 1), ("", 11, 1), ("a second", 9, 0),
                ("judging", 9, 0), ("daemon", 9, 0), ("server", 9, 0))


def daemon_row(driver, row):
    return _line((driver, 8, 1), (row["tokenizer"], 9, 1), (str(row["users"]), 5, 0), ("", 2, 1),
                 (f"{row['what']} {row['how']}", 11, 1), (_figure(row["rate"]), 9, 0), (_figure(row["filter_ms"], 3), 9, 0),
                 (_figure(row["cpu_ms"], 3), 9, 0), (_figure(row["server_ms"], 2), 9, 0))


def engine_row(tokenizer, figures):
    return (f"the engine alone, {tokenizer}, all rows in memory: judge {figures['classify_ms']:.3f} ms,"
            f" learn {figures['learn_ms']:.3f} ms")


DAEMON_NOTES = """\
judging: the threads that judge and learn, with all they say to the store; daemon: these and all others.
"""


def _verdict(what, measured, goal, unit, good, beside):
    return f"{what:42}{measured:>20} {unit:9} goal {goal:<7}{'reached' if good else 'missed':9}{beside}".rstrip()


def _alone_goals(results):
    for (driver, what), goal in GOALS.items():
        for row in results.get(driver, []):
            if (row["what"], row["text"]) != (what, GOAL_TOKENS) or row["how"] == "warm":
                continue
            beside = f"the server alone {row['raw']:.0f}" if row.get("raw") else ""
            yield _verdict(f"{driver}, {row['users']} users, {what} {row['how']}", f"{row['rate']:.0f}", goal, "a second",
                           row["rate"] >= goal, beside)


def _daemon_goals(results, bogofilter):
    """How much slower this machine is than that of the goals, bogofilter's own time says, as in report.py."""
    factor = THERE[CLASSIFY] / bogofilter if bogofilter else 1
    for driver, rows in results.items():
        for row in rows if driver != "engine" else []:
            if (row["what"], row["how"]) != ("judge", "warm"):
                continue
            goal, engine = CPU_GOALS[row["tokenizer"]], results["engine"][row["tokenizer"]]["classify_ms"]
            there = row["filter_ms"] * factor
            yield _verdict(f"{driver}, {row['users']} users, {row['tokenizer']}, judge warm",
                           f"{row['filter_ms']:.3f}, there {there:.3f}", goal, "ms", there <= goal,
                           f"the engine alone {engine:.3f}, there {engine * factor:.3f}")


def goals(results):
    yield from _alone_goals(results.get("alone", {}))
    yield from _daemon_goals(results.get("daemon", {"engine": {}}), results.get("bogofilter_ms"))
    before, after = results["load"]
    yield (f"load average {before:.2f} before, {after:.2f} after, of {os.cpu_count()} processors: what others ran meanwhile"
           " makes all of this slower")
