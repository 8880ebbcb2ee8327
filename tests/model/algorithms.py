"""The algorithms, which make one result of the values of many tokens (statistics.md 4)."""

import math
from collections import namedtuple

from selection import single

Robinson = namedtuple("Robinson", "value spamminess innocence used")
ChiSquare = namedtuple("ChiSquare", "value members")

_GRAHAM_SLOTS = 15
_BURTON_SLOTS = 27
_ROBINSON_SLOTS = 25


def _ratio(spam, innocent):
    """spam / (spam + innocent), not a number for 0 / 0."""
    return spam / (spam + innocent) if spam + innocent else math.nan


def graham_members(chosen):
    """The tokens that take part in Graham's combination."""
    return chosen[:_GRAHAM_SLOTS]


def graham(chosen):
    """Graham's combination, in single precision."""
    spam = innocent = 1.0
    for member in graham_members(chosen):
        spam = single(spam * member.value)
        innocent = single(innocent * (1 - member.value))
    total = single(spam + innocent)
    return single(spam / total) if total else math.nan


def burton_members(chosen):
    """The tokens of Burton's combination; a frequent one is there twice."""
    members = []
    for member in chosen:
        for _ in range(2 if member.frequency > 1 else 1):
            if len(members) < _BURTON_SLOTS:
                members.append(member)
    return members


def burton(chosen):
    """Burton's combination."""
    spam = innocent = 1.0
    for member in burton_members(chosen):
        spam *= member.value
        innocent *= 1 - member.value
    return _ratio(spam, innocent)


def robinson(chosen):
    """Robinson's geometric mean; a frequent token counts twice.

    The corrected values and the products are in single precision.
    """
    count = min(_ROBINSON_SLOTS, len(chosen))
    spam = innocent = 1.0
    used = 0
    for member in chosen:
        value = single((0.01 * 0.5 + count * member.value) / (0.01 + count))
        if 0.3 <= value <= 0.7:
            continue
        for _ in range(2 if member.frequency > 1 else 1):
            if used < _ROBINSON_SLOTS:
                innocent = single(innocent * (1 - value))
                spam = single(spam * value)
                used += 1
    if not used:
        return Robinson(0.0, 0.0, 0.0, 0)
    spamminess = 1 - innocent ** (1 / used)
    innocence = 1 - spam ** (1 / used)
    value = ((spamminess - innocence) / (spamminess + innocence) + 1) / 2
    return Robinson(value, spamminess, innocence, used)


def chi_square_probability(half_chi, half_freedom):
    """The chance of a chi-square value as large as 2 * half_chi, or larger.

    There are 2 * half_freedom degrees of freedom.  The terms are summed up
    by their logarithms, so that nothing underflows.
    """
    if half_chi <= 0:
        return 1.0
    log_chi = math.log(half_chi)
    logs = []
    log_term = -half_chi
    for index in range(half_freedom):
        if index:
            log_term += log_chi - math.log(index)
        logs.append(log_term)
    return min(1.0, math.fsum(math.exp(log) for log in logs))


def chi_square(valued, pvalue):
    """Fisher's combination over all tokens with a clear value."""
    members = []
    for token, value, hits in valued:
        if pvalue != "robinson":
            value = (0.1 * 0.5 + hits * value) / (0.1 + hits)
        if abs(0.5 - value) > 0.45:
            members.append((token, value))
    if not members:
        return ChiSquare(0.401, members)
    count = len(members)
    half_spam = -sum(math.log(1 - value) for _, value in members)
    half_innocent = -sum(math.log(value) for _, value in members)
    spam = 1 - chi_square_probability(half_spam, count)
    innocent = 1 - chi_square_probability(half_innocent, count)
    return ChiSquare((spam - innocent + 1) / 2, members)


def naive(valued):
    """Naive Bayes over all tokens, in log space.

    The original uses the value of one token for all of them; this is the
    correct computation, on purpose.
    """
    log_odds = math.fsum(math.log(1 - value) - math.log(value)
                         for _, value, _ in valued)
    if log_odds > 700:
        return 0.0
    return 1 / (1 + math.exp(log_odds))
