"""The recordings of DSPAM 3.10 as a whole: all are replayed, and each difference that recording.py lists is documented."""

import glob

from recording import DIFFERENCES, DOCUMENT, FIRST, SECOND, THIRD


def test_every_difference_is_documented():
    with open(DOCUMENT, encoding="utf-8") as document:
        text = " ".join(document.read().split())
    assert [name for name, (words, _, _) in DIFFERENCES.items() if words not in text] == []


def test_the_recordings_are_all_looked_at():
    """A section that is added is replayed, too."""
    below = {"sig search: forwarded body forms (message location)"}  # form by form
    source = ""
    for name in glob.glob(__file__.replace(".py", "_*.py")):
        with open(name, encoding="utf-8") as file:
            source += file.read()
    for title in [*FIRST, *SECOND, *THIRD]:
        assert title in below or f'"{title}"' in source, title
