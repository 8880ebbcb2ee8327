"""Manual pages: every program has one, and it names the options that --help names."""

import os
import re
import shutil
import subprocess

import pytest

from tool_site import TOOLS


def test_no_program_is_without_help_version_and_manual(programs, root):
    """What is installed, also by those who forget to add it to a list here."""
    names = sorted(os.listdir(programs))
    assert set(TOOLS) < set(names)
    for name in names:
        helped, version = (subprocess.run([os.path.join(programs, name), option], capture_output=True, text=True, check=True)
                           for option in ("--help", "--version"))
        assert helped.stdout.startswith(f"Usage: {name}") and helped.stderr == "", name
        assert re.search(r"dspam.* \d+\.\d+", version.stdout, re.IGNORECASE), name
        with open(f"{root}/man/{name}.1.scd", encoding="utf-8") as page:
            assert page.read().startswith(f"{name}(1)"), name


OPTION = r"(?<![\w-])--?[a-zA-Z](?:[\w-]*\w)?"


def documented(page):
    """The options that the section OPTIONS of a page explains."""
    section = page.split("# OPTIONS\n", 1)[1].split("\n# ", 1)[0]
    entries = re.findall(r"^\*-.*$", section, re.MULTILINE)
    return {option for entry in entries for bold in re.findall(r"\*([^*]+)\*", entry) for option in re.findall(OPTION, bold)}


@pytest.mark.parametrize("tool", ["dspam", "dspamc", "dspam_logrotate", "dspam_notify", *TOOLS])
def test_help_and_manual_name_the_same_options(programs, root, tool):
    with open(f"{root}/man/{tool}.1.scd", encoding="utf-8") as file:
        page = file.read()
    if shutil.which("scdoc"):
        subprocess.run(["scdoc"], input=page, text=True, check=True, stdout=subprocess.DEVNULL)
    answer = subprocess.run([os.path.join(programs, tool), "--help"], capture_output=True, text=True, check=True)
    lines = re.findall(r"^  -.*$|^ {10,}ignored: .*$", answer.stdout, re.MULTILINE)
    helped = {option for line in lines for option in re.findall(OPTION, re.split(r"  (?=\w)", line.strip(), maxsplit=1)[0])}
    assert helped == documented(page)


@pytest.mark.parametrize("tool", ["dspam_2sql", "dspam_admin", "dspam_clean", "dspam_corpus", "dspam_crc", "dspam_dump",
                                  "dspam_eval", "dspam_genaliases", "dspam_logrotate", "dspam_maintenance", "dspam_merge",
                                  "dspam_notify", "dspam_pg2int8", "dspam_stats", "dspam_train"])
def test_every_tool_offers_json(programs, root, tool):
    assert "--json" in subprocess.run([f"{programs}/{tool}", "--help"], capture_output=True, check=True, text=True).stdout
    assert "*--json*" in open(f"{root}/man/{tool}.1.scd", encoding="utf-8").read()
