"""What an administrator chooses about the statistics."""

from collections import namedtuple

PVALUES = ("bcr", "robinson", "markov")
ALGORITHMS = ("graham", "burton", "robinson", "chi-square", "naive")

Settings = namedtuple(
    "Settings", "pvalue algorithms bias whitelist_threshold sedation mode",
    defaults=("bcr", ("graham", "burton"), True, 10, 0, "teft"))
