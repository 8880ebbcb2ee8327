"""Where the files of a user lie: layouts, opting out and in, localStore, groups; their modes and names."""

import os
import stat

import pytest

from agent_site import site  # noqa: F401 (a fixture)
from user_file import file_of


def test_files_have_the_modes_they_always_had(site):
    site.configure("UserLog on", "SystemLog on", "WebStats on", 'Preference "makeCorpus=on"')
    site.out("--user", "u", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    for path in (site.home / "data/u", site.home / "data/u/u.corpus/nonspam"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o770
    for path in (file_of(site, "u", "log"), file_of(site, "u", "stats"), site.home / "system.log"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660


def test_users_in_lower_case(site):
    site.configure("Broken case", "UserLog on")
    site.out("--user", "Joe", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    assert os.listdir(site.home / "data") == ["joe"] and site.totals("joe")["TN"] == 1


@pytest.mark.parametrize("layout, directory, name", [
    ("user", "joe@example.org", "joe@example.org"),
    ("large", "j/o/joe@example.org", "joe@example.org"),
    ("domain", "example.org/joe", "joe"),
])
def test_everything_lies_in_the_tree_of_the_layout(site, layout, directory, name):
    site.configure(f"HomeLayout {layout}", "UserLog on", "WebStats on")
    site.teach("joe@example.org")
    site.out("--user", "joe@example.org", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    place = site.home / "data" / directory
    assert sorted(os.listdir(place)) == [f"{name}.log", f"{name}.mbox", f"{name}.stats"]
    (place / f"{name}.prefs").write_text("spamAction=tag\n")
    site.configure(f"HomeLayout {layout}", "AllowOverride spamAction")
    out = site.out("--user", "joe@example.org", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    assert b"Subject: [SPAM] Claim" in out
    version = site.out("--version").decode()
    for word, of in (("--enable-large-scale", "large"), ("--enable-domain-scale", "domain")):
        assert (word in version) == (of == layout)


@pytest.mark.parametrize("layout, path", [("user", "joe@example.org"), ("large", "joe@example.org"), ("domain", "example.org/joe")])
def test_opting_out_and_in_by_file(site, layout, path):
    """A file in opt-out, or with Opt in one that is missing in opt-in, leaves mail as it is; without a domain it is "local"."""
    for user, name in (("joe@example.org", path), ("ann", "local/ann" if layout == "domain" else "ann")):
        for opt, directory, extension in (("out", "opt-out", "nodspam"), ("in", "opt-in", "dspam")):
            site.configure(f"HomeLayout {layout}", f"Opt {opt}")
            mark = site.home / directory / f"{name}.{extension}"
            mark.parent.mkdir(parents=True, exist_ok=True)
            for there in (False, True):
                if there:
                    mark.touch()
                out = site.run("--user", user, "--deliver=innocent", "--stdout", mail=site.mail("ham1")).stdout
                assert (b"X-DSPAM-Result" in out) == (there == (opt == "in")), (user, opt, there)
                assert (out == site.mail("ham1")) == (b"X-DSPAM-Result" not in out)
            mark.unlink()


def test_a_name_that_leads_elsewhere_is_no_user(site):
    site.configure("HomeLayout domain", "UserLog on")
    for user in ("a@..", "..@x", "joe@"):
        assert site.run("--user", user, "--deliver=innocent", "--stdout", mail=site.mail("ham1")).returncode == 67
    assert not (site.home / "data").exists()


def test_localStore_takes_the_files(site):
    site.configure("UserLog on", "WebStats on", 'Preference "localStore=shared1"')
    site.teach("ls")
    out = site.out("--user", "ls", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    assert out == b"" and os.listdir(site.home / "data") == ["shared1"]
    assert sorted(os.listdir(site.home / "data/shared1")) == ["shared1.log", "shared1.mbox", "shared1.stats"]
    assert b"\nX-DSPAM-User: ls\n" in site.quarantine("shared1")
    # who releases it as the owner of the quarantine teaches the user it came for
    before = site.totals("ls")
    site.out("--user", "shared1", "--class=innocent", "--source=error", "--deliver=innocent", "--stdout",
             mail=site.quarantine("shared1"))
    assert site.totals("ls")["FP"] == before["FP"] + 1


def test_groups_share_files(site):
    """A shared group has its totals in its own directory, a managed one log and quarantine, too."""
    (site.home / "group").write_text("grp:shared:g1,g2\nmgr:shared,managed:m1\nmrg:merged:w\n")
    lines = ("UserLog on", "WebStats on", f"GroupConfig {site.home}/group")
    site.configure(*lines)
    site.teach("m1")
    site.out("--user", "g1", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    assert sorted(os.listdir(site.home / "data/g1")) == ["g1.log"]
    assert sorted(os.listdir(site.home / "data/grp")) == ["grp.stats"]
    site.out("--user", "m1", "--deliver=innocent", "--stdout", mail=site.mail("test-spam"))
    assert sorted(os.listdir(site.home / "data/mgr")) == ["mgr.log", "mgr.mbox", "mgr.stats"]
    assert b"\nX-DSPAM-User: m1\n" in site.quarantine("mgr") and not (site.home / "data/m1").exists()
    site.out("--user", "w", "--deliver=innocent", "--stdout", mail=site.mail("ham1"))
    assert file_of(site, "w", "stats").read_text() == "0,1,0,0,0,0\nmrg\n"
    # its members opt for themselves
    (site.home / "opt-out").mkdir()
    (site.home / "opt-out/m1.nodspam").touch()
    assert b"X-DSPAM" not in site.run("--user", "m1", "--deliver=innocent", "--stdout", mail=site.mail("ham1")).stdout
