"""Sources of mail: tracked in the log, and queued for a block list."""

import os
import stat

from daemon_site import mail
from scan_site import came_from, clamd, scanned_by, site  # noqa: F401 (fixtures)


def season(site, user="u"):
    """As if the user had received much mail."""
    site.store.query("UPDATE dspam_stats SET innocent_learned = 2501 WHERE uid = "
                     f"(SELECT uid FROM dspam_virtual_uids WHERE username = '{user}')")


def test_sources_are_tracked(site, clamd, tmp_path):
    queue = tmp_path / "queue"
    queue.mkdir()
    (site.home / "data/u").mkdir(parents=True)
    (site.home / "data/u/u.blocklist").write_text("spam.example\n")
    site.configure(*scanned_by(clamd().address), "TrackSources spam nonspam virus", f"RABLQueue {queue}").start()
    spam = came_from("203.0.113.5").replace(b"alice@example.org", b"x@spam.example")
    site.deliver(spam, "u")
    site.deliver(mail(), "u")
    assert "203.0.113.5" not in site.log() and not list(queue.iterdir())  # nobody knows this user's judgement yet
    site.process.stop()
    season(site)
    site.start()
    site.deliver(spam, "u")
    site.deliver(came_from("IPv6:2001:db8::7"), "u")
    site.deliver(came_from("203.0.113.9", number=9) + b"a VIRUS\n", "u")
    log = site.log()
    assert "spam from 203.0.113.5, user u" in log
    assert "nonspam from 2001:db8::7, user u" in log
    assert "virus from 203.0.113.9, user u" in log
    assert [file.name for file in queue.iterdir()] == ["203.0.113.5"]
    file = queue / "203.0.113.5"
    assert stat.S_ISREG(file.stat().st_mode) and file.stat().st_size == 0
    os.utime(file, (1, 1))
    site.deliver(spam, "u")
    assert file.stat().st_mtime > 1


def test_a_queue_that_is_missing_stops_no_mail(site, tmp_path):
    site.configure(f"RABLQueue {tmp_path}/nowhere", "TrackSources nonspam").start()
    site.deliver(mail(), "u")
    site.process.stop()
    season(site)
    (site.home / "data/u").mkdir(parents=True, exist_ok=True)
    (site.home / "data/u/u.blocklist").write_text("example.org\n")
    site.start()
    assert [code for code, _ in site.deliver(came_from("203.0.113.5"), "u")] == [250]
    assert "RABLQueue: cannot touch" in site.log()
