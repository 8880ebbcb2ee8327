"""The whole recorded session of DSPAM 3.10's tools, in its order: what differs stands in a table, with the reason."""

import re
import subprocess

from original_site import original  # noqa: F401 (a fixture)
from recording import DOCUMENT, transcript

NOT_HERE = ("cssstat", "cssclean", "csscompress", "cssconvert")  # no hash driver
SETTINGS = ("Compat exitCodes", "PurgeSignatures 14", "PurgeNeutral 90", "PurgeUnused 90", "PurgeHapaxes 30", "PurgeHits1S 15",
            "PurgeHits1I 15", "AllowOverride spamAction", 'Preference "trainingMode=TEFT"')
# The command: (words of docs/compatibility.md that say why, what is expected as a pattern, the status); an empty pattern: any text.
OTHERWISE = {
    "dspam_stats -h": ("exit 0, the text on standard output", r"(?s)Usage: dspam_stats .*", 0),
    "dspam_stats --profile=x u1": ("say what is wrong", r"dspam_stats: error: .*\bx\b.*\n", 1),
    "dspam_dump u1 neverseen": ("`token not found`", "dspam_dump: error: token not found\n", 1),
    "dspam_dump -d foo u1": ("say what is wrong", r"(?s)dspam_dump: .*foo.*", 1),
    "dspam_merge u1": ("says what is missing", r"(?s).*dspam_merge.*", 1),
    "dspam_stats u3": ("all totals", r"u3\n    TP:     0 TN:     1 FP:     0 FN:     1 SC:     2 NC:     2\n", 0),
    "dspam_2sql": ("users, preferences, totals and tokens of all", r"(?s)begin;\n.*values\(\d+, 'u1'\);\n.*commit;\n", 0),
    "dspam_logrotate": ("say what is wrong", r"(?s)dspam_logrotate: .*\nUsage: dspam_logrotate -a age \[-v\] -l logfiles\nor\n.*", 255),
    "dspam_train": ("say what is wrong", "", 255),
}


def teach(original):
    """What u1 and u2 had seen before the session."""
    for kind, name in (("innocent", "ham1"), ("innocent", "ham2"), ("spam", "spam1"), ("spam", "spam2")):
        original.out("--user", "u1", f"--class={kind}", "--source=corpus", mail=original.message(name))
    original.out("--user", "u1", "--deliver=summary", mail=original.message("ham1"))
    out = original.out("--user", "u2", "--deliver=innocent", "--stdout", mail=original.message("ham1"))
    original.out("--user", "u2", "--class=spam", "--source=error", mail=out)


def lay_out(original):
    """The directories and the index that were trained from."""
    for kind in ("spam", "ham"):
        (original.home / "c" / kind).mkdir(parents=True)
        for number in (1, 2):
            (original.home / "c" / kind / f"{kind}{number}.eml").write_bytes(original.message(f"{kind}{number}"))
    (original.home / "c/index").write_text("".join(f"{kind} {kind}/{kind}{number}.eml\n"
                                                   for kind in ("ham", "spam") for number in (1, 2)))
    (original.home / "system.log").write_text("")


def words_of(command, home):
    """As a shell would read it; a value with a blank was quoted."""
    place = "." if command.startswith("dspam_train") else str(home)  # names are cut
    words = re.sub(r"\[X Y\]", "[X\0Y]", command).replace("HOME", place).split()
    return [word.replace("\0", " ") for word in words]


def meaning(command, text, home):
    """Paths, times and orders aside, which are not the same on two machines."""
    text = text.replace(str(home), "HOME")
    text = re.sub(r"processed \d+ tokens|[SI]: \d{5}", "NUMBER", text)  # which mail it was is not recorded
    if command == "dspam_stats":  # users in the order of the files, or of their numbers
        return sorted(re.split(r"(?m)^(?=u\d$)", text))
    if command.startswith("dspam_train"):  # files in the order of the directory, or of their names; names are cut at 32 bytes
        text = text.replace("HOME", ".")
        text = re.sub(r"(?m)^(\[test: \w+ *\]) \S*?(spam|ham)[12]?\S* +result", r"\1 \2 result", text)
        tests = sorted(re.findall(r"(?m)^\[test.*$", text))
        return re.sub(r"(?m)^\[test.*\n", "", text), tests
    if re.search("list pref|agg.* pref", command):  # in the order of dspam.conf, or of their names
        return sorted(text.splitlines())
    return text


def test_every_difference_has_its_reason():
    with open(DOCUMENT, encoding="utf-8") as document:
        text = document.read()
    assert [command for command, (words, _, _) in OTHERWISE.items() if words not in text] == []
    assert set(OTHERWISE) <= {command for command, _, _ in transcript()}


def test_the_whole_session(original):  # noqa: F811
    original.configure(*SETTINGS)
    teach(original)
    lay_out(original)
    played = 0
    for command, printed, status in transcript():
        words = words_of(command, original.home)
        if words[0] in (*NOT_HERE, "dspam"):  # dspam itself: test_recordings_commands.py
            continue
        answer = subprocess.run([f"{original.programs}/{words[0]}", *words[1:]], capture_output=True, check=False, text=True,
                                env={"DSPAM_CONFIG": str(original.path), "LANG": "C"}, cwd=original.home)
        ours = answer.stdout + ("" if words[:2] == ["dspam_admin", "add"] and answer.returncode == 0 else answer.stderr)
        if command in OTHERWISE:
            _, pattern, status = OTHERWISE[command]
            assert not pattern or re.fullmatch(pattern, ours), (command, ours)
        else:
            assert meaning(command, ours, original.home) == meaning(command, printed, original.home), command
        assert answer.returncode == status, (command, ours)
        played += 1
    assert played >= 40
