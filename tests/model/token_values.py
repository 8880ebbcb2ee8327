"""The value of a token, from its hits and its words (statistics.md 2, 9)."""

import re

_MINIMUM_HITS = 5
_MINIMUM_HITS_LIMIT_TUM = 20
_LEAST_VALUE = 0.0001
_GREATEST_VALUE = 0.9999
_MARKOV_WEIGHTS = {
    (complexity, sparseness): 4 ** (complexity - sparseness - 1)
    for complexity, most in ((1, 0), (2, 0), (3, 1), (4, 2), (5, 3))
    for sparseness in range(most + 1)
}
_LEFT_OUT = re.compile(rb"(?=\+#\+)")


def minimum_hits(store, settings):
    """How often a token must have been seen before its value counts."""
    hits = _MINIMUM_HITS
    factor = settings.sedation
    if factor > 0:
        innocent = store.innocent_learned + store.innocent_classified
        spam = store.spam_learned + store.spam_classified
        sedated = 0
        if innocent < 1000 and innocent < spam:
            sedated = 5 + factor // 2 + factor * ((spam - innocent) // 200)
        elif 1000 <= innocent < 2500 and spam > innocent:
            percentage = 100.0 * spam / (spam + innocent)
            sedated = int(5 + factor // 2 + factor * (percentage / 20))
        hits = max(hits, sedated)
    if settings.mode == "tum":
        hits = min(hits, _MINIMUM_HITS_LIMIT_TUM)
    return hits


def complexity(text):
    """The number of words of a token; left-out ones count."""
    words = 1
    previous = -2
    for place, byte in enumerate(text):
        if byte == 0x2B and place != previous + 1:
            words += 1
            previous = place
    return words


def sparseness(text):
    """The number of words left out of a token."""
    return (len(_LEFT_OUT.findall(text)) + text.startswith(b"#+")
            + text.endswith(b"+#"))


def markov_weight(text):
    """The weight of a token, from its number of words."""
    return _MARKOV_WEIGHTS.get((complexity(text), sparseness(text)), 1)


def _clamp(value):
    """Keep a token value away from 0 and 1."""
    return min(max(value, _LEAST_VALUE), _GREATEST_VALUE)


def _bcr_value(spam, innocent, store, factor, least_hits):
    """The value before Robinson's correction; ``factor`` is the bias."""
    spam_total = store.spam_learned
    innocent_total = store.innocent_learned
    both = spam_total > 0 and innocent_total > 0
    if spam + factor * innocent < least_hits:
        return 0.4
    value = 0.4
    if innocent == 0:
        if spam > 0:
            value = 0.99
            if both:
                ratio = spam / spam_total
                value = max(value, ratio / (ratio + factor / innocent_total))
    elif spam == 0:
        value = 0.01
        if both:
            ratio = 1 / spam_total
            value = min(value, ratio / (
                ratio + factor * innocent / innocent_total))
    elif both:
        ratio = spam / spam_total
        value = ratio / (ratio + factor * innocent / innocent_total)
    return _clamp(value)


def _markov_value(spam, innocent, text, bias):
    """The value of a token by its words; neutral without them."""
    if text is None or text.startswith((b"From*", b"bnr.")):
        return 0.5
    weight = markov_weight(text)
    if bias:
        innocent = 2 * innocent
        base = 0.49
    else:
        base = 0.5
    return _clamp(base + weight * (spam - innocent)
                  / (16 * (spam + innocent + 1) * 256))


class Valuer:
    """Token values for one state of a store."""

    def __init__(self, store, settings):
        self.store = store
        self.settings = settings
        self.factor = 2 if settings.bias else 1
        self.least_hits = minimum_hits(store, settings)

    def value(self, identifier, text):
        """The value of a token: 0 is innocent, 1 is spam."""
        spam, innocent = self.store.hits_of(identifier)
        if self.settings.pvalue == "markov":
            return _markov_value(spam, innocent, text, self.settings.bias)
        value = _bcr_value(spam, innocent, self.store, self.factor,
                           self.least_hits)
        if self.settings.pvalue == "robinson":
            hits = spam + innocent
            value = (0.1 * 0.5 + hits * value) / (0.1 + hits)
        return value
