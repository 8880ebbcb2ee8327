"""What a database says was learned, compared with the ledger of the clients and with what was delivered."""

import re

from ledger import SIGNATURE

TABLES = ("dspam_virtual_uids", "dspam_token_data", "dspam_stats", "dspam_signature_data", "dspam_preferences",
          "dspam_generation")
LEARNED = "SELECT u.username, s.spam_learned, s.innocent_learned, s.spam_misclassified, s.innocent_misclassified" \
          " FROM dspam_virtual_uids u JOIN dspam_stats s ON s.uid = u.uid"
# A word that stands in every message has been seen as often as there were lessons; one of a single message once.
SEEN = "SELECT u.username, max(t.spam_hits + t.innocent_hits), min(t.spam_hits + t.innocent_hits)" \
       " FROM dspam_virtual_uids u JOIN dspam_token_data t ON t.uid = u.uid GROUP BY u.username"
SIGNATURES = "SELECT u.username, s.signature FROM dspam_virtual_uids u JOIN dspam_signature_data s ON s.uid = u.uid"


def _rows(sql, query):
    return [re.split("[\t|]", line) for line in sql(query).splitlines()]


def compare(sql, ledger):
    """Each delivered message is one lesson, each taught signature one correction; nothing else was learned."""
    signatures = {signature: user for user, signature in _rows(sql, SIGNATURES)}
    handed_on = {}  # signature -> number, of every copy that the next hop has
    for mail in ledger.next_hop.mails:
        number = ledger.number(mail.message)
        handed_on[SIGNATURE.search(mail.message).group(1).decode()] = number
    learned = {handed_on.get(signature, signature) for signature in signatures}
    assert set(signatures) <= set(handed_on), "lessons of messages that nobody got"
    assert set(ledger.delivered) <= set(handed_on.values()), "messages that were taken and not delivered"
    assert set(ledger.delivered) <= learned, f"not learned: {sorted(set(ledger.delivered) - learned)}"
    assert set(ledger.taught) <= set(signatures), "taught and not learned"
    for user, *counts in _rows(sql, LEARNED):
        spam, innocent, spam_missed, innocent_missed = map(int, counts)
        taught = sum(owner == user for owner in ledger.taught.values())
        assert spam + innocent == sum(owner == user for owner in signatures.values()), user
        assert (spam, spam_missed, innocent_missed) == (taught, taught, 0), user
    totals = {user: int(spam) + int(innocent) for user, spam, innocent, *_ in _rows(sql, LEARNED)}
    for user, most, least in _rows(sql, SEEN):
        assert (int(most), int(least)) == (totals[user], 1), user
    return {"messages": len(ledger.delivered), "delivered twice": len(handed_on) - len(set(handed_on.values())),
            "corrections": len(ledger.taught), "lessons": sum(totals.values()), "refused": ledger.refused,
            "longest, seconds": round(ledger.longest, 1)}
