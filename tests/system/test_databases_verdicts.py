"""Databases that DSPAM 3.10 has filled give its verdicts, to the printed digits, before and after dspam_admin migrate."""

import os
import sqlite3

import pytest

from original import FORMS, STATISTICS, OldSite, load, trained

RULES = [("bcr", "graham burton", "on"), ("robinson", "chi-square", "on"), ("markov", "graham burton", "off")]


@pytest.fixture(params=FORMS)
def site(request, tmp_path, programs):
    return OldSite(tmp_path, programs, request.param)


def message(name):
    with open(os.path.join(STATISTICS, name), "rb") as file:
        return file.read()


def verdicts(site, tokenizers):
    """{what was recorded: what we say}, for one rule of each tokenizer and all of chain."""
    found = {}
    for rule in load("combinations.json")["results"]:
        number = (rule["pvalue"], rule["algorithm"], rule["processorBias"])
        tokenizer = rule["tokenizer"]
        if number not in RULES or number != RULES[tokenizers.index(tokenizer) % 3] and tokenizer != "chain":
            continue
        site.configure(f"Tokenizer {tokenizer}", f"PValue {rule['pvalue']}", f"Algorithm {rule['algorithm']}",
                       f"ProcessorBias {rule['processorBias']}")
        recorded = (rule["result"], rule["probability"], rule["confidence"])
        found[number, tokenizer, rule["message"], recorded] = site.verdict(tokenizer, message(rule["message"]))
    return found


def test_the_originals_verdicts(site):
    stores = trained()
    for uid, (tokenizer, (totals, tokens)) in enumerate(stores.items(), 5):
        assert max(tokens) >= 2**63  # which the forms write differently
        site.store.fill(site.store.user(tokenizer, uid), totals, tokens)
    before = verdicts(site, list(stores))
    assert len(before) == 18
    assert {recorded: recorded[3] for recorded in before} == before
    site.migrate()
    assert verdicts(site, list(stores)) == before


def test_as_sqlite_with_the_same_rows(site):
    """What is taught by us before and after migrate leads to the rows and verdicts that it leads to on SQLite."""
    totals, tokens = trained()["chain"]
    site.store.fill(site.store.user("u"), totals, tokens)
    ours = str(site.directory / "ours.sqlite")
    other = ("StorageDriver sqlite", f"SQLiteFile {ours}", "Tokenizer chain")
    site.configure("Tokenizer chain")
    (site.directory / "u.txt").write_text(site.good("dspam_admin", "export-user", "u"))
    site.configure(*other)
    site.good("dspam_admin", "import-user", site.directory / "u.txt")
    said = {}
    for lines in (("Tokenizer chain",), other):
        site.configure(*lines)
        said[lines] = []
        for step, name in enumerate(("test-ham.eml", "test-spam.eml", "test-mixed.eml")):
            said[lines].append(site.verdict("u", message(name)))
            signature = site.process("u", message(name))
            if step == 1:
                site.migrate()  # on SQLite it changes nothing
            site.correct("u", signature, "spam" if step == 0 else "innocent")
            said[lines].append(site.verdict("u", message(name)))
    assert said["Tokenizer chain",] == said[other]
    with sqlite3.connect(ours) as database:
        rows = database.execute("SELECT token, spam_hits, innocent_hits FROM dspam_token_data").fetchall()
        counted = database.execute("SELECT spam_learned, innocent_learned, spam_misclassified, innocent_misclassified"
                                   " FROM dspam_stats").fetchall()
    uid = site.store.query("SELECT uid FROM dspam_virtual_uids WHERE username = 'u'")[0][0]
    site.configure("Tokenizer chain")
    assert site.store.totals(uid)[:4] == list(counted[0])
    exported = site.good("dspam_admin", "export-user", "u")
    site.configure(*other)
    assert [line for line in exported.splitlines() if line.startswith("token")] \
        == [line for line in site.good("dspam_admin", "export-user", "u").splitlines() if line.startswith("token")]
    assert rows
