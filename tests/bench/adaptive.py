"""What the adaptive classifier costs in one process: adaptive_bench, beside bogofilter in the same run."""

import json
import os

import process
import report


def measure(build, scratch, messages):
    """A dictionary with one row; empty when the program is not built."""
    program = os.path.join(build, "tests", "bench", "adaptive_bench")
    if not os.access(program, os.X_OK):
        return {}
    index = os.path.join(scratch, "adaptive.index")
    with open(index, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.writelines(f"{message.gold} {message.path}\n" for message in messages)
    said = json.loads(process.run([program, index]).output)
    return {
        report.ADAPTIVE: {
            "classify_ms": said["all_us"] / 1000, "parse_ms": said["parse_us"] / 1000,
            "parse_features_ms": said["parse_features_us"] / 1000,
            "features": said["features"], "wrong": said["errors"],
        }
    }


def stages(figures):
    """How the time divides, in words."""
    parse, features, everything = (figures[name] for name in ("parse_ms", "parse_features_ms", "classify_ms"))
    return (f"parse {parse:.3f}, {figures['features']:.0f} features {features - parse:.3f}, "
            f"score and learn {everything - features:.3f} ms; {figures['wrong']} errors")
