"""A site with the settings of the recordings of DSPAM 3.10, and its ways to show what they show."""

import os

import pytest

from agent_site import Site

INBOUND = ("--deliver=innocent", "--stdout")


class Original(Site):
    """A site with the settings of the recordings."""

    def configure(self, *lines, location="headers", action="quarantine"):
        # the first value counts, so that a test can say something else
        super().configure(*lines, "UserLog on", "WebStats on", location=location, action=action)

    def message(self, name):
        path = self.data.parent / ("statistics" if (self.data / f"{name}.eml").exists() else "tokens") / f"{name}.eml"
        if name == "signed":
            path = self.data.parent / "messages/signed.eml"
        return path.read_bytes()

    def say(self, *words, name=None, mail=None):
        """What the run prints, and its status."""
        mail = self.message(name) if mail is None else mail
        answer = self.run(*words, mail=mail)
        return answer.stdout.decode("utf-8", "surrogateescape") + f"rc={answer.returncode}\n"

    def files(self, user):
        return sorted(os.listdir(self.home / "data" / user))

    def read(self, user, extension):
        path = self.home / "data" / user / f"{user}.{extension}"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def last_entry(self, user):
        return "".join(self.read(user, "log").splitlines(True)[-2:])

    def counters(self, user):
        """SL IL SM IM SC IC ScL IcL as the recordings print them."""
        row = self.store.row_of(user, "spam_learned, innocent_learned, spam_misclassified, innocent_misclassified, "
                                "spam_corpusfed, innocent_corpusfed, spam_classified, innocent_classified")
        return f"totals {list(row)}\n"

    def texts(self):
        texts = self.home / "txt"
        texts.mkdir(exist_ok=True)
        (texts / "msgtag.nonspam").write_text("This message was tagged as innocent.\n")
        (texts / "msgtag.spam").write_text("tagged as spam\n")

    def arguments(self):
        """A delivery agent that writes its arguments to the file `arguments`."""
        script = self.script("lda", 'cat >>$D/delivered\n{ echo "ARGS[$#]:"; for a in "$@"; do echo "  <$a>"; done; } >>$D/arguments')
        return script


@pytest.fixture
def original(tmp_path, programs, root):
    if not os.path.exists(f"{programs}/dspam"):
        pytest.skip("the program dspam is not built")
    from pathlib import Path

    return Original(tmp_path, programs, Path(root) / "tests/data/statistics")
