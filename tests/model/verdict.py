"""The verdict about a message, from the results of the algorithms (statistics.md 5, 7)."""

from collections import namedtuple

from algorithms import burton, chi_square, graham, naive, robinson
from selection import Valued, select, selection_size
from token_values import Valuer

Verdict = namedtuple(
    "Verdict", "is_spam class_name probability confidence "
    "valued chosen graham burton robinson chi_square naive")

_THRESHOLDS = {"naive": 0.9, "graham": 0.9, "burton": 0.9, "robinson": 0.5,
               "chi-square": 0.5010}
_REPORTING_ORDER = ("naive", "graham", "burton", "robinson", "chi-square")


def _is_over(algorithm, result, pvalue):
    """True when the result of an algorithm means spam."""
    if pvalue == "markov":
        return result > 0.5
    return result >= _THRESHOLDS[algorithm]


def _reported(results, pvalue):
    """(is spam, probability) from the results of the enabled algorithms."""
    hits = {name for name, result in results.items()
            if _is_over(name, result, pvalue)}
    enabled = [name for name in _REPORTING_ORDER if name in results]
    if not hits:
        return False, results[enabled[0]] if enabled else -1.0
    strong = [name for name in ("naive", "graham", "burton") if name in hits]
    if strong:
        return True, results[strong[-1]]
    weak = [name for name in ("robinson", "chi-square") if name in hits]
    return True, results[weak[0]]


def is_whitelisted(store, whitelist_id, threshold):
    """True when the whitelist token has enough innocent hits."""
    if whitelist_id is None:
        return False
    spam, innocent = store.hits_of(whitelist_id)
    return innocent > threshold and spam <= innocent // 15


def classify(tokens, whitelist_id, store, settings):
    """The verdict about a message without a class; None without tokens."""
    if not tokens:
        return None
    valuer = Valuer(store, settings)
    valued = [Valued(token, valuer.value(token.id, token.text),
                     sum(store.hits_of(token.id))) for token in tokens]
    chosen = select(valued, selection_size(settings.algorithms))
    robinson_result = robinson(chosen)
    everything = {
        "graham": lambda: graham(chosen),
        "burton": lambda: burton(chosen),
        "robinson": lambda: robinson_result.value,
        "chi-square": lambda: chi_square(valued, settings.pvalue).value,
        "naive": lambda: naive(valued),
    }
    results = {name: everything[name]() for name in settings.algorithms}
    is_spam, probability = _reported(results, settings.pvalue)
    certainty = (probability if settings.pvalue == "markov"
                 else robinson_result.value)
    confidence = certainty if is_spam else 1 - certainty
    class_name = "Spam" if is_spam else "Innocent"
    if is_whitelisted(store, whitelist_id, settings.whitelist_threshold):
        is_spam, class_name = False, "Whitelisted"
    return Verdict(is_spam, class_name, probability, confidence, valued,
                   chosen, results.get("graham"), results.get("burton"),
                   robinson_result, results.get("chi-square"),
                   results.get("naive"))
