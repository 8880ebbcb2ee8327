"""Algorithm adaptive at the command line: three answers, thresholds as preferences, and an explanation that adds up."""

import math
import re
import subprocess

import pytest

from agent_site import site  # noqa: F401 (a fixture)

NEW = b"From: eve@else.example\nSubject: something\n\nwords that nobody knows about so far\n"
THRESHOLDS = ("quarantineThreshold", "tagThreshold", "unsureThreshold")


@pytest.fixture
def adaptive(site):  # noqa: F811
    def configure(*lines):
        site.configure(*lines)
        site.path.write_text(site.path.read_text().replace("Algorithm graham burton", "Algorithm adaptive"))
        return site

    site.adaptive = configure
    return configure()


def test_unsure_mail_is_delivered(adaptive):
    """To whoever takes innocent mail; and where spam has its subject tagged, so has what is suspected."""
    text = adaptive.out("--user", "u", "--deliver=innocent", "--stdout", mail=NEW)
    assert b"\nX-DSPAM-Result: Unsure\n" in text and b"\nSubject: something\n" in text
    assert adaptive.quarantine() == b""
    adaptive.adaptive('Preference "tagThreshold=0.2"', 'Preference "spamAction=tag"')
    adaptive.path.write_text(adaptive.path.read_text().replace('Preference "spamAction=quarantine"\n', ""))
    text = adaptive.out("--user", "v", "--deliver=innocent", "--stdout", mail=NEW)
    assert b"\nX-DSPAM-Result: Unsure\n" in text and b"\nSubject: [SPAM] something\n" in text


def test_thresholds_are_checked(adaptive):
    for name in THRESHOLDS:
        for value in ("1.5", "-0.1", "much", "nan", "0,5"):
            answer = adaptive.adaptive(f'Preference "{name}={value}"').run("--check-config")
            assert answer.returncode == 78 or b"warning" in answer.stdout, (name, value, answer)
            assert name.encode() in answer.stdout, (name, value, answer)
        answer = adaptive.adaptive(f'Preference "{name}=0.25"').run("--check-config")
        assert answer.returncode == 0 and name.encode() not in answer.stdout, answer


def test_thresholds_of_users_are_checked(adaptive):
    def admin(*words):
        return subprocess.run([f"{adaptive.programs}/dspam_admin", "--config", adaptive.path, *words], capture_output=True, check=False)

    for name in THRESHOLDS:
        for value in ("1.5", "much", "nan", "0,5"):
            answer = admin("add", "preference", "u", name, value)
            assert name.encode() in answer.stderr and b"a probability from 0 to 1" in answer.stderr, answer
        answer = admin("add", "preference", "u", name, "0.25")
        assert answer.returncode == 0 and b"probability" not in answer.stderr, answer


def test_an_explanation_adds_up(adaptive):
    adaptive.teach()
    adaptive.adaptive('Preference "showFactors=on"')
    text = adaptive.out("--user", "u", "--mode=toe", "--deliver=innocent,spam", "--stdout", mail=adaptive.mail("test-mixed"))
    lines = re.search(rb"^X-DSPAM-Factors: (\d+),\n((?:\t.*\n)*)", text, re.MULTILINE)
    shares = [float(share) for share in re.findall(rb", (-?\d+\.\d{5}),?$", lines[2], re.MULTILINE)]
    assert len(shares) == int(lines[1]) == 16 and b"\t(all others), " in lines[2]
    assert len(re.findall(rb"^\t.+ \([a-z ]+, \d+ spam, \d+ innocent\), ", lines[2], re.MULTILINE)) == 15
    probability = 1 / (1 + math.exp(0.36 - 2.3 * sum(shares)))  # src/classify/adaptive.c
    assert abs(probability - float(re.search(rb"^X-DSPAM-Probability: (.*)", text, re.MULTILINE)[1])) < 0.0002


def explained(adaptive, mail):
    """(the head, {feature: numbers before it}, the other lines) of --explain."""
    lines = adaptive.out("--user", "u", "--classify", "--explain", mail=mail).decode().splitlines()[1:]
    rows = [re.fullmatch(r" *([-+][\d.]+)((?: +\d+){2,4})  (\S.*)", line) for line in lines]
    return ([line for line in lines if "spam innocent" in line][0],
            {row[3]: [float(row[1]), *map(int, row[2].split())] for row in rows if row},
            [line for line, row in zip(lines, rows) if not row])


def test_its_column_adds_up_as_it_is_printed(adaptive):
    adaptive.teach()
    text = adaptive.out("--user", "u", "--classify", "--explain", mail=adaptive.mail("test-mixed"))
    *shares, score = map(float, re.findall(rb"^ *([-+]\d+\.\d{4}) ", text, re.MULTILINE))
    assert len(shares) == 41 and round(sum(shares), 4) == score


def test_what_says_nothing_is_not_listed(adaptive):
    _, rows, others = explained(adaptive, NEW)
    assert rows == {} and " others" in others[1] and "probability 0.4110" in others[2], others


def test_an_explanation_shows_the_lessons_of_a_common_model(adaptive):
    """Where a share comes from is to be seen: it was of 0 lessons, before."""
    adaptive.adaptive("SiteModel everybody")
    for number in range(3):
        text = b"From: eve%d@else.example\nSubject: offer\n\ncheap pills for you\n" % number
        adaptive.out("--user", "everybody", "--class=spam", "--source=corpus", mail=text)
    head, rows, _ = explained(adaptive, b"From: x@y.example\nSubject: offer\n\ncheap pills\n")
    assert head.count("innocent") == 2
    pills = next(numbers for text, numbers in rows.items() if text.endswith(" pills"))
    assert pills[0] > 0 and pills[1:3] == [0, 0] and pills[3] > 0 and pills[4] == 0, rows


def test_an_explanation_is_read_in_any_script(adaptive):
    """In the header, which is ASCII, it is not; what would control a terminal is in neither."""
    head = b"From: x@y.example\nSubject: offer\nContent-Type: text/plain; charset=utf-8\n\n"
    mail = head + "Grüße \x1b[2Jклик\n".encode()
    adaptive.adaptive('Preference "showFactors=on"')
    for _ in range(3):
        adaptive.out("--user", "u", "--class=spam", "--source=corpus", mail=mail)
        adaptive.out("--user", "u", "--class=innocent", "--source=corpus", mail=head + b"plain words\n")
    _, rows, _ = explained(adaptive, mail)
    words = {text.split()[-1] for text in rows}
    assert {"grüsse", "2jклик"} <= words, sorted(words)
    text = adaptive.out("--user", "u", "--mode=toe", "--deliver=innocent,spam", "--stdout", mail=mail)
    head = text.partition(b"\n\n")[0]
    assert b"X-DSPAM-Factors:" in head and head.isascii() and b"\x1b" not in head
    assert b"%" in head.partition(b"X-DSPAM-Factors:")[2]


def totals(adaptive, user):
    command = [f"{adaptive.programs}/dspam_stats", "--config", adaptive.path, user]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_nothing_is_unlearned_without_a_signature(adaptive):
    """Nothing tells what the message has taught: its rows stayed, but the totals forgot it."""
    text = adaptive.out("--user", "u", "--deliver=innocent,spam", "--stdout", mail=NEW)
    before = totals(adaptive, "u")
    for words in (["--class=innocent", "--source=corpus"], ["--class=innocent"], []):
        answer = adaptive.run("--user", "u", "--mode=unlearn", *words, mail=NEW)
        assert b"by its signature only" in answer.stderr and totals(adaptive, "u") == before, (words, answer)
    adaptive.out("--user", "u", "--mode=unlearn", mail=text)
    assert totals(adaptive, "u") != before


def test_what_only_a_threshold_says_is_not_learned(adaptive):
    """Each message that is called spam although its score says innocent would make the next ones spammier."""
    def arrives(user, shown):
        before = adaptive.out("--user", user, "--classify", mail=NEW)
        text = adaptive.out("--user", user, "--deliver=innocent,spam", "--stdout", mail=NEW)
        assert b"\nX-DSPAM-Result: " + shown + b"\n" in text, text
        assert adaptive.out("--user", user, "--classify", mail=NEW) == before

    adaptive.adaptive('Preference "quarantineThreshold=0.3"', 'Preference "spamAction=deliver"')
    arrives("u", b"Spam")
    adaptive.adaptive('Preference "quarantineThreshold=1"', 'Preference "unsureThreshold=1"')
    for number in range(3):
        adaptive.out("--user", "v", "--class=spam", "--source=corpus",
                     mail=b"From: eve%d@else.example\nSubject: offer\n\ncheap pills\n" % number)
    arrives("v", b"Innocent")
