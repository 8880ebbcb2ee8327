"""Notices: what a user is told, once, and that none of them costs mail."""

import re

from agent_site import site  # noqa: F401 (a fixture)
from daemon_site import daemon, mail, wait_for  # noqa: F401 (a fixture)
from user_file import file_of, lines_of


def write_texts(home):
    texts = home / "txt"
    texts.mkdir()
    for name in ("firstrun", "firstspam", "quarantinefull"):
        (texts / f"{name}.txt").write_text(f"To: $u\nSubject: {name} of $u\n\nHello $u, or $user\n")


def deliveries(site):
    """What the delivery agent was given, in order."""
    path = site.directory / "delivered"
    return path.read_text().split("=====\n")[1:] if path.exists() else []


def delivering(site, *lines):
    agent = site.script("deliver", 'echo "=====" >>$D/delivered\necho "TO $1 BY $2." >>$D/delivered\ncat >>$D/delivered')
    site.configure(f'TrustedDeliveryAgent "{agent} %u %s"', *lines)


def test_users_are_told_once(site):
    write_texts(site.home)
    site.teach()
    delivering(site, "Notifications on", "QuarantineWarnSize 700")
    site.out("--user", "u", "--mail-from=a@x.org", "--deliver=innocent", mail=site.mail("ham1"))
    message, first = deliveries(site)
    assert message.startswith("TO u BY a@x.org.\nFrom: Carol")
    assert re.fullmatch(r"TO u BY .\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}\n"
                        "To: u\nSubject: firstrun of u\n\nHello u, or user\n".replace("BY .", r"BY \."), first)
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("test-spam"))
    assert len(deliveries(site)) == 3 and "Subject: firstspam of u" in deliveries(site)[2]
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("test-spam"))
    assert len(deliveries(site)) == 4 and "Subject: quarantinefull of u" in deliveries(site)[3]
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("test-spam"))
    assert len(deliveries(site)) == 4
    for mark in ("firstrun", "firstspam", "mboxwarn"):
        assert re.fullmatch(r"\d{10}\n", file_of(site, "u", mark).read_text())
    file_of(site, "u", "mboxwarn").unlink()
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("test-spam"))
    assert len(deliveries(site)) == 5


def test_the_preference_decides_about_notices(site):
    write_texts(site.home)
    delivering(site, "Notifications on", 'Preference "notifications=off"')
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("ham1"))
    assert len(deliveries(site)) == 1
    delivering(site, 'Preference "notifications=on"')
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("ham1"))
    assert len(deliveries(site)) == 3


def test_a_notice_that_fails_is_tried_again_and_costs_no_mail(site):
    write_texts(site.home)
    agent = site.script("deliver", 'cat >$D/now; if grep -q "^Subject: firstrun" $D/now && test -e $D/refuse; then exit 75; '
                                   'fi\ncat $D/now >>$D/got')
    site.configure(f"TrustedDeliveryAgent {agent}", "Notifications on")
    (site.directory / "refuse").touch()
    answer = site.run("--user", "u", "--deliver=innocent", mail=site.mail("ham1"))
    assert answer.returncode == 0 and b"firstrun.txt could not be sent" in answer.stderr
    assert not file_of(site, "u", "firstrun").exists()
    assert site.totals()["TN"] == 1
    (site.directory / "refuse").unlink()
    site.out("--user", "u", "--deliver=innocent", mail=site.mail("ham1"))
    assert (site.directory / "got").read_bytes().count(b"firstrun of u") == 1
    (site.home / "txt/firstspam.txt").unlink()
    site.teach()
    site.configure(f"TrustedDeliveryAgent {agent}", "Notifications on", action="deliver")
    answer = site.run("--user", "u", "--deliver=innocent", mail=site.mail("test-spam"))
    assert answer.returncode == 0 and b"firstspam.txt" in answer.stderr
    assert not file_of(site, "u", "firstspam").exists()


def test_the_daemon_writes_logs_and_sends_notices(daemon):
    write_texts(daemon.home)
    daemon.configure("UserLog on", "SystemLog on", "WebStats on", "Notifications on").start()
    assert daemon.deliver(mail(), "u@example.org", "v@example.org")
    wait_for(lambda: daemon.next_hop.count() == 4, what="two messages and two notices")
    for user in ("u@example.org", "v@example.org"):
        place = daemon.home / "data" / user
        assert sorted(path.name.rsplit(".", 1)[1] for path in place.iterdir()) == ["firstrun", "log", "stats"]
    assert len(lines_of(daemon.home / "system.log")) == 3
