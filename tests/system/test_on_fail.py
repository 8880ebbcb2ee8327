"""OnFail: whatever it says, a message that is deferred is learned once."""

import pytest

from group_site import HAM, site  # noqa: F401 (a fixture)


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
