"""The exit status of dspam, working alone, and what it complains of."""

import os
import re
import subprocess

import pytest

from agent_site import site  # noqa: F401 (a fixture)


@pytest.mark.parametrize("words, mail, status", [
    ([], b"x", 64), (["--user"], b"x", 64), (["--user", "u", "--mode=xx"], b"x", 64),
    (["--user", "u", "--class=spam"], b"x", 64), (["--user", "u", "--deliver=innocent"], b"x", 75),
    (["--user", "u", "--classify"], b"", 65), (["--user", "../x", "--classify"], b"x: y\n\nz\n", 67),
    (["--user", "u", "--profile=none", "--classify"], b"x", 75),
])
def test_exit_statuses(site, words, mail, status):
    answer = site.run(*words, mail=mail)
    assert (answer.returncode, answer.stdout) == (status, b"")
    assert re.fullmatch(rb"dspam: error: [^\n]{10,}\n", answer.stderr)
    site.configure("Compat exitCodes")
    assert site.run(*words, mail=mail).returncode == 1
    assert not os.path.exists(site.directory / "x")


def test_failures_are_counted_for_the_original_exit_codes(site):
    site.configure("TrustedDeliveryAgent /bin/false", "Compat exitCodes")
    assert site.run("--user", "a", "--deliver=innocent", mail=site.mail("ham1")).returncode == 255
    assert site.run("--user", "a", "b", "--deliver=innocent", mail=site.mail("ham1")).returncode == 254


def test_users_of_different_fates(site):
    agent = site.script("agent", 'cat > /dev/null; case $1 in a) exit 0;; b) exit 67;; *) exit 75;; esac')
    site.configure(f'TrustedDeliveryAgent "{agent} %u"')
    for users, status in (["a"], 0), (["a", "b"], 69), (["a", "b", "c"], 75):
        assert site.run("--user", *users, "--deliver=innocent", mail=site.mail("ham1")).returncode == status
    assert (site.totals("a")["TN"], site.totals("b")["TN"], site.totals("c")["TN"]) == (3, 0, 0)


def test_the_status_says_spam_when_it_should(site):
    site.teach()
    site.configure("Broken returnCodes")
    for words in ["--classify"], ["--deliver=summary"], []:
        site.out("--user", "u", *words, mail=site.mail("test-spam"), status=99)
    site.out("--user", "u", "--classify", mail=site.mail("test-ham"))


def test_errors_are_quiet_where_a_mail_server_listens(site):
    # The configuration is named by neither option nor environment, so the built-in path is used; it may be missing.
    environment = {name: value for name, value in os.environ.items() if name != "DSPAM_CONFIG"}
    answer = subprocess.run([f"{site.programs}/dspam", "--mode=xx"], stdin=subprocess.DEVNULL, capture_output=True,
                            env=environment)
    assert answer.returncode == 64
    assert b"--mode=xx" in answer.stderr  # but a wrong command line is always said


def test_full_standard_output_is_a_temporary_failure(site):
    with open("/dev/full", "wb") as full:
        answer = subprocess.run([f"{site.programs}/dspam", "--config", site.path, "--user", "u", "--deliver=innocent",
                                 "--stdout"], input=site.mail("ham1"), stdout=full, stderr=subprocess.PIPE)
    assert answer.returncode == 75
    assert site.totals()["TN"] == 0
