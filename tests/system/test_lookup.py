"""External lookup by a program: users that are verified, mapped, or unknown."""

from daemon_site import daemon, mail, wait_for  # noqa: F401 (a fixture)
from group_site import HAM, result, site  # noqa: F401 (a fixture)


def lookup(site, mode, *lines):
    """alice is known as a.smith, and nobody else; the program also writes down how it was called."""
    program = site.directory / "lookup"
    program.write_text(f'#!/bin/sh\nD={site.directory}\nprintf "<%s>" "$@" >>$D/asked; /usr/bin/env >$D/environment\n'
                       'case "$2" in alice) echo a.smith;; odd*) echo ../x;; late) exit 75;; esac\n')
    program.chmod(0o755)
    return site.configure("", "ExtLookup on", f"ExtLookupMode {mode}", "ExtLookupDriver program",
                          f'ExtLookupServer "{program} -u %u"', *lines)


def test_lookup_verifies(site):
    lookup(site, "verify")
    marked = site.receive("bob", HAM)
    assert result(marked) == b"Innocent" and b"X-DSPAM-Signature" not in marked
    assert site.totals("bob") is None
    assert b"X-DSPAM-Signature" in site.receive("alice", HAM)
    assert site.totals("alice") == [0, 1, 0, 0, 0, 0]
    assert (site.directory / "asked").read_text() == "<-u><bob><-u><alice>"
    names = {line.split("=")[0] for line in (site.directory / "environment").read_text().splitlines()}
    assert names <= {"PWD", "SHLVL", "_", "OLDPWD"}  # the shell's own


def test_lookup_maps(site):
    lookup(site, "map", "EnablePlusedDetail on", "PlusedUserLowercase on")
    site.receive("Alice+lists", HAM)
    site.receive("bob", HAM)
    assert site.totals("a.smith") == [0, 1, 0, 0, 0, 0] and site.totals("alice") is None
    assert site.totals("bob") == [0, 1, 0, 0, 0, 0]


def test_lookup_is_strict(site):
    lookup(site, "strict")
    site.receive("alice", HAM)
    site.receive("bob", HAM)
    assert site.totals("a.smith") == [0, 1, 0, 0, 0, 0] and site.totals("bob") is None


def test_lookup_that_cannot_answer_defers(site):
    lookup(site, "map")
    answer = site.run("--user", "late", "--deliver=innocent", "--stdout", message=HAM)
    assert answer.returncode == 75 and answer.stdout == b"" and b"status 75" in answer.stderr
    answer = site.run("--user", "odd", "--deliver=innocent", "--stdout", message=HAM)
    assert answer.returncode == 67 and b'"../x"' in answer.stderr
    site.configure("", "ExtLookup on", "ExtLookupDriver ldap", "ExtLookupServer ldap.example.org")
    answer = site.run("--check-config")
    assert answer.returncode == 78 and b"write an ExtLookupQuery" in answer.stdout
    assert site.run("--user", "alice", "--deliver=innocent", "--stdout", message=HAM).returncode == 75


def test_lookup_in_the_daemon(daemon):
    program = daemon.directory / "lookup"
    program.write_text('#!/bin/sh\ncase "$1" in alice) echo a.smith;; late) exit 75;; esac\n')
    program.chmod(0o755)
    daemon.configure("ExtLookup on", "ExtLookupMode map", "ExtLookupDriver program",
                     f'ExtLookupServer "{program} %u"').start()
    answers = daemon.deliver(mail(), "alice", "late", "bob")
    assert [code for code, _ in answers] == [250, 451, 250]
    wait_for(lambda: daemon.learned("a.smith") == 1 and daemon.learned("bob") == 1)
    assert daemon.learned("alice") == 0
    assert daemon.next_hop.count() == 2
