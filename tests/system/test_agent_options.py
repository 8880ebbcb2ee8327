"""The options with which dspam speaks of itself: --version, --help, --check-config, --print-config."""

import re
import subprocess

from agent_site import site  # noqa: F401 (a fixture)


def test_version_has_the_words_that_the_web_interface_looks_for(site):
    out = site.out("--version").decode()
    assert out.startswith("\nDSPAM Anti-Spam Suite ")
    assert "'--enable-preferences-extension'" in out
    assert "large-scale" not in out and "domain-scale" not in out


def test_help_names_every_option(site):
    out = site.out("--help").decode()
    for option in ("user", "rcpt-to", "mail-from", "mode", "class", "source", "classify", "process", "deliver", "stdout",
                   "feature", "signature", "profile", "client", "daemon", "nofork", "debug", "help", "version", "config",
                   "check-config", "print-config"):
        assert f"--{option}" in out


def test_check_config(site):
    answer = site.run("--check-config")
    assert answer.returncode == 0 and b"warning" not in answer.stdout
    site.configure("Tokenizer osbx", "Algoritm graham")
    answer = site.run("--check-config")
    assert answer.returncode == 78
    assert re.search(rb"dspam\.conf:\d+: error: Tokenizer", answer.stdout)
    assert re.search(rb"dspam\.conf:\d+: warning: Algoritm", answer.stdout)
    site.path.unlink()
    answer = site.run("--check-config")
    assert answer.returncode != 0 and b"dspam.conf" in answer.stderr


def test_print_config_loads_again_and_hides_passwords(site):
    site.configure("MySQLPass secret")
    out = site.out("--print-config")
    assert b"secret" not in out
    again = site.directory / "again.conf"
    again.write_bytes(out)
    assert subprocess.run([f"{site.programs}/dspam", "--config", again, "--print-config"], capture_output=True,
                          check=True).stdout == out
