"""What all tools have in common: help, wrong options and configurations, callers, progress."""

import os
import pwd
import re
import subprocess

import pytest

from labelled_mail import write_index, write_mail
from tool_output import on_a_terminal
from tool_site import TOOLS, run_untrusted, site  # noqa: F401 (a fixture)


@pytest.mark.parametrize("tool", TOOLS)
def test_help_and_version(site, tool):
    text = site.good(tool, "--help")
    assert text.startswith(f"Usage: {tool}")
    for option in ("--config", "--profile", "--help", "--version"):
        assert option in text
    assert max(map(len, text.splitlines())) <= 100
    assert site.good(tool, "--version").startswith(f"{tool} (dspam) ")


@pytest.mark.parametrize("tool", TOOLS)
def test_wrong_options_are_usage_errors(site, tool):
    answer = site.run(tool, "--bogus")
    assert answer.returncode == 64
    assert "--bogus" in answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize("tool, arguments", [
    ("dspam_dump", ["u1"]), ("dspam_stats", []), ("dspam_eval", ["--index", "/dev/null"]),
    ("dspam_train", ["u1", "-i", "/dev/null"])])
def test_wrong_configurations_are_named(site, tmp_path, tool, arguments):
    site.config = tmp_path / "missing.conf"
    answer = site.run(tool, *arguments)
    assert answer.returncode == 78
    assert "missing.conf" in answer.stderr
    site.config = tmp_path / "empty.conf"
    site.config.write_text("Tokenizer chain\n")
    answer = site.run(tool, *arguments)
    assert answer.returncode == 78
    assert "Home" in answer.stderr


def test_the_environment_names_the_configuration(site):
    command = [os.path.join(site.programs, "dspam_stats"), "u1"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False,
                            env={**os.environ, "DSPAM_CONFIG": str(site.config)})
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("u1\n")


def test_profiles(site):
    answer = site.run("dspam_stats", "--profile=x", "u1")
    assert answer.returncode == 78
    assert '"x"' in answer.stderr
    with open(site.config, "a", encoding="ascii") as config:
        config.write(f"Profile other\nStorageDriver.other sqlite\nSQLiteFile.other {site.home}/other.sqlite\n")
    site.good("dspam_stats", "--profile=other", "u1")
    assert (site.home / "other.sqlite").exists()


def test_full_output_is_an_error(site):
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    with open("/dev/full", "w", encoding="ascii") as full:
        answer = subprocess.run([os.path.join(site.programs, "dspam_crc"), "x"], stdout=full, stderr=subprocess.PIPE,
                                check=False)
    assert answer.returncode == 74
    assert b"standard output" in answer.stderr


def test_untrusted_callers_see_themselves_only(site, tmp_path):
    me = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    write_mail(tmp_path / "ham", False, 1)
    index = tmp_path / "index"
    index.write_text("ham ham/00\n")
    for command in (["dspam_stats", "other"], ["dspam_dump", "other"], ["dspam_train", "other", "-i", index]):
        answer = run_untrusted(site, tmp_path, *command)
        assert answer.returncode == 77, answer.stderr
        assert f"Trust {me}" in answer.stderr
    answer = run_untrusted(site, tmp_path, "dspam_stats")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(f"{me}\n")
    with open(site.config, "a", encoding="ascii") as config:
        config.write(f"Trust {me}\n")
    assert run_untrusted(site, tmp_path, "dspam_stats", "other").returncode == 0


@pytest.mark.parametrize("tool", ["dspam_eval", "dspam_train"])
def test_progress_is_for_terminals(site, tmp_path, tool, terminal):
    index = write_index(tmp_path / "c", 4, 4)
    arguments = ["--index", index] if tool == "dspam_eval" else ["u1", "-i", index]
    output, shown = on_a_terminal([os.path.join(site.programs, tool), "--config", site.config, *arguments], terminal)
    assert re.search(r"\r\x1b\[K\d of 8 messages, \d+(\.\d)?/s, 0:\d\d left", shown)
    assert shown.endswith("\r\x1b[K")
    assert "of 8 messages" not in output
    assert site.run(tool, *arguments).stderr == ""
