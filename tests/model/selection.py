"""Which tokens of a message decide about it (statistics.md 3)."""

import ctypes
from collections import namedtuple

from token_values import complexity

Valued = namedtuple("Valued", "token value hits")
Selected = namedtuple("Selected", "value delta frequency complexity token")


def single(number):
    """A number rounded to single precision."""
    return ctypes.c_float(number).value


def selection_size(algorithms):
    """How many tokens are kept, for this set of algorithms."""
    if "burton" in algorithms:
        return 27
    return 25 if "robinson" in algorithms else 15


def select(valued, size):
    """The most significant tokens, the most significant first.

    A new token's delta is in single precision while it is compared, those of
    the tokens in the list are in double precision.
    """
    chosen = []
    for token, value, _ in valued:
        delta = abs(0.5 - value)
        compared = single(delta)
        if len(chosen) == size and compared < chosen[-1].delta:
            continue
        words = complexity(token.text)
        rank = (compared, token.frequency, words)
        place = 0
        while place < len(chosen) and rank < chosen[place][1:4]:
            place += 1
        if place < size:
            chosen.insert(place, Selected(value, delta, token.frequency,
                                          words, token))
            del chosen[size:]
    return chosen
