"""The recordings of DSPAM 3.10 about spam, replayed: quarantine, tags, release."""

import re

from original_site import INBOUND, original  # noqa: F401 (a fixture)
from recording import SECOND, expected, steady


def test_quarantine(original):
    original.teach("q1")
    ours = original.say("--user", "q1", "--deliver=innocent", "--stdout", name="test-spam")
    ours += original.read("q1", "mbox") + original.read("q1", "log") + original.read("q1", "stats")
    recorded = SECOND["quarantine default (spamAction=quarantine) --deliver=innocent"]
    assert steady(ours) == expected(recorded, "end in the quarantine")
    # with lines that begin with From
    original.out("--user", "q1", *INBOUND, mail=original.message("test-spam") + b"From here on\nFrom me\n")
    shown = expected(SECOND["quarantine + From_ inside body + release"].replace("$\n", "\n"), "end in the quarantine")
    assert original.read("q1", "mbox").endswith(shown)


def test_release(original):
    original.teach("q1")
    for more in (b"", b"From here on\nFrom me\n"):
        original.out("--user", "q1", *INBOUND, mail=original.message("test-spam") + more)
    kept = "From QUARANTINE" + original.read("q1", "mbox").rsplit("From QUARANTINE", 2)[1]
    ours = original.say("--user", "q1", "--class=innocent", "--source=error", *INBOUND, mail=kept.encode())
    recorded = SECOND["release FP via stdin"]
    # the recording begins with three lines of the quarantine
    message = recorded.split("\n", 3)[3]
    body, rest = message.split("rc=0\n")
    assert steady(ours) == expected(body, "quoting is undone") + "rc=0\n"
    assert steady(original.last_entry("q1") + original.read("q1", "stats")) == steady(rest)


def test_tag(original):
    original.teach("q2")
    original.configure('Preference "tagSpam=on"', action="tag")
    original.texts()
    ours = "".join(original.say("--user", "q2", *INBOUND, name="test-spam") for _ in range(2))
    assert steady(ours) == expected(SECOND["tag"])
    first, second, *_ = SECOND["tag twice, custom subject, encoded"].splitlines()
    original.configure('Preference "spamSubject=*** VERY LONG SUBJECT ***"', action="tag")
    for subject, wanted in (("=?utf-8?Q?FREE_pills?= prize", first), (None, second)):
        mail = original.message("test-spam").decode()
        mail = re.sub(r"Subject: .*\n", f"Subject: {subject}\n" if subject else "", mail)
        out = original.out("--user", "q2", *INBOUND, mail=mail.encode()).decode()
        assert [line.rstrip() for line in out.splitlines() if line.startswith("Subject:")] == [wanted.rstrip()]
        again = original.out("--user", "q2", *INBOUND, mail=out.encode()).decode()
        assert again.count("*** VERY LONG S") == 1


def test_deliver(original):
    original.teach("q3")
    original.configure(action="deliver")
    ours = original.say("--user", "q3", *INBOUND, name="test-spam")
    recorded = SECOND["deliver action"]
    shown, rest = recorded.split("rc=0\n")
    assert steady(ours).startswith(steady(shown)) and ours.endswith("rc=0\n")
    assert steady(original.last_entry("q3")) == steady(rest)


def test_where_spam_goes(original):
    original.teach("q4")
    agent = original.script("lda", "cat >>$D/delivered")
    original.configure(f"TrustedDeliveryAgent {agent}")
    title = "spam with --deliver=spam / innocent + stdout/no flags"
    for words, lines, quarantined in re.findall(r"-- args: (.*)\n(\d+)\nrc=0 quarantined=(\w+)", SECOND[title]):
        for path in (original.directory / "delivered", original.home / "data/q4/q4.mbox"):
            if path.exists():
                path.unlink()
        answer = original.run("--user", "q4", *words.split(), mail=original.message("test-spam"))
        assert answer.returncode == 0
        delivered = (original.directory / "delivered").read_bytes() if (original.directory / "delivered").exists() else b""
        # 12: the recording counts all of the message, of which ours has more lines
        count = (answer.stdout + delivered).count(b"\n")
        assert (count >= 12 if lines == "12" else count == int(lines)), (words, count)
        assert (original.read("q4", "mbox") != "") == (quarantined == "yes"), words


def test_returnCodes(original):
    original.teach("q5")
    original.configure("Broken returnCodes")
    ours = original.say("--user", "q5", "--deliver=summary", name="test-spam")
    ours += original.say("--user", "q5", "--classify", name="test-spam")
    ours += original.say("--user", "q5", "--classify", name="test-ham")
    ours += original.say("--user", "q5", "--deliver=innocent", "--stdout", name="test-spam")
    # what was learned before the recording shows in the confidence
    confidence = re.compile(r"confidence=0\.\d\d")
    assert confidence.sub("", steady(ours)) == confidence.sub("", expected(SECOND["broken returnCodes"]))
