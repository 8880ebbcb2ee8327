"""The caller of dspam: what he may do whom nobody trusts."""

import os
import subprocess

import pytest

from agent_site import site, without_marks  # noqa: F401 (a fixture)


def test_who_is_not_trusted_acts_for_himself(site):
    if os.getuid() != 0:
        pytest.skip("needs root, to become somebody else")
    import pwd
    import tempfile

    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        home = os.path.join(place, "home")
        os.mkdir(home)
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        config = os.path.join(place, "dspam.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"Home {home}\nProfile p\nUntrustedDeliveryAgent /bin/cat\nTrustedDeliveryAgent /bin/false\n"
                       'Preference "signatureLocation=headers"\n')

        def run(*words, mail=site.mail("ham1")):
            return subprocess.run([f"{site.programs}/dspam", "--config", config, *words], input=mail, capture_output=True,
                                  user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])

        try:
            answer = run("--classify")
        except PermissionError:
            pytest.skip("nobody may not run the program here")
        if answer.returncode == 126 or b"error while loading" in answer.stderr:
            pytest.skip("nobody may not run the program here")
        assert answer.stdout.startswith(b"X-DSPAM-Result: nobody;"), answer.stderr
        assert run("--user", "root", "--classify").returncode == 77
        assert run("--daemon").returncode == 77
        assert run("--profile=p", "--classify").returncode == 77
        assert b"--enable" not in run("--version").stdout
        # arguments are not passed on: cat copies its standard input
        assert without_marks(run("--deliver=innocent", "/dev/null").stdout) == site.mail("ham1")
