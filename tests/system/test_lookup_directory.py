"""External lookup in a directory: a real slapd, over TLS as well."""

import os
import subprocess

import pytest

from group_site import HAM, result, site  # noqa: F401 (a fixture)

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
