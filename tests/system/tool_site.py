"""A dspam.conf with its Home, and the tools run with it."""

import os
import re
import subprocess

import pytest

from database import Database
from labelled_mail import write_mail

TOOLS = ["dspam_2sql", "dspam_admin", "dspam_clean", "dspam_corpus", "dspam_crc", "dspam_dump", "dspam_eval",
         "dspam_genaliases", "dspam_maintenance", "dspam_merge", "dspam_pg2int8", "dspam_stats", "dspam_train"]
SETTINGS = "Tokenizer chain\nAlgorithm graham burton\nPValue bcr\nProcessorBias on\nProcessorURLContext on\n"


class Site:
    """A dspam.conf with its Home, and the programs run with it."""

    def __init__(self, directory, programs, settings="", driver=None):
        self.home = directory / "home"
        self.home.mkdir()
        self.store = Database(self.home, driver)
        self.programs = programs
        self.config = directory / "dspam.conf"
        self.config.write_text(f"Home {self.home}\n{self.store.line}\n{settings}")

    def run(self, program, *arguments, **options):
        command = [os.path.join(self.programs, program), "--config", self.config, *arguments]
        return subprocess.run([os.fspath(word) for word in command], capture_output=True, text=True,
                              check=False, errors="surrogateescape", stdin=subprocess.DEVNULL, **options)

    def good(self, program, *arguments, **options):
        answer = self.run(program, *arguments, **options)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout

    def stats(self, user):
        """{"TP": 1, ...} of a user."""
        return {name: int(count) for name, count in re.findall(r"(\w\w): *(-?\d+)", self.good("dspam_stats", user))}


@pytest.fixture
def site(tmp_path, programs):
    for tool in TOOLS:
        if not os.path.exists(os.path.join(programs, tool)):
            pytest.skip(f"the program {tool} is not built")
    return Site(tmp_path, programs, SETTINGS)


@pytest.fixture
def trained(site, tmp_path):
    """Users u1, taught with 6 spam and 9 ham, and u2, with 2 ham."""
    site.good("dspam_train", "u1", write_mail(tmp_path / "spam", True, 6), write_mail(tmp_path / "ham", False, 9))
    (tmp_path / "index").write_text("ham ham/00\nham ham/01\n")
    site.good("dspam_train", "u2", "-i", tmp_path / "index")
    for user in ("u1", "u2"):
        os.unlink(site.home / "data" / user / f"{user}.rstats")
    return site


def run_untrusted(site, tmp_path, *command):
    """As somebody who is not root, with a configuration that trusts nobody."""
    options = {}
    if os.getuid() == 0:
        for path in [site.home, site.home.parent, *tmp_path.parents]:
            if str(path).startswith(str(tmp_path.parents[1])):
                os.chmod(path, 0o755)
        os.chmod(site.home, 0o777)
        options = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        if subprocess.run(["test", "-x", os.path.join(site.programs, command[0])], check=False, **options).returncode:
            pytest.skip("the programs stand where others may not run them")
        if subprocess.run(["test", "-r", site.config], check=False, **options).returncode:
            pytest.skip("the test's directory cannot be read by others")
    return site.run(*command, **options)
