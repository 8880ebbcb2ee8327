"""dspam_admin import from dumps, ours and the original's, and from other filters."""

import os
import re
import shutil
import subprocess

import pytest

from labelled_mail import write_mail
from moving_site import VERIFIED, Learned, content, exported, made_up
from moving_site import site, other  # noqa: F401 (fixtures)


def test_names_for_a_dump_without(site, tmp_path):
    path = made_up(10).sql(tmp_path / "dump.sql", uid=471147)
    answer = site.run("dspam_admin", "import", path)
    assert answer.returncode == 67 and "471147" in answer.stderr and "--names" in answer.stderr
    names = tmp_path / "passwd"
    names.write_text("root:x:0:0:root:/root:/bin/sh\nanna:x:471147:100::/:/bin/sh\n")
    assert VERIFIED.findall(site.good("dspam_admin", "import", path, f"--names={names}")) == [("anna", "10", "0")]
    path.write_text(path.read_text().replace("471147", "0471148"))
    names.write_text("# of the old machine\n471148 bert\n")
    assert VERIFIED.findall(site.good("dspam_admin", "import", path, f"--names={names}")) == [("bert", "10", "0")]


def test_a_dump_with_numbers_that_cannot_be(site, tmp_path):
    """Nobody of NFS, in the dump and in the list of names: one warning, and everybody else is there."""
    paths = [made_up(10).sql(tmp_path / f"{uid}.sql", uid=uid) for uid in (4294967294, 471147)]
    dump = tmp_path / "dump.sql"
    dump.write_text("".join(path.read_text() for path in paths))
    names = tmp_path / "passwd"
    names.write_text("nfsnobody:x:4294967294:4294967294:Anonymous NFS User:/:/sbin/nologin\nanna:x:471147:100::/:/bin/sh\n")
    answer = site.run("dspam_admin", "import", dump, f"--names={names}")
    assert answer.returncode == 0 and answer.stderr.count("4294967294") == 1, answer.stderr
    assert VERIFIED.findall(answer.stdout) == [("anna", "10", "0")]


@pytest.mark.parametrize("dialect", ["mysql", "pgsql", "sqlite"])
def test_our_own_dump(site, other, tmp_path, dialect):
    user = "o'hara\\@example.org"
    made_up(300).css(tmp_path / "u.css")
    site.good("dspam_admin", "import", tmp_path / "u.css", f"--user={user}")
    site.good("dspam_admin", "add", "preference", user, "spamSubject", "[it's; \\spam\\]")
    site.good("dspam_admin", "add", "preference", "default", "spamAction", "tag")
    dump = tmp_path / "dump.sql"
    dump.write_text(site.good("dspam_2sql", f"--dialect={dialect}"))
    answer = other.good("dspam_admin", "import", dump, f"--dialect={dialect}")
    assert "defaults of the site: 1 preferences" in answer
    without = [line for line in exported(site, user).splitlines() if line.split()[0] not in ("signature", "end")]
    assert exported(other, user).splitlines()[:-1] == without
    assert other.good("dspam_admin", "list", "preference", "default") == "spamAction=tag\n"


def test_dump_of_sqlite_and_standard_input(site, other, tmp_path):
    made_up(40).css(tmp_path / "u.css")
    site.good("dspam_admin", "import", tmp_path / "u.css")
    dump = tmp_path / "dump"
    dump.write_text(site.good("dspam_dump", "-d", "sqlite_drv", "u"))
    answer = other.run("dspam_admin", "import", dump)
    assert answer.returncode == 64 and "--user" in answer.stderr
    with open(dump, encoding="ascii") as text:
        subprocess.run([os.path.join(other.programs, "dspam_admin"), "--config", other.config, "import", "-", "--format=sql",
                        "--user=u"], stdin=text, check=True, capture_output=True)
    assert content(other, "u")[:2] == content(site, "u")[:2]


def test_text_of_dspam_dump_without_totals(site, tmp_path):
    tokens = {1: (8, 1), 2: (0, 9)}
    path = Learned([0] * 8, tokens).dump(tmp_path / "dump")
    answer = site.run("dspam_admin", "import", path, "--user=u")
    assert answer.returncode == 0 and "--totals" in answer.stderr
    assert content(site, "u") == ([8, 9, 0, 0, 0, 0, 0, 0], tokens, {})


def test_bogofilter(site, tmp_path):
    """The words of a real word list: known as such to our tokenizer, they decide."""
    for program in ("bogofilter", "bogoutil"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    for kind in ("s", "n"):
        for path in sorted(write_mail(tmp_path / kind, kind == "s", 30).iterdir()):
            with open(path, "rb") as mail:
                subprocess.run(["bogofilter", "-d", tmp_path, f"-{kind}"], stdin=mail, check=True)
    dump = tmp_path / "words"
    with open(dump, "wb") as output:
        subprocess.run(["bogoutil", "-d", tmp_path / "wordlist.db"], stdout=output, check=True)
    answer = site.run("dspam_admin", "import", dump, "--user=u")
    assert answer.returncode == 0 and re.search(r"\d+ of \d+ words", answer.stderr)
    totals, tokens, _ = content(site, "u")
    assert totals[:2] == [30, 30] and len(tokens) > 30
    for kind, result in (("s", "Spam"), ("n", "Innocent")):
        with open(tmp_path / kind / "07", "rb") as mail:
            answer = subprocess.run([os.path.join(site.programs, "dspam"), "--config", site.config, "--user", "u",
                                     "--classify"], stdin=mail, capture_output=True, text=True, check=True)
        assert f'result="{result}"' in answer.stdout
    site.config.write_text(site.config.read_text().replace("Tokenizer chain", "Tokenizer osb"))
    answer = site.run("dspam_admin", "import", dump, "--user=v")
    assert answer.returncode == 78 and "osb" in answer.stderr
