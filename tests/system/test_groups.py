"""Groups through the programs: shared, managed, merged, inoculation and classification; and users that are looked up."""

import getpass
import os
import re
import signal
import subprocess
import threading

import pytest

from database import Database
from daemon_site import Daemon, mail, program_is_missing, wait_for

SPAM = b"From: win@deals.example\nSubject: pills\nMessage-Id: <1@deals.example>\n\nbuy cheap pills casino winner now\n"
HAM = b"From: bob@example.org\nSubject: minutes\nMessage-Id: <2@example.org>\n\nminutes of the meeting, agenda and schedule\n"
COUNTERS = ("spam_learned", "innocent_learned", "spam_misclassified", "innocent_misclassified", "spam_corpusfed",
            "innocent_corpusfed")
SIGNATURE = re.compile(rb"^X-DSPAM-Signature: (\S+)$", re.MULTILINE)


class Site:
    """A configuration with a file of groups, and dspam called with it."""

    def __init__(self, directory, programs):
        self.directory, self.programs = directory, programs
        self.home = directory / "home"
        self.home.mkdir()
        self.store = Database(self.home)
        self.path = directory / "dspam.conf"
        self.group = directory / "group"

    def configure(self, groups, *lines):
        if isinstance(groups, str):
            self.group.write_text(groups)
        self.path.write_text("\n".join([
            f"Home {self.home}", self.store.line, f"Trust {getpass.getuser()}", "TrainingMode teft",
            "Tokenizer chain", "Algorithm graham burton", "PValue bcr", f"GroupConfig {self.group}",
            'Preference "signatureLocation=headers"', *lines, ""]))
        return self

    def run(self, *words, message=b"", program="dspam"):
        command = [f"{self.programs}/{program}", "--config", os.fspath(self.path), *words]
        return subprocess.run(command, input=message, capture_output=True, check=False, cwd=self.directory)

    def out(self, *words, message=b""):
        answer = self.run(*words, message=message)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def school(self, user):
        for _ in range(6):
            self.out("--user", user, "--class=spam", "--source=corpus", message=SPAM)
            self.out("--user", user, "--class=innocent", "--source=corpus", message=HAM)

    def receive(self, user, message):
        return self.out("--user", user, "--deliver=innocent,spam", "--stdout", message=message)

    def totals(self, user):
        """The six counters; None for somebody who is not known."""
        known = self.store.query(f"SELECT uid FROM dspam_virtual_uids WHERE username = '{user}'")
        row = known and self.store.row_of(user, ", ".join(COUNTERS))
        return list(row) if row else ([0] * 6 if known else None)


@pytest.fixture
def site(tmp_path, programs):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    return Site(tmp_path, programs)


def result(message):
    return re.search(rb"^X-DSPAM-Result: (\w+)$", message, re.MULTILINE).group(1)


# ---- each kind


def test_a_shared_group(site):
    site.configure("office:shared:*@example.org\n")
    site.school("alice@example.org")
    marked = site.receive("bob@example.org", SPAM)
    assert result(marked) == b"Spam" and b"X-DSPAM-User" not in marked
    assert site.totals("office") == [7, 6, 0, 0, 6, 6]
    assert site.totals("alice@example.org") is None and site.totals("bob@example.org") is None
    assert result(site.receive("carol@example.net", SPAM)) == b"Innocent"
    line = site.out("--user", "dave@example.org", "--classify", message=SPAM)
    assert line.startswith(b'X-DSPAM-Result: dave@example.org; result="Spam"')


def test_a_managed_group_has_one_quarantine(site):
    site.configure("boss:shared,managed:alice,bob\n")
    site.school("alice")
    for user in ("alice", "bob"):
        site.out("--user", user, "--deliver=innocent", "--stdout", message=SPAM)
    quarantine = (site.home / "data/boss/boss.mbox").read_bytes()
    assert quarantine.count(b"From QUARANTINE ") == 2
    assert re.findall(rb"^X-DSPAM-User: (\w+)$", quarantine, re.MULTILINE) == [b"alice", b"bob"]
    assert not (site.home / "data/alice").exists()
    # the manager lets one go: it is learned for the group, and goes to the user of the header
    assert site.totals("boss") == [8, 6, 0, 0, 6, 6]
    second = quarantine[quarantine.rindex(b"From QUARANTINE "):]
    released = site.out("--user", "boss", "--class=innocent", "--source=error", "--deliver=innocent", "--stdout",
                        message=second)
    assert b"X-DSPAM-Reclassified: Innocent" in released
    assert site.totals("boss") == [7, 7, 0, 1, 6, 6]


def test_a_merged_group(site):
    site.configure("all:merged:*,-carol\n")
    site.school("all")
    marked = site.receive("alice", SPAM)
    assert result(marked) == b"Spam"
    assert site.totals("alice") == [1, 0, 0, 0, 0, 0] and site.totals("all") == [6, 6, 0, 0, 6, 6]
    assert result(site.receive("carol", SPAM)) == b"Innocent"
    signature = SIGNATURE.search(marked).group(1).decode()
    site.out("--user", "alice", "--class=innocent", "--source=error", f"--signature={signature}")
    assert site.totals("alice") == [0, 1, 0, 1, 0, 0] and site.totals("all") == [6, 6, 0, 0, 6, 6]


def test_an_inoculation_group(site):
    site.configure("nine:inoculation:alice,bob,carol\n")
    for user in ("alice", "bob"):
        site.out("--user", user, "--class=innocent", "--source=corpus", message=HAM)
    site.school("carol")
    marked = site.receive("alice", SPAM)
    assert result(marked) == b"Innocent"
    site.out("--user", "alice", "--class=spam", "--source=error", message=marked)
    assert site.totals("alice") == [1, 1, 1, 0, 0, 1]
    assert site.totals("bob") == [1, 1, 0, 0, 1, 1]
    assert site.totals("carol") == [6, 6, 0, 0, 6, 6]


def test_a_global_user(site):
    site.configure("g:classification:*oracle\n", "ProcessorBias on")
    site.school("oracle")
    line = site.out("--user", "k3", "--deliver=summary", message=SPAM).decode()
    assert re.match(r'X-DSPAM-Result: k3; result="Spam"; class="Spam"; probability=0\.0\d+; confidence=0\.60; ', line), line
    assert site.totals("k3") == [1, 0, 0, 0, 0, 0]
    assert site.totals("oracle") == [6, 6, 0, 0, 6, 6]


# ---- the file


def test_wrong_lines_are_named(site):
    site.configure("# fine\ng:shared:alice\nh:club:bob\n../x:shared:*\n")
    answer = site.run("--check-config")
    assert answer.returncode == 78
    lines = answer.stdout.decode()
    assert f'{site.group}:3: error: "club" is no type of group' in lines
    assert f'{site.group}:4: error: "../x" cannot name a group' in lines
    # mail goes on by the lines that are right, and the administrator hears of the others
    answer = site.run("--user", "alice", "--deliver=innocent", "--stdout", message=HAM)
    assert answer.returncode == 0
    assert f"{site.group}: 2 lines or members are wrong".encode() in answer.stderr
    assert site.totals("g") == [0, 1, 0, 0, 0, 0]


def test_a_file_that_is_not_there_means_no_groups(site):
    site.configure(None)
    answer = site.run("--check-config")
    assert answer.returncode == 0
    assert f"{site.group}:0: warning: there is no such file".encode() in answer.stdout
    assert result(site.receive("alice", HAM)) == b"Innocent"
    assert site.totals("alice") == [0, 1, 0, 0, 0, 0]


def test_a_file_that_cannot_be_read_defers_mail(site):
    site.configure(None)
    site.group.mkdir()
    assert site.run("--check-config").returncode != 0
    answer = site.run("--user", "alice", "--deliver=innocent", "--stdout", message=HAM)
    assert answer.returncode == 75 and answer.stdout == b""
    assert b"GroupConfig" in answer.stderr


# ---- the daemon


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    made = Daemon(tmp_path, programs, start, free_port)
    made.next_hop.start()
    made.group = tmp_path / "group"
    yield made
    made.next_hop.stop()


def test_the_daemon_reads_groups_again(daemon):
    daemon.group.write_text("office:shared:alice\n")
    daemon.configure(f"GroupConfig {daemon.group}").start()
    assert daemon.deliver(mail(), "alice")[0][0] == 250
    wait_for(lambda: daemon.learned("office") == 1)
    daemon.group.write_text("office:shared:bob\n")
    daemon.reload()
    assert daemon.deliver(mail(), "alice")[0][0] == 250
    wait_for(lambda: daemon.learned("alice") == 1)
    # errors keep the new file out
    daemon.group.write_text("office:none:alice,bob\n")
    daemon.process.popen.send_signal(signal.SIGHUP)
    wait_for(lambda: "the configuration stays as it was" in daemon.log())
    assert f"{daemon.group}:1: " in daemon.log()
    assert daemon.deliver(mail(), "bob")[0][0] == 250
    wait_for(lambda: daemon.learned("office") == 2)


def test_many_members_at_once(daemon):
    """All members of merged and inoculation groups at the same time: no deadlock, and every message counts once."""
    users = [f"u{number}" for number in range(8)]
    daemon.group.write_text(f"all:merged:*\nnine:inoculation:{','.join(users)}\n")
    daemon.configure(f"GroupConfig {daemon.group}", "ServerWorkers 4").start()
    answers = []

    def send(user):
        with daemon.client() as client:
            for number in range(6):
                answers.extend(client.deliver(mail(number), [user, "all"]))

    senders = [threading.Thread(target=send, args=(user,)) for user in users]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert [code for code, _ in answers] == [250] * 96
    wait_for(lambda: all(daemon.learned(user) == 6 for user in users) and daemon.learned("all") == 48)


# ---- learned once, whatever OnFail says


@pytest.mark.parametrize("on_fail", ["error", "unlearn", "error unlearn"])
def test_a_deferred_message_is_learned_once(site, on_fail):
    flag = site.directory / "up"
    agent = site.directory / "agent"
    agent.write_text(f"#!/bin/sh\ncat >/dev/null\ntest -e {flag} || exit 75\n")
    agent.chmod(0o755)
    site.configure("", f"OnFail {on_fail}", f'TrustedDeliveryAgent "{agent} %u"')
    for _ in range(3):
        assert site.run("--user", "alice", "--deliver=innocent", message=HAM).returncode == 75
        assert site.totals("alice") in (None, [0] * 6)
    flag.touch()
    site.out("--user", "alice", "--deliver=innocent", message=HAM)
    assert site.totals("alice") == [0, 1, 0, 0, 0, 0]


# ---- external lookup


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


ENTRIES = """dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: uid=a.smith,dc=example,dc=org
objectClass: account
uid: a.smith
description: alice
description: both

dn: uid=b.jones,dc=example,dc=org
objectClass: account
uid: b.jones
description: bob
description: both

dn: uid=odd,dc=example,dc=org
objectClass: account
uid: odd
l: ../x
description: odd
"""


@pytest.fixture
def slapd(tmp_path, start, free_port):
    """The port of a directory with ENTRIES."""
    return run_slapd(tmp_path, start, free_port())


def run_slapd(tmp_path, start, port, *lines, scheme="ldap"):
    if not os.path.exists("/usr/sbin/slapd"):
        pytest.skip("slapd is not installed")
    place = tmp_path / "ldap"
    (place / "data").mkdir(parents=True)
    (place / "entries").write_text(ENTRIES)
    (place / "slapd.conf").write_text(
        "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n"
        f"pidfile {place}/pid\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n"
        f'database mdb\nsuffix "dc=example,dc=org"\nrootdn "cn=admin,dc=example,dc=org"\nrootpw secret\n'
        f"directory {place}/data\naccess to * by anonymous auth by users read\n")
    (place / "slapd.conf").write_text("".join(f"{line}\n" for line in lines) + (place / "slapd.conf").read_text())
    added = subprocess.run(["/usr/sbin/slapadd", "-f", place / "slapd.conf", "-l", place / "entries"],
                           capture_output=True, check=False)
    if added.returncode != 0:
        pytest.skip(f"slapd cannot be set up here: {added.stderr.decode()}")
    start(["/usr/sbin/slapd", "-f", place / "slapd.conf", "-h", f"{scheme}://127.0.0.1:{port}", "-d", "0"],
          listens_on=("127.0.0.1", port))
    return port


def ldap_site(site, port, *lines):
    site.configure("", "ExtLookup on", "ExtLookupMode strict", "ExtLookupDriver ldap", "ExtLookupServer 127.0.0.1",
                   f"ExtLookupPort {port}", 'ExtLookupDB "dc=example,dc=org"',
                   'ExtLookupQuery "(&(objectClass=account)(description=%u))"', "ExtLookupLDAPScope sub", *lines)
    return site


def built_with_ldap(site):
    return b"built without LDAP" not in ldap_site(site, 1).run("--check-config").stdout


LOGIN = ('ExtLookupLogin "cn=admin,dc=example,dc=org"', "ExtLookupPassword secret", "ExtLookupLDAPAttribute uid")


def test_lookup_in_a_directory(site, slapd):
    if not built_with_ldap(site):
        pytest.skip("built without LDAP")
    ldap_site(site, slapd, *LOGIN)
    assert b"error" not in site.run("--check-config").stdout
    for user in ("alice", "bob", "carol", "both", "*", "a)(uid=*", "al\xedce", "\\2a"):
        assert result(site.receive(user, HAM)) == b"Innocent"
    # who has one entry is called by it; nobody and two of them are unknown, and nothing is a pattern
    assert site.totals("a.smith") == [0, 1, 0, 0, 0, 0] and site.totals("b.jones") == [0, 1, 0, 0, 0, 0]
    for user in ("alice", "bob", "carol", "both", "*", "a)(uid=*"):
        assert site.totals(user) is None
    # an entry without the attribute is none; a name that cannot be one is refused
    ldap_site(site, slapd, *LOGIN[:2], "ExtLookupLDAPAttribute l")
    site.receive("alice", HAM)
    assert site.totals("alice") is None
    assert site.run("--user", "odd", "--deliver=innocent", "--stdout", message=HAM).returncode == 67
    # without an attribute the name stays
    ldap_site(site, slapd, *LOGIN[:2])
    site.receive("alice", HAM)
    assert site.totals("alice") == [0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_lookup_over_tls(site, tmp_path, start, free_port, pem, monkeypatch, scheme):  # noqa: F811
    """STARTTLS, and TLS from the first byte; whose certificate nobody vouches for gets no password."""
    if not built_with_ldap(site):
        pytest.skip("built without LDAP")
    port = run_slapd(tmp_path, start, free_port(), f"TLSCertificateFile {pem('server.pem')}",
                     f"TLSCertificateKeyFile {pem('server.key')}", f"TLSCACertificateFile {pem('ca.pem')}", scheme=scheme)
    lines = ["ExtLookupCrypto tls"] if scheme == "ldap" else []
    ldap_site(site, port, *LOGIN, *lines)
    if scheme == "ldaps":
        site.path.write_text(site.path.read_text().replace("ExtLookupServer 127.0.0.1", f"ExtLookupServer ldaps://127.0.0.1:{port}"))
    monkeypatch.setenv("LDAPTLS_CACERT", pem("other-ca.pem"))
    answer = site.run("--user", "alice", "--deliver=innocent", "--stdout", message=HAM)
    assert answer.returncode == 75 and answer.stdout == b"" and b"ExtLookup: " in answer.stderr
    monkeypatch.setenv("LDAPTLS_CACERT", pem("ca.pem"))
    assert result(site.receive("alice", HAM)) == b"Innocent"
    assert site.totals("a.smith") == [0, 1, 0, 0, 0, 0]


def test_a_directory_that_cannot_say_defers(site, slapd, free_port):
    if not built_with_ldap(site):
        pytest.skip("built without LDAP")
    wrong = {
        "wrong password": (slapd, LOGIN[0], "ExtLookupPassword wrong"),
        "nobody there": (free_port(), *LOGIN),
        "no TLS there": (slapd, *LOGIN, "ExtLookupCrypto tls"),
    }
    for what, (port, *lines) in wrong.items():
        answer = ldap_site(site, port, *lines).run("--user", "alice", "--deliver=innocent", "--stdout", message=HAM)
        assert answer.returncode == 75 and answer.stdout == b"", what
        assert b"ExtLookup: 127.0.0.1: " in answer.stderr, what


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
