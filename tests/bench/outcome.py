"""What came of judging mail: figures from what each message is, what it was taken for, and how spammy it seemed."""

import bisect

STEPS = (100, 500, 1000)


def roca(rows):
    """1-ROCA in percent: how often ham has a higher score than spam, of all such pairs; equal scores count half."""
    spam = [row[2] for row in rows if row[0]]
    ham = sorted(row[2] for row in rows if not row[0])
    if not spam or not ham:
        return None
    twice_wrong = sum(2 * len(ham) - bisect.bisect_left(ham, score) - bisect.bisect_right(ham, score) for score in spam)
    return 100 * twice_wrong / (2 * len(ham) * len(spam))


def least_errors(rows):
    """With the one threshold that would have been best for all of the mail, known only afterwards."""
    by_score = {}
    for is_spam, _, score, _ in rows:
        by_score.setdefault(score, [0, 0])[is_spam] += 1
    least = wrong = sum(not row[0] for row in rows)  # everything is taken for spam
    for score in sorted(by_score):
        ham, spam = by_score[score]
        wrong += spam - ham
        least = min(least, wrong)
    return least


def figures(rows):
    """Of rows (is spam, taken for spam, score, rather spam), in the order in which they were judged; the last two differ where
    the filter was unsure."""
    wrong = [is_spam != taken for is_spam, taken, _, _ in rows]
    return {
        "messages": len(rows), "errors": sum(wrong),
        "missed": sum(is_spam and not taken for is_spam, taken, _, _ in rows),
        "false": sum(taken and not is_spam for is_spam, taken, _, _ in rows),
        "rather": sum(is_spam != rather for is_spam, _, _, rather in rows), "roca": roca(rows), "least_errors": least_errors(rows),
        "errors_in_first": {step: sum(wrong[:step]) for step in STEPS if step <= len(rows)},
    }
