"""The tables: what was measured, and how it stands to the goals and to bogofilter."""

MIB = 1024 * 1024
COLUMNS = (("", 36), ("messages", 9), ("classify", 9), ("learn", 9), ("memory", 9), ("store", 9), ("a row", 7))
UNITS = ("", "", "ms", "ms", "MiB", "MiB", "bytes")


def number(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}" if isinstance(value, float) else str(value)


def _line(cells):
    first, *others = [str(cell) for cell in cells]
    widths = [width for _, width in COLUMNS]
    return (first.ljust(widths[0]) + "".join(text.rjust(width) for text, width in zip(others, widths[1:]))).rstrip()


def _row(name, figures, messages):
    peak, store = figures.get("peak_kib"), figures.get("store_bytes")
    return _line([
        name, figures.get("messages", messages), number(figures.get("classify_ms"), 3),
        number(figures.get("learn_ms"), 3), number(peak and peak / 1024, 1), number(store and store / MIB, 1),
        number(figures.get("bytes_a_row"), 1),
    ])


def measured(results, messages):
    """Yield the lines of the first table; `results` is a dictionary of name: figures."""
    yield _line([name for name, _ in COLUMNS])
    yield _line(UNITS)
    for name, figures in results.items():
        yield _row(name, figures, messages)


# What is to be reached: text, our row and figure, the goal, its unit, and bogofilter's row and figure to stand beside.
# Times were set on another machine: how much slower this one is, bogofilter's own time in one process says, there and in this
# run. CLASSIFY and LEARN name which of its times.
BULK, ALONE = "bogofilter, in process", "bogofilter, one process a message"
ADAPTIVE = "adaptive, in process"
CLASSIFY, TRAINED, LEARN = "classify_ms", "classify_trained_ms", "learn_ms"
THERE = {CLASSIFY: 0.36, LEARN: 0.27}
GOALS = (
    ("adaptive in process, all", ADAPTIVE, CLASSIFY, 0.07, "ms", BULK, CLASSIFY),
    ("chain in process, classify", "chain, in process", CLASSIFY, 0.25, "ms", BULK, CLASSIFY),
    ("chain in process, learn", "chain, in process", LEARN, 0.35, "ms", BULK, LEARN),
    ("chain daemon, classify", "chain, daemon, 1 connection", CLASSIFY, 0.9, "ms", BULK, TRAINED),
    ("chain daemon, learn", "chain, daemon, 1 connection", LEARN, 2.0, "ms", BULK, LEARN),
    ("osb daemon, classify", "osb, daemon, 1 connection", CLASSIFY, 2.5, "ms", BULK, TRAINED),
    ("osb daemon, learn", "osb, daemon, 1 connection", LEARN, 6.0, "ms", BULK, LEARN),
    ("chain one process, classify", "chain, one process a message", CLASSIFY, 3.0, "ms", ALONE, CLASSIFY),
    ("chain one process, learn", "chain, one process a message", LEARN, 5.0, "ms", ALONE, LEARN),
    ("chain daemon, memory", "chain, daemon, 8 connections", "peak_kib", 48 * 1024, "KiB", BULK, "peak_kib"),
    ("osb daemon, memory", "osb, daemon, 8 connections", "peak_kib", 48 * 1024, "KiB", BULK, "peak_kib"),
    ("chain store, a row", "chain, trained store", "bytes_a_row", 30.0, "bytes", None, None),
)


def judged(results):
    """Each goal with what was measured: dictionaries with goal, measured, there, ratio (to bogofilter), reached."""
    for text, row, figure, goal, unit, other_row, other_figure in GOALS:
        value = results.get(row, {}).get(figure)
        other = results.get(other_row, {}).get(other_figure)
        if value is None:
            continue
        here = results.get(BULK, {}).get(figure)
        there = value * THERE[figure] / here if figure in THERE and here else value
        yield {
            "what": text, "measured": value, "there": there, "unit": unit, "goal": goal, "reached": there <= goal,
            "ratio": value / other if other else None,
        }


def goals(results):
    """Yield the lines of the second table."""
    yield f"{'':36}{'measured':>10}{'to bogofilter':>16}{'there':>10}{'goal':>10}"
    for row in judged(results):
        scale, unit = (1024, "MiB") if row["unit"] == "KiB" else (1, row["unit"])
        digits = 3 if unit == "ms" else 1
        ratio = "-" if row["ratio"] is None else f"{row['ratio']:.2f} times"
        yield (f"{row['what'] + ', ' + unit:36}{row['measured'] / scale:10.{digits}f}{ratio:>16}"
               f"{row['there'] / scale:10.{digits}f}"
               f"{row['goal'] / scale:10.{max(digits - 1, 0)}f}  {'reached' if row['reached'] else 'missed'}")
